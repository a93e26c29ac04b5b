using ChatSphere.AI.Chat;
using ChatSphere.Data;
using ChatSphere.Data.Plans;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace ChatSphere.Api.Answering;

/// <summary>What somebody may use at this moment, and has keys of their own for.</summary>
internal sealed class AskerModels(ChatSphereDb db, IUsageGate gate, ProviderConnections connections, IOptions<AiOptions> options)
{
    public async Task<ModelAccess> AccessAsync(Guid accountId, CancellationToken cancellationToken) =>
        new(await gate.AllowedModelsAsync(accountId, cancellationToken), await db.GroupMembers.Where(m => m.AccountId == accountId).Select(m => m.GroupId).ToListAsync(cancellationToken));

    /// <summary>None where the deployment takes no keys of one's own.</summary>
    public async Task<IReadOnlyList<ModelConnection>> OwnAsync(Guid accountId, CancellationToken cancellationToken) =>
        options.Value.OwnKeys ? await connections.OfAccountAsync(accountId, cancellationToken) : [];
}
