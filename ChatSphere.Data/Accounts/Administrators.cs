using Microsoft.EntityFrameworkCore;

namespace ChatSphere.Data.Accounts;

/// <summary>That there is always somebody who may do everything.</summary>
public static class Administrators
{
    private const long Lock = 0x61_64_6d_69_6e;

    /// <summary>One at a time for whatever may take somebody's rights, until the caller's transaction ends: two administrators who remove each other are decided one after the other.</summary>
    public static Task LockRightsAsync(this ChatSphereDb db, CancellationToken cancellationToken) =>
        db.Database.ExecuteSqlAsync($"select pg_advisory_xact_lock({Lock})", cancellationToken);

    /// <summary>People who are administrators, by themselves or through a group, and can sign in.</summary>
    public static IQueryable<Account> EnabledAdministrators(this ChatSphereDb db) => db.Users.Where(a => a.Kind == AccountKind.Person && a.DisabledAt == null && a.ErasedAt == null
        && (db.UserRoles.Any(r => r.UserId == a.Id && r.RoleId == Role.AdministratorId)
            || db.GroupMembers.Any(m => m.AccountId == a.Id && db.GroupRoles.Any(r => r.GroupId == m.GroupId && r.RoleId == Role.AdministratorId))));

    /// <summary>Whether nobody would be left but for this account. Takes <see cref="LockRightsAsync"/>, so the answer holds until the caller's transaction ends.</summary>
    public static async Task<bool> IsLastAdministratorAsync(this ChatSphereDb db, Guid accountId, CancellationToken cancellationToken)
    {
        await db.LockRightsAsync(cancellationToken);
        return await db.EnabledAdministrators().OrderBy(a => a.Id).Select(a => a.Id).Take(2).ToListAsync(cancellationToken) is [var only] && only == accountId;
    }
}
