using ChatSphere.Data;
using ChatSphere.Data.Conversations;
using ChatSphere.Data.Files;
using ChatSphere.Messaging;
using ChatSphere.Messaging.Live;
using ChatSphere.Worker.Modules.Conversations.Importing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Npgsql;

namespace ChatSphere.Worker.Modules.Conversations;

/// <summary>
/// Brings in what an uploaded export holds, one conversation at a time. A killed Worker's import is begun again from the start of the file: what is in by then is known by its
/// source id, in the database, and passed over.
/// </summary>
[Handler(LongRunning = true, Concurrency = 1)]
public sealed class ImportConversations(ChatSphereDb db, BlobStore blobs, LiveFeed live, IOptions<ImportOptions> options, TimeProvider time) : IHandle<ImportQueued>
{
    /// <summary>What a file may unpack to.</summary>
    private const long MostUnpacked = 8_000_000_000;

    private static readonly TimeSpan Between = TimeSpan.FromSeconds(1);

    private TimeSpan Lease => options.Value.Lease;

    public async Task HandleAsync(ImportQueued happened, CancellationToken cancellationToken)
    {
        var id = happened.ImportId;
        var now = time.GetUtcNow();
        if (await db.ConversationImports.Where(i => i.Id == id && (i.State == ImportState.Queued || i.State == ImportState.Running) && (i.LeasedUntil == null || i.LeasedUntil < now))
            .ExecuteUpdateAsync(i => i.SetProperty(x => x.State, ImportState.Running).SetProperty(x => x.LeasedUntil, now + Lease), cancellationToken) == 0)
        {
            if (await db.ConversationImports.AnyAsync(i => i.Id == id && i.State == ImportState.Running, cancellationToken))
            {
                // Another Worker has it, or had it and died.
                throw new RetryLaterException(Lease / 2);
            }

            return;
        }

        var import = await db.ConversationImports.AsNoTracking().SingleAsync(i => i.Id == id, cancellationToken);
        var tally = new Tally();
        string? failure = null;
        try
        {
            await using var stored = blobs.OpenRead(import.Sha256);
            await using var file = await ExportFile.OpenAsync(stored, MostUnpacked, cancellationToken);
            if (!await ReadAsync(import, file, tally, cancellationToken))
            {
                return;
            }
        }
        catch (Exception e) when (e is InvalidDataException or FileNotFoundException or EndOfStreamException)
        {
            failure = e is InvalidDataException ? e.Message[..Math.Min(300, e.Message.Length)] : "The file is not there any more, or damaged.";
        }

        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var ended = time.GetUtcNow();
        await db.ConversationImports.Where(i => i.Id == id && i.State == ImportState.Running).ExecuteUpdateAsync(
            i => i.SetProperty(x => x.State, failure is null ? ImportState.Done : ImportState.Failed).SetProperty(x => x.Failure, failure).SetProperty(x => x.FinishedAt, ended).SetProperty(x => x.LeasedUntil, (DateTimeOffset?)null)
                .SetProperty(x => x.Percent, x => failure == null ? 100 : x.Percent).SetProperty(x => x.Imported, tally.Imported).SetProperty(x => x.AlreadyThere, tally.AlreadyThere).SetProperty(x => x.Skipped, tally.Skipped)
                .SetProperty(x => x.Notes, tally.Notes), cancellationToken);
        await blobs.RemoveIfUnusedAsync(db, import.Sha256, cancellationToken);
        await transaction.CommitAsync(cancellationToken);

        // The tabs ask for their lists again, once, instead of hearing of every conversation.
        live.Publish(import.OwnerId, LiveFeed.Resync, new LiveReference(id));
    }

    /// <summary>False when it is not wanted any more.</summary>
    private async Task<bool> ReadAsync(ConversationImport import, ExportFile file, Tally tally, CancellationToken cancellationToken)
    {
        var (place, told) = (0, time.GetTimestamp());
        await foreach (var part in JsonElements.ReadAsync(file.Content, ExportReader.LargestTalk, cancellationToken))
        {
            place++;
            await TakeInAsync(import, part, place, tally, cancellationToken);
            if (time.GetElapsedTime(told) > Between)
            {
                told = time.GetTimestamp();
                var (percent, until) = ((int)Math.Min(99, part.End * 100 / Math.Max(1, file.Length)), time.GetUtcNow() + Lease);
                if (await db.ConversationImports.Where(i => i.Id == import.Id && i.State == ImportState.Running).ExecuteUpdateAsync(
                    i => i.SetProperty(x => x.Percent, percent).SetProperty(x => x.LeasedUntil, until).SetProperty(x => x.Imported, tally.Imported).SetProperty(x => x.AlreadyThere, tally.AlreadyThere)
                        .SetProperty(x => x.Skipped, tally.Skipped), cancellationToken) == 0)
                {
                    return false;
                }
            }
        }

        return true;
    }

    private async Task TakeInAsync(ConversationImport import, JsonPart part, int place, Tally tally, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var read = part.Json is null ? new ReadTalk(null, "larger than 32 MB") : ExportReader.Read(part.Json, now);
        if (read.Note is { } note && tally.Notes.Count < ConversationImport.MostNotes)
        {
            tally.Notes.Add($"Conversation {place}: {note}.");
        }

        if (read.Talk is not { } talk)
        {
            tally.Skipped++;
            return;
        }

        if (await db.Conversations.AnyAsync(c => c.OwnerId == import.OwnerId && c.SourceId == talk.SourceId, cancellationToken))
        {
            tally.AlreadyThere++;
            return;
        }

        var (conversation, messages) = Conversation.FromElsewhere(import.OwnerId, import.BotId, talk, now);
        db.Add(conversation);
        db.AddRange(messages);
        try
        {
            await db.SaveChangesAsync(cancellationToken);
            tally.Imported++;
        }
        catch (DbUpdateException e) when (e.InnerException is PostgresException { SqlState: PostgresErrorCodes.UniqueViolation })
        {
            // The same conversation stands in the file twice, or came in elsewhere at this moment.
            tally.AlreadyThere++;
        }
        catch (DbUpdateException e) when (e.InnerException is PostgresException { SqlState: PostgresErrorCodes.UntranslatableCharacter or PostgresErrorCodes.CharacterNotInRepertoire or PostgresErrorCodes.ProgramLimitExceeded })
        {
            tally.Skipped++;
        }
        finally
        {
            db.ChangeTracker.Clear();
        }
    }

    private sealed class Tally
    {
        public int Imported { get; set; }

        public int AlreadyThere { get; set; }

        public int Skipped { get; set; }

        public List<string> Notes { get; } = [];
    }
}
