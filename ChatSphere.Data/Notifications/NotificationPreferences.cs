using ChatSphere.Data.Accounts;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ChatSphere.Data.Notifications;

public enum NotificationLevel
{
    All,

    /// <summary>What concerns the person: everything but <see cref="NotificationKind.Message"/>.</summary>
    Mentions,
    Nothing,
}

public enum DigestRhythm
{
    Never,
    Daily,
    Weekly,
}

/// <summary>What somebody wants to be told of at all. Who has none has the values that stand here.</summary>
public sealed class NotificationPreferences
{
    public const int MostKeywords = 50;

    public required Guid AccountId { get; init; }

    /// <summary>Kinds that are not wanted.</summary>
    public List<string> KindsOff { get; set; } = [];

    /// <summary>In lower case; words or several in a row.</summary>
    public List<string> Keywords { get; set; } = [];

    /// <summary>Minutes of the day in the person's time zone; from may be after until, over midnight. Null: none.</summary>
    public int? QuietFrom { get; set; }
    public int? QuietUntil { get; set; }

    /// <summary>IANA; null: that of the profile, or UTC.</summary>
    public string? TimeZone { get; set; }

    /// <summary>A mail for mentions and direct messages that nobody has read.</summary>
    public bool MailsAtOnce { get; set; } = true;

    /// <summary>How long it waits for being read.</summary>
    public int MailAfterMinutes { get; set; } = 15;
    public DigestRhythm Digest { get; set; }

    /// <summary>What came before is not in the next digest.</summary>
    public DateTimeOffset? DigestedAt { get; set; }

    internal sealed class Mapping : IEntityTypeConfiguration<NotificationPreferences>
    {
        public void Configure(EntityTypeBuilder<NotificationPreferences> builder)
        {
            builder.ToTable("preferences", "notifications");
            builder.HasKey(p => p.AccountId);
            builder.Property(p => p.TimeZone).HasMaxLength(64);

            // Whose keywords are to be looked for?
            builder.HasIndex(p => p.AccountId).HasFilter("cardinality(keywords) > 0").HasDatabaseName("ix_preferences_keywords");
            builder.HasOne<Account>().WithOne().HasForeignKey<NotificationPreferences>(p => p.AccountId).OnDelete(DeleteBehavior.Cascade);
        }
    }
}

/// <summary>What somebody wants to hear of one server, channel or thread.</summary>
public sealed class PlacePreference
{
    public required Guid AccountId { get; init; }

    /// <summary>A server's or a channel's id.</summary>
    public required Guid PlaceId { get; init; }

    /// <summary>Null: as the place around it.</summary>
    public NotificationLevel? Level { get; set; }

    /// <summary>Nothing until then.</summary>
    public DateTimeOffset? MutedUntil { get; set; }

    internal sealed class Mapping : IEntityTypeConfiguration<PlacePreference>
    {
        public void Configure(EntityTypeBuilder<PlacePreference> builder)
        {
            builder.ToTable("place_preferences", "notifications");
            builder.HasKey(p => new { p.AccountId, p.PlaceId });

            // Who wants to hear everything here?
            builder.HasIndex(p => new { p.PlaceId, p.Level });
            builder.HasOne<Account>().WithMany().HasForeignKey(p => p.AccountId).OnDelete(DeleteBehavior.Cascade);
        }
    }
}
