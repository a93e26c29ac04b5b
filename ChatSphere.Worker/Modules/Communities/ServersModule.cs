using ChatSphere.Data.Communities;
using ChatSphere.Messaging;

namespace ChatSphere.Worker.Modules.Communities;

internal static class ServersModule
{
    public static IHostApplicationBuilder AddServers(this IHostApplicationBuilder builder)
    {
        builder.Services.AddOptions<ServerSweepOptions>().BindConfiguration(ServerSweepOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddHandler<ForgetServerIcon, ServerIconReleased>();
        builder.Services.AddHostedService<RemoveDeletedServers>();
        return builder;
    }
}
