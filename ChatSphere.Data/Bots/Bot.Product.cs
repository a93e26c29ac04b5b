using System.Buffers.Binary;
using System.Security.Cryptography;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ChatSphere.Data.Bots;

/// <summary>
/// What makes a bot something that one gives to others. Its settings in effect stand in the columns, so whoever asks it needs no version; every one that was in effect is kept as a
/// <see cref="BotVersion"/>.
/// </summary>
public sealed partial class Bot
{
    public const int MaxStarters = 6;

    /// <summary>What it is for, in lists.</summary>
    public string Description { get; private set; } = "";

    /// <summary>Shown before the first question.</summary>
    public string Greeting { get; private set; } = "";

    /// <summary>Questions to begin with.</summary>
    public List<string> Starters { get; private set; } = [];

    /// <summary>Of the picture as we rewrote it; the blob's address.</summary>
    public string? AvatarSha256 { get; private set; }
    public string? AvatarType { get; private set; }

    /// <summary>Set: in no list and asked by nobody, until it is taken back.</summary>
    public DateTimeOffset? ArchivedAt { get; private set; }

    /// <summary>Changes wait in <see cref="Draft"/> until somebody publishes them.</summary>
    public bool ReviewBeforePublishing { get; private set; }

    /// <summary>The version in effect.</summary>
    public int Version { get; private set; } = 1;

    /// <summary>The highest number that was given.</summary>
    public int LastVersion { get; private set; } = 1;

    /// <summary>Raised with every change of settings or draft, so that two editors notice each other.</summary>
    public int Revision { get; private set; } = 1;

    /// <summary><see cref="BotSettings"/> as JSON; null: as in effect.</summary>
    public string? Draft { get; private set; }

    /// <summary>Tried with a share of the conversations.</summary>
    public int? CanaryVersion { get; private set; }
    public int CanaryPercent { get; private set; }

    /// <summary>What an editor sees and changes: the draft, or what is in effect.</summary>
    public BotSettings Edited() => Draft is null ? BotSettings.Of(this) : BotSettings.FromJson(Draft);

    /// <summary>The first version, of a bot that was just made.</summary>
    public BotVersion FirstVersion(Guid authorId, DateTimeOffset now) => BotVersion.Keep(this, Version, BotSettings.Of(this), authorId, null, BotVersionOrigin.Created, null, now);

    public void SetUp(string description, string greeting, IReadOnlyList<string> starters) => (Description, Greeting, Starters) = (description, greeting, [.. starters]);

    /// <summary>A new bot that answers as another does.</summary>
    public static Bot Copy(Guid ownerId, BotSettings settings, bool reviewBeforePublishing, DateTimeOffset now)
    {
        var bot = new Bot { Id = Guid.CreateVersion7(now), OwnerId = ownerId, ReviewBeforePublishing = reviewBeforePublishing, CreatedAt = now, UpdatedAt = now };
        bot.Use(settings);
        return bot;
    }

    /// <summary>Keeps changes for later. What is as in effect is no draft.</summary>
    public void KeepDraft(BotSettings? settings, DateTimeOffset now)
    {
        Draft = settings is null || settings.IsSameAs(BotSettings.Of(this)) ? null : settings.ToJson();
        Touch(now);
    }

    /// <summary>These settings are in effect from now on.</summary>
    public BotVersion MakeLive(BotSettings settings, Guid authorId, string? note, BotVersionOrigin origin, DateTimeOffset now, int? restoredFrom = null)
    {
        Use(settings);
        Version = ++LastVersion;
        if (Draft is not null && BotSettings.FromJson(Draft).IsSameAs(settings))
        {
            Draft = null;
        }

        Touch(now);
        return BotVersion.Keep(this, Version, settings, authorId, note, origin, restoredFrom, now);
    }

    /// <summary>The draft becomes a version that only a share of the conversations gets.</summary>
    public BotVersion TryOut(BotSettings settings, int percent, Guid authorId, string? note, DateTimeOffset now)
    {
        (CanaryVersion, CanaryPercent, Draft) = (++LastVersion, percent, null);
        Touch(now);
        return BotVersion.Keep(this, LastVersion, settings, authorId, note, BotVersionOrigin.Canary, null, now);
    }

    public void ShareCanary(int percent, DateTimeOffset now)
    {
        CanaryPercent = percent;
        Touch(now);
    }

