using System.Diagnostics.Metrics;
using ChatSphere.Data.Audit;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;

namespace ChatSphere.Worker.Modules.Audit;

/// <summary>Puts new audit events into the chain every few seconds and signs its end. Several workers may run: one at a time links.</summary>
internal sealed partial class LinkAuditEvents(AuditChain chain, IOptions<AuditOptions> options, TimeProvider time, ILogger<LinkAuditEvents> logger) : BackgroundService
{
    private static readonly Meter Meter = new("ChatSphere.Audit");
    private static readonly Counter<long> Linked = Meter.CreateCounter<long>("chatsphere.audit.linked", "{event}", "Audit events put into the chain.");
    private AuditChainState? _state;

    /// <summary>As of the last round; null before the first.</summary>
    public AuditChainState? State => _state;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        Meter.CreateObservableGauge("chatsphere.audit.pending", () => _state?.Pending ?? 0, "{event}", "Audit events that are not in the chain yet.");
        Meter.CreateObservableGauge(
            "chatsphere.audit.checkpoint_age", () => _state?.CheckpointAt is { } at ? (time.GetUtcNow() - at).TotalSeconds : 0, "s", "Time since the last signed checkpoint.");
        using var timer = new PeriodicTimer(options.Value.LinkEvery, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                Linked.Add(await chain.LinkAsync(checkpoint: false, stoppingToken) ?? 0);
                _state = await chain.StateAsync(stoppingToken);
            }
            catch (InvalidOperationException e)
            {
                // The key cannot be read: linking goes on with the next round, and somebody has to look.
                LogUnsigned(logger, e.Message);
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                // Whatever it is, it must not take the Worker down; health says how far the chain is behind.
                LogPostponed(logger, e.GetType().Name, e.Message);
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The audit events wait for the next round: {Kind}: {Why}")]
    private static partial void LogPostponed(ILogger logger, string kind, string why);

    [LoggerMessage(Level = LogLevel.Error, Message = "The audit chain has no new checkpoint: {Why}")]
    private static partial void LogUnsigned(ILogger logger, string why);
}

/// <summary>For the detail page of health: how far the chain is behind.</summary>
internal sealed class AuditHealthCheck(LinkAuditEvents linking, TimeProvider time) : IHealthCheck
{
    private static readonly TimeSpan Late = TimeSpan.FromMinutes(5);

    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        if (linking.State is not { } state)
        {
            return Task.FromResult(HealthCheckResult.Healthy("No round of linking yet."));
        }

        var now = time.GetUtcNow();
        var text = $"{state.Links} events in the chain, {state.Pending} not linked yet; last checkpoint at {state.CheckpointSeq}"
            + (state.CheckpointAt is { } at ? $", {(now - at).TotalSeconds:0} s ago." : ", none yet.");
        return Task.FromResult(state.OldestPending is { } oldest && now - oldest > Late ? HealthCheckResult.Degraded(text) : HealthCheckResult.Healthy(text));
    }
}
