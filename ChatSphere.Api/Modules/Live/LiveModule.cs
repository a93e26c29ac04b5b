using ChatSphere.Api.Http;
using ChatSphere.Contracts.Accounts;

namespace ChatSphere.Api.Modules.Live;

internal static class LiveModule
{
    public static IHostApplicationBuilder AddLive(this IHostApplicationBuilder builder)
    {
        builder.Services.AddSingleton<LiveReader>();
        builder.Services.AddSingleton<CommunityDelivery>();
        builder.Services.AddHostedService(services => services.GetRequiredService<CommunityDelivery>());
        builder.Services.AddSignalR(hub =>
        {
            hub.MaximumReceiveMessageSize = 32 * 1024;
            hub.MaximumParallelInvocationsPerClient = 1;
            hub.EnableDetailedErrors = false;
        });
        return builder;
    }

    public static IEndpointRouteBuilder MapLive(this IEndpointRouteBuilder app)
    {
        app.MapGet("/v1/events", (CurrentUser user, LiveReader reader, TimeProvider time) => new EventStream(reader.ReadStreamedAsync(user, default), time))
            .Requires(Permissions.ConversationsRead).WithTags("Live").WithName("StreamLiveEvents").WithSummary("What happens to what I may see, as server-sent events named by type")
            .Produces(200, contentType: "text/event-stream");
        app.MapPost("/v1/live/looking", Looking.Handle).Requires(Permissions.CommunitiesRead).WithTags("Live").WithName("LookAt").WithSummary("Which channels are on a connection's screen");
        app.MapHub<LiveHub>("/hubs/live", options =>
        {
            options.CloseOnAuthenticationExpiration = true;
            options.ApplicationMaxBufferSize = 64 * 1024;
            options.TransportMaxBufferSize = 64 * 1024;
        }).Requires(Permissions.ConversationsRead);
        return app;
    }
}
