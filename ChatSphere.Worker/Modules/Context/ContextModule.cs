using ChatSphere.Data.Context;
using ChatSphere.Messaging;

namespace ChatSphere.Worker.Modules.Context;

public sealed class AttachmentSweepOptions
{
    public const string Section = "Attachments";

    public TimeSpan SweepEvery { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>What was uploaded and never sent is kept for so long.</summary>
    public TimeSpan KeepUnsent { get; set; } = TimeSpan.FromDays(2);
}

internal static class ContextModule
{
    public static IHostApplicationBuilder AddContext(this IHostApplicationBuilder builder)
    {
        builder.Services.AddOptions<AttachmentSweepOptions>().BindConfiguration(AttachmentSweepOptions.Section)
            .Validate(o => o.SweepEvery >= TimeSpan.FromSeconds(1) && o.KeepUnsent >= TimeSpan.FromMinutes(1), "Attachments:SweepEvery must be at least 00:00:01, and Attachments:KeepUnsent 00:01:00.").ValidateOnStart();
        builder.Services.AddHandler<ForgetAttachment, AttachmentDropped>();
        builder.Services.AddHostedService<DropAbandonedAttachments>();
        return builder;
    }
}
