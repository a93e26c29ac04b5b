using ChatSphere.Data.Communities;
using ChatSphere.Data.Notifications;
using ChatSphere.Messaging;
using Microsoft.Extensions.Options;

namespace ChatSphere.Worker.Modules.Notifications;

public static class NotificationsModule
{
    public static IHostApplicationBuilder AddNotifications(this IHostApplicationBuilder builder)
    {
        builder.Services.AddOptions<MailOptions>().BindConfiguration(MailOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddSingleton<MailComposer>();
        builder.Services.AddSingleton<MailSender>();
        builder.Services.AddHandler<SendMail, MailQueued>();
        builder.Services.AddHostedService<PruneMails>();
        builder.Services.AddSingleton<ServerSnapshots>();
        builder.Services.AddScoped<ChannelsInSight>();
        builder.Services.AddScoped<InboxWriter>();
        builder.Services.AddHostedService<MailUnread>();
        builder.Services.AddSingleton<UnsubscribeLinks>();
        builder.Services.AddHandler<NotifyPosted, MessagePosted>();
        builder.Services.AddHandler<NotifyReaction, MessageChanged>();
        builder.Services.AddHandler<TellNotificationsAdded, NotificationsAdded>();
        return builder;
    }

    /// <summary>On the console, for who tries it out and looks for the mail with the link.</summary>
    public static void SayWhereMailsGo(this IHost app)
    {
        if (app.Services.GetRequiredService<IOptions<MailOptions>>().Value is { Host: null or "", Folder: { } folder })
        {
            Console.WriteLine($"No mail server is configured (Mail:Host): mails are written to {Path.GetFullPath(folder)}");
        }
    }
}
