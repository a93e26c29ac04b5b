using ChatSphere.AI.Knowledge;
using ChatSphere.Api.Http;
using ChatSphere.Data;
using ChatSphere.Data.Audit;
using ChatSphere.Data.Knowledge;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace ChatSphere.Api.Modules.Models;

internal static class CancelEmbeddings
{
    public static async Task<Results<NoContent, ProblemHttpResult>> HandleAsync(ChatSphereDb db, EmbeddingSets embeddings, AuditTrail audit, TimeProvider time, CancellationToken cancellationToken)
    {
        if (await db.EmbeddingSets.AsNoTracking().SingleOrDefaultAsync(s => s.State == EmbeddingSetState.Building, cancellationToken) is not { } building)
        {
            return Problems.NotFound();
        }

        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var now = time.GetUtcNow();
        if (await db.EmbeddingSets.Where(s => s.Id == building.Id && s.State == EmbeddingSetState.Building)
            .ExecuteUpdateAsync(s => s.SetProperty(x => x.State, EmbeddingSetState.Cancelled).SetProperty(x => x.EndedAt, now).SetProperty(x => x.Trouble, (string?)null), cancellationToken) != 1)
        {
            // It was complete, or failed, just before.
            return Problems.NotFound();
        }

        audit.Record(AuditActions.EmbeddingsCancelled, "embeddings", building.Id, new { model = building.Model });
        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        await embeddings.LoadAsync(cancellationToken);
        return TypedResults.NoContent();
    }
}
