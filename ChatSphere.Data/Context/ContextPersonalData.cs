using ChatSphere.Data.Files;
using ChatSphere.Data.Privacy;
using Microsoft.EntityFrameworkCore;

namespace ChatSphere.Data.Context;

/// <summary>What a person gave to conversations, and what was remembered about them: all of it is theirs, and all of it goes.</summary>
public sealed class ContextPersonalData(ChatSphereDb db, BlobStore blobs) : IPersonalData
{
    private const int BatchSize = 50;
    private const int MaxConflicts = 20;

    public string Section => "context";

    public IReadOnlyList<Type> Owns => [typeof(Attachment), typeof(Memory), typeof(MemoryPreference)];

    public async Task ExportAsync(Guid accountId, IPersonalDataWriter writer, CancellationToken cancellationToken)
    {
        await writer.WriteAsync("memories", db.Memories.AsNoTracking().Where(m => m.AccountId == accountId).OrderBy(m => m.Id).AsAsyncEnumerable()
            .Select(m => new { m.Id, m.Text, State = m.State.ToString(), m.ConversationId, m.CreatedAt, m.UpdatedAt }), cancellationToken);
        await writer.WriteAsync("memory-preferences", db.MemoryPreferences.AsNoTracking().Where(p => p.AccountId == accountId).Select(p => new { Mode = p.Mode.ToString() }).AsAsyncEnumerable(), cancellationToken);
        var mine = db.Attachments.AsNoTracking().Where(a => a.OwnerId == accountId).OrderBy(a => a.Id);
        await writer.WriteAsync("attachments", mine.Select(a => new { a.Id, a.ConversationId, a.MessageId, Kind = a.Kind.ToString(), a.Name, a.ContentType, a.Size, a.CreatedAt }).AsAsyncEnumerable(), cancellationToken);

        // Files come with the documents.
        foreach (var image in await mine.Where(a => a.Kind == AttachmentKind.Image).Select(a => new { a.Id, a.Name, a.Sha256 }).ToListAsync(cancellationToken))
        {
            try
            {
                await using var content = blobs.OpenRead(image.Sha256);
                await writer.WriteFileAsync($"{image.Id}-{image.Name}", content, cancellationToken);
            }
            catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
            {
                // Deleted while this is made.
            }
        }
    }

    public async Task EraseAsync(Guid accountId, CancellationToken cancellationToken)
    {
        await db.Memories.Where(m => m.AccountId == accountId).ExecuteDeleteAsync(cancellationToken);
        await db.MemoryPreferences.Where(p => p.AccountId == accountId).ExecuteDeleteAsync(cancellationToken);
        var attachments = await db.Attachments.Where(a => a.OwnerId == accountId).ToListAsync(cancellationToken);
        attachments.ForEach(a => a.Drop());
        db.RemoveRange(attachments);
        await db.SaveChangesAsync(cancellationToken);
        for (var conflicts = 0; ;)
        {
            var batch = await db.Documents.Where(d => d.ConversationId != null && d.UploadedBy == accountId).OrderBy(d => d.Id).Take(BatchSize).ToListAsync(cancellationToken);
            if (batch.Count == 0)
            {
                return;
            }

            batch.ForEach(d => d.Delete());
            db.RemoveRange(batch);
            try
            {
                await db.SaveChangesAsync(cancellationToken);
            }
            catch (DbUpdateConcurrencyException) when (++conflicts < MaxConflicts)
            {
                // One of them is being read just now and showed its progress in between.
            }

            db.ChangeTracker.Clear();
        }
    }
}
