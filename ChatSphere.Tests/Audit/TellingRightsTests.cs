using ChatSphere.Data;
using ChatSphere.Data.Accounts;
using ChatSphere.Data.Audit;
using ChatSphere.Tests.Infrastructure;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace ChatSphere.Tests.Audit;

public sealed class TellingRightsTests(ChatSphereApp app)
{
    private static readonly string[] SomePermissions = ["account.read", "bots.read", "bots.write", "users.read", "audit.read"];

    /// <summary>Random acts on roles, groups and accounts, each with its event; after each, what the tables say is kept. Later the events alone must say the same of each moment.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(20_261_121)]
    public async Task Who_could_do_what_at_any_moment_is_told_by_the_events_alone(int seed)
    {
        await using var database = await AuditDatabase.CreateAsync(app);
        await database.RecordBaselineAsync();
        using var host = database.Build();
        var random = new Random(seed);
        var clock = TimeProvider.System;
        var (accounts, roles, groups) = (new List<Guid>(), new List<Guid> { Role.MemberId, Role.GuestId }, new List<Guid>());
        var seen = new List<(DateTimeOffset At, Guid Account, string Rights)>();
        for (var act = 0; act < 120; act++)
        {
            await using var scope = host.Services.CreateAsyncScope();
            var db = scope.ServiceProvider.GetRequiredService<ChatSphereDb>();
            var audit = scope.ServiceProvider.GetRequiredService<AuditTrail>();
            await ActAsync(db, audit, act < 3 ? 0 : act < 6 ? 1 : random.Next(12));
            await db.SaveChangesAsync();

            // The next act's time is greater: the clock may be coarser than the acts are quick.
            var now = clock.GetUtcNow();
            while (clock.GetUtcNow() - now < TimeSpan.FromMilliseconds(2))
            {
                await Task.Yield();
            }

            foreach (var account in accounts)
            {
                seen.Add((now, account, await NowAsync(db, account)));
            }
        }

        Assert.True(seen.Select(s => s.Rights).Distinct().Count() > 20, "The acts changed too little.");
        await using var asking = host.Services.CreateAsyncScope();
        var asked = asking.ServiceProvider.GetRequiredService<ChatSphereDb>();
        foreach (var (at, account, rights) in seen.Where((_, i) => i % 3 == 0))
        {
            Assert.Equal(rights, Then(await RightsHistory.AtAsync(asked, account, at, CancellationToken.None), account));
        }

        async Task ActAsync(ChatSphereDb db, AuditTrail audit, int kind)
        {
            var account = accounts.Count == 0 ? Guid.Empty : accounts[random.Next(accounts.Count)];
            var role = roles[random.Next(roles.Count)];
            var group = groups.Count == 0 ? Guid.Empty : groups[random.Next(groups.Count)];
            switch (kind)
            {
                case 0:
                    var made = Account.Create($"{Guid.NewGuid():n}@example.com", "Somebody", clock.GetUtcNow());
                    made.NormalizedEmail = made.NormalizedUserName = made.Email!.ToUpperInvariant();
                    db.Users.Add(made);
                    db.UserRoles.Add(new() { UserId = made.Id, RoleId = Role.MemberId });
                    audit.Record(AuditActions.AccountRegistered, "account", made.Id, new { roleId = Role.MemberId, role = "member" });
                    accounts.Add(made.Id);
                    break;
                case 1:
                    var g = new Group { Id = Guid.CreateVersion7(), Name = $"g{Guid.NewGuid():n}", CreatedAt = clock.GetUtcNow() };
                    db.Groups.Add(g);
                    audit.Record("rights.group_created", "group", g.Id, new { groupId = g.Id, group = g.Name });
                    groups.Add(g.Id);
                    break;
                case 2:
                    var r = new Role { Id = Guid.CreateVersion7(), Name = $"r{Guid.NewGuid():n}", Permissions = Some() };
                    r.NormalizedName = r.Name.ToUpperInvariant();
                    db.Roles.Add(r);
                    audit.Record("rights.role_created", "role", r.Id, new { roleId = r.Id, role = r.Name, permissions = r.Permissions, requiresMfa = false });
                    roles.Add(r.Id);
                    break;
                case 3:
                    var changed = await db.Roles.SingleAsync(x => x.Id == role);
                    var before = changed.Permissions;
                    changed.Permissions = Some();
                    changed.RequiresMfa = random.Next(2) == 0;
                    audit.Record("rights.role_changed", "role", role, new { roleId = role, role = changed.Name, permissions = changed.Permissions, requiresMfa = changed.RequiresMfa, before = new { permissions = before } });
                    break;
                case 4 when roles.Count > 3 && role != Role.MemberId && role != Role.GuestId:
                    await db.Roles.Where(x => x.Id == role).ExecuteDeleteAsync();
                    audit.Record("rights.role_deleted", "role", role, new { roleId = role });
                    roles.Remove(role);
                    break;
                case 5 when groups.Count > 2:
                    await db.Groups.Where(x => x.Id == group).ExecuteDeleteAsync();
                    audit.Record("rights.group_deleted", "group", group, new { groupId = group });
                    groups.Remove(group);
                    break;
                case 6 or 7 when groups.Count > 0:
                    if (await db.GroupMembers.Where(m => m.AccountId == account && m.GroupId == group).ExecuteDeleteAsync() == 0)
                    {
                        db.GroupMembers.Add(new() { GroupId = group, AccountId = account, AddedAt = clock.GetUtcNow() });
                        audit.Record("rights.group_joined", "account", account, new { groupId = group, group = "g" });
                    }
                    else
                    {
                        audit.Record("rights.group_left", "account", account, new { groupId = group, group = "g" });
                    }

                    break;
                case 8 when groups.Count > 0:
                    if (await db.GroupRoles.Where(x => x.RoleId == role && x.GroupId == group).ExecuteDeleteAsync() == 0)
                    {
                        db.GroupRoles.Add(new() { GroupId = group, RoleId = role });
                        audit.Record("rights.group_role_given", "group", group, new { groupId = group, roleId = role });
                    }
                    else
                    {
                        audit.Record("rights.group_role_taken", "group", group, new { groupId = group, roleId = role });
                    }

                    break;
                case 9 or 10:
                    if (await db.UserRoles.Where(x => x.RoleId == role && x.UserId == account).ExecuteDeleteAsync() == 0)
                    {
                        db.UserRoles.Add(new() { UserId = account, RoleId = role });
                        audit.Record(AuditActions.RoleGiven, "account", account, new { roleId = role, role = "r" });
                    }
                    else
                    {
                        audit.Record(AuditActions.RoleTaken, "account", account, new { roleId = role, role = "r" });
                    }

                    break;
                case 11:
                    var toggled = await db.Users.SingleAsync(a => a.Id == account);
                    toggled.DisabledAt = toggled.DisabledAt is null ? clock.GetUtcNow() : null;
                    audit.Record(toggled.DisabledAt is null ? "account.enabled" : "account.disabled", "account", account);
                    break;
            }
        }

        List<string> Some() => [.. SomePermissions.Where(_ => random.Next(2) == 0)];
    }

    private static async Task<string> NowAsync(ChatSphereDb db, Guid account)
    {
        var roles = await db.RolesOf(account).AsNoTracking().ToListAsync();
        var disabled = await db.Users.AnyAsync(a => a.Id == account && a.DisabledAt != null);
        return Text(disabled, roles.Select(r => (r.Id, r.Permissions.AsEnumerable(), r.RequiresMfa)));
    }

    private static string Then(RightsHistory then, Guid account) => Text(
        then.IsDisabled(account),
        then.OwnRolesOf(account).Concat(then.GroupsOf(account).SelectMany(then.RolesOfGroup)).Distinct().Select(id => then.Roles[id]).Select(r => (r.Id, r.Permissions.AsEnumerable(), r.RequiresMfa)));

    private static string Text(bool disabled, IEnumerable<(Guid Id, IEnumerable<string> Permissions, bool RequiresMfa)> roles) =>
        $"{disabled} {string.Join(';', roles.OrderBy(r => r.Id).Select(r => $"{r.Id} {r.RequiresMfa} {string.Join(',', r.Permissions.Order(StringComparer.Ordinal))}"))}";
}
