using System.Globalization;
using System.Linq.Expressions;
using ChatSphere.Api.Http;
using ChatSphere.Api.Modules.Accounts;
using ChatSphere.Contracts;
using ChatSphere.Contracts.Accounts;
using ChatSphere.Contracts.Admin;
using ChatSphere.Data;
using ChatSphere.Data.Accounts;
using ChatSphere.Data.Audit;
using ChatSphere.Data.Notifications;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace ChatSphere.Api.Modules.Admin;

internal static class UserQueries
{
    /// <summary>People's accounts; not those of programs, and not what is left of erased ones. Roles and groups are read by queries of their own, or each role would come once for every group.</summary>
    public static IQueryable<Account> People(this ChatSphereDb db) => db.Users.Where(a => a.Kind == AccountKind.Person && a.ErasedAt == null).AsSplitQuery();

    public static Expression<Func<Account, UserResponse>> Projection(ChatSphereDb db) => a => new UserResponse(
        a.Id, a.Email ?? "", a.DisplayName,
        a.DisabledAt != null ? UserState.Disabled : a.PasswordHash == null && !db.UserLogins.Any(l => l.UserId == a.Id) && !db.Sessions.Any(s => s.AccountId == a.Id) ? UserState.Invited : UserState.Active,
        a.EmailConfirmed, a.TwoFactorEnabled || db.Set<IdentityUserPasskey<Guid>>().Any(p => p.UserId == a.Id), a.CreatedAt, a.DisabledAt,
        db.Sessions.Where(s => s.AccountId == a.Id).Max(s => (DateTimeOffset?)s.LastUsedAt),
        db.Roles.Where(r => db.UserRoles.Any(u => u.UserId == a.Id && u.RoleId == r.Id)).OrderBy(r => r.Id).Select(r => new RoleReference(r.Id, r.Name!)).ToList(),
        db.Groups.Where(g => db.GroupMembers.Any(m => m.AccountId == a.Id && m.GroupId == g.Id)).OrderBy(g => g.Id).Select(g => new GroupReference(g.Id, g.Name)).ToList(),
        a.ExternalId);
}

/// <summary>Makes accounts for others and tells them.</summary>
internal sealed class Invitations(ChatSphereDb db, OneTimeTokens tokens, MailOutbox mails, AuditTrail audit, IOptions<SiteOptions> site, ILookupNormalizer normalizer, TimeProvider time)
{
    public static readonly TimeSpan Lifetime = TimeSpan.FromDays(7);

    /// <summary>Adds an account without a password; the caller gives it roles, and saves. Null: the address is no good.</summary>
    public Account? Add(string email, string displayName, IEnumerable<Guid> roleIds, string by)
    {
        email = email.Trim();
        if (!IsAddress(email))
        {
            return null;
        }

        var account = Account.Create(email, displayName.Trim(), time.GetUtcNow());
        account.NormalizedEmail = normalizer.NormalizeEmail(email);
        account.NormalizedUserName = normalizer.NormalizeName(email);
        account.SecurityStamp = Guid.NewGuid().ToString();
        account.LockoutEnabled = true;
        db.Users.Add(account);
        audit.Record(AuditActions.AccountCreated, "account", account.Id, new { roleIds, kind = "person", by });
        return account;
    }

    /// <summary>A mail with a link to set a password. The caller saves.</summary>
    public void Send(Account account) => mails.Queue(account.Id, account.Email!, MailKinds.Invitation, new()
    {
        ["name"] = account.DisplayName,
        ["link"] = site.Value.At($"/reset-password?token={tokens.Issue(OneTimePurposes.ResetPassword, account.Id, Lifetime)}").ToString(),
        ["days"] = ((int)Lifetime.TotalDays).ToString(CultureInfo.InvariantCulture),
    });

    public static bool IsAddress(string email) => email.Length <= 254 && TextRules.Problem(email) is null && !email.Contains(' ', StringComparison.Ordinal) && new System.ComponentModel.DataAnnotations.EmailAddressAttribute().IsValid(email);
}

