using ChatSphere.Data;
using ChatSphere.Data.Accounts;
using ChatSphere.Data.Bots;
using ChatSphere.Data.Knowledge;
using ChatSphere.Data.Sharing;
using ChatSphere.Tests.Knowledge;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace ChatSphere.Tests.Sharing;

/// <summary>The rule of rights as the database applies it, against the same rule said in plain C#, over shares that nobody thought of.</summary>
public sealed class DecidingRightsTests(KnowledgeDatabase database)
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Queries_and_a_plain_evaluation_agree_whatever_is_shared_with_whom(int seed)
    {
        var world = World.Make(new Random(seed));
        await database.ChangeAsync(db =>
        {
            db.AddRange(world.Accounts);
            db.AddRange(world.Groups);
            db.AddRange(world.Members);
            db.AddRange(world.Bots);
            db.AddRange(world.Shares);
            return Task.CompletedTask;
        });
        await CompareAsync(world);

        // Membership that is lost or gained counts at once.
        var lost = world.Members[0];
        await database.ChangeAsync(db => db.GroupMembers.Where(m => m.GroupId == lost.GroupId && m.AccountId == lost.AccountId).ExecuteDeleteAsync());
        world.Members.RemoveAt(0);
        await CompareAsync(world);
    }

    [Fact]
    public async Task Lists_of_bots_shared_with_a_large_group_are_made_from_indexes()
    {
        var ct = TestContext.Current.CancellationToken;
        var now = DateTimeOffset.UnixEpoch.AddYears(56);
        var reading = Account.Create($"{Guid.NewGuid():n}@example.com", "Reader", now);
        var everybody = new Group { Id = Guid.NewGuid(), Name = $"Everybody at work {Guid.NewGuid():n}", CreatedAt = now };
        await database.ChangeAsync(db =>
        {
            db.AddRange(reading, everybody, new GroupMember { GroupId = everybody.Id, AccountId = reading.Id, AddedAt = now });
            return Task.CompletedTask;
        });
        var (owner, reader, group) = (Guid.NewGuid(), reading.Id, everybody.Id);
        var source = await database.GetAsync<NpgsqlDataSource>();
        await using (var fill = source.CreateCommand($"""
            insert into bots.bots (id, owner_id, name, instructions, created_at, updated_at) select gen_random_uuid(), '{owner}', 'Bot ' || i, '', now(), now() from generate_series(1, 60000) i;
            insert into sharing.shares (id, resource_kind, resource_id, grantee_kind, grantee_id, "right", created_at)
              select gen_random_uuid(), 'Bot', id, 'Group', '{group}', 'Use', now() from bots.bots where owner_id = '{owner}' order by id limit 10000;
            insert into sharing.shares (id, resource_kind, resource_id, grantee_kind, grantee_id, "right", created_at)
              select gen_random_uuid(), 'Bot', id, 'Person', gen_random_uuid(), 'Use', now() from bots.bots where owner_id = '{owner}';
            analyze bots.bots; analyze sharing.shares; analyze accounts.group_members;
            """))
        {
            await fill.ExecuteNonQueryAsync(ct);
        }

        await using var scope = (await database.GetAsync<IServiceScopeFactory>()).CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<ChatSphereDb>();
        var list = db.ListedFor(reader, BotScope.MineAndShared).OrderByDescending(b => b.Id).Take(25);
        Assert.Equal(25, (await list.ToListAsync(ct)).Count);
        var plan = await ExplainAsync(db, list);
        Assert.DoesNotContain("Seq Scan on shares", plan, StringComparison.Ordinal);

        // One bot: a handful of index lookups, however many there are.
        var some = (await list.FirstAsync(ct)).Id;
        var one = await ExplainAsync(db, db.Bots.UsableBy(db, reader).Where(b => b.Id == some));
        Assert.DoesNotContain("Seq Scan on shares", one, StringComparison.Ordinal);
        Assert.DoesNotContain("Seq Scan on bots", one, StringComparison.Ordinal);

        async Task<string> ExplainAsync(ChatSphereDb context, IQueryable<Bot> query)
        {
            await using var command = query.CreateDbCommand();
            command.CommandText = "explain (analyze, costs off) " + command.CommandText;
            await context.Database.OpenConnectionAsync(ct);
            await using var read = await command.ExecuteReaderAsync(ct);
            var lines = new List<string>();
            while (await read.ReadAsync(ct))
            {
                lines.Add(read.GetString(0));
            }

            var text = string.Join('\n', lines);
            TestContext.Current.SendDiagnosticMessage(text);
            TestContext.Current.TestOutputHelper?.WriteLine(text);
            return text;
        }
    }

    private async Task CompareAsync(World world)
    {
        var ct = TestContext.Current.CancellationToken;
        await using var scope = (await database.GetAsync<IServiceScopeFactory>()).CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<ChatSphereDb>();
        var theirs = world.Bots.Select(b => b.Id).ToHashSet();
        foreach (var me in world.Accounts.Select(a => a.Id))
        {
            (string Name, IQueryable<Bot> Asked, Func<Bot, bool> Expected)[] rules =
            [
                ("see", db.Bots.VisibleTo(db, me), b => Owns(b) || Reaching(b).Any()),
                ("use", db.Bots.UsableBy(db, me), b => Owns(b) || Reaching(b).Any(s => s.ResourceKind == ShareOf.Bot && s.Right >= ShareRight.Use)),
                ("edit", db.Bots.EditableBy(db, me), b => Owns(b) || Reaching(b).Any(s => s.ResourceKind == ShareOf.Bot && s.Right >= ShareRight.Edit)),
                ("read", db.Bots.KnowledgeVisibleTo(db, me), b => Owns(b) || Reaching(b).Any(s => s.ResourceKind == ShareOf.Knowledge || s.Right == ShareRight.Edit)),
                ("search", db.Bots.KnowledgeUsableBy(db, me), b => Owns(b) || Reaching(b).Any(s => s.Right >= ShareRight.Use)),
                ("feed", db.Bots.KnowledgeEditableBy(db, me), b => Owns(b) || Reaching(b).Any(s => s.Right == ShareRight.Edit)),
                ("list mine", db.ListedFor(me, BotScope.Mine), Owns),
                ("list shared", db.ListedFor(me, BotScope.Shared), b => Reaching(b).Any(s => s.GranteeKind != GranteeKind.Everyone)),
                ("list public", db.ListedFor(me, BotScope.Public), b => Reaching(b).Any(s => s.GranteeKind == GranteeKind.Everyone)),
                ("list both", db.ListedFor(me, BotScope.MineAndShared), b => Owns(b) || Reaching(b).Any(s => s.GranteeKind != GranteeKind.Everyone)),
                ("list all", db.ListedFor(me, BotScope.All), b => Owns(b) || Reaching(b).Any()),
            ];
            foreach (var (name, asked, expected) in rules)
            {
                var found = (await asked.Select(b => b.Id).ToListAsync(ct)).Where(theirs.Contains).Order().ToList();
                Assert.Equal((name, string.Join(' ', world.Bots.Where(b => b.DeletedAt is null && expected(b)).Select(b => b.Id).Order())), (name, string.Join(' ', found)));
            }

            foreach (var bot in world.Bots.Take(5))
            {
                Assert.Equal(bot.DeletedAt is null && (Owns(bot) || Reaching(bot).Any(s => s.Right >= ShareRight.Use)), await db.KnowledgeScopeAsync(bot.Id, me, ct) is not null);
            }

            bool Owns(Bot bot) => bot.OwnerId == me;

            IEnumerable<Share> Reaching(Bot bot) => world.Shares.Where(s => s.ResourceId == bot.Id && s.GranteeKind switch
            {
                GranteeKind.Everyone => true,
                GranteeKind.Person => s.GranteeId == me,
                _ => world.Members.Any(m => m.GroupId == s.GranteeId && m.AccountId == me),
            });
        }
    }

    private sealed record World(List<Account> Accounts, List<Group> Groups, List<GroupMember> Members, List<Bot> Bots, List<Share> Shares)
    {
        public static World Make(Random random)
        {
            var now = DateTimeOffset.UnixEpoch.AddYears(56);
            var accounts = Enumerable.Range(0, 6).Select(i => Account.Create($"{Guid.NewGuid():n}@example.com", $"Person {i}", now)).ToList();
            var groups = Enumerable.Range(0, 4).Select(i => new Group { Id = Guid.NewGuid(), Name = $"Group {Guid.NewGuid():n}", CreatedAt = now }).ToList();
            var members = groups.SelectMany(g => accounts.Where(_ => random.Next(3) == 0).Select(a => new GroupMember { GroupId = g.Id, AccountId = a.Id, AddedAt = now })).ToList();
            if (members.Count == 0)
            {
                members.Add(new GroupMember { GroupId = groups[0].Id, AccountId = accounts[0].Id, AddedAt = now });
            }

            var bots = Enumerable.Range(0, 40).Select(i =>
            {
                var bot = Bot.Create(accounts[random.Next(accounts.Count)].Id, $"Bot {i}", "", null, null, now);
                if (random.Next(8) == 0)
                {
                    bot.Delete(now);
                    bot.TakeEvents();
                }

                return bot;
            }).ToList();
            var shares = new Dictionary<(ShareOf, Guid, Guid), Share>();
            for (var i = 0; i < 90; i++)
            {
                var kind = (GranteeKind)random.Next(3);
                if (kind == GranteeKind.Everyone && random.Next(3) > 0)
                {
                    continue;
                }

                var share = new Share
                {
                    Id = Guid.NewGuid(),
                    ResourceKind = (ShareOf)random.Next(2),
                    ResourceId = bots[random.Next(bots.Count)].Id,
                    GranteeKind = kind,
                    GranteeId = kind switch { GranteeKind.Everyone => Share.Everyone, GranteeKind.Group => groups[random.Next(groups.Count)].Id, _ => accounts[random.Next(accounts.Count)].Id },
                    Right = (ShareRight)random.Next(3),
                    CreatedAt = now,
                };
                shares.TryAdd((share.ResourceKind, share.ResourceId, share.GranteeId), share);
            }

            return new World(accounts, groups, members, bots, [.. shares.Values]);
        }
    }
}
