using ChatSphere.Data.Files;
using ChatSphere.Data.Privacy;
using Microsoft.EntityFrameworkCore;

namespace ChatSphere.Data.Communities;

/// <summary>
/// What a person put into channels beside text: files, reactions, votes, and what messages said before they were edited. All of it goes; counts of reactions and votes are made
/// anew without them. A server's emoji are the server's: they stay, and whoever brought them is forgotten.
/// </summary>
public sealed class MessagesPersonalData(ChatSphereDb db, BlobStore blobs) : IPersonalData
{
    private const int BatchSize = 200;

    public string Section => "channel-messages";

    public IReadOnlyList<Type> Owns => [typeof(ChannelAttachment), typeof(ServerEmoji), typeof(MessageReaction), typeof(PollVote), typeof(SlowModeMark), typeof(MessageEdit)];

    public async Task ExportAsync(Guid accountId, IPersonalDataWriter writer, CancellationToken cancellationToken)
    {
        await writer.WriteAsync(
            "earlier-versions", db.MessageEdits.AsNoTracking().Where(e => db.ChannelMessages.Any(m => m.Id == e.MessageId && m.AuthorId == accountId)).OrderBy(e => e.Id).Select(e => new { e.MessageId, e.Content, e.WrittenAt, e.ReplacedAt }).AsAsyncEnumerable(), cancellationToken);
        await writer.WriteAsync("reactions", db.MessageReactions.AsNoTracking().Where(r => r.AccountId == accountId).OrderBy(r => r.MessageId).Select(r => new { r.MessageId, r.Emoji, r.CreatedAt }).AsAsyncEnumerable(), cancellationToken);
        await writer.WriteAsync("votes", db.PollVotes.AsNoTracking().Where(v => v.AccountId == accountId).OrderBy(v => v.MessageId).Select(v => new { v.MessageId, v.Options, v.VotedAt }).AsAsyncEnumerable(), cancellationToken);
        await writer.WriteAsync("emoji", db.ServerEmoji.AsNoTracking().Where(e => e.CreatedBy == accountId).OrderBy(e => e.Id).Select(e => new { e.ServerId, e.Name, e.CreatedAt }).AsAsyncEnumerable(), cancellationToken);
        await writer.WriteAsync("slow-mode", db.SlowModeMarks.AsNoTracking().Where(m => m.AccountId == accountId).OrderBy(m => m.ChannelId).Select(m => new { m.ChannelId, m.WrittenAt }).AsAsyncEnumerable(), cancellationToken);
        var mine = db.ChannelAttachments.AsNoTracking().Where(a => a.AccountId == accountId).OrderBy(a => a.Id);
        await writer.WriteAsync("attachments", mine.Select(a => new { a.Id, a.ChannelId, a.MessageId, a.Name, a.ContentType, a.Size, a.CreatedAt }).AsAsyncEnumerable(), cancellationToken);
        foreach (var file in await mine.Select(a => new { a.Id, a.Name, a.Sha256 }).ToListAsync(cancellationToken))
        {
            try
            {
                await using var content = blobs.OpenRead(file.Sha256);
                await writer.WriteFileAsync($"{file.Id}-{file.Name}", content, cancellationToken);
            }
            catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
            {
                // Deleted while this is made.
            }
        }
    }

    public async Task EraseAsync(Guid accountId, CancellationToken cancellationToken)
    {
        await db.MessageEdits.Where(e => db.ChannelMessages.Any(m => m.Id == e.MessageId && m.AuthorId == accountId)).ExecuteDeleteAsync(cancellationToken);
        await db.ChannelMessages.Where(m => m.AuthorId == accountId)
            .ExecuteUpdateAsync(m => m.SetProperty(x => x.PartsJson, (string?)null).SetProperty(x => x.PinnedAt, (DateTimeOffset?)null).SetProperty(x => x.PollOpenUntil, (DateTimeOffset?)null), cancellationToken);
        await db.SlowModeMarks.Where(m => m.AccountId == accountId).ExecuteDeleteAsync(cancellationToken);
        await db.ServerEmoji.Where(e => e.CreatedBy == accountId).ExecuteUpdateAsync(e => e.SetProperty(x => x.CreatedBy, Guid.Empty), cancellationToken);
        var attachments = await db.ChannelAttachments.Where(a => a.AccountId == accountId).ToListAsync(cancellationToken);
        attachments.ForEach(a => a.Drop());
        db.RemoveRange(attachments);
        await db.SaveChangesAsync(cancellationToken);
        while (true)
        {
            var reacted = db.MessageReactions.Where(r => r.AccountId == accountId).Select(r => r.MessageId);
            var voted = db.PollVotes.Where(v => v.AccountId == accountId).Select(v => v.MessageId);
            var messages = await db.ChannelMessages.Where(m => reacted.Contains(m.Id) || voted.Contains(m.Id)).OrderBy(m => m.ChannelId).ThenBy(m => m.Id).Take(BatchSize).ToListAsync(cancellationToken);
            if (messages.Count == 0)
            {
                return;
            }

            var ids = messages.Select(m => m.Id).ToList();
            await db.MessageReactions.Where(r => r.AccountId == accountId && ids.Contains(r.MessageId)).ExecuteDeleteAsync(cancellationToken);
            await db.PollVotes.Where(v => v.AccountId == accountId && ids.Contains(v.MessageId)).ExecuteDeleteAsync(cancellationToken);
            foreach (var channel in messages.GroupBy(m => m.ChannelId).OrderBy(g => g.Key))
            {
                var change = await db.TakeChangesAsync(channel.Key, channel.Count(), cancellationToken) - channel.Count();
                foreach (var message in channel)
                {
                    await db.CountReactionsAsync(message, cancellationToken);
                    await db.CountVotesAsync(message, cancellationToken);
                    message.Change = ++change;
                    message.Touch();
                }
            }

            await db.SaveChangesAsync(cancellationToken);
            db.ChangeTracker.Clear();
        }
    }
}
