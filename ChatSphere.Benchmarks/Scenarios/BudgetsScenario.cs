using System.Diagnostics;
using System.Globalization;
using ChatSphere.Benchmarks.Load;
using ChatSphere.Data.Budgets;
using Npgsql;

namespace ChatSphere.Benchmarks.Scenarios;

/// <summary>
/// How many answers a second the ledger reserves and settles, straight on the database: each operation is a reservation and its settlement, in transactions of their own,
/// as two requests make them. Budgets of account and bot hold by day and month, so every operation touches four counters twice. What it made is removed at the end.
/// </summary>
internal static class BudgetsScenario
{
    private static readonly int[] AtOnce = [1, 50, 200];

    public static async Task<int> RunAsync(string[] args, CancellationToken cancellationToken)
    {
        var arguments = Arguments.Parse(args, "database", "seconds");
        var seconds = arguments.Number("seconds", 5);
        await using var source = new NpgsqlDataSourceBuilder(new NpgsqlConnectionStringBuilder(arguments.Required("database")) { MaxPoolSize = 60, Timeout = 60 }.ConnectionString).Build();
        Guid[] accounts = [.. Enumerable.Range(0, 200).Select(_ => Guid.CreateVersion7())];
        Guid[] bots = [.. Enumerable.Range(0, 200).Select(_ => Guid.CreateVersion7())];
        var rows = new List<string[]>();
        try
        {
            await LimitAsync(source, "Account", accounts, cancellationToken);
            await LimitAsync(source, "Bot", bots, cancellationToken);
            foreach (var (name, whose, which) in new[] { ("many accounts, many bots", accounts, bots), ("many accounts, one bot", accounts, bots[..1]), ("one account, one bot", accounts[..1], bots[..1]) })
            {
                foreach (var parallel in AtOnce)
                {
                    // The first round makes the counters and fills the pool.
                    await RateAsync(source, 1, parallel, whose, which, new Latencies(), cancellationToken);
                    var times = new Latencies();
                    var rate = await RateAsync(source, seconds, parallel, whose, which, times, cancellationToken);
                    rows.Add([.. times.Row($"{name}, {parallel} at once"), rate.ToString("0", CultureInfo.InvariantCulture)]);
                }
            }
        }
        finally
        {
            await using var clean = source.CreateCommand("""
                with b as (delete from ai.budgets where scope_id = any ($1)), c as (delete from ai.budget_counters where scope_id = any ($1)), r as (delete from ai.budget_reservations where account_id = any ($1))
                delete from ai.usage_entries where account_id = any ($1)
                """);
            clean.Parameters.Add(new() { Value = accounts.Concat(bots).ToArray() });
            await clean.ExecuteNonQueryAsync(CancellationToken.None);
        }

        await MarkdownTable.PrintAsync($"reserving and settling, {seconds} s each", [.. Latencies.Header("operations"), "a second"], rows);
        return 0;
    }

    private static async Task<double> RateAsync(NpgsqlDataSource source, int seconds, int parallel, Guid[] accounts, Guid[] bots, Latencies times, CancellationToken cancellationToken)
    {
        var startedAt = Stopwatch.GetTimestamp();
        var done = 0;
        await Task.WhenAll(Enumerable.Range(0, parallel).Select(async worker =>
        {
            for (var i = worker; Stopwatch.GetElapsedTime(startedAt).TotalSeconds < seconds; i += parallel)
            {
                var from = Stopwatch.GetTimestamp();
                var claim = new BudgetClaim(Guid.CreateVersion7(), SpendingKind.Turn, accounts[i % accounts.Length], bots[i % bots.Length], "mock", 500, 500, 0.01m, TimeSpan.FromMinutes(5));
                if (await InTransactionAsync(source, (c, t) => BudgetLedger.ReserveAsync(c, t, claim, TimeProvider.System.GetUtcNow(), cancellationToken), cancellationToken) is not null)
                {
                    throw new InvalidOperationException("There was no room, and there should have been.");
                }

                await InTransactionAsync(source, (c, t) => BudgetLedger.SettleAsync(c, t, claim.Id, new("mock", null, 400, 300, 0.005m, "USD", false), cancellationToken), cancellationToken);
                times.Add(Stopwatch.GetElapsedTime(from));
                Interlocked.Increment(ref done);
            }
        }));
        return done / Stopwatch.GetElapsedTime(startedAt).TotalSeconds;
    }

    private static async Task<T> InTransactionAsync<T>(NpgsqlDataSource source, Func<NpgsqlConnection, NpgsqlTransaction, Task<T>> act, CancellationToken cancellationToken)
    {
        await using var connection = await source.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var result = await act(connection, transaction);
        await transaction.CommitAsync(cancellationToken);
        return result;
    }

    private static async Task LimitAsync(NpgsqlDataSource source, string scope, Guid[] ids, CancellationToken cancellationToken)
    {
        await using var command = source.CreateCommand("""
            insert into ai.budgets (scope, scope_id, period, tokens, money, updated_at) select $1, i, p, 1000000000000, 100000000, now() from unnest($2) i cross join (values ('Day'), ('Month')) as x(p)
            """);
        command.Parameters.Add(new() { Value = scope });
        command.Parameters.Add(new() { Value = ids });
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
