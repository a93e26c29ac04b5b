using ChatSphere.Api.Http;
using ChatSphere.Api.Responses;
using ChatSphere.Contracts.Context;
using ChatSphere.Data;
using ChatSphere.Data.Context;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace ChatSphere.Api.Modules.Context;

internal static class UpdateMemory
{
    public static async Task<Results<Ok<MemoryResponse>, ProblemHttpResult>> HandleAsync(
        Guid memoryId, UpdateMemoryRequest request, CurrentUser user, ChatSphereDb db, TimeProvider time, CancellationToken cancellationToken)
    {
        if (request.Text is not null && TextRules.Problem(request.Text) is { } unfit)
        {
            return Problems.Invalid("text", unfit);
        }

        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        await db.LockMemoriesAsync(user.AccountId, cancellationToken);
        if (await db.Memories.SingleOrDefaultAsync(m => m.Id == memoryId && m.AccountId == user.AccountId, cancellationToken) is not { } memory)
        {
            return Problems.NotFound();
        }

        if (request.Keep == true && memory.State == MemoryState.Proposed)
        {
            if (await db.Memories.CountAsync(m => m.AccountId == user.AccountId && m.State == MemoryState.Kept, cancellationToken) >= Memory.MaxKept)
            {
                return CreateMemory.Full();
            }

            memory.State = MemoryState.Kept;
        }

        memory.Text = request.Text?.Trim() ?? memory.Text;
        memory.UpdatedAt = time.GetUtcNow();
        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return TypedResults.Ok(MemoryResponses.From(memory));
    }
}
