using System.Text;
using System.Text.RegularExpressions;
using ChatSphere.AI.Chat;
using ChatSphere.Api.Http;
using ChatSphere.Contracts;
using ChatSphere.Contracts.Models;
using ChatSphere.Data;
using ChatSphere.Data.Audit;
using ChatSphere.Data.Models;
using ChatSphere.Data.Secrets;
using ChatSphere.ServiceDefaults.Outbound;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using ProviderKind = ChatSphere.Data.Models.ProviderKind;

namespace ChatSphere.Api.Modules.Models;

/// <summary>What making, changing and trying a connection have in common, whoever it belongs to.</summary>
internal sealed partial class ProviderChange(ChatSphereDb db, SecretBox secrets, ProviderTrial trial, ProviderConnections connections, UntrustedHttp http, AuditTrail audit, TimeProvider time)
{
    public const int MaxKeys = 20;

    /// <summary>Null: all is well.</summary>
    public ProblemHttpResult? Refuse(ProviderConnection provider, IReadOnlyList<string>? keys)
    {
        if (TextRules.Problem(provider.Name) is { } unfit)
        {
            return Problems.Invalid("name", unfit);
        }

        if (provider.Endpoint is null ? provider.Kind is ProviderKind.AzureOpenAi or ProviderKind.OpenAiCompatible : !IsAddress(provider.Endpoint))
        {
            return Problems.Invalid("endpoint", "Write its address, beginning with http:// or https://, without user name, query or fragment.", ErrorCodes.ProviderEndpointInvalid);
        }

        // Within a network that the deployment vouches for there are servers without a certificate.
        if (provider.OwnerId is not null && provider.Endpoint is not null && !provider.Endpoint.StartsWith("https://", StringComparison.OrdinalIgnoreCase) && !http.IsAllowed(new Uri(provider.Endpoint)))
        {
            return Problems.Invalid("endpoint", "Your key would travel in the clear: the address must begin with https://.", ErrorCodes.ProviderEndpointInvalid);
        }

        if (provider.Kind != ProviderKind.AzureOpenAi && (provider.ApiVersion ?? provider.TenantId ?? provider.ClientId) is not null)
        {
            return Problems.Invalid("kind", "Version, tenant and application are Azure's.");
        }

        if ((provider.TenantId is null) != (provider.ClientId is null))
        {
            return Problems.Invalid(provider.TenantId is null ? "tenantId" : "clientId", "Tenant and application belong together.");
        }

        if (provider.TenantId is { } tenant && !TenantName().IsMatch(tenant))
        {
            return Problems.Invalid("tenantId", "The tenant's id or domain.");
        }

        if (provider.ApiVersion is { } version && !VersionName().IsMatch(version))
        {
            return Problems.Invalid("apiVersion", "A version such as 2024-10-21; leave it empty for the v1 address.");
        }

        if (provider.Kind == ProviderKind.AzureOpenAi && provider.Models.Count == 0)
        {
            return Problems.Invalid("models", "Name your deployments: Azure does not list them.");
        }

        if (provider.Models.Concat(provider.DefaultModel is null ? [] : [provider.DefaultModel]).Any(m => string.IsNullOrWhiteSpace(m) || m.Length > 200 || TextRules.Problem(m) is not null))
        {
            return Problems.Invalid("models", "A name is empty or longer than 200 letters.");
        }

        return keys is not null && keys.Any(k => k.Length > 2_000 || !k.All(c => c is > ' ' and < (char)127))
            ? Problems.Invalid("keys", "A key has no blanks, no line breaks and only plain letters, digits and signs.")
            : null;
    }

    /// <summary>The keys as they are meant: without blanks around them and without repetition.</summary>
    public static IReadOnlyList<string> Clean(IReadOnlyList<string>? keys) => [.. (keys ?? []).Select(k => k?.Trim() ?? "").Where(k => k.Length > 0).Distinct(StringComparer.Ordinal)];

    public static List<string> CleanModels(IReadOnlyList<string>? models) => [.. (models ?? []).Select(m => m?.Trim() ?? "").Where(m => m.Length > 0).Distinct(StringComparer.Ordinal)];

    public static string? CleanText(string? text) => string.IsNullOrWhiteSpace(text) ? null : text.Trim();

    public async Task<IReadOnlyList<string>> KeysOfAsync(Guid providerId, IReadOnlyList<Guid>? without, CancellationToken cancellationToken)
    {
        var sealedKeys = await db.ProviderKeys.AsNoTracking().Where(k => k.ConnectionId == providerId && !(without ?? new List<Guid>()).Contains(k.Id)).OrderBy(k => k.Id).Select(k => k.SealedKey).ToListAsync(cancellationToken);
        return [.. sealedKeys.Select(k => Encoding.UTF8.GetString(secrets.Unprotect(ProviderKey.Purpose, k)))];
    }

