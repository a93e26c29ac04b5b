using ChatSphere.Api.Http;
using ChatSphere.Contracts.Accounts;
using ChatSphere.Messaging.Live;

namespace ChatSphere.Api.Modules.Presence;

internal static class PresenceModule
{
    public static IHostApplicationBuilder AddPresence(this IHostApplicationBuilder builder)
    {
        builder.Services.AddHostedService(services => services.GetRequiredService<Connections>());
        builder.Services.AddHostedService<TellPresence>();
        return builder;
    }

    public static IEndpointRouteBuilder MapPresence(this IEndpointRouteBuilder v1)
    {
        var presence = v1.MapGroup("/presence").WithTags("Presence");
        presence.MapGet("", ShowPresence.HandleAsync).Requires(Permissions.CommunitiesRead).WithName("GetPresence").WithSummary("Which of these people are there, as far as they let me see");
        presence.MapGet("/me", ChoosePresence.GetAsync).Requires(Permissions.CommunitiesRead).WithName("GetMyPresence").WithSummary("How I want to be seen");
        presence.MapPut("/me", ChoosePresence.HandleAsync).Requires(Permissions.CommunitiesWrite).WithName("ChoosePresence").WithSummary("Say how I want to be seen");
        presence.MapPost("/idle", SayIdle.Handle).Requires(Permissions.CommunitiesRead).WithName("SayIdle").WithSummary("Nobody does anything on this device; or somebody does again");
        return v1;
    }
}
