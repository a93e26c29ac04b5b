namespace ChatSphere.Contracts.Live;

public static partial class LiveEventTypes
{
    /// <summary>Data: <see cref="NotificationAddedEvent"/>. There is something new in my inbox.</summary>
    public const string NotificationAdded = "notification_added";
}

public sealed record NotificationAddedEvent(Guid MessageId, Guid ChannelId, Guid? ServerId);
