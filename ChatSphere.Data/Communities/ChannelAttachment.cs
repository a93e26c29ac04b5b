using ChatSphere.Data.Files;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ChatSphere.Data.Communities;

/// <summary>
/// A file that somebody put into a channel. There is no foreign key on channel or message: a row that outlives them is how the Worker learns that its bytes may go.
/// </summary>
public sealed class ChannelAttachment : Entity
{
    private ChannelAttachment()
    {
    }

    public Guid ChannelId { get; private init; }
    public Guid AccountId { get; private init; }

    /// <summary>Null: not sent yet.</summary>
    public Guid? MessageId { get; private set; }
    public bool IsImage { get; private init; }
    public string Name { get; private init; } = "";
    public string ContentType { get; private init; } = "";
    public long Size { get; private init; }
    public int? Width { get; private init; }
    public int? Height { get; private init; }

    /// <summary>The blob's address.</summary>
    public string Sha256 { get; private init; } = "";
    public DateTimeOffset CreatedAt { get; private init; }

    public static ChannelAttachment Image(Guid channelId, Guid accountId, string name, string contentType, StoredBlob blob, int width, int height, DateTimeOffset now) => new()
    {
        Id = Guid.CreateVersion7(now),
        ChannelId = channelId,
        AccountId = accountId,
        IsImage = true,
        Name = name,
        ContentType = contentType,
        Size = blob.Size,
        Width = width,
        Height = height,
        Sha256 = blob.Sha256,
        CreatedAt = now,
    };

    public static ChannelAttachment File(Guid channelId, Guid accountId, string name, StoredBlob blob, DateTimeOffset now) => new()
    {
        Id = Guid.CreateVersion7(now),
        ChannelId = channelId,
        AccountId = accountId,
        Name = name,
        ContentType = "application/octet-stream",
        Size = blob.Size,
        Sha256 = blob.Sha256,
        CreatedAt = now,
    };

    /// <summary>The same bytes in another channel.</summary>
    public ChannelAttachment CopyTo(Guid channelId, Guid accountId, DateTimeOffset now) => new()
    {
        Id = Guid.CreateVersion7(now),
        ChannelId = channelId,
        AccountId = accountId,
        IsImage = IsImage,
        Name = Name,
        ContentType = ContentType,
        Size = Size,
        Width = Width,
        Height = Height,
        Sha256 = Sha256,
        CreatedAt = now,
    };

    public AttachedFile Shown() => new(Id, IsImage, Name, ContentType, Size, Width, Height);

    /// <summary>It is about to be removed: its bytes may go too.</summary>
    public void Drop() => Raise(new StoredFileDropped(Id, Sha256));

    internal sealed class Mapping : IEntityTypeConfiguration<ChannelAttachment>
    {
        public void Configure(EntityTypeBuilder<ChannelAttachment> builder)
        {
            builder.ToTable("attachments", "communities");
            builder.Property(a => a.Name).HasMaxLength(255);
            builder.Property(a => a.ContentType).HasMaxLength(100);
            builder.Property(a => a.Sha256).HasMaxLength(64);
            builder.HasIndex(a => a.MessageId);
            builder.HasIndex(a => a.ChannelId);

            // What does somebody's take?
            builder.HasIndex(a => a.AccountId);

            // Is a blob still used?
            builder.HasIndex(a => a.Sha256);

            // What was never sent.
            builder.HasIndex(a => a.CreatedAt).HasFilter("message_id is null");
        }
    }
}

/// <summary>An emoji of a server's own. Without a foreign key, as attachments.</summary>
public sealed class ServerEmoji : Entity
{
    public const int Most = 100;
    public const int MaxBytes = 256 * 1024;
    public const int MaxSide = 128;

    private ServerEmoji()
    {
    }

    public Guid ServerId { get; private init; }
    public string Name { get; private init; } = "";

    /// <summary>Names that look alike have the same; unique in the server.</summary>
    public string NameKey { get; private init; } = "";
    public string ContentType { get; private init; } = "";
    public int Width { get; private init; }
    public int Height { get; private init; }
    public string Sha256 { get; private init; } = "";
    public Guid CreatedBy { get; private init; }
    public DateTimeOffset CreatedAt { get; private init; }

    public static ServerEmoji Create(Guid serverId, string name, string contentType, string sha256, int width, int height, Guid createdBy, DateTimeOffset now) => new()
    {
        Id = Guid.CreateVersion7(now),
        ServerId = serverId,
        Name = name,
        NameKey = LookAlikes.KeyOf(name),
        ContentType = contentType,
        Width = width,
        Height = height,
        Sha256 = sha256,
        CreatedBy = createdBy,
        CreatedAt = now,
    };

    public void Drop() => Raise(new StoredFileDropped(Id, Sha256));

    internal sealed class Mapping : IEntityTypeConfiguration<ServerEmoji>
    {
        public void Configure(EntityTypeBuilder<ServerEmoji> builder)
        {
            builder.ToTable("emoji", "communities");
            builder.Property(e => e.Name).HasMaxLength(32);
            builder.Property(e => e.NameKey).HasMaxLength(100);
            builder.Property(e => e.ContentType).HasMaxLength(100);
            builder.Property(e => e.Sha256).HasMaxLength(64);
            builder.HasIndex(e => new { e.ServerId, e.NameKey }).IsUnique();
            builder.HasIndex(e => e.Sha256);
            builder.HasIndex(e => e.CreatedBy);
        }
    }
}

/// <summary>A row that had a stored file is gone; the file may go unless something else has it.</summary>
[EventName("communities.stored-file-dropped.v1")]
public sealed record StoredFileDropped(Guid Id, string Sha256) : IDomainEvent
{
    public string OrderingKey => Id.ToString();
}

public static class ChannelAttachmentQueries
{
    /// <summary>Those whose message is gone in whichever way, and those that were uploaded before a time and never sent.</summary>
    public static IQueryable<ChannelAttachment> AbandonedInChannels(this ChatSphereDb db, DateTimeOffset before) =>
        db.ChannelAttachments.Where(a => a.MessageId == null ? a.CreatedAt < before : !db.ChannelMessages.Any(m => m.Id == a.MessageId && m.DeletedAt == null));

    /// <summary>Of servers that are gone.</summary>
    public static IQueryable<ServerEmoji> AbandonedEmoji(this ChatSphereDb db) => db.ServerEmoji.Where(e => !db.Servers.Any(s => s.Id == e.ServerId));
}