    /// <summary>The version under trial becomes the one in effect; its number stays.</summary>
    public void PromoteCanary(BotSettings settings, DateTimeOffset now)
    {
        Use(settings);
        (Version, CanaryVersion, CanaryPercent) = (CanaryVersion ?? Version, null, 0);
        Touch(now);
    }

    /// <summary>Nobody gets it any more. It is the draft again, unless there is another.</summary>
    public void WithdrawCanary(BotSettings? settings, DateTimeOffset now)
    {
        (CanaryVersion, CanaryPercent) = (null, 0);
        Draft ??= settings is null || settings.IsSameAs(BotSettings.Of(this)) ? null : settings.ToJson();
        Touch(now);
    }

    public void Review(bool before, DateTimeOffset now)
    {
        if (ReviewBeforePublishing != before)
        {
            ReviewBeforePublishing = before;
            Touch(now);
        }
    }

    public void Archive(DateTimeOffset? now) => ArchivedAt = now is null ? null : ArchivedAt ?? now;

    /// <summary>Under the lock of the new blob (<c>LockBlobAsync</c>). Null takes it away.</summary>
    public void ShowAvatar(string? sha256, string? type)
    {
        if (AvatarSha256 is { } before && before != sha256)
        {
            Raise(new BotAvatarReleased(Id, before));
        }

        (AvatarSha256, AvatarType) = (sha256, type);
    }

    /// <summary>Nothing of what somebody wrote is left.</summary>
    public void Empty(string name, DateTimeOffset now)
    {
        Use(new BotSettings { Name = name });
        (Draft, CanaryVersion, CanaryPercent) = (null, null, 0);
        ShowAvatar(null, null);
        Touch(now);
    }

    /// <summary>The same bot with other settings, for one answer; nothing of it is ever saved.</summary>
    public Bot With(BotSettings settings)
    {
        var other = (Bot)MemberwiseClone();
        other.Use(settings);
        return other;
    }

    /// <summary>
    /// Whether what this is about belongs to the canary's share: the same answer for a conversation as long as the share does not shrink below it, and other conversations for other bots.
    /// </summary>
    public bool TriesCanaryWith(Guid conversationId)
    {
        Span<byte> bytes = stackalloc byte[32];
        Id.TryWriteBytes(bytes);
        conversationId.TryWriteBytes(bytes[16..]);
        return CanaryVersion is not null && BinaryPrimitives.ReadUInt32BigEndian(SHA256.HashData(bytes)) % 100 < CanaryPercent;
    }

    private void Use(BotSettings settings)
    {
        (Name, Description, Instructions) = (settings.Name, settings.Description, settings.Instructions);
        (Model, Temperature, Fallback) = (settings.Model, settings.Temperature, [.. settings.Fallback]);
        (Greeting, Starters) = (settings.Greeting, [.. settings.Starters]);
        Trust(settings.Strict, settings.UsesMemory);
    }

    private void Touch(DateTimeOffset now)
    {
        Revision++;
        UpdatedAt = now;
    }

    internal sealed class ProductMapping : IEntityTypeConfiguration<Bot>
    {
        public void Configure(EntityTypeBuilder<Bot> builder)
        {
            builder.Property(b => b.Description).HasMaxLength(300).HasDefaultValue("");
            builder.Property(b => b.Greeting).HasMaxLength(2_000).HasDefaultValue("");
            builder.Property(b => b.Starters).HasDefaultValueSql("'{}'");
            builder.Property(b => b.AvatarSha256).HasMaxLength(64);
            builder.Property(b => b.AvatarType).HasMaxLength(32);
            builder.Property(b => b.Draft).HasColumnType("jsonb");
            builder.Property(b => b.Version).HasDefaultValue(1);
            builder.Property(b => b.LastVersion).HasDefaultValue(1);
            builder.Property(b => b.Revision).HasDefaultValue(1);
            builder.Property(b => b.ReviewBeforePublishing).HasDefaultValue(false);
            builder.Property(b => b.CanaryPercent).HasDefaultValue(0);

            // Is a blob still used?
            builder.HasIndex(b => b.AvatarSha256);
        }
    }
}

/// <summary>A picture is shown no more; its blob may be unused now.</summary>
[EventName("bots.avatar-released.v1")]
public sealed record BotAvatarReleased(Guid BotId, string Sha256) : IDomainEvent
{
    public string OrderingKey => BotId.ToString();
}
