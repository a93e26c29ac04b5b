using ChatSphere.Data.Audit;
using ChatSphere.Data.Privacy;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;

namespace ChatSphere.Data.Accounts;

/// <summary>
/// Sessions, keys, roles and memberships go (what a second factor needs is <see cref="FactorsPersonalData"/>'s). The account's row stays as a tombstone, so that ids which others keep (a bot that answers for somebody, an act in the audit log)
/// lead to "Deleted user" and never to somebody else.
/// </summary>
public sealed class AccountsPersonalData(ChatSphereDb db, AuditTrail audit, TimeProvider time) : IPersonalData
{
    public const string NameOfErased = "Deleted user";

    public string Section => "accounts";

    public IReadOnlyList<Type> Owns =>
    [
        typeof(Account), typeof(Session), typeof(ApiKey), typeof(OneTimeToken), typeof(GroupMember), typeof(IdentityUserRole<Guid>), typeof(IdentityUserClaim<Guid>),
        typeof(IdentityUserToken<Guid>),
    ];

    public async Task ExportAsync(Guid accountId, IPersonalDataWriter writer, CancellationToken cancellationToken)
    {
        // No hashes, no secrets: they would only help whoever finds the file.
        await writer.WriteAsync("account", db.Users.AsNoTracking().Where(a => a.Id == accountId)
            .Select(a => new { a.Id, a.Email, a.EmailConfirmed, a.DisplayName, a.PhoneNumber, a.TwoFactorEnabled, a.CreatedAt, a.DisabledAt }).AsAsyncEnumerable(), cancellationToken);
        await writer.WriteAsync("sessions", db.Sessions.AsNoTracking().Where(s => s.AccountId == accountId).OrderBy(s => s.Id)
            .Select(s => new { s.Id, s.CreatedAt, s.LastUsedAt, s.ExpiresAt, s.RevokedAt, s.Methods, s.Device, s.Network }).AsAsyncEnumerable(), cancellationToken);
        await writer.WriteAsync("api-keys", db.ApiKeys.AsNoTracking().Where(k => k.AccountId == accountId).OrderBy(k => k.Id)
            .Select(k => new { k.Id, k.Name, k.Scopes, k.CreatedAt, k.ExpiresAt, k.LastUsedAt, k.RevokedAt }).AsAsyncEnumerable(), cancellationToken);
        await writer.WriteAsync("claims", db.UserClaims.AsNoTracking().Where(c => c.UserId == accountId).Select(c => new { c.ClaimType, c.ClaimValue }).AsAsyncEnumerable(), cancellationToken);
        await writer.WriteAsync("roles", db.RolesOf(accountId).AsNoTracking().Select(r => new { r.Name, r.Description }).AsAsyncEnumerable(), cancellationToken);
        await writer.WriteAsync("groups", db.GroupMembers.AsNoTracking().Where(m => m.AccountId == accountId)
            .Join(db.Groups, m => m.GroupId, g => g.Id, (m, g) => new { g.Name, m.AddedAt }).AsAsyncEnumerable(), cancellationToken);
    }

    public async Task EraseAsync(Guid accountId, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();

        // Tokens of a session go with it.
        await db.Sessions.Where(s => s.AccountId == accountId).ExecuteDeleteAsync(cancellationToken);
        await db.ApiKeys.Where(k => k.AccountId == accountId).ExecuteDeleteAsync(cancellationToken);
        await db.OneTimeTokens.Where(t => t.AccountId == accountId).ExecuteDeleteAsync(cancellationToken);
        await db.UserTokens.Where(t => t.UserId == accountId).ExecuteDeleteAsync(cancellationToken);
        await db.UserClaims.Where(c => c.UserId == accountId).ExecuteDeleteAsync(cancellationToken);

        // Written down like any other taking of a role, so that who had which right at a time can still be told.
        foreach (var role in await db.Roles.Where(r => db.UserRoles.Any(u => u.RoleId == r.Id && u.UserId == accountId)).Select(r => new { r.Id, r.Name }).ToListAsync(cancellationToken))
        {
            audit.Record(AuditActions.RoleTaken, "account", accountId, new { roleId = role.Id, role = role.Name }, "erased");
        }

        foreach (var group in await db.Groups.Where(g => db.GroupMembers.Any(m => m.GroupId == g.Id && m.AccountId == accountId)).Select(g => new { g.Id, g.Name }).ToListAsync(cancellationToken))
        {
            audit.Record(AuditActions.LeftGroupByErasure, "account", accountId, new { groupId = group.Id, group = group.Name }, "erased");
        }

        await db.SaveChangesAsync(cancellationToken);
        await db.UserRoles.Where(r => r.UserId == accountId).ExecuteDeleteAsync(cancellationToken);
        await db.GroupMembers.Where(m => m.AccountId == accountId).ExecuteDeleteAsync(cancellationToken);
        await db.Users.Where(a => a.Id == accountId).ExecuteUpdateAsync(
            a => a.SetProperty(x => x.Email, (string?)null)
                .SetProperty(x => x.NormalizedEmail, (string?)null)
                .SetProperty(x => x.EmailConfirmed, false)
                .SetProperty(x => x.UserName, (string?)null)
                .SetProperty(x => x.NormalizedUserName, (string?)null)
                .SetProperty(x => x.PasswordHash, (string?)null)
                .SetProperty(x => x.SecurityStamp, (string?)null)
                .SetProperty(x => x.ConcurrencyStamp, Guid.NewGuid().ToString())
                .SetProperty(x => x.PhoneNumber, (string?)null)
                .SetProperty(x => x.PhoneNumberConfirmed, false)
                .SetProperty(x => x.TwoFactorEnabled, false)
                .SetProperty(x => x.LockoutEnd, (DateTimeOffset?)null)
                .SetProperty(x => x.AccessFailedCount, 0)
                .SetProperty(x => x.DisplayName, NameOfErased)
                .SetProperty(x => x.DisabledAt, x => x.DisabledAt ?? now)
                .SetProperty(x => x.ErasedAt, x => x.ErasedAt ?? now),
            cancellationToken);
    }
}
