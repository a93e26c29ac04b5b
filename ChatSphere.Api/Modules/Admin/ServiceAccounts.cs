using System.Linq.Expressions;
using ChatSphere.Api.Http;
using ChatSphere.Api.Modules.Accounts;
using ChatSphere.Contracts;
using ChatSphere.Contracts.Accounts;
using ChatSphere.Contracts.Admin;
using ChatSphere.Data;
using ChatSphere.Data.Accounts;
using ChatSphere.Data.Audit;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace ChatSphere.Api.Modules.Admin;

internal static class ServiceAccountQueries
{
    public static IQueryable<Account> Programs(this ChatSphereDb db) => db.Users.Where(a => a.Kind == AccountKind.Service && a.ErasedAt == null);

    public static Expression<Func<Account, ServiceAccountResponse>> Projection(ChatSphereDb db, DateTimeOffset now) => a => new ServiceAccountResponse(
        a.Id, a.DisplayName, a.DisabledAt != null,
        db.Roles.Where(r => db.UserRoles.Any(u => u.UserId == a.Id && u.RoleId == r.Id)).OrderBy(r => r.Id).Select(r => new RoleReference(r.Id, r.Name!)).ToList(),
        db.ApiKeys.Count(k => k.AccountId == a.Id && k.RevokedAt == null && (k.ExpiresAt == null || k.ExpiresAt > now)), a.CreatedAt);

    public static Task<ServiceAccountResponse?> OneAsync(this ChatSphereDb db, Guid accountId, TimeProvider time, CancellationToken cancellationToken) =>
        db.Programs().AsNoTracking().Where(a => a.Id == accountId).Select(Projection(db, time.GetUtcNow())).SingleOrDefaultAsync(cancellationToken);
}

internal static class ListServiceAccounts
{
    public static async Task<Results<Ok<Page<ServiceAccountResponse>>, ProblemHttpResult>> HandleAsync(
        ChatSphereDb db, TimeProvider time, CancellationToken cancellationToken, string? cursor = null, int? limit = null)
    {
        if (!Cursor.TryRead(cursor, out Guid? before))
        {
            return Problems.BadRequest(ErrorCodes.CursorInvalid, "The cursor is not one that this list gave out.");
        }

        var take = Cursor.Limit(limit);
        var found = await db.Programs().AsNoTracking().Where(a => before == null || a.Id < before).OrderByDescending(a => a.Id).Take(take + 1)
            .Select(ServiceAccountQueries.Projection(db, time.GetUtcNow())).ToListAsync(cancellationToken);
        return TypedResults.Ok(Pages.Of(found, take, a => Cursor.Of(a.Id)));
    }
}

internal static class GetServiceAccount
{
    public static async Task<Results<Ok<ServiceAccountResponse>, ProblemHttpResult>> HandleAsync(Guid accountId, ChatSphereDb db, TimeProvider time, CancellationToken cancellationToken) =>
        await db.OneAsync(accountId, time, cancellationToken) is { } account ? TypedResults.Ok(account) : Problems.NotFound();
}

internal static class CreateServiceAccount
{
    public static async Task<Results<Created<ServiceAccountResponse>, ProblemHttpResult>> HandleAsync(
        CreateServiceAccountRequest request, CurrentUser user, ChatSphereDb db, RightsChange change, AuditTrail audit, TimeProvider time, CancellationToken cancellationToken)
    {
        if (TextRules.Problem(request.Name) is { } unfit)
        {
            return Problems.Invalid("name", unfit);
        }

        await using var transaction = await change.BeginAsync(cancellationToken);
        var now = time.GetUtcNow();
        var id = Guid.CreateVersion7(now);

        // No e-mail and no password: there is nothing that a sign-in, a reset or an account elsewhere could find.
        var account = new Account
        {
            Id = id,
            Kind = AccountKind.Service,
            DisplayName = request.Name.Trim(),
            CreatedAt = now,
            UserName = $"service:{id}",
            NormalizedUserName = $"SERVICE:{id}".ToUpperInvariant(),
            SecurityStamp = Guid.NewGuid().ToString(),
        };
        db.Users.Add(account);
        audit.Record(AuditActions.AccountCreated, "account", id, new { roleIds = Array.Empty<Guid>(), kind = "service", by = "administrator" });
        await db.SaveChangesAsync(cancellationToken);
        if (await change.SetRolesAsync(user, id, request.RoleIds, cancellationToken) is { } refusal)
        {
            return refusal;
        }

        return await change.CommitAsync(transaction, cancellationToken) is { } locked
            ? locked
            : TypedResults.Created($"/v1/service-accounts/{id}", await db.OneAsync(id, time, cancellationToken));
    }
}

