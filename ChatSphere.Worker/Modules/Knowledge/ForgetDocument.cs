using ChatSphere.AI.Knowledge;
using ChatSphere.Data;
using ChatSphere.Data.Files;
using ChatSphere.Data.Knowledge;
using ChatSphere.Messaging;
using Microsoft.EntityFrameworkCore;

namespace ChatSphere.Worker.Modules.Knowledge;

/// <summary>Removes what the database's cascades do not reach: vectors in the index, the file unless another document has the same bytes, and the words counted for spelling.</summary>
public sealed class ForgetDocument(ChatSphereDb db, BlobStore blobs, IVectorIndex index, EmbeddingSets embeddings, RefreshStatistics statistics) : IHandle<DocumentDeleted>
{
    public async Task HandleAsync(DocumentDeleted happened, CancellationToken cancellationToken)
    {
        await index.RemoveDocumentAsync((await embeddings.LoadAsync(cancellationToken)).Keys, happened.BotId, happened.DocumentId, cancellationToken);
        await db.Database.ExecuteSqlAsync($"update knowledge.lexical_stats set version = -1 where bot_id = {happened.BotId}", cancellationToken);

        await blobs.RemoveIfUnusedAsync(db, happened.Sha256, cancellationToken);
        statistics.Wake(happened.BotId);
    }
}
