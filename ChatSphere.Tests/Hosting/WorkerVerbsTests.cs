using System.Diagnostics;
using ChatSphere.Tests.Audit;
using ChatSphere.Tests.Infrastructure;

namespace ChatSphere.Tests.Hosting;

/// <summary>What an operator types: the Worker as a process of its own, its exit code and its last words.</summary>
public sealed class WorkerVerbsTests(ChatSphereApp app)
{
    private const string OtherKey = "another key of an operator, of more than 32 characters";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Verify_audit_ends_with_0_for_a_whole_chain_and_names_what_was_tampered_with()
    {
        await using var database = await AuditDatabase.CreateAsync(app);
        using (var host = database.Build())
        {
            await host.RecordAsync(5);
            await host.LinkAsync();
        }

        var whole = await RunAsync(database, ["verify-audit"]);
        Assert.Equal((0, true), (whole.ExitCode, whole.Output.Contains("Whole: 5 events, 1 checkpoints in the database and 1 in the file", StringComparison.Ordinal)));
        await database.TamperAsync("update audit.events set reason = 'nothing to see' where id = (select event_id from audit.links where seq = 2)");
        var tampered = await RunAsync(database, ["verify-audit"]);
        Assert.Equal(1, tampered.ExitCode);
        Assert.Contains($"NOT whole: {Data.Audit.AuditProblems.EventChanged} at 2.", tampered.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Reencrypt_tells_when_a_key_may_go_and_a_lost_one_is_named()
    {
        await using var database = await AuditDatabase.CreateAsync(app);
        using (var host = database.Build())
        {
            await host.RecordAsync(1);
            await host.LinkAsync();
        }

        var migrated = await RunAsync(database, ["migrate"]);
        Assert.True(migrated.ExitCode == 0, migrated.Output);
        (string, string?)[] both = [("Encryption__Key", AuditDatabase.Key), ("Encryption__Keys__b", OtherKey), ("Encryption__ActiveKey", "b")];
        (string, string?)[] onlyNew = [("Encryption__Key", null), ("Encryption__Keys__b", OtherKey)];
        var due = await RunAsync(database, ["reencrypt", "--verify"], both);
        Assert.Equal(1, due.ExitCode);
        Assert.Contains("1 values are not as configured yet. Keep all keys.", due.Output, StringComparison.Ordinal);
        var early = await RunAsync(database, ["reencrypt", "--verify"], onlyNew);
        Assert.True(early.ExitCode != 0 && early.Output.Contains("Set Encryption:Key again", StringComparison.Ordinal), early.Output);
        var done = await RunAsync(database, ["reencrypt"], both);
        Assert.True(done.ExitCode == 0, done.Output);
        var later = await RunAsync(database, ["reencrypt", "--verify"], onlyNew);
        Assert.True(later.ExitCode == 0, later.Output);
        Assert.Contains("Nothing is left. Secrets are under \"b\"; the other keys may be removed.", later.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Replay_purges_says_what_it_did_and_ends_with_1_for_lines_that_are_not_ours()
    {
        await using var database = await AuditDatabase.CreateAsync(app);
        var nothing = await RunAsync(database, ["replay-purges"]);
        Assert.True(nothing.ExitCode == 0, nothing.Output);
        Assert.Contains("Erased again: 0. Cancelled again: 0. Lines passed over: 0.", nothing.Output, StringComparison.Ordinal);
        var journal = Directory.CreateDirectory(Path.Combine(database.Storage, "purge-journal"));
        await File.AppendAllTextAsync(
            Path.Combine(journal.FullName, "journal.jsonl"), $$"""{"kind":"Erased","id":"{{Guid.NewGuid()}}","at":"2026-01-01T00:00:00+00:00","mac":"{{new string('0', 64)}}"}""" + "\n", Token);
        var foreign = await RunAsync(database, ["replay-purges"]);
        Assert.Equal(1, foreign.ExitCode);
        Assert.Contains("Erased again: 0. Cancelled again: 0. Lines passed over: 1.", foreign.Output, StringComparison.Ordinal);
    }

    private static async Task<(int ExitCode, string Output)> RunAsync(AuditDatabase database, string[] args, params (string Name, string? Value)[] settings)
    {
        var start = new ProcessStartInfo("dotnet", ["exec", Path.Combine(AppContext.BaseDirectory, "ChatSphere.Worker.dll"), .. args])
        {
            RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = database.Storage,
        };
        foreach (var (name, value) in ((string, string?)[])[("ConnectionStrings__chatsphere", database.ConnectionString), ("Storage__Path", database.Storage), ("Encryption__Key", AuditDatabase.Key), .. settings])
        {
            start.Environment[name] = value;
        }

        using var process = Process.Start(start)!;
        try
        {
            var (output, errors) = (process.StandardOutput.ReadToEndAsync(Token), process.StandardError.ReadToEndAsync(Token));
            await process.WaitForExitAsync(Token).WaitAsync(TimeSpan.FromMinutes(2), Token);
            return (process.ExitCode, await output + await errors);
        }
        finally
        {
            process.Kill(entireProcessTree: true);
        }
    }
}
