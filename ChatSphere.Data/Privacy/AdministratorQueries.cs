using ChatSphere.Data.Accounts;
using Microsoft.EntityFrameworkCore;

namespace ChatSphere.Data.Privacy;

public static class AdministratorQueries
{
    /// <summary>Whether nobody would be left who is administrator and can sign in, were it not for this account. Changes that ask this take turns until the caller's transaction ends.</summary>
    public static async Task<bool> IsLastAdministratorAsync(this ChatSphereDb db, Guid accountId, CancellationToken cancellationToken)
    {
        await db.Database.ExecuteSqlAsync($"select pg_advisory_xact_lock(hashtextextended('administrators', 0))", cancellationToken);
        var administrators = await db.Users.Where(a => a.DisabledAt == null && a.Kind == AccountKind.Person
                && (db.UserRoles.Any(r => r.UserId == a.Id && r.RoleId == Role.AdministratorId)
                    || db.GroupRoles.Any(g => g.RoleId == Role.AdministratorId && db.GroupMembers.Any(m => m.GroupId == g.GroupId && m.AccountId == a.Id))))
            .Select(a => a.Id).Take(2).ToListAsync(cancellationToken);
        return administrators is [var only] && only == accountId;
    }
}
