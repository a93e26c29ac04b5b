using ChatSphere.AI.Chat;
using ChatSphere.Data;
using ChatSphere.Data.Plans;
using Microsoft.EntityFrameworkCore;

namespace ChatSphere.Api.Answering;

internal static class ModelAccessQueries
{
    /// <summary>What this account may use at this moment.</summary>
    public static async Task<ModelAccess> ModelAccessOfAsync(this ChatSphereDb db, Guid accountId, IUsageGate gate, CancellationToken cancellationToken) =>
        new(await gate.AllowedModelsAsync(accountId, cancellationToken), await db.GroupMembers.Where(m => m.AccountId == accountId).Select(m => m.GroupId).ToListAsync(cancellationToken));
}
