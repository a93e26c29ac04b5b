using ChatSphere.AI.Chat;
using ChatSphere.Data;
using ChatSphere.Data.Context;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace ChatSphere.Api.Modules.Context;

/// <summary>Shares what models reported with the other nodes, and with this one after a restart. What a crash takes away is a minute's counts.</summary>
internal sealed partial class KeepTokenCounts(TokenRatios ratios, IServiceScopeFactory scopes, TimeProvider time, ILogger<KeepTokenCounts> logger) : BackgroundService
{
    private static readonly TimeSpan Every = TimeSpan.FromMinutes(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Every, time);
        do
        {
            try
            {
                await ShareAsync(stoppingToken);
            }
            catch (Exception e) when (e is NpgsqlException or DbUpdateException or TimeoutException or InvalidOperationException)
            {
                LogSkipped(logger, e.GetType().Name);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        try
        {
            await ShareAsync(cancellationToken);
        }
        catch (Exception e) when (e is NpgsqlException or DbUpdateException or TimeoutException or OperationCanceledException or InvalidOperationException)
        {
            LogSkipped(logger, e.GetType().Name);
        }
    }

    private async Task ShareAsync(CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<ChatSphereDb>();
        var now = time.GetUtcNow();
        foreach (var (model, counted) in ratios.Take())
        {
            await db.AddTokenCountAsync(model, counted.Estimated, counted.Reported, now, cancellationToken);
        }

        foreach (var known in await db.TokenCounts.AsNoTracking().OrderByDescending(c => c.UpdatedAt).Take(1_000).ToListAsync(cancellationToken))
        {
            ratios.Put(known.Model, new CountedTokens(known.Estimated, known.Reported));
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Token counts were not shared this time: {Kind}")]
    private static partial void LogSkipped(ILogger logger, string kind);
}
