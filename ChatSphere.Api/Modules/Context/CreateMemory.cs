using ChatSphere.Api.Http;
using ChatSphere.Api.Responses;
using ChatSphere.Contracts;
using ChatSphere.Contracts.Context;
using ChatSphere.Data;
using ChatSphere.Data.Context;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace ChatSphere.Api.Modules.Context;

internal static class CreateMemory
{
    public static async Task<Results<Created<MemoryResponse>, ProblemHttpResult>> HandleAsync(CreateMemoryRequest request, CurrentUser user, ChatSphereDb db, TimeProvider time, CancellationToken cancellationToken)
    {
        if (TextRules.Problem(request.Text) is { } unfit)
        {
            return Problems.Invalid("text", unfit);
        }

        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        await db.LockMemoriesAsync(user.AccountId, cancellationToken);
        if (await db.Memories.CountAsync(m => m.AccountId == user.AccountId && m.State == MemoryState.Kept, cancellationToken) >= Memory.MaxKept)
        {
            return Full();
        }

        var now = time.GetUtcNow();
        var memory = new Memory { Id = Guid.CreateVersion7(now), AccountId = user.AccountId, Text = request.Text.Trim(), State = MemoryState.Kept, CreatedAt = now, UpdatedAt = now };
        db.Memories.Add(memory);
        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return TypedResults.Created($"/v1/memories/{memory.Id}", MemoryResponses.From(memory));
    }

    public static ProblemHttpResult Full() => Problems.Conflict(ErrorCodes.MemoryFull, $"At most {Memory.MaxKept} things are remembered. Delete some first.");
}
