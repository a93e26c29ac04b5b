using ChatSphere.Data.Files;
using ChatSphere.Data.Privacy;
using Microsoft.EntityFrameworkCore;

namespace ChatSphere.Data.Knowledge;

/// <summary>
/// Documents of the person's bots go, with text, passages, vectors and files (the last two by the Worker, on the events that this raises). What the person gave to other
/// people's bots was given to them and stays there, under an id that says nothing any more.
/// </summary>
public sealed class KnowledgePersonalData(ChatSphereDb db, BlobStore blobs) : IPersonalData
{
    private const int BatchSize = 50;
    private const int MaxConflicts = 20;

    public string Section => "knowledge";

    public IReadOnlyList<Type> Owns => [typeof(Document)];

    public async Task ExportAsync(Guid accountId, IPersonalDataWriter writer, CancellationToken cancellationToken)
    {
        var mine = db.Documents.AsNoTracking().Where(d => d.UploadedBy == accountId).OrderBy(d => d.Id);
        await writer.WriteAsync("documents", mine.Select(d => new { d.Id, d.BotId, d.Name, d.ContentType, d.Size, d.Sha256, Stage = d.Stage.ToString(), d.CreatedAt }).AsAsyncEnumerable(), cancellationToken);
        for (Guid? after = null; ;)
        {
            var batch = await mine.Where(d => after == null || d.Id > after).Take(BatchSize).Select(d => new { d.Id, d.Name, d.Sha256 }).ToListAsync(cancellationToken);
            if (batch.Count == 0)
            {
                return;
            }

            foreach (var document in batch)
            {
                try
                {
                    await using var content = blobs.OpenRead(document.Sha256);
                    await writer.WriteFileAsync($"{document.Id}-{document.Name}", content, cancellationToken);
                }
                catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
                {
                    // Deleted while this is made.
                }
            }

            after = batch[^1].Id;
        }
    }

    public async Task EraseAsync(Guid accountId, CancellationToken cancellationToken)
    {
        for (var conflicts = 0; ;)
        {
            var batch = await db.Documents.Where(d => db.Bots.Any(b => b.Id == d.BotId && b.OwnerId == accountId)).OrderBy(d => d.Id).Take(BatchSize).ToListAsync(cancellationToken);
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
