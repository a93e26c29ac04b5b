using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace ChatSphere.Data.Audit;

/// <summary>
/// Writes down what the tables say about rights and the events do not: what migrations put in place, and what somebody changed in the database around the Api. Run by the
/// migrate step, so that from then on events alone tell who may do what.
/// </summary>
public static class RightsBaseline
{
    /// <summary>The reason of these events.</summary>
    public const string Reason = "found at an upgrade";
    private const long Lock = 0x72_69_67_68_74_73;

    public static async Task<int> RecordAsync(IServiceProvider services, CancellationToken cancellationToken)
    {
        await using var scope = services.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<ChatSphereDb>();
        var audit = scope.ServiceProvider.GetRequiredService<AuditTrail>();
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        await db.Database.ExecuteSqlAsync($"select pg_advisory_xact_lock({Lock})", cancellationToken);
        var told = await RightsHistory.AllAsync(db, cancellationToken);

        var roles = await db.Roles.AsNoTracking().ToListAsync(cancellationToken);
        foreach (var role in roles)
        {
            var known = told.Roles.GetValueOrDefault(role.Id);
            if (known is null || known.Name != role.Name || known.RequiresMfa != role.RequiresMfa || !known.Permissions.ToHashSet().SetEquals(role.Permissions))
            {
                audit.Record("rights.role_changed", "role", role.Id, new { roleId = role.Id, role = role.Name, permissions = role.Permissions, requiresMfa = role.RequiresMfa }, Reason);
            }
        }

        foreach (var gone in told.Roles.Keys.Except(roles.Select(r => r.Id)))
        {
            audit.Record("rights.role_deleted", "role", gone, new { roleId = gone, role = told.Roles[gone].Name }, Reason);
        }

        var names = roles.ToDictionary(r => r.Id, r => r.Name);
        var given = (await db.UserRoles.AsNoTracking().Select(r => new { r.UserId, r.RoleId }).ToListAsync(cancellationToken)).ToLookup(r => r.UserId, r => r.RoleId);
        var groups = await db.Groups.AsNoTracking().Select(g => new { g.Id, g.Name }).ToDictionaryAsync(g => g.Id, g => g.Name, cancellationToken);
        var joined = (await db.GroupMembers.AsNoTracking().Select(m => new { m.AccountId, m.GroupId }).ToListAsync(cancellationToken)).ToLookup(m => m.AccountId, m => m.GroupId);
        var groupRoles = (await db.GroupRoles.AsNoTracking().Select(r => new { r.GroupId, r.RoleId }).ToListAsync(cancellationToken)).ToLookup(r => r.GroupId, r => r.RoleId);
        foreach (var account in await db.Users.AsNoTracking().Select(a => new { a.Id, Disabled = a.DisabledAt != null }).ToListAsync(cancellationToken))
        {
            foreach (var roleId in given[account.Id].Except(told.OwnRolesOf(account.Id)))
            {
                audit.Record(AuditActions.RoleGiven, "account", account.Id, new { roleId, role = names.GetValueOrDefault(roleId) }, Reason);
            }

            foreach (var roleId in told.OwnRolesOf(account.Id).Except(given[account.Id]))
            {
                audit.Record(AuditActions.RoleTaken, "account", account.Id, new { roleId, role = names.GetValueOrDefault(roleId) }, Reason);
            }

            foreach (var groupId in joined[account.Id].Except(told.GroupsOf(account.Id)))
            {
                audit.Record("rights.group_joined", "account", account.Id, new { groupId, group = groups.GetValueOrDefault(groupId) }, Reason);
            }

            foreach (var groupId in told.GroupsOf(account.Id).Except(joined[account.Id]))
            {
                audit.Record("rights.group_left", "account", account.Id, new { groupId, group = groups.GetValueOrDefault(groupId) }, Reason);
            }

            if (account.Disabled != told.IsDisabled(account.Id))
            {
                audit.Record(account.Disabled ? "account.disabled" : "account.enabled", "account", account.Id, reason: Reason);
            }
        }

        foreach (var group in groups)
        {
            foreach (var roleId in groupRoles[group.Key].Except(told.RolesOfGroup(group.Key)))
            {
                audit.Record("rights.group_role_given", "group", group.Key, new { groupId = group.Key, group = group.Value, roleId, role = names.GetValueOrDefault(roleId) }, Reason);
            }

            foreach (var roleId in told.RolesOfGroup(group.Key).Except(groupRoles[group.Key]))
            {
                audit.Record("rights.group_role_taken", "group", group.Key, new { groupId = group.Key, group = group.Value, roleId, role = names.GetValueOrDefault(roleId) }, Reason);
            }
        }

        foreach (var gone in told.Groups.Keys.Except(groups.Keys))
        {
            audit.Record("rights.group_deleted", "group", gone, new { groupId = gone, group = told.Groups[gone] }, Reason);
        }

        var written = await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return written;
    }
}