    public Task<ProviderTrialResult> TryAsync(ProviderConnection provider, IReadOnlyList<string> keys, CancellationToken cancellationToken) =>
        trial.TryAsync(ProviderConnections.SettingsOf(provider), keys, cancellationToken);

    public static ProblemHttpResult Failed(ProviderTrialResult result) => Problems.Of(StatusCodes.Status422UnprocessableEntity, ErrorCodes.ProviderTestFailed, result.Message);

    public void Add(ProviderConnection provider, IEnumerable<string> keys)
    {
        var now = time.GetUtcNow();
        foreach (var (i, key) in keys.Index())
        {
            db.ProviderKeys.Add(new()
            {
                // They are listed by id, in the order in which they were given.
                Id = Guid.CreateVersion7(now.AddMilliseconds(i)),
                ConnectionId = provider.Id,
                SealedKey = secrets.Protect(ProviderKey.Purpose, Encoding.UTF8.GetBytes(key)),
                Hint = ProviderKey.HintOf(key),
                CreatedAt = now,
            });
        }
    }

    public void Record(ProviderConnection provider, string change) =>
        audit.Record(AuditActions.ProviderChanged, "provider", provider.Id, new { kind = provider.Kind.ToString(), name = provider.Name, endpoint = provider.Endpoint, enabled = provider.IsEnabled, change, own = provider.OwnerId is not null });

    /// <summary>Null: it is saved, and this node knows.</summary>
    public async Task<ProblemHttpResult?> SaveAsync(ProviderConnection provider, CancellationToken cancellationToken)
    {
        try
        {
            await db.SaveChangesAsync(cancellationToken);
        }
        catch (DbUpdateConcurrencyException)
        {
            return Problems.Conflict(ErrorCodes.ProviderChanged, "Somebody else has just changed it; look at it again.");
        }
        catch (DbUpdateException e) when (e.InnerException is PostgresException { SqlState: PostgresErrorCodes.UniqueViolation })
        {
            return Problems.Conflict(ErrorCodes.ProviderNameTaken, "There is a connection of this name already.");
        }

        await KnowAsync(provider.OwnerId, cancellationToken);
        return null;
    }

    public async Task KnowAsync(Guid? ownerId, CancellationToken cancellationToken)
    {
        if (ownerId is { } account)
        {
            connections.Forget(account);
        }
        else
        {
            await connections.LoadAsync(cancellationToken);
        }
    }

    private static bool IsAddress(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var address) && address.Scheme is "http" or "https" && address is { UserInfo: "", Query: "", Fragment: "", Host.Length: > 0 };

    [GeneratedRegex(@"\A[A-Za-z0-9.-]{1,100}\z")]
    private static partial Regex TenantName();

    [GeneratedRegex(@"\A[A-Za-z0-9.-]{1,40}\z")]
    private static partial Regex VersionName();
}

internal static class ProviderResponses
{
    public static async Task<List<ProviderResponse>> ListAsync(ChatSphereDb db, IQueryable<ProviderConnection> query, IReadOnlyList<ModelConnection> live, CancellationToken cancellationToken)
    {
        var rows = await query.AsNoTracking().OrderBy(c => c.Priority).ThenBy(c => c.Id).ToListAsync(cancellationToken);
        var ids = rows.ConvertAll(r => r.Id);
        var keys = (await db.ProviderKeys.AsNoTracking().Where(k => ids.Contains(k.ConnectionId)).OrderBy(k => k.Id).Select(k => new { k.ConnectionId, k.Id, k.Hint, k.CreatedAt }).ToListAsync(cancellationToken))
            .ToLookup(k => k.ConnectionId, k => new ProviderKeyResponse(k.Id, k.Hint, k.CreatedAt));
        return rows.ConvertAll(r => new ProviderResponse(
            r.Id, (Contracts.Models.ProviderKind)r.Kind, r.Name, r.Endpoint, r.ApiVersion, r.TenantId, r.ClientId, r.Models, r.DefaultModel, r.Priority, r.IsEnabled, false, [.. keys[r.Id]],
            [.. live.FirstOrDefault(c => c.Id == r.Id)?.Known ?? r.Models.Concat(r.ListedModels).Distinct(StringComparer.Ordinal)], r.CreatedAt, r.UpdatedAt));
    }

    public static ProviderResponse From(ModelConnection configured) => new(
        null, (Contracts.Models.ProviderKind)(configured.Kind ?? ProviderKind.OpenAiCompatible), configured.Name, configured.Settings?.Endpoint?.AbsoluteUri, configured.Settings?.ApiVersion, configured.Settings?.TenantId,
        configured.Settings?.ClientId, configured.Named, configured.DefaultModel, configured.Priority, true, true, [], [.. configured.Known], null, null);
}
