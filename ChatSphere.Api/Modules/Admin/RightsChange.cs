using ChatSphere.Api.Http;
using ChatSphere.Api.Modules.Accounts;
using ChatSphere.Contracts;
using ChatSphere.Contracts.Accounts;
using ChatSphere.Data;
using ChatSphere.Data.Accounts;
using ChatSphere.Data.Audit;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;

namespace ChatSphere.Api.Modules.Admin;

/// <summary>
/// Every change of who may do what: one at a time, written down, never granting what the one who asks does not hold, and never leaving nobody as administrator.
/// <see cref="BeginAsync"/>, the changes, <see cref="CommitAsync"/>.
/// </summary>
internal sealed class RightsChange(ChatSphereDb db, AuditTrail audit, LiveAccess access, TimeProvider time)
{
    // What reaches beyond one's own things. Who lacks one of these does nothing to an account that has it.
    private static readonly string[] Administrative =
    [
        Permissions.ModerationManage.Name, Permissions.UsersRead.Name, Permissions.UsersManage.Name, Permissions.RolesManage.Name, Permissions.GroupsManage.Name,
        Permissions.ServiceAccountsManage.Name, Permissions.PlansManage.Name, Permissions.AuditRead.Name, Permissions.PrivacyManage.Name, Permissions.SystemManage.Name,
    ];

    private readonly HashSet<Guid> _changed = [];
    private bool _everybody;
    private bool _hadAdministrator;

    public async Task<IDbContextTransaction> BeginAsync(CancellationToken cancellationToken)
    {
        var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        await db.LockRightsAsync(cancellationToken);
        _hadAdministrator = await db.EnabledAdministrators().AnyAsync(cancellationToken);
        _changed.Clear();
        return transaction;
    }

    /// <summary>Saves and commits; or 409 <c>last_administrator</c>, and nothing has changed.</summary>
    public async Task<ProblemHttpResult?> CommitAsync(IDbContextTransaction transaction, CancellationToken cancellationToken)
    {
        await db.SaveChangesAsync(cancellationToken);
        if (_hadAdministrator && !await db.EnabledAdministrators().AnyAsync(cancellationToken))
        {
            return Problems.Conflict(ErrorCodes.LastAdministrator, "Nobody would be administrator any more. Make somebody else administrator first.");
        }

        await transaction.CommitAsync(cancellationToken);
        if (_everybody)
        {
            access.ForgetEverybody();
        }

        foreach (var account in _changed)
        {
            access.ForgetAccount(account);
        }

        return null;
    }

    /// <summary>This node looks at the account anew once the change is there.</summary>
    public void Touched(Guid accountId) => _changed.Add(accountId);

    public void TouchedEverybody() => _everybody = true;

    /// <summary>Null when whoever asks holds all that these roles grant, and so may give and take them.</summary>
    public async Task<ProblemHttpResult?> RefuseGrantAsync(CurrentUser user, IEnumerable<Role> roles, CancellationToken cancellationToken)
    {
        foreach (var role in roles)
        {
            // Also what later versions add.
            if (role.Id == Role.AdministratorId && (user.Credential.IsApiKey || !await db.RolesOf(user.AccountId).AnyAsync(r => r.Id == Role.AdministratorId, cancellationToken)))
            {
                return Exceeds("Only an administrator makes or unmakes administrators.");
            }

            if (RefuseGrant(user, role.Permissions) is { } refusal)
            {
                return refusal;
            }
        }

        return null;
    }

    public static ProblemHttpResult? RefuseGrant(CurrentUser user, IEnumerable<string> permissions) =>
        permissions.FirstOrDefault(p => !user.Permissions.Contains(p)) is { } missing ? Exceeds($"You do not hold {missing} yourself.") : null;

    /// <summary>Null when the account has no administrative permission that whoever asks lacks.</summary>
    public async Task<ProblemHttpResult?> RefuseActingOnAsync(CurrentUser user, Guid accountId, CancellationToken cancellationToken)
    {
        var roles = await db.RolesOf(accountId).AsNoTracking().Select(r => new { r.Id, r.Permissions }).ToListAsync(cancellationToken);
        var held = roles.Exists(r => r.Id == Role.AdministratorId) ? Administrative : roles.SelectMany(r => r.Permissions).Intersect(Administrative);
        return held.FirstOrDefault(p => !user.Permissions.Contains(p)) is { } missing ? Exceeds($"This account may do what you may not: {missing}.") : null;
    }

    /// <summary>The roles of these ids; or which one there is none of.</summary>
    public async Task<(List<Role> Roles, ProblemHttpResult? Refusal)> FindRolesAsync(IReadOnlyCollection<Guid> ids, CancellationToken cancellationToken)
    {
        var wanted = ids.Distinct().ToList();
        var roles = await db.Roles.AsNoTracking().Where(r => wanted.Contains(r.Id)).ToListAsync(cancellationToken);
        return roles.Count == wanted.Count ? (roles, null) : ([], Problems.Invalid("roleIds", $"There is no role {wanted.Except(roles.Select(r => r.Id)).First()}."));
    }

