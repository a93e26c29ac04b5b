using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace ChatSphere.Web.Hosting;

/// <summary>Without Redis a node goes on serving the people it knows: degraded, not unhealthy.</summary>
public sealed class RedisHealth(RedisConnection redis) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        !redis.IsConfigured ? HealthCheckResult.Healthy("not configured")
        : await redis.TryAsync<TimeSpan?>(async db => await db.PingAsync()) is null ? HealthCheckResult.Degraded("does not answer")
        : HealthCheckResult.Healthy();
}
