using System.ComponentModel.DataAnnotations;
using ChatSphere.Data.Budgets;
using Microsoft.Extensions.Options;
using Npgsql;

namespace ChatSphere.Worker.Modules.Budgets;

public sealed class BudgetOptions
{
    public const string Section = "Budgets";

    /// <summary>How long it is kept what each answer used. Sums by day and month do not outlive it.</summary>
    [Range(62, 3650, ErrorMessage = "Set Budgets:KeepUsageDays to between 62 (so that a month is whole) and 3650.")]
    public int KeepUsageDays { get; set; } = 400;
}

/// <summary>
/// Frees what answers reserved that nobody will settle any more, and removes what is too old: entries, counters of periods long past, budgets of bots and groups that are gone.
/// </summary>
public sealed partial class KeepBudgets(NpgsqlDataSource source, IOptions<BudgetOptions> options, TimeProvider time, ILogger<KeepBudgets> logger) : BackgroundService
{
    private static readonly TimeSpan Each = TimeSpan.FromMinutes(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Each, time);
        for (var round = 0; await timer.WaitForNextTickAsync(stoppingToken); round++)
        {
            try
            {
                await FreeAbandonedAsync(stoppingToken);
                if (round % 60 == 0)
                {
                    await PruneAsync(stoppingToken);
                }
            }
            catch (NpgsqlException e)
            {
                LogSkipped(logger, e.Message);
            }
        }
    }

    /// <summary>Nothing is known of these, so nothing is counted. Those of turns that live, or that the Api's own sweeper ends with their text, are not among them.</summary>
    public async Task<int> FreeAbandonedAsync(CancellationToken cancellationToken)
    {
        var ids = new List<Guid>();
        await using var connection = await source.OpenConnectionAsync(cancellationToken);
        await using (var find = new NpgsqlCommand("""
            select r.id from ai.budget_reservations r
            where r.expires_at < $1 and not exists (select 1 from conversations.turns t where t.id = r.id and t.last_event is null) order by r.expires_at limit 1000
            """, connection) { Parameters = { new() { Value = time.GetUtcNow() } } })
        await using (var reader = await find.ExecuteReaderAsync(cancellationToken))
        {
            while (await reader.ReadAsync(cancellationToken))
            {
                ids.Add(reader.GetGuid(0));
            }
        }

        var freed = 0;
        foreach (var id in ids)
        {
            freed += await BudgetLedger.SettleAsync(connection, null, id, null, cancellationToken) ? 1 : 0;
        }

        return freed;
    }

    public async Task PruneAsync(CancellationToken cancellationToken)
    {
        var today = DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime);
        await using var command = source.CreateCommand("""
            with entries as (delete from ai.usage_entries where at < $1),
                counters as (delete from ai.budget_counters where starts < $2)
            delete from ai.budgets b where (b.scope = 'Bot' and not exists (select 1 from bots.bots x where x.id = b.scope_id and x.deleted_at is null))
                or (b.scope = 'Group' and not exists (select 1 from accounts.groups x where x.id = b.scope_id))
            """);
        command.Parameters.Add(new() { Value = new DateTimeOffset(today.AddDays(-options.Value.KeepUsageDays), TimeOnly.MinValue, TimeSpan.Zero) });
        command.Parameters.Add(new() { Value = today.AddDays(-62) });
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Budgets are looked after in the next round: {Why}")]
    private static partial void LogSkipped(ILogger logger, string why);
}

public static class BudgetsModule
{
    public static IHostApplicationBuilder AddBudgets(this IHostApplicationBuilder builder)
    {
        builder.Services.AddOptions<BudgetOptions>().BindConfiguration(BudgetOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddHostedService<KeepBudgets>();
        return builder;
    }
}
