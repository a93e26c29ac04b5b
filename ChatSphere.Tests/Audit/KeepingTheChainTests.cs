using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using ChatSphere.Data;
using ChatSphere.Data.Accounts;
using ChatSphere.Data.Audit;
using ChatSphere.Tests.Infrastructure;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace ChatSphere.Tests.Audit;

public sealed class KeepingTheChainTests(ChatSphereApp app)
{
    [Fact]
    public async Task Events_are_linked_without_gaps_and_the_chain_is_whole()
    {
        await using var database = await AuditDatabase.CreateAsync(app);
        using var host = database.Build();
        await host.RecordAsync(20);
        Assert.Equal(20, (await host.VerifyAsync()).Pending);
        Assert.Equal(20, await host.LinkAsync());
        await host.RecordAsync(5);
        Assert.Equal(5, await host.LinkAsync());
        Assert.Equal(0, await host.LinkAsync());

        var found = await host.VerifyAsync();
        Assert.True(found.IsWhole, found.Detail);
        Assert.Equal((25, 0, 2, 2), (found.Events, found.Pending, found.Checkpoints, found.FileCheckpoints));
    }

    [Fact]
    public async Task Workers_that_link_at_the_same_time_make_one_chain()
    {
        await using var database = await AuditDatabase.CreateAsync(app);
        using var first = database.Build();
        using var second = database.Build();
        using var third = database.Build();
        var done = false;
        var linking = new[] { first, second, third }.Select(async host =>
        {
            while (!Volatile.Read(ref done))
            {
                await host.LinkAsync();
            }
        }).ToList();
        await Task.WhenAll(first.RecordAsync(40), second.RecordAsync(40), third.RecordAsync(40));
        Volatile.Write(ref done, true);
        await Task.WhenAll(linking);
        await first.LinkAsync();

        var found = await second.VerifyAsync();
        Assert.True(found.IsWhole, found.Detail);
        Assert.Equal(120, found.Events);
    }

    [Fact]
    public async Task An_event_that_commits_late_is_linked_later_and_not_lost()
    {
        await using var database = await AuditDatabase.CreateAsync(app);
        using var host = database.Build();
        await using var scope = host.Services.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<ChatSphereDb>();
        await using var transaction = await db.Database.BeginTransactionAsync();
        scope.ServiceProvider.GetRequiredService<AuditTrail>().Record(AuditActions.SignedOut, reason: "late");
        await db.SaveChangesAsync();
        await host.RecordAsync(3);
        Assert.Equal(3, await host.LinkAsync());
        await transaction.CommitAsync();
        Assert.Equal(1, await host.LinkAsync());

        Assert.Equal(4, await database.CountAsync("select l.seq from audit.links l join audit.events e on e.id = l.event_id where e.reason = 'late'"));
        Assert.True((await host.VerifyAsync()).IsWhole);
    }

    [Fact]
    public async Task A_checkpoint_that_a_dying_worker_did_not_write_to_the_file_is_written_later()
    {
        await using var database = await AuditDatabase.CreateAsync(app);
        using (var dying = database.Build())
        {
            await dying.RecordAsync(2);
            await dying.LinkAsync();
            File.Delete(database.File);
        }

        using var host = database.Build();
        await host.LinkAsync();
        Assert.Equal(1, (await host.VerifyAsync()).FileCheckpoints);
    }

