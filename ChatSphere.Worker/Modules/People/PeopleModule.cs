using ChatSphere.Data.Bots;
using ChatSphere.Data.People;
using ChatSphere.Messaging;

namespace ChatSphere.Worker.Modules.People;

internal static class PeopleModule
{
    public static IHostApplicationBuilder AddPeople(this IHostApplicationBuilder builder)
    {
        builder.Services.AddHandler<ForgetAvatar, AvatarReleased>();
        builder.Services.AddHandler<ForgetBotAvatar, BotAvatarReleased>();
        return builder;
    }
}
