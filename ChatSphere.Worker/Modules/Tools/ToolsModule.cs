using ChatSphere.Data.Bots;
using ChatSphere.Messaging;

namespace ChatSphere.Worker.Modules.Tools;

internal static class ToolsModule
{
    public static IHostApplicationBuilder AddTools(this IHostApplicationBuilder builder)
    {
        builder.Services.AddHandler<ForgetTools, BotDeleted>();
        return builder;
    }
}
