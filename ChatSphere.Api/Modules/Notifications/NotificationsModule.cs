using ChatSphere.Api.Http;
using ChatSphere.Contracts.Accounts;
using ChatSphere.Data.Notifications;

namespace ChatSphere.Api.Modules.Notifications;

internal static class NotificationsModule
{
    public static IHostApplicationBuilder AddNotifications(this IHostApplicationBuilder builder)
    {
        builder.Services.AddSingleton<UnsubscribeLinks>();
        return builder;
    }

    public static IEndpointRouteBuilder MapNotifications(this IEndpointRouteBuilder v1)
    {
        var inbox = v1.MapGroup("/notifications").WithTags("Notifications");
        inbox.MapGet("", Inbox.ListAsync).Requires(Permissions.CommunitiesRead).WithName("ListNotifications").WithSummary("My inbox: unread first, then the newest first").ProducesProblem(400);
        inbox.MapGet("/count", Inbox.CountAsync).Requires(Permissions.CommunitiesRead).WithName("CountNotifications").WithSummary("How much of my inbox is unread");
        inbox.MapPost("/read-all", Inbox.ReadAllAsync).Requires(Permissions.CommunitiesRead).WithName("ReadAllNotifications").WithSummary("I have seen all of my inbox");
        inbox.MapPost("/{notificationId:guid}/read", Inbox.ReadAsync).Requires(Permissions.CommunitiesRead).WithName("ReadNotification").WithSummary("I have seen one entry").ProducesProblem(404);
        inbox.MapGet("/preferences", Preferences.GetAsync).Requires(Permissions.CommunitiesRead).WithName("GetNotificationPreferences").WithSummary("What I want to be told of at all");
        inbox.MapPut("/preferences", Preferences.PutAsync).Requires(Permissions.CommunitiesRead).WithName("PutNotificationPreferences").WithSummary("Choose what I want to be told of");
        inbox.MapGet("/places", Preferences.ListPlacesAsync).Requires(Permissions.CommunitiesRead).WithName("ListNotificationPlaces").WithSummary("Places of which I want to hear otherwise");
        inbox.MapPut("/places/{placeId:guid}", Preferences.PutPlaceAsync).Requires(Permissions.CommunitiesRead).WithName("PutNotificationPlace").WithSummary("What I want to hear of a server, channel or thread").ProducesProblem(404);
        inbox.MapPost("/unsubscribe", Unsubscribe.HandleAsync).AllowAnonymous().WithName("UnsubscribeFromMails").WithSummary("No more mails about messages, by the link in one of them").ProducesProblem(400);
        return v1;
    }
}