    [Theory]
    [InlineData("update audit.events set action = 'rights.role_taken' where id = (select event_id from audit.links where seq = 4)", 4, AuditProblems.EventChanged)]
    [InlineData("update audit.events set at = at + interval '1 microsecond' where id = (select event_id from audit.links where seq = 4)", 4, AuditProblems.EventChanged)]
    [InlineData("update audit.events set actor_id = null where id = (select event_id from audit.links where seq = 1)", 1, AuditProblems.EventChanged)]
    [InlineData("update audit.events set reason = '' where id = (select event_id from audit.links where seq = 1)", 1, AuditProblems.EventChanged)]
    [InlineData("delete from audit.events where id = (select event_id from audit.links where seq = 5)", 5, AuditProblems.EventMissing)]
    [InlineData("delete from audit.links where seq = 6", 6, AuditProblems.LinkMissing)]
    [InlineData("delete from audit.events where id = (select event_id from audit.links where seq = 6); delete from audit.links where seq = 6; update audit.links set seq = seq - 1 where seq > 6", 6, AuditProblems.OrderChanged)]
    [InlineData("update audit.links set seq = -3 where seq = 3; update audit.links set seq = 3 where seq = 7; update audit.links set seq = 7 where seq = -3", 3, AuditProblems.OrderChanged)]
    [InlineData("create temp table t as select event_id a from audit.links where seq = 3; create temp table u as select event_id b from audit.links where seq = 7; update audit.links set event_id = gen_random_uuid() where seq = 3; update audit.links set event_id = (select a from t) where seq = 7; update audit.links set event_id = (select b from u) where seq = 3", 3, AuditProblems.EventChanged)]
    [InlineData("delete from audit.events where id in (select event_id from audit.links where seq > 8); delete from audit.links where seq > 8", 9, AuditProblems.TailCut)]
    [InlineData("delete from audit.events where id in (select event_id from audit.links where seq > 8); delete from audit.links where seq > 8; delete from audit.checkpoints where seq > 8", 9, AuditProblems.TailCut)]
    [InlineData("truncate audit.links, audit.checkpoints, audit.events, audit.pending", 1, AuditProblems.TailCut)]
    [InlineData("delete from audit.checkpoints", 10, AuditProblems.CheckpointMissing)]
    [InlineData("update audit.checkpoints set at = at - interval '1 day'", 10, AuditProblems.CheckpointForged)]
    [InlineData("update audit.checkpoints set key_id = 'another'", 10, AuditProblems.CheckpointForged)]
    [InlineData("insert into audit.events select gen_random_uuid(), at, actor_kind, actor_id, credential_id, network, action, target_kind, target_id, reason, details from audit.events limit 1", 11, AuditProblems.EventNotLinked)]
    public async Task Whoever_tampers_as_the_databases_superuser_is_found(string sql, long at, string problem)
    {
        await using var database = await AuditDatabase.CreateAsync(app);
        using var host = database.Build();
        await host.RecordAsync(10);
        await host.LinkAsync();
        Assert.True((await host.VerifyAsync()).IsWhole);

        await database.TamperAsync(sql);
        var found = await host.VerifyAsync();
        Assert.Equal((problem, (long?)at), (found.Problem, found.FirstBadSeq));
    }

    [Fact]
    public async Task A_chain_made_anew_with_right_hashes_does_not_fit_the_checkpoints()
    {
        await using var database = await AuditDatabase.CreateAsync(app);
        using var host = database.Build();
        await host.RecordAsync(10);
        await host.LinkAsync();

        // Everything a forger with the database but without the encryption key can do: change an event, link all again, and let the worker sign what it finds.
        await database.TamperAsync("update audit.events set reason = 'forged' where id = (select event_id from audit.links where seq = 2); truncate audit.links, audit.checkpoints; insert into audit.pending select id from audit.events");
        await host.LinkAsync();
        Assert.Equal((AuditProblems.ChainReplaced, (long?)10), Of(await host.VerifyAsync()));

        // Nor with a key of the forger's own.
        await database.TamperAsync("truncate audit.checkpoints, audit.keys");
        Assert.Equal(AuditProblems.CheckpointForged, (await host.VerifyAsync()).Problem);

        static (string?, long?) Of(AuditVerification v) => (v.Problem, v.FirstBadSeq);
    }

    [Fact]
    public async Task The_role_that_the_programs_run_as_adds_to_the_log_and_can_do_nothing_else_to_it()
    {
        await using var database = await AuditDatabase.CreateAsync(app);
        using var host = database.Build();
        await host.RecordAsync(3);
        await host.LinkAsync();
        var source = host.Services.GetRequiredService<NpgsqlDataSource>();
        await using (var who = source.CreateCommand("select current_user::text"))
        {
            Assert.Equal(DatabaseRole.Name, await who.ExecuteScalarAsync());
        }

        foreach (var table in new[] { "events", "links", "checkpoints", "keys" })
        {
            var column = table switch { "events" => "reason", "links" => "hash", "checkpoints" => "signature", _ => "public_key" };
            foreach (var sql in new[]
            {
                $"update audit.{table} set {column} = null", $"delete from audit.{table}", $"truncate audit.{table}", $"alter table audit.{table} disable trigger all",
                $"drop table audit.{table}", $"drop trigger additions_only on audit.{table}", $"alter table audit.{table} owner to {DatabaseRole.Name}", $"create trigger x before insert on audit.{table} for each row execute function audit.await_link()",
            })
            {
                await RefusedAsync(source, sql);
            }
        }

        await RefusedAsync(source, "create table audit.x (i int)");
        await RefusedAsync(source, "create table public.x (i int)");
        await RefusedAsync(source, "create or replace function audit.refuse_change() returns trigger language plpgsql as $$ begin return null; end $$");
        await RefusedAsync(source, "set session_replication_role = replica");

        // The role stays when a pooled connection is reset, and after a RESET of somebody's.
        await using var connection = await source.OpenConnectionAsync();
        foreach (var sql in new[] { "reset role", "reset all", "discard all" })
        {
            await using var reset = new NpgsqlCommand(sql, connection);
            await reset.ExecuteNonQueryAsync();
        }

        await using var still = new NpgsqlCommand("select current_user::text", connection);
        Assert.Equal(DatabaseRole.Name, await still.ExecuteScalarAsync());
        Assert.True((await host.VerifyAsync()).IsWhole);
    }

