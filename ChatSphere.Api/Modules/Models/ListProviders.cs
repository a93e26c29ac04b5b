using ChatSphere.AI.Chat;
using ChatSphere.Api.Http;
using ChatSphere.Contracts.Models;
using ChatSphere.Data;
using ChatSphere.Data.Models;
using ChatSphere.Data.Plans;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;

namespace ChatSphere.Api.Modules.Models;

internal static class ListProviders
{
    public static async Task<Ok<ProviderResponse[]>> AllAsync(ChatSphereDb db, ModelCatalogue models, ProviderConnections connections, CancellationToken cancellationToken)
    {
        // The lists of the configured ones come late; whoever looks at this page waits for them once.
        await Task.WhenAll(models.Configured.Select(c => c.IdsAsync(cancellationToken)));
        var added = await ProviderResponses.ListAsync(db, db.ProviderConnections.OfDeployment(), connections.Connections, cancellationToken);
        return TypedResults.Ok<ProviderResponse[]>([.. models.Configured.Where(c => c.Settings is not null).Select(ProviderResponses.From), .. added]);
    }

    /// <summary>Who has some still sees them, and may remove them, where they are used no longer.</summary>
    public static async Task<Results<Ok<ProviderResponse[]>, ProblemHttpResult>> MineAsync(CurrentUser user, ChatSphereDb db, IUsageGate gate, IOptions<AiOptions> options, CancellationToken cancellationToken)
    {
        ProviderResponse[] mine = [.. await ProviderResponses.ListAsync(db, db.ProviderConnections.OwnedBy(user.AccountId), [], cancellationToken)];
        return mine.Length > 0 ? TypedResults.Ok(mine)
            : !options.Value.OwnKeys ? CreateProvider.OwnKeysOff()
            : await gate.RefuseOwnKeysAsync(user.AccountId, cancellationToken) is { } refusal ? refusal.ToProblem()
            : TypedResults.Ok(mine);
    }
}

internal static class GetProvider
{
    public static Task<Results<Ok<ProviderResponse>, ProblemHttpResult>> AnyAsync(Guid providerId, ChatSphereDb db, ProviderConnections connections, CancellationToken cancellationToken) =>
        OneAsync(db, db.ProviderConnections.OfDeployment().Where(c => c.Id == providerId), connections.Connections, cancellationToken);

    public static Task<Results<Ok<ProviderResponse>, ProblemHttpResult>> MineAsync(Guid providerId, CurrentUser user, ChatSphereDb db, CancellationToken cancellationToken) =>
        OneAsync(db, db.ProviderConnections.OwnedBy(user.AccountId).Where(c => c.Id == providerId), [], cancellationToken);

    public static async Task<Results<Ok<ProviderResponse>, ProblemHttpResult>> OneAsync(
        ChatSphereDb db, IQueryable<ProviderConnection> query, IReadOnlyList<ModelConnection> live, CancellationToken cancellationToken) =>
        (await ProviderResponses.ListAsync(db, query, live, cancellationToken)).SingleOrDefault() is { } found ? TypedResults.Ok(found) : Problems.NotFound();
}
