using ChatSphere.AI.Chat;
using ChatSphere.Data;
using ChatSphere.Data.Plans;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace ChatSphere.Api.Answering;

/// <summary>What somebody may use at this moment, and has keys of their own for.</summary>
internal sealed class AskerModels(ChatSphereDb db, IUsageGate gate, ProviderConnections connections, IOptions<AiOptions> options)
{
    /// <summary>No connections where deployment or plan take no keys of one's own.</summary>
    public async Task<(ModelAccess Access, IReadOnlyList<ModelConnection> Own)> OfAsync(Guid accountId, CancellationToken cancellationToken) =>
        await OfAsync(accountId, await db.GroupMembers.Where(m => m.AccountId == accountId).Select(m => m.GroupId).ToListAsync(cancellationToken), cancellationToken);

    /// <summary>The same for whoever is in these groups.</summary>
    public async Task<(ModelAccess Access, IReadOnlyList<ModelConnection> Own)> OfAsync(Guid accountId, IReadOnlyCollection<Guid> groups, CancellationToken cancellationToken)
    {
        var allowance = await gate.ModelsOfAsync(accountId, cancellationToken);
        return (new(allowance.Models, groups), options.Value.OwnKeys && allowance.OwnKeys ? await connections.OfAccountAsync(accountId, cancellationToken) : []);
    }
}
