using ChatSphere.AI.Chat;
using ChatSphere.Api.Answering;
using ChatSphere.Api.Http;
using ChatSphere.Api.Responses;
using ChatSphere.Contracts.Bots;
using ChatSphere.Data;
using ChatSphere.Data.Plans;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;

namespace ChatSphere.Api.Modules.Bots;

/// <summary>Also those that the caller's plan lacks: choosing one says so. Not those that are switched off or for others.</summary>
internal static class ListModels
{
    public static async Task<Ok<ModelResponse[]>> HandleAsync(
        CurrentUser user, ChatSphereDb db, IUsageGate gate, ModelCatalogue models, ProviderConnections connections, IOptions<AiOptions> options, CancellationToken cancellationToken)
    {
        var access = await db.ModelAccessOfAsync(user.AccountId, gate, cancellationToken);
        var own = options.Value.OwnKeys ? await connections.OfAccountAsync(user.AccountId, cancellationToken) : [];
        var entries = await models.ListAsync(cancellationToken, own, access with { PlanModels = null });
        return TypedResults.Ok(entries.Select(m => ModelResponses.From(m, models)).ToArray());
    }
}
