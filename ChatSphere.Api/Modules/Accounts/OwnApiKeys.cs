using ChatSphere.Api.Http;
using ChatSphere.Contracts;
using ChatSphere.Contracts.Accounts;
using ChatSphere.Data;
using ChatSphere.Data.Accounts;
using ChatSphere.Data.Audit;
using ChatSphere.Data.Plans;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace ChatSphere.Api.Modules.Accounts;

/// <summary>What keys of people and of service accounts have in common.</summary>
internal static class ApiKeyRules
{
    public const int MaxPerAccount = 50;

    public static IQueryable<ApiKeyResponse> WorkingKeysOf(this ChatSphereDb db, Guid accountId, DateTimeOffset now) =>
        db.ApiKeys.AsNoTracking().Where(k => k.AccountId == accountId && k.RevokedAt == null && (k.ExpiresAt == null || k.ExpiresAt > now)).OrderByDescending(k => k.Id)
            .Select(k => new ApiKeyResponse(k.Id, k.Name, k.Scopes, k.CreatedAt, k.ExpiresAt, k.LastUsedAt));

    /// <param name="held">What the owner may do, and whoever makes the key.</param>
    /// <param name="gate">Null: no plan limits them.</param>
    public static async Task<Results<Created<CreatedApiKeyResponse>, ProblemHttpResult>> CreateAsync(
        Guid ownerId, CreateApiKeyRequest request, IReadOnlySet<string> held, string path, IUsageGate? gate, ChatSphereDb db, AuditTrail audit, TimeProvider time, CancellationToken cancellationToken)
    {
        if (TextRules.Problem(request.Name) is { } unfit)
        {
            return Problems.Invalid("name", unfit);
        }

        foreach (var scope in request.Scopes)
        {
            // JSON can hold a null where no string may be one.
            if (scope is null || Permissions.Find(scope) is not { } permission)
            {
                return Problems.Invalid("scopes", $"There is no permission “{TextRules.FileName(scope)}”.");
            }

            if (!permission.Delegable)
            {
                return Problems.Invalid("scopes", $"{scope} is for people in a session of their own; no key carries it.");
            }

            if (!held.Contains(scope))
            {
                return Problems.Of(StatusCodes.Status403Forbidden, ErrorCodes.GrantExceedsOwn, $"{scope} is not held, so a key cannot carry it.");
            }
        }

        // One at a time for an account, so that many at once do not pass the limit together.
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        await db.Database.ExecuteSqlAsync($"select pg_advisory_xact_lock(hashtextextended({ownerId.ToString()}, 1))", cancellationToken);
        var now = time.GetUtcNow();
        if (await db.WorkingKeysOf(ownerId, now).CountAsync(cancellationToken) >= MaxPerAccount)
        {
            return Problems.Conflict(ErrorCodes.TooManyKeys, $"An account has at most {MaxPerAccount} keys; revoke one that is not used any more.");
        }

        // In this transaction, which decides.
        await using var room = gate is null ? null : await gate.ForApiKeyAsync(ownerId, cancellationToken);
        if (room?.Refusal is { } full)
        {
            return full.ToProblem();
        }

        var id = Guid.CreateVersion7(now);
        var (secret, hash) = ApiKeys.Create(id);
        var key = new ApiKey
        {
            Id = id,
            AccountId = ownerId,
            Name = request.Name.Trim(),
            Scopes = [.. request.Scopes.Distinct()],
            SecretHash = hash,
            CreatedAt = now,
            ExpiresAt = request.ExpiresInDays is { } days ? now.AddDays(days) : null,
        };
        db.ApiKeys.Add(key);
        audit.Record(AuditActions.KeyCreated, "key", id, new { accountId = ownerId, scopes = key.Scopes, expiresAt = key.ExpiresAt });
        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return TypedResults.Created($"{path}/{id}", new CreatedApiKeyResponse(secret, new ApiKeyResponse(id, key.Name, key.Scopes, now, key.ExpiresAt, null)));
    }

    public static async Task<Results<NoContent, ProblemHttpResult>> RevokeAsync(
        Guid ownerId, Guid keyId, ChatSphereDb db, LiveAccess access, AuditTrail audit, TimeProvider time, CancellationToken cancellationToken)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var now = time.GetUtcNow();
        if (await db.ApiKeys.Where(k => k.Id == keyId && k.AccountId == ownerId && k.RevokedAt == null).ExecuteUpdateAsync(k => k.SetProperty(x => x.RevokedAt, now), cancellationToken) == 0)
        {
            return Problems.NotFound();
        }

        audit.Record(AuditActions.KeyRevoked, "key", keyId, new { accountId = ownerId });
        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        access.Forget(new Credential(keyId, IsApiKey: true));
        return TypedResults.NoContent();
    }
}

internal static class ListApiKeys
{
    public static async Task<Ok<List<ApiKeyResponse>>> HandleAsync(CurrentUser user, ChatSphereDb db, TimeProvider time, CancellationToken cancellationToken) =>
        TypedResults.Ok(await db.WorkingKeysOf(user.AccountId, time.GetUtcNow()).ToListAsync(cancellationToken));
}

internal static class CreateApiKey
{
    public static Task<Results<Created<CreatedApiKeyResponse>, ProblemHttpResult>> HandleAsync(
        CreateApiKeyRequest request, CurrentUser user, IUsageGate gate, ChatSphereDb db, AuditTrail audit, TimeProvider time, CancellationToken cancellationToken) =>
        ApiKeyRules.CreateAsync(user.AccountId, request, user.Permissions, "/v1/accounts/me/api-keys", gate, db, audit, time, cancellationToken);
}

internal static class RevokeApiKey
{
    public static Task<Results<NoContent, ProblemHttpResult>> HandleAsync(
        Guid keyId, CurrentUser user, ChatSphereDb db, LiveAccess access, AuditTrail audit, TimeProvider time, CancellationToken cancellationToken) =>
        ApiKeyRules.RevokeAsync(user.AccountId, keyId, db, access, audit, time, cancellationToken);
}