    /// <summary>Gives and takes until the account has exactly these by itself. Only what changes must be held by whoever asks.</summary>
    public async Task<ProblemHttpResult?> SetRolesAsync(CurrentUser user, Guid accountId, IReadOnlyCollection<Guid> roleIds, CancellationToken cancellationToken)
    {
        var (wanted, unknown) = await FindRolesAsync(roleIds, cancellationToken);
        if (unknown is not null)
        {
            return unknown;
        }

        var had = await db.Roles.AsNoTracking().Where(r => db.UserRoles.Any(u => u.UserId == accountId && u.RoleId == r.Id)).ToListAsync(cancellationToken);
        var given = wanted.ExceptBy(had.Select(r => r.Id), r => r.Id).ToList();
        var taken = had.ExceptBy(wanted.Select(r => r.Id), r => r.Id).ToList();
        if (await RefuseGrantAsync(user, given.Concat(taken), cancellationToken) is { } refusal)
        {
            return refusal;
        }

        foreach (var role in given)
        {
            Give(accountId, role);
        }

        foreach (var role in taken)
        {
            await db.UserRoles.Where(r => r.UserId == accountId && r.RoleId == role.Id).ExecuteDeleteAsync(cancellationToken);
            audit.Record(AuditActions.RoleTaken, "account", accountId, new { roleId = role.Id, role = role.Name });
        }

        Touched(accountId);
        return null;
    }

    public void Give(Guid accountId, Role role)
    {
        db.UserRoles.Add(new IdentityUserRole<Guid> { UserId = accountId, RoleId = role.Id });
        audit.Record(AuditActions.RoleGiven, "account", accountId, new { roleId = role.Id, role = role.Name });
        Touched(accountId);
    }

    /// <summary>Null when whoever asks holds all that membership grants.</summary>
    public async Task<ProblemHttpResult?> RefuseMembershipAsync(CurrentUser user, Guid groupId, CancellationToken cancellationToken) =>
        await RefuseGrantAsync(user, await RolesOfGroupAsync(groupId, cancellationToken), cancellationToken);

    public Task<List<Role>> RolesOfGroupAsync(Guid groupId, CancellationToken cancellationToken) =>
        db.Roles.AsNoTracking().Where(r => db.GroupRoles.Any(g => g.GroupId == groupId && g.RoleId == r.Id)).ToListAsync(cancellationToken);

    /// <summary>False: was in it already.</summary>
    public async Task<bool> JoinAsync(Group group, Guid accountId, CancellationToken cancellationToken)
    {
        if (await db.GroupMembers.AnyAsync(m => m.GroupId == group.Id && m.AccountId == accountId, cancellationToken))
        {
            return false;
        }

        db.GroupMembers.Add(new GroupMember { GroupId = group.Id, AccountId = accountId, AddedAt = time.GetUtcNow() });
        audit.Record(AuditActions.GroupJoined, "account", accountId, new { groupId = group.Id, group = group.Name });
        Touched(accountId);
        return true;
    }

    /// <summary>False: was not in it.</summary>
    public async Task<bool> LeaveAsync(Group group, Guid accountId, CancellationToken cancellationToken)
    {
        if (await db.GroupMembers.Where(m => m.GroupId == group.Id && m.AccountId == accountId).ExecuteDeleteAsync(cancellationToken) == 0)
        {
            return false;
        }

        audit.Record(AuditActions.GroupLeft, "account", accountId, new { groupId = group.Id, group = group.Name });
        Touched(accountId);
        return true;
    }

    /// <summary>Disables an account and ends its sessions; its keys stop with it. False: it was disabled already.</summary>
    public async Task<bool> DisableAsync(Guid accountId, string? reason, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        if (await db.Users.Where(a => a.Id == accountId && a.DisabledAt == null).ExecuteUpdateAsync(a => a.SetProperty(x => x.DisabledAt, now), cancellationToken) == 0)
        {
            return false;
        }

        await PasswordChange.EndSessionsAsync(db, accountId, keep: null, "disabled", now, cancellationToken);
        audit.Record(AuditActions.AccountDisabled, "account", accountId, reason: reason);
        Touched(accountId);
        return true;
    }

    /// <summary>Its sessions stay ended. False: it was not disabled.</summary>
    public async Task<bool> EnableAsync(Guid accountId, string? reason, CancellationToken cancellationToken)
    {
        if (await db.Users.Where(a => a.Id == accountId && a.DisabledAt != null && a.ErasedAt == null).ExecuteUpdateAsync(a => a.SetProperty(x => x.DisabledAt, (DateTimeOffset?)null), cancellationToken) == 0)
        {
            return false;
        }

        audit.Record(AuditActions.AccountEnabled, "account", accountId, reason: reason);
        Touched(accountId);
        return true;
    }

    private static ProblemHttpResult Exceeds(string detail) => Problems.Of(StatusCodes.Status403Forbidden, ErrorCodes.GrantExceedsOwn, detail);
}
