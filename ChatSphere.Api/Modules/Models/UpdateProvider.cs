using ChatSphere.AI.Chat;
using ChatSphere.Api.Http;
using ChatSphere.Contracts;
using ChatSphere.Contracts.Models;
using ChatSphere.Data;
using ChatSphere.Data.Knowledge;
using ChatSphere.Data.Models;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using ProviderKind = ChatSphere.Data.Models.ProviderKind;

namespace ChatSphere.Api.Modules.Models;

internal static class UpdateProvider
{
    public static Task<Results<Ok<ProviderResponse>, ProblemHttpResult>> AnyAsync(
        Guid providerId, UpdateProviderRequest request, ChatSphereDb db, ProviderChange change, ProviderConnections connections, TimeProvider time, CancellationToken cancellationToken) =>
        UpdateAsync(db.ProviderConnections.OfDeployment().Where(c => c.Id == providerId), request, db, change, connections, time, cancellationToken);

    public static Task<Results<Ok<ProviderResponse>, ProblemHttpResult>> MineAsync(
        Guid providerId, UpdateProviderRequest request, CurrentUser user, ChatSphereDb db, ProviderChange change, ProviderConnections connections, TimeProvider time, CancellationToken cancellationToken) =>
        UpdateAsync(db.ProviderConnections.OwnedBy(user.AccountId).Where(c => c.Id == providerId), request with { SkipTest = false, DefaultModel = null }, db, change, connections, time, cancellationToken);

    private static async Task<Results<Ok<ProviderResponse>, ProblemHttpResult>> UpdateAsync(
        IQueryable<ProviderConnection> query, UpdateProviderRequest request, ChatSphereDb db, ProviderChange change, ProviderConnections connections, TimeProvider time, CancellationToken cancellationToken)
    {
        if (await query.SingleOrDefaultAsync(cancellationToken) is not { } provider)
        {
            return Problems.NotFound();
        }

        provider.Name = request.Name?.Trim() ?? provider.Name;
        provider.Endpoint = Given(request.Endpoint, provider.Endpoint);
        provider.ApiVersion = Given(request.ApiVersion, provider.ApiVersion);
        provider.TenantId = Given(request.TenantId, provider.TenantId);
        provider.ClientId = Given(request.ClientId, provider.ClientId);
        provider.DefaultModel = Given(request.DefaultModel, provider.DefaultModel);
        provider.Models = request.Models is null ? provider.Models : ProviderChange.CleanModels(request.Models);
        provider.Priority = request.Priority ?? provider.Priority;
        provider.IsEnabled = request.IsEnabled ?? provider.IsEnabled;

        var added = ProviderChange.Clean(request.AddKeys);
        if (change.Refuse(provider, added) is { } refusal)
        {
            return refusal;
        }

        var kept = await change.KeysOfAsync(provider.Id, request.RemoveKeys, cancellationToken);
        IReadOnlyList<string> keys = [.. kept, .. added.Except(kept, StringComparer.Ordinal)];
        if (keys.Count > ProviderChange.MaxKeys)
        {
            return Problems.Conflict(ErrorCodes.ProviderTooMany, $"A connection has {ProviderChange.MaxKeys} keys at most.");
        }

        if (keys.Count == 0 && provider.Kind != ProviderKind.OpenAiCompatible)
        {
            return Problems.Invalid("removeKeys", "A connection needs a key; add another one first, or disconnect it.");
        }

        var elsewhere = db.Entry(provider).Property(p => p.Endpoint).IsModified;
        if (elsewhere && added.Count == 0 && kept.Count > 0)
        {
            // Else whoever may change the address could have the keys sent to themselves.
            return Problems.Invalid("endpoint", "With another address the keys have to be given anew.", ErrorCodes.ProviderEndpointInvalid);
        }

        if (elsewhere && kept.Count > 0)
        {
            keys = added;
            await db.ProviderKeys.Where(k => k.ConnectionId == provider.Id).LoadAsync(cancellationToken);
            db.ProviderKeys.RemoveRange(db.ProviderKeys.Local.Where(k => k.ConnectionId == provider.Id).ToList());
        }
        else if (request.RemoveKeys is { Count: > 0 } gone)
        {
            db.ProviderKeys.RemoveRange(await db.ProviderKeys.Where(k => k.ConnectionId == provider.Id && gone.Contains(k.Id)).ToListAsync(cancellationToken));
        }

        if (!request.SkipTest && (request.Endpoint ?? request.ApiVersion ?? request.TenantId ?? request.ClientId ?? (object?)request.Models ?? request.AddKeys) is not null)
        {
            var result = await change.TryAsync(provider, keys, cancellationToken);
            if (!result.Works)
            {
                return ProviderChange.Failed(result);
            }

            provider.ListedModels = [.. result.Models];
        }

        // Past the last one even when two changes fall into one tick.
        var now = time.GetUtcNow();
        provider.UpdatedAt = now > provider.UpdatedAt ? now : provider.UpdatedAt.AddMicroseconds(1);
        change.Add(provider, elsewhere ? added : added.Except(kept, StringComparer.Ordinal));
        change.Record(provider, added.Count > 0 || request.RemoveKeys is { Count: > 0 } ? "keys_changed" : "changed");
        return await change.SaveAsync(provider, cancellationToken) is { } conflict
            ? conflict
            : TypedResults.Ok((await ProviderResponses.ListAsync(db, db.ProviderConnections.Where(c => c.Id == provider.Id), connections.Connections, cancellationToken)).Single());
    }

