using System.Collections.Concurrent;
using ChatSphere.Data;
using ChatSphere.Data.Audit;
using Microsoft.EntityFrameworkCore;
using StackExchange.Redis;

namespace ChatSphere.Api.Http;

/// <summary>Writes down who was refused what for want of a permission (ASVS 16.3.2): each time in the log, and once a minute for the same actor and permission in the audit trail.</summary>
internal sealed partial class DeniedAccess(IConnectionMultiplexer redis, TimeProvider time, ILogger<DeniedAccess> logger)
{
    private static readonly TimeSpan Once = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(250);
    private const int ForgetAbove = 10_000;
    private readonly ConcurrentDictionary<(Guid Actor, string Permission), DateTimeOffset> _here = new();

    public async Task RecordAsync(HttpContext context, string permission)
    {
        if (CurrentUser.From(context.User) is not { } user)
        {
            return;
        }

        var route = (context.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText;
        LogDenied(logger, user.AccountId, permission, context.Request.Method, route);
        if (!await IsFirstAsync(user.AccountId, permission))
        {
            return;
        }

        try
        {
            // A context of its own: what the request was about must not be saved with it.
            await using var scope = context.RequestServices.GetRequiredService<IServiceScopeFactory>().CreateAsyncScope();
            scope.ServiceProvider.GetRequiredService<AuditTrail>().Record(AuditActions.AccessDenied, "account", user.AccountId, new { permission, method = context.Request.Method, route });
            await scope.ServiceProvider.GetRequiredService<ChatSphereDb>().SaveChangesAsync(context.RequestAborted);
        }
        catch (Exception e) when (DatabaseFaults.IsAway(e) || e is OperationCanceledException or DbUpdateException)
        {
            // Refused all the same; the line in the log stays.
            _here.TryRemove((user.AccountId, permission), out _);
        }
    }

    private async Task<bool> IsFirstAsync(Guid actor, string permission)
    {
        var now = time.GetUtcNow();
        if (_here.TryGetValue((actor, permission), out var last) && now - last < Once)
        {
            return false;
        }

        if (_here.Count > ForgetAbove)
        {
            _here.Clear();
        }

        _here[(actor, permission)] = now;
        try
        {
            return await redis.GetDatabase().StringSetAsync($"chatsphere:denied:{actor:n}:{permission}", 1, Once, When.NotExists).WaitAsync(Patience, time);
        }
        catch (Exception e) when (e is RedisException or TimeoutException)
        {
            // Once a minute on each node then.
            return true;
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Account} was refused {Permission} at {Method} {Route}.")]
    private static partial void LogDenied(ILogger logger, Guid account, string permission, string method, string? route);
}