internal static class UpdateServiceAccount
{
    public static async Task<Results<Ok<ServiceAccountResponse>, ProblemHttpResult>> HandleAsync(
        Guid accountId, UpdateServiceAccountRequest request, CurrentUser user, ChatSphereDb db, RightsChange change, AuditTrail audit, TimeProvider time, CancellationToken cancellationToken)
    {
        await using var transaction = await change.BeginAsync(cancellationToken);
        if (await db.Programs().SingleOrDefaultAsync(a => a.Id == accountId, cancellationToken) is not { } account)
        {
            return Problems.NotFound();
        }

        if (request.Name is not null && TextRules.Problem(request.Name) is { } unfit)
        {
            return Problems.Invalid("name", unfit);
        }

        if (await change.RefuseActingOnAsync(user, accountId, cancellationToken) is { } notTheirs)
        {
            return notTheirs;
        }

        if (request.Name is not null)
        {
            account.DisplayName = request.Name.Trim();
            audit.Record(AuditActions.AccountChanged, "account", accountId, new { changed = new[] { "name" } });
        }

        if (request.RoleIds is not null && await change.SetRolesAsync(user, accountId, request.RoleIds, cancellationToken) is { } refusal)
        {
            return refusal;
        }

        if (request.Disabled is { } disabled)
        {
            _ = disabled ? await change.DisableAsync(accountId, null, cancellationToken) : await change.EnableAsync(accountId, null, cancellationToken);
        }

        return await change.CommitAsync(transaction, cancellationToken) is { } locked ? locked : TypedResults.Ok((await db.OneAsync(accountId, time, cancellationToken))!);
    }
}

internal static class DeleteServiceAccount
{
    /// <summary>Its keys and roles go; its row stays, for the ids that bots and the audit log keep.</summary>
    public static async Task<Results<NoContent, ProblemHttpResult>> HandleAsync(
        Guid accountId, CurrentUser user, ChatSphereDb db, RightsChange change, AuditTrail audit, TimeProvider time, CancellationToken cancellationToken)
    {
        await using var transaction = await change.BeginAsync(cancellationToken);
        if (!await db.Programs().AnyAsync(a => a.Id == accountId, cancellationToken))
        {
            return Problems.NotFound();
        }

        if (await change.RefuseActingOnAsync(user, accountId, cancellationToken) is { } refusal)
        {
            return refusal;
        }

        var now = time.GetUtcNow();
        await db.ApiKeys.Where(k => k.AccountId == accountId && k.RevokedAt == null).ExecuteUpdateAsync(k => k.SetProperty(x => x.RevokedAt, now), cancellationToken);
        foreach (var role in await db.Roles.AsNoTracking().Where(r => db.UserRoles.Any(u => u.UserId == accountId && u.RoleId == r.Id)).ToListAsync(cancellationToken))
        {
            audit.Record(AuditActions.RoleTaken, "account", accountId, new { roleId = role.Id, role = role.Name });
        }

        await db.UserRoles.Where(r => r.UserId == accountId).ExecuteDeleteAsync(cancellationToken);
        await db.GroupMembers.Where(m => m.AccountId == accountId).ExecuteDeleteAsync(cancellationToken);
        await db.Users.Where(a => a.Id == accountId).ExecuteUpdateAsync(a => a.SetProperty(x => x.DisabledAt, x => x.DisabledAt ?? now).SetProperty(x => x.ErasedAt, now), cancellationToken);
        audit.Record(AuditActions.AccountDeleted, "account", accountId);
        change.Touched(accountId);
        return await change.CommitAsync(transaction, cancellationToken) is { } locked ? locked : TypedResults.NoContent();
    }
}

internal static class ServiceAccountKeys
{
    public static async Task<Results<Ok<List<ApiKeyResponse>>, ProblemHttpResult>> ListAsync(Guid accountId, ChatSphereDb db, TimeProvider time, CancellationToken cancellationToken) =>
        await db.Programs().AnyAsync(a => a.Id == accountId, cancellationToken) ? TypedResults.Ok(await db.WorkingKeysOf(accountId, time.GetUtcNow()).ToListAsync(cancellationToken)) : Problems.NotFound();

    public static async Task<Results<Created<CreatedApiKeyResponse>, ProblemHttpResult>> CreateAsync(
        Guid accountId, CreateApiKeyRequest request, CurrentUser user, ChatSphereDb db, AuditTrail audit, TimeProvider time, CancellationToken cancellationToken)
    {
        if (!await db.Programs().AnyAsync(a => a.Id == accountId, cancellationToken))
        {
            return Problems.NotFound();
        }

        // What the account may do, and what whoever takes the key away with them may do.
        var roles = await db.RolesOf(accountId).AsNoTracking().ToListAsync(cancellationToken);
        var held = roles.Exists(r => r.Id == Role.AdministratorId) ? user.Permissions.ToHashSet() : roles.SelectMany(r => r.Permissions).Where(user.Permissions.Contains).ToHashSet();
        return await ApiKeyRules.CreateAsync(accountId, request, held, $"/v1/service-accounts/{accountId}/keys", gate: null, db, audit, time, cancellationToken);
    }

    public static async Task<Results<NoContent, ProblemHttpResult>> RevokeAsync(
        Guid accountId, Guid keyId, CurrentUser user, ChatSphereDb db, LiveAccess access, RightsChange change, AuditTrail audit, TimeProvider time, CancellationToken cancellationToken) =>
        !await db.Programs().AnyAsync(a => a.Id == accountId, cancellationToken) ? Problems.NotFound()
        : await change.RefuseActingOnAsync(user, accountId, cancellationToken) is { } refusal ? refusal
        : await ApiKeyRules.RevokeAsync(accountId, keyId, db, access, audit, time, cancellationToken);
}
