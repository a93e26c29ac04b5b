using StackExchange.Redis;

namespace ChatSphere.Web.Hosting;

/// <summary>
/// The one connection to Redis, if <c>ConnectionStrings:redis</c> is set. It never blocks a start and never throws at a caller:
/// what Redis holds for Web is a copy that outlives the process, not the truth that a running process works from.
/// </summary>
public sealed partial class RedisConnection : IDisposable
{
    private readonly ILogger<RedisConnection> logger;
    private readonly Lazy<Task<ConnectionMultiplexer>>? connection;
    private long lastWarning;

    public RedisConnection(IConfiguration configuration, ILogger<RedisConnection> logger)
    {
        this.logger = logger;
        if (configuration.GetConnectionString("redis") is { Length: > 0 } text)
        {
            var options = ConfigurationOptions.Parse(text);
            // A Web node starts and serves while Redis is away, whatever the connection string says.
            options.AbortOnConnectFail = false;
            options.ClientName = "chatsphere-web";
            connection = new(() => ConnectionMultiplexer.ConnectAsync(options));
        }
    }

    public bool IsConfigured => connection is not null;

    /// <returns>Null when there is no Redis, or it does not answer.</returns>
    public async Task<T?> TryAsync<T>(Func<IDatabase, Task<T?>> work)
    {
        if (connection is null)
        {
            return default;
        }

        try
        {
            var multiplexer = await connection.Value.WaitAsync(TimeSpan.FromSeconds(6));
            return await work(multiplexer.GetDatabase()).WaitAsync(TimeSpan.FromSeconds(3));
        }
        catch (Exception e) when (e is RedisException or TimeoutException or ObjectDisposedException)
        {
            // Once a minute is enough: every request would say the same.
            var now = Environment.TickCount64;
            if (now - Interlocked.Read(ref lastWarning) > 60_000)
            {
                Interlocked.Exchange(ref lastWarning, now);
                LogAway(e.GetType().Name);
            }

            return default;
        }
    }

    public void Dispose()
    {
        if (connection is { IsValueCreated: true, Value.IsCompletedSuccessfully: true })
        {
            connection.Value.Result.Dispose();
        }
    }

    [LoggerMessage(LogLevel.Warning, "Redis does not answer ({Error}); sessions live in this process until it does")]
    private partial void LogAway(string error);
}