internal static class ListUsers
{
    /// <param name="q">The beginning of a name or e-mail, without regard to case.</param>
    public static async Task<Results<Ok<Page<UserResponse>>, ProblemHttpResult>> HandleAsync(
        ChatSphereDb db, ILookupNormalizer normalizer, CancellationToken cancellationToken, string? q = null, Guid? role = null, Guid? group = null, string? state = null, string? cursor = null, int? limit = null)
    {
        if (!Cursor.TryRead(cursor, out Guid? before))
        {
            return Problems.BadRequest(ErrorCodes.CursorInvalid, "The cursor is not one that this list gave out.");
        }

        if (q is not null && (q.Length > 254 || TextRules.HasUnstorable(q)))
        {
            return Problems.Invalid("q", "It is longer than any name, or has characters that no name has.");
        }

        var people = db.People().AsNoTracking();
        if (!string.IsNullOrWhiteSpace(q))
        {
            var start = q.Trim();
            var like = start.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("%", "\\%", StringComparison.Ordinal).Replace("_", "\\_", StringComparison.Ordinal) + "%";
            var email = normalizer.NormalizeEmail(start);
            people = people.Where(a => EF.Functions.ILike(a.DisplayName, like, "\\") || a.NormalizedEmail!.StartsWith(email!));
        }

        people = role is { } roleId ? people.Where(a => db.UserRoles.Any(r => r.UserId == a.Id && r.RoleId == roleId)) : people;
        people = group is { } groupId ? people.Where(a => db.GroupMembers.Any(m => m.AccountId == a.Id && m.GroupId == groupId)) : people;
        switch (state)
        {
            case null or "":
                break;
            case "active":
                people = people.Where(a => a.DisabledAt == null);
                break;
            case "disabled":
                people = people.Where(a => a.DisabledAt != null);
                break;
            case "invited":
                people = people.Where(a => a.DisabledAt == null && a.PasswordHash == null && !db.UserLogins.Any(l => l.UserId == a.Id) && !db.Sessions.Any(s => s.AccountId == a.Id));
                break;
            default:
                return Problems.Invalid("state", "It is active, invited or disabled.");
        }

        var take = Cursor.Limit(limit);
        var found = await people.Where(a => before == null || a.Id < before).OrderByDescending(a => a.Id).Take(take + 1).Select(UserQueries.Projection(db)).ToListAsync(cancellationToken);
        return TypedResults.Ok(Pages.Of(found, take, a => Cursor.Of(a.Id)));
    }
}

internal static class GetUser
{
    public static async Task<Results<Ok<UserResponse>, ProblemHttpResult>> HandleAsync(Guid accountId, ChatSphereDb db, CancellationToken cancellationToken) =>
        await db.People().AsNoTracking().Where(a => a.Id == accountId).Select(UserQueries.Projection(db)).SingleOrDefaultAsync(cancellationToken) is { } user ? TypedResults.Ok(user) : Problems.NotFound();
}

internal static class CreateUser
{
    public static async Task<Results<Created<UserResponse>, ProblemHttpResult>> HandleAsync(
        CreateUserRequest request, CurrentUser user, ChatSphereDb db, RightsChange change, Invitations invitations, CancellationToken cancellationToken)
    {
        if (TextRules.Problem(request.DisplayName) is { } unfit)
        {
            return Problems.Invalid("displayName", unfit);
        }

        if (request.RoleIds is not null && !user.Permissions.Contains(Permissions.RolesManage.Name))
        {
            return Problems.Of(StatusCodes.Status403Forbidden, ErrorCodes.PermissionMissing, $"Choosing roles needs the permission {Permissions.RolesManage.Name}.");
        }

        await using var transaction = await change.BeginAsync(cancellationToken);
        var (roles, unknown) = await change.FindRolesAsync(request.RoleIds ?? [Role.MemberId], cancellationToken);
        if (unknown is not null)
        {
            return unknown;
        }

        // What everybody gets who registers is nobody's gift.
        if (await change.RefuseGrantAsync(user, roles.Where(r => r.Id != Role.MemberId), cancellationToken) is { } refusal)
        {
            return refusal;
        }

        if (invitations.Add(request.Email, request.DisplayName, roles.Select(r => r.Id), "administrator") is not { } account)
        {
            return Problems.Invalid("email", "It is not an e-mail address.");
        }

        foreach (var role in roles)
        {
            db.UserRoles.Add(new IdentityUserRole<Guid> { UserId = account.Id, RoleId = role.Id });
        }

        invitations.Send(account);
        try
        {
            if (await change.CommitAsync(transaction, cancellationToken) is { } locked)
            {
                return locked;
            }
        }
        catch (DbUpdateException e) when (RoleRules.IsTaken(e))
        {
            return Problems.Conflict(ErrorCodes.EmailTaken, "An account with this e-mail exists.");
        }

        return TypedResults.Created($"/v1/users/{account.Id}", await db.People().AsNoTracking().Where(a => a.Id == account.Id).Select(UserQueries.Projection(db)).SingleAsync(cancellationToken));
    }
}

