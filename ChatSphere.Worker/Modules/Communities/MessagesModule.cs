using ChatSphere.Data.Communities;
using ChatSphere.Messaging;

namespace ChatSphere.Worker.Modules.Communities;

public sealed class ChannelUpkeepOptions
{
    public const string Section = "ChannelUpkeep";

    /// <summary>How often polls are closed, threads put away and files swept.</summary>
    public TimeSpan Every { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>What was uploaded and never sent is kept for so long.</summary>
    public TimeSpan KeepUnsent { get; set; } = TimeSpan.FromDays(1);
}

internal static class MessagesModule
{
    public static IHostApplicationBuilder AddChannelMessages(this IHostApplicationBuilder builder)
    {
        builder.Services.AddOptions<ChannelUpkeepOptions>().BindConfiguration(ChannelUpkeepOptions.Section)
            .Validate(o => o.Every >= TimeSpan.FromSeconds(1) && o.KeepUnsent >= TimeSpan.FromMinutes(1), "ChannelUpkeep:Every must be at least 00:00:01, and ChannelUpkeep:KeepUnsent 00:01:00.").ValidateOnStart();
        builder.Services.AddHandler<ForgetStoredFile, StoredFileDropped>();
        builder.Services.AddHostedService<KeepChannelsTidy>();
        return builder;
    }
}
