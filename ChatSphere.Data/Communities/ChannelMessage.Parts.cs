using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ChatSphere.Data.Communities;

/// <summary>A file as its message shows it.</summary>
public sealed record AttachedFile(Guid Id, bool IsImage, string Name, string ContentType, long Size, int? Width, int? Height);

/// <param name="Emoji">A Unicode emoji in its one form, or the id of one of the server's own.</param>
/// <param name="Name">Of the server's own: what it was called.</param>
/// <param name="First">Those who did so first, a few of them.</param>
public sealed record ReactionCount(string Emoji, string? Name, int Count, IReadOnlyList<Guid> First)
{
    public const int MostKinds = 20;
    public const int MostShown = 10;
}

public sealed record PollOption(int Id, string Text, int Votes);

/// <param name="Voters">People, each counted once.</param>
public sealed record MessagePoll(string Question, IReadOnlyList<PollOption> Options, bool AllowsSeveral, DateTimeOffset EndsAt, DateTimeOffset? ClosedAt, int Voters);

/// <summary>Where a forwarded message was written.</summary>
public sealed record ForwardedFrom(Guid ChannelId, Guid MessageId);

/// <summary>What a message has beside its text. One value rather than tables: it is read whole with every message, and sealed as one.</summary>
public sealed record MessageParts
{
    public static readonly MessageParts None = new();

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<AttachedFile>? Attachments { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<ReactionCount>? Reactions { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public MessagePoll? Poll { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ForwardedFrom? Forwarded { get; init; }
}

public sealed partial class ChannelMessage : IRaiseEvents
{
    public const int MostAttachments = 10;

    private MessageParts? _parts;
    private List<IDomainEvent>? _events;

    /// <summary>Who else is named in the text, and was told nothing: an edit that names somebody does not call them.</summary>
    public List<Guid> NamedAccounts { get; set; } = [];
    public List<Guid> NamedRoles { get; set; } = [];

    /// <summary>The thread that begins here.</summary>
    public Guid? ThreadId { get; set; }

    /// <summary>Of an open poll: when it is to be closed.</summary>
    public DateTimeOffset? PollOpenUntil { get; set; }
    internal string? PartsJson { get; private set; }

    public MessageParts Parts
    {
        get => _parts ??= PartsJson is null ? MessageParts.None : JsonSerializer.Deserialize<MessageParts>(PartsJson, JsonSerializerOptions.Web) ?? MessageParts.None;
        set
        {
            _parts = value;
            PartsJson = value == MessageParts.None ? null : JsonSerializer.Serialize(value, JsonSerializerOptions.Web);
        }
    }

    public bool MentionsAnybody => MentionsEveryone || MentionedAccounts.Count > 0 || MentionedRoles.Count > 0;

    /// <summary>The text is another now. What it said is the caller's to keep.</summary>
    public void Edit(string content, DateTimeOffset now)
    {
        (Content, EditedAt) = (content, now);
        Raise(new MessageEdited(Id, ChannelId, ServerId));
    }

    /// <summary>Leaves the place with its number. The nonce stays, so that a late repeat does not bring it back.</summary>
    public void Delete(DateTimeOffset now)
    {
        Content = "";
        Parts = MessageParts.None;
        (MentionedAccounts, MentionedRoles, NamedAccounts, NamedRoles, MentionsEveryone) = ([], [], [], [], false);
        (DeletedAt, PinnedAt, PollOpenUntil) = (now, null, null);
        Raise(new MessageDeleted(Id, ChannelId, ServerId));
    }

    /// <summary>Something other than its text is another now: a reaction, a pin, a vote, a thread.</summary>
    public void Touch() => Raise(new MessageChanged(Id, ChannelId, ServerId));

    public IReadOnlyList<IDomainEvent> TakeEvents()
    {
        IReadOnlyList<IDomainEvent> taken = _events ?? [];
        _events = null;
        return taken;
    }

    private void Raise(IDomainEvent happened) => (_events ??= []).Add(happened);

    internal sealed class PartsMapping : IEntityTypeConfiguration<ChannelMessage>
    {
        public void Configure(EntityTypeBuilder<ChannelMessage> builder)
        {
            builder.Ignore(m => m.Parts);
            builder.Ignore(m => m.MentionsAnybody);
            builder.Property(m => m.PartsJson);
            builder.Property(m => m.NamedAccounts).HasDefaultValueSql("'{}'");
            builder.Property(m => m.NamedRoles).HasDefaultValueSql("'{}'");

            // Which polls are to be closed?
            builder.HasIndex(m => m.PollOpenUntil).HasFilter("poll_open_until is not null");

            // What is pinned here?
            builder.HasIndex(m => new { m.ChannelId, m.PinnedAt }).HasFilter("pinned_at is not null");
        }
    }
}

[EventName("communities.message-edited.v1")]
public sealed record MessageEdited(Guid MessageId, Guid ChannelId, Guid? ServerId) : IDomainEvent
{
    public string OrderingKey => ChannelId.ToString();
}

/// <summary>Its content is gone; the place and the number stay.</summary>
[EventName("communities.message-deleted.v1")]
public sealed record MessageDeleted(Guid MessageId, Guid ChannelId, Guid? ServerId) : IDomainEvent
{
    public string OrderingKey => ChannelId.ToString();
}

/// <summary>Reacted to, pinned, voted in, or a thread began: its text is the same.</summary>
[EventName("communities.message-changed.v1")]
public sealed record MessageChanged(Guid MessageId, Guid ChannelId, Guid? ServerId) : IDomainEvent
{
    public string OrderingKey => ChannelId.ToString();
}
