using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace ChatSphere.Messaging;

/// <summary>
/// The one connection of this process to RabbitMQ, made when first needed and again when it broke. The client's own recovery is off: whoever uses the connection
/// starts over on a new one, so that nothing is half-recovered.
/// </summary>
public sealed partial class RabbitMq(IConfiguration configuration, IHostEnvironment environment, ILogger<RabbitMq> logger) : IAsyncDisposable
{
    public const string ConnectionName = "rabbitmq";

    private readonly SemaphoreSlim _connecting = new(1, 1);
    private readonly ConnectionFactory _factory = new()
    {
        Uri = new Uri(configuration.GetConnectionString(ConnectionName)
            ?? throw new InvalidOperationException($"Set ConnectionStrings:{ConnectionName} to the AMQP address of RabbitMQ.")),
        AutomaticRecoveryEnabled = false,
        TopologyRecoveryEnabled = false,
        ClientProvidedName = environment.ApplicationName,
        RequestedHeartbeat = TimeSpan.FromSeconds(15),
        RequestedConnectionTimeout = TimeSpan.FromSeconds(5),
        ConsumerDispatchConcurrency = 16,
    };

    private IConnection? _connection;

    public bool IsConnected => _connection is { IsOpen: true };

    /// <exception cref="BrokerUnreachableException">RabbitMQ does not answer.</exception>
    public async Task<IConnection> ConnectAsync(CancellationToken cancellationToken)
    {
        await _connecting.WaitAsync(cancellationToken);
        try
        {
            if (_connection is { IsOpen: true })
            {
                return _connection;
            }

            if (_connection is not null)
            {
                await _connection.DisposeAsync();
                _connection = null;
            }

            _connection = await _factory.CreateConnectionAsync(cancellationToken);
            LogConnected(logger);
            return _connection;
        }
        finally
        {
            _connecting.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_connection is not null)
        {
            await _connection.DisposeAsync();
        }

        _connecting.Dispose();
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Connected to RabbitMQ.")]
    private static partial void LogConnected(ILogger logger);
}

internal sealed class RabbitMqHealthCheck(RabbitMq rabbit) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        try
        {
            await rabbit.ConnectAsync(cancellationToken);
            return HealthCheckResult.Healthy();
        }
        catch (Exception e) when (e is BrokerUnreachableException or OperationCanceledException or IOException)
        {
            return HealthCheckResult.Unhealthy("RabbitMQ does not answer; events wait in the outbox.", e);
        }
    }
}