    private static string? Given(string? given, string? before) => given is null ? before : ProviderChange.CleanText(given);
}

internal static class DeleteProvider
{
    public static Task<Results<NoContent, ProblemHttpResult>> AnyAsync(Guid providerId, ChatSphereDb db, ProviderChange change, CancellationToken cancellationToken) =>
        DeleteAsync(db.ProviderConnections.OfDeployment().Where(c => c.Id == providerId), db, change, cancellationToken);

    public static Task<Results<NoContent, ProblemHttpResult>> MineAsync(Guid providerId, CurrentUser user, ChatSphereDb db, ProviderChange change, CancellationToken cancellationToken) =>
        DeleteAsync(db.ProviderConnections.OwnedBy(user.AccountId).Where(c => c.Id == providerId), db, change, cancellationToken);

    private static async Task<Results<NoContent, ProblemHttpResult>> DeleteAsync(IQueryable<ProviderConnection> query, ChatSphereDb db, ProviderChange change, CancellationToken cancellationToken)
    {
        if (await query.SingleOrDefaultAsync(cancellationToken) is not { } provider)
        {
            return Problems.NotFound();
        }

        // Searches would go by words alone all of a sudden.
        if (await db.EmbeddingSets.AnyAsync(s => s.ConnectionId == provider.Id && (s.State == EmbeddingSetState.Active || s.State == EmbeddingSetState.Building), cancellationToken))
        {
            return Problems.Conflict(ErrorCodes.ProviderEmbeds, "Documents are searched through this connection; choose another embedding model first.");
        }

        db.ProviderConnections.Remove(provider);
        change.Record(provider, "disconnected");
        return await change.SaveAsync(provider, cancellationToken) is { } conflict ? conflict : TypedResults.NoContent();
    }
}

internal static class TestProvider
{
    public static Task<Results<Ok<ProviderTestResponse>, ProblemHttpResult>> AnyAsync(Guid providerId, ChatSphereDb db, ProviderChange change, CancellationToken cancellationToken) =>
        TestAsync(db.ProviderConnections.OfDeployment().Where(c => c.Id == providerId), change, cancellationToken);

    public static Task<Results<Ok<ProviderTestResponse>, ProblemHttpResult>> MineAsync(Guid providerId, CurrentUser user, ChatSphereDb db, ProviderChange change, CancellationToken cancellationToken) =>
        TestAsync(db.ProviderConnections.OwnedBy(user.AccountId).Where(c => c.Id == providerId), change, cancellationToken);

    private static async Task<Results<Ok<ProviderTestResponse>, ProblemHttpResult>> TestAsync(IQueryable<ProviderConnection> query, ProviderChange change, CancellationToken cancellationToken)
    {
        if (await query.AsNoTracking().SingleOrDefaultAsync(cancellationToken) is not { } provider)
        {
            return Problems.NotFound();
        }

        var result = await change.TryAsync(provider, await change.KeysOfAsync(provider.Id, null, cancellationToken), cancellationToken);
        return TypedResults.Ok(new ProviderTestResponse(result.Works, result.Message, result.Models));
    }
}
