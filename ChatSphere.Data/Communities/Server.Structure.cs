using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ChatSphere.Data.Communities;

public sealed partial class Server
{
    public const int MaxDescriptionLength = 1_000;

    /// <summary>How long an owner can take back that the server was deleted.</summary>
    public static readonly TimeSpan DeletionGrace = TimeSpan.FromDays(7);

    /// <summary>How long a server that the site's moderators closed is kept, so that they can open it again.</summary>
    public static readonly TimeSpan ClosedGrace = TimeSpan.FromDays(30);

    /// <summary>Of the picture as we rewrote it; the blob's address.</summary>
    public string? IconSha256 { get; private set; }
    public string? IconType { get; private set; }

    /// <summary>Set: the site's moderators closed it. Its owner cannot take that back.</summary>
    public DateTimeOffset? ClosedAt { get; private set; }

    /// <summary>Under the lock of the new blob (<c>LockBlobAsync</c>). Null takes it away.</summary>
    public void ShowIcon(string? sha256, string? type)
    {
        if (IconSha256 is { } before && before != sha256)
        {
            Raise(new ServerIconReleased(Id, before));
        }

        (IconSha256, IconType) = (sha256, type);
    }

    /// <summary>Nobody sees it from now on; what is in it goes later.</summary>
    public void Delete(DateTimeOffset now) => DeleteAfter = now + DeletionGrace;

    public void Close(DateTimeOffset now) => (ClosedAt, DeleteAfter) = (now, now + ClosedGrace);

    public void Reopen() => (ClosedAt, DeleteAfter) = (null, null);

    /// <summary>Tells that somebody came.</summary>
    public void Joined(Guid accountId) => Raise(new ServerMemberJoined(Id, accountId));

    /// <summary>Tells that somebody is gone, for whatever reason.</summary>
    /// <param name="deleteMessagesSince">What they wrote since then is to go too; null: all of it stays.</param>
    public void Left(Guid memberId, ServerLeaving how, DateTimeOffset? deleteMessagesSince = null) => Raise(new ServerMemberLeft(Id, memberId, how, deleteMessagesSince));

    /// <summary>Tells that a channel was deleted. Its rows go later.</summary>
    public void ChannelGone(Guid channelId) => Raise(new ChannelDeleted(Id, channelId));

    internal sealed class StructureMapping : IEntityTypeConfiguration<Server>
    {
        public void Configure(EntityTypeBuilder<Server> builder)
        {
            builder.Property(s => s.IconSha256).HasMaxLength(64);
            builder.Property(s => s.IconType).HasMaxLength(32);

            // Is a blob still used?
            builder.HasIndex(s => s.IconSha256).HasFilter("icon_sha256 is not null");
        }
    }
}

public enum ServerLeaving
{
    Left,
    Removed,
    Banned,
}

/// <summary>A picture is shown no more; its blob may be unused now.</summary>
[EventName("communities.icon-released.v1")]
public sealed record ServerIconReleased(Guid ServerId, string Sha256) : IDomainEvent
{
    public string OrderingKey => ServerId.ToString();
}

[EventName("communities.member-joined.v1")]
public sealed record ServerMemberJoined(Guid ServerId, Guid AccountId) : IDomainEvent
{
    public string OrderingKey => ServerId.ToString();
}

/// <param name="DeleteMessagesSince">What they wrote in the server since then is to be deleted; null: nothing.</param>
[EventName("communities.member-left.v1")]
public sealed record ServerMemberLeft(Guid ServerId, Guid MemberId, ServerLeaving How, DateTimeOffset? DeleteMessagesSince) : IDomainEvent
{
    public string OrderingKey => ServerId.ToString();
}

/// <summary>Nobody sees it any more; its rows are still there for a day.</summary>
[EventName("communities.channel-deleted.v1")]
public sealed record ChannelDeleted(Guid ServerId, Guid ChannelId) : IDomainEvent
{
    public string OrderingKey => ServerId.ToString();
}
