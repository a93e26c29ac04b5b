using ChatSphere.Messaging.Live;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using StackExchange.Redis;

namespace ChatSphere.Messaging;

public static class MessagingRegistration
{
    /// <summary>What happens now, told to every node: <see cref="LiveFeed"/> and <see cref="TurnStreams"/> over Redis. The program runs without Redis too.</summary>
    public static IHostApplicationBuilder AddLiveMessaging(this IHostApplicationBuilder builder)
    {
        var connectionString = builder.Configuration.GetConnectionString("redis")
            ?? throw new InvalidOperationException("Set ConnectionStrings:redis to the Redis server, for example localhost:6379,password=….");
        builder.Services.AddSingleton<IConnectionMultiplexer>(_ =>
        {
            var options = ConfigurationOptions.Parse(connectionString);
            options.AbortOnConnectFail = false;
            options.ConnectRetry = 1;
            options.ConnectTimeout = 3000;
            options.SyncTimeout = 3000;
            options.KeepAlive = 15;
            options.ClientName = builder.Environment.ApplicationName;
            return ConnectionMultiplexer.Connect(options);
        });
        builder.Services.AddSingleton<LiveFeed>();
        builder.Services.AddHostedService(services => services.GetRequiredService<LiveFeed>());
        builder.Services.AddSingleton<CommunityFeed>();
        builder.Services.AddSingleton<Connections>();
        builder.Services.AddSingleton<TurnStreams>();
        builder.Services.AddSingleton<ToolDecisions>();
        builder.Services.AddHealthChecks().AddCheck<RedisHealthCheck>("redis");
        return builder;
    }

    /// <summary>Publishes the outbox and runs the handlers registered by <see cref="HandlerRegistrationExtensions.AddHandler{THandler,TEvent}"/>.</summary>
    public static IHostApplicationBuilder AddEventHandling(this IHostApplicationBuilder builder)
    {
        builder.Services.AddSingleton<RabbitMq>();
        builder.Services.AddHostedService<OutboxRelay>();
        builder.Services.AddHostedService<HandlerHost>();
        builder.Services.AddHostedService<PruneMessages>();
        builder.Services.AddHealthChecks().AddCheck<RabbitMqHealthCheck>("rabbitmq");
        return builder;
    }
}