    [Fact]
    public async Task Not_even_the_owner_changes_a_row_by_mistake()
    {
        await using var database = await AuditDatabase.CreateAsync(app);
        using var host = database.Build();
        await host.RecordAsync(1);
        await host.LinkAsync();
        await RefusedAsync(database.Superuser, "update audit.events set reason = null");
        await RefusedAsync(database.Superuser, "set session_replication_role = replica; delete from audit.links");
        await RefusedAsync(database.Superuser, "truncate audit.events");
        await RefusedAsync(database.Superuser, "update audit.keys set public_key = ''");

        // A key's sealed half is sealed anew when the encryption key changes.
        await database.ExecuteAsync("update audit.keys set protected_private_key = protected_private_key");
    }

    [Fact]
    public async Task What_migrations_and_hands_changed_is_written_down_once()
    {
        await using var database = await AuditDatabase.CreateAsync(app);
        using var host = database.Build();
        Assert.Equal(4, await database.RecordBaselineAsync());
        Assert.Equal(0, await database.RecordBaselineAsync());
        var made = Account.Create($"{Guid.NewGuid():n}@example.com", "Somebody", TimeProvider.System.GetUtcNow());
        var account = made.Id;
        await using (var changing = host.Services.CreateAsyncScope())
        {
            var db = changing.ServiceProvider.GetRequiredService<ChatSphereDb>();
            db.Users.Add(made);
            db.UserRoles.Add(new() { UserId = account, RoleId = Role.GuestId });
            await db.SaveChangesAsync();
            await db.Roles.Where(r => r.Id == Role.ModeratorId).ExecuteUpdateAsync(r => r.SetProperty(x => x.RequiresMfa, true));
        }

        Assert.Equal(2, await database.RecordBaselineAsync());
        Assert.Equal(0, await database.RecordBaselineAsync());
        await using var scope = host.Services.CreateAsyncScope();
        var then = await RightsHistory.AtAsync(scope.ServiceProvider.GetRequiredService<ChatSphereDb>(), account, DateTimeOffset.MaxValue.AddYears(-1), CancellationToken.None);
        Assert.Equal([Role.GuestId], then.OwnRolesOf(account));
        Assert.True(then.Roles[Role.ModeratorId].RequiresMfa);
        Assert.Contains("moderation.manage", then.Roles[Role.ModeratorId].Permissions);
    }

    [Fact]
    public async Task The_chain_can_be_checked_from_the_documents_words_alone()
    {
        await using var database = await AuditDatabase.CreateAsync(app);
        using var host = database.Build();
        await host.RecordAsync(12);
        await host.LinkAsync();
        await using var scope = host.Services.CreateAsyncScope();
        var events = (await scope.ServiceProvider.GetRequiredService<ChatSphereDb>().AuditEvents.AsNoTracking().ToListAsync()).ToDictionary(e => e.Id);
        await using var read = database.Superuser.CreateCommand("select seq, event_id, hash from audit.links order by seq");
        await using var reader = await read.ExecuteReaderAsync();
        var hash = new byte[32];
        while (await reader.ReadAsync())
        {
            var (seq, e) = (reader.GetInt64(0), events[reader.GetGuid(1)]);
            var text = "chatsphere-audit-1\n"
                + Field("seq", seq.ToString(CultureInfo.InvariantCulture)) + Field("id", e.Id.ToString()) + Field("at", e.At.ToString("yyyy-MM-ddTHH:mm:ss.ffffffZ", CultureInfo.InvariantCulture))
                + Field("actor_kind", e.ActorKind.ToString()) + Field("actor_id", e.ActorId?.ToString()) + Field("credential_id", e.CredentialId?.ToString()) + Field("network", e.Network)
                + Field("action", e.Action) + Field("target_kind", e.TargetKind) + Field("target_id", e.TargetId?.ToString()) + Field("reason", e.Reason) + Field("details", e.Details);
            hash = SHA256.HashData([.. hash, .. Encoding.UTF8.GetBytes(text)]);
            Assert.Equal(Convert.ToHexString(hash), Convert.ToHexString(reader.GetFieldValue<byte[]>(2)));
        }

        var line = JsonNode.Parse((await File.ReadAllLinesAsync(database.File)).Last(l => l.Length > 0))!;
        Assert.Equal(Convert.ToHexStringLower(hash), (string)line["hash"]!);

        static string Field(string name, string? value) => value is null ? $"{name}:-\n" : $"{name}:{Encoding.UTF8.GetByteCount(value)}:{value}\n";
    }

    private static async Task RefusedAsync(NpgsqlDataSource source, string sql)
    {
        await using var command = source.CreateCommand(sql);
        var refused = await Assert.ThrowsAsync<PostgresException>(() => command.ExecuteNonQueryAsync());
        Assert.True(refused.SqlState == PostgresErrorCodes.InsufficientPrivilege, $"{sql}: {refused.SqlState} {refused.MessageText}");
    }
}
