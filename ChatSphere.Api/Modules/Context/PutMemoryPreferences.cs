using ChatSphere.Api.Http;
using ChatSphere.Contracts.Context;
using ChatSphere.Data;
using ChatSphere.Data.Context;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace ChatSphere.Api.Modules.Context;

internal static class PutMemoryPreferences
{
    public static async Task<Ok<MemoryPreferences>> HandleAsync(MemoryPreferences request, CurrentUser user, ChatSphereDb db, CancellationToken cancellationToken)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        await db.LockMemoriesAsync(user.AccountId, cancellationToken);
        var mode = (MemoryMode)request.Mode!.Value;
        if (await db.MemoryPreferences.SingleOrDefaultAsync(p => p.AccountId == user.AccountId, cancellationToken) is { } known)
        {
            known.Mode = mode;
        }
        else
        {
            db.MemoryPreferences.Add(new MemoryPreference { AccountId = user.AccountId, Mode = mode });
        }

        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return TypedResults.Ok(request);
    }
}
