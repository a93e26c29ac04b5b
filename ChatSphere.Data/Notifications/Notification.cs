using ChatSphere.Data.Communities;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ChatSphere.Data.Notifications;

/// <summary>Why somebody is told of a message; the first that holds, from the top.</summary>
public enum NotificationKind
{
    /// <summary>They are named, or a role of theirs, or everybody.</summary>
    Mention,

    /// <summary>It answers a message of theirs.</summary>
    Reply,

    /// <summary>In a direct or group channel of theirs.</summary>
    Direct,

    /// <summary>In a thread that they follow.</summary>
    Thread,

    /// <summary>It has a word that they want to hear of.</summary>
    Keyword,

    /// <summary>In a place of which they want to hear everything.</summary>
    Message,

    /// <summary>Somebody reacted to a message of theirs.</summary>
    Reaction,
}

/// <summary>
/// One entry of somebody's inbox. It holds no text: what the message says is read when it is shown, by the rights of then. Whether it is read follows from
/// <see cref="ReadAt"/> or from how far the channel has been read.
/// </summary>
public sealed class Notification : IRaiseEvents
{
    private List<IDomainEvent>? _events;

    public required Guid Id { get; init; }
    public required Guid AccountId { get; init; }
    public required NotificationKind Kind { get; init; }
    public Guid? ServerId { get; init; }
    public required Guid ChannelId { get; init; }

    /// <summary>Whose overwrites decide: of a thread its channel.</summary>
    public required Guid RightsChannelId { get; init; }
    public required Guid MessageId { get; init; }
    public required long Seq { get; init; }

    /// <summary>Who did it: an account, a bot or a webhook.</summary>
    public required Guid ActorId { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }
    public DateTimeOffset? ReadAt { get; set; }

    /// <summary>False: in the inbox only, whatever else is set up.</summary>
    public required bool MayInterrupt { get; init; }

    /// <summary>It was in a mail.</summary>
    public DateTimeOffset? MailedAt { get; set; }

    /// <summary>Says once for all entries that were made with it that they are there.</summary>
    public void SayAdded() => (_events ??= []).Add(new NotificationsAdded(MessageId, ChannelId, ServerId));

    public IReadOnlyList<IDomainEvent> TakeEvents()
    {
        IReadOnlyList<IDomainEvent> taken = _events ?? [];
        _events = null;
        return taken;
    }

    internal sealed class Mapping : IEntityTypeConfiguration<Notification>
    {
        public void Configure(EntityTypeBuilder<Notification> builder)
        {
            builder.ToTable("notifications", "notifications");

            // Once for each message, however often the event comes.
            builder.HasIndex(n => new { n.AccountId, n.MessageId, n.Kind }).IsUnique();
            builder.HasIndex(n => new { n.AccountId, n.Id });
            builder.HasIndex(n => n.MessageId);

            // What may have to be mailed?
            builder.HasIndex(n => n.CreatedAt).HasFilter("read_at is null and mailed_at is null").HasDatabaseName("ix_notifications_unmailed");
            builder.HasOne<ChannelMessage>().WithMany().HasForeignKey(n => n.MessageId).OnDelete(DeleteBehavior.Cascade);
        }
    }
}

/// <summary>Entries were added to some inboxes because of this message.</summary>
[EventName("notifications.notifications-added.v1")]
public sealed record NotificationsAdded(Guid MessageId, Guid ChannelId, Guid? ServerId) : IDomainEvent
{
    public string OrderingKey => ChannelId.ToString();
}
