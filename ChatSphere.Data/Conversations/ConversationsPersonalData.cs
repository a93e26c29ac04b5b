using ChatSphere.Data.Files;
using ChatSphere.Data.Privacy;
using Microsoft.EntityFrameworkCore;

namespace ChatSphere.Data.Conversations;

/// <summary>A conversation is one person's: it goes with all its messages and turns.</summary>
public sealed class ConversationsPersonalData(ChatSphereDb db, BlobStore blobs) : IPersonalData
{
    public string Section => "conversations";

    public IReadOnlyList<Type> Owns => [typeof(Conversation), typeof(Turn), typeof(Folder), typeof(MessageRating), typeof(SharedLink), typeof(Prompt), typeof(ConversationImport)];

    public async Task ExportAsync(Guid accountId, IPersonalDataWriter writer, CancellationToken cancellationToken)
    {
        await writer.WriteAsync("conversations", db.Conversations.AsNoTracking().Where(c => c.OwnerId == accountId).OrderBy(c => c.Id)
            .Join(db.Bots, c => c.BotId, b => b.Id, (c, b) => new { c.Id, c.BotId, Bot = b.Name, c.Title, c.FolderId, c.Tags, c.PinnedAt, c.ArchivedAt, c.CreatedAt, c.UpdatedAt }).AsAsyncEnumerable(), cancellationToken);
        await writer.WriteAsync("messages", db.Messages.AsNoTracking().Where(m => db.Conversations.Any(c => c.Id == m.ConversationId && c.OwnerId == accountId))
            .OrderBy(m => m.ConversationId).ThenBy(m => m.Seq).AsAsyncEnumerable()
            .Select(m => new { m.Id, m.ConversationId, m.Seq, m.ParentId, Author = m.Author.ToString(), State = m.State.ToString(), m.Text, m.Model, m.Citations, m.ToolCalls, m.CreatedAt }), cancellationToken);
        await writer.WriteAsync("folders", db.Folders.AsNoTracking().Where(f => f.OwnerId == accountId).OrderBy(f => f.Id).Select(f => new { f.Id, f.Name, f.CreatedAt }).AsAsyncEnumerable(), cancellationToken);
        await writer.WriteAsync("ratings", db.MessageRatings.AsNoTracking().Where(r => r.OwnerId == accountId).OrderBy(r => r.MessageId).AsAsyncEnumerable()
            .Select(r => new { r.MessageId, r.ConversationId, Value = r.Value.ToString(), r.Comment, r.RatedAt }), cancellationToken);
        await writer.WriteAsync("shared-links", db.SharedLinks.AsNoTracking().Where(l => l.OwnerId == accountId).OrderBy(l => l.Id)
            .Select(l => new { l.Id, l.ConversationId, l.Title, l.Messages, l.CreatedAt, l.ExpiresAt }).AsAsyncEnumerable(), cancellationToken);
        await writer.WriteAsync("prompts", db.Prompts.AsNoTracking().Where(p => p.OwnerId == accountId).OrderBy(p => p.Id).Select(p => new { p.Name, p.Text, p.CreatedAt, p.UpdatedAt }).AsAsyncEnumerable(), cancellationToken);
        await writer.WriteAsync("imports", db.ConversationImports.AsNoTracking().Where(i => i.OwnerId == accountId).OrderBy(i => i.Id).AsAsyncEnumerable()
            .Select(i => new { i.Id, i.BotId, State = i.State.ToString(), i.Size, i.Imported, i.AlreadyThere, i.Skipped, i.Notes, i.CreatedAt, i.FinishedAt }), cancellationToken);
    }

    public async Task EraseAsync(Guid accountId, CancellationToken cancellationToken)
    {
        await db.Conversations.Where(c => c.OwnerId == accountId).ExecuteDeleteAsync(cancellationToken);
        await db.Folders.Where(f => f.OwnerId == accountId).ExecuteDeleteAsync(cancellationToken);
        await db.SharedLinks.Where(l => l.OwnerId == accountId).ExecuteDeleteAsync(cancellationToken);
        await db.Shares.Where(s => db.Prompts.Any(p => p.Id == s.ResourceId && p.OwnerId == accountId)).ExecuteDeleteAsync(cancellationToken);
        await db.Prompts.Where(p => p.OwnerId == accountId).ExecuteDeleteAsync(cancellationToken);
        var files = await db.ConversationImports.Where(i => i.OwnerId == accountId).Select(i => i.Sha256).Distinct().ToListAsync(cancellationToken);
        await db.ConversationImports.Where(i => i.OwnerId == accountId).ExecuteDeleteAsync(cancellationToken);
        foreach (var sha256 in files)
        {
            await blobs.RemoveIfUnusedAsync(db, sha256, cancellationToken);
        }
    }
}