internal static class UpdateUser
{
    public static async Task<Results<Ok<UserResponse>, ProblemHttpResult>> HandleAsync(
        Guid accountId, UpdateUserRequest request, CurrentUser user, ChatSphereDb db, RightsChange change, AuditTrail audit, CancellationToken cancellationToken)
    {
        if (await db.People().SingleOrDefaultAsync(a => a.Id == accountId, cancellationToken) is not { } account)
        {
            return Problems.NotFound();
        }

        if (request.DisplayName is not null && TextRules.Problem(request.DisplayName) is { } unfit)
        {
            return Problems.Invalid("displayName", unfit);
        }

        if (await change.RefuseActingOnAsync(user, accountId, cancellationToken) is { } refusal)
        {
            return refusal;
        }

        if (request.DisplayName is not null)
        {
            account.DisplayName = request.DisplayName.Trim();
            account.ConcurrencyStamp = Guid.NewGuid().ToString();
            audit.Record(AuditActions.AccountChanged, "account", accountId, new { changed = new[] { "displayName" } });
            await db.SaveChangesAsync(cancellationToken);
        }

        return await GetUser.HandleAsync(accountId, db, cancellationToken);
    }
}

internal static class DisableUser
{
    public static async Task<Results<NoContent, ProblemHttpResult>> HandleAsync(
        Guid accountId, DisableUserRequest request, CurrentUser user, ChatSphereDb db, RightsChange change, CancellationToken cancellationToken)
    {
        await using var transaction = await change.BeginAsync(cancellationToken);
        if (!await db.People().AnyAsync(a => a.Id == accountId, cancellationToken))
        {
            return Problems.NotFound();
        }

        if (TextRules.HasUnstorable(request.Reason))
        {
            return Problems.Invalid("reason", "It must not contain control characters.");
        }

        if (await change.RefuseActingOnAsync(user, accountId, cancellationToken) is { } refusal)
        {
            return refusal;
        }

        await change.DisableAsync(accountId, request.Reason, cancellationToken);
        return await change.CommitAsync(transaction, cancellationToken) is { } locked ? locked : TypedResults.NoContent();
    }
}

internal static class EnableUser
{
    public static async Task<Results<NoContent, ProblemHttpResult>> HandleAsync(Guid accountId, CurrentUser user, ChatSphereDb db, RightsChange change, CancellationToken cancellationToken)
    {
        await using var transaction = await change.BeginAsync(cancellationToken);
        if (!await db.People().AnyAsync(a => a.Id == accountId, cancellationToken))
        {
            return Problems.NotFound();
        }

        if (await change.RefuseActingOnAsync(user, accountId, cancellationToken) is { } refusal)
        {
            return refusal;
        }

        await change.EnableAsync(accountId, null, cancellationToken);
        await db.Users.Where(a => a.Id == accountId).ExecuteUpdateAsync(a => a.SetProperty(x => x.DeprovisionedAt, (DateTimeOffset?)null), cancellationToken);
        return await change.CommitAsync(transaction, cancellationToken) is { } locked ? locked : TypedResults.NoContent();
    }
}

internal static class EndUserSessions
{
    public static async Task<Results<NoContent, ProblemHttpResult>> HandleAsync(
        Guid accountId, CurrentUser user, ChatSphereDb db, RightsChange change, AuditTrail audit, TimeProvider time, CancellationToken cancellationToken)
    {
        await using var transaction = await change.BeginAsync(cancellationToken);
        if (!await db.People().AnyAsync(a => a.Id == accountId, cancellationToken))
        {
            return Problems.NotFound();
        }

        if (await change.RefuseActingOnAsync(user, accountId, cancellationToken) is { } refusal)
        {
            return refusal;
        }

        var count = await PasswordChange.EndSessionsAsync(db, accountId, keep: null, "ended_by_administrator", time.GetUtcNow(), cancellationToken);
        audit.Record(AuditActions.SessionEnded, "account", accountId, new { others = false, count });
        change.Touched(accountId);
        return await change.CommitAsync(transaction, cancellationToken) is { } locked ? locked : TypedResults.NoContent();
    }
}

internal static class SetUserRoles
{
    public static async Task<Results<Ok<UserResponse>, ProblemHttpResult>> HandleAsync(
        Guid accountId, SetRolesRequest request, CurrentUser user, ChatSphereDb db, RightsChange change, CancellationToken cancellationToken)
    {
        await using var transaction = await change.BeginAsync(cancellationToken);
        if (!await db.People().AnyAsync(a => a.Id == accountId, cancellationToken))
        {
            return Problems.NotFound();
        }

        if (await change.SetRolesAsync(user, accountId, request.RoleIds, cancellationToken) is { } refusal)
        {
            return refusal;
        }

        return await change.CommitAsync(transaction, cancellationToken) is { } locked ? locked : await GetUser.HandleAsync(accountId, db, cancellationToken);
    }
}
