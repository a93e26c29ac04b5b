using ChatSphere.Data.Accounts;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ChatSphere.Data.People;

public enum Audience
{
    Everyone,
    Friends,
    Nobody,
}

public enum Theme
{
    System,
    Light,
    Dark,
}

/// <summary>What an account says of itself, likes, and lets others do. An account without one has the values that stand here; see <c>ProfileQueries</c>.</summary>
public sealed partial class Profile : IRaiseEvents
{
    private List<IDomainEvent>? _events;

    public required Guid AccountId { get; init; }

    /// <summary>As shown: composed and in lower case.</summary>
    public string? Handle { get; set; }

    /// <summary>What two handles that look alike have in common; unique.</summary>
    public string? HandleSkeleton { get; set; }
    public string Bio { get; set; } = "";
    public string Pronouns { get; set; } = "";
    public string Status { get; set; } = "";

    /// <summary>Of the picture as we rewrote it; the blob's address.</summary>
    public string? AvatarSha256 { get; private set; }
    public string? AvatarType { get; private set; }

    /// <summary>BCP 47; null: the browser's.</summary>
    public string? Locale { get; set; }
    public Theme Theme { get; set; }

    /// <summary>What new bots take; null: the deployment's default.</summary>
    public string? DefaultModel { get; set; }

    /// <summary>IANA name; null: the browser's.</summary>
    public string? TimeZone { get; set; }
    public Audience WhoCanFindMe { get; set; }
    public Audience WhoCanAskFriendship { get; set; }
    public Audience WhoCanMessageMe { get; set; }
    public Audience ShowPresence { get; set; }

    /// <summary>Requests for friendship since this moment, so that nobody floods others with them.</summary>
    public DateTimeOffset RequestsSince { get; set; }
    public int Requests { get; set; }

    /// <summary>Under the lock of the new blob (<c>LockBlobAsync</c>). Null takes it away.</summary>
    public void ShowAvatar(string? sha256, string? type)
    {
        if (AvatarSha256 is { } before && before != sha256)
        {
            (_events ??= []).Add(new AvatarReleased(AccountId, before));
        }

        (AvatarSha256, AvatarType) = (sha256, type);
    }

    public IReadOnlyList<IDomainEvent> TakeEvents()
    {
        IReadOnlyList<IDomainEvent> taken = _events ?? [];
        _events = null;
        return taken;
    }

    internal sealed class Mapping : IEntityTypeConfiguration<Profile>
    {
        public void Configure(EntityTypeBuilder<Profile> builder)
        {
            builder.ToTable("profiles", "people");
            builder.HasKey(p => p.AccountId);
            builder.Property(p => p.Handle).HasMaxLength(32);
            builder.Property(p => p.HandleSkeleton).HasMaxLength(100);
            builder.Property(p => p.Bio).HasMaxLength(500);
            builder.Property(p => p.Pronouns).HasMaxLength(40);
            builder.Property(p => p.Status).HasMaxLength(100);
            builder.Property(p => p.AvatarSha256).HasMaxLength(64);
            builder.Property(p => p.AvatarType).HasMaxLength(32);
            builder.Property(p => p.Locale).HasMaxLength(16);
            builder.Property(p => p.DefaultModel).HasMaxLength(200);
            builder.Property(p => p.TimeZone).HasMaxLength(64);

            // Two handles that look alike: the index decides who was first.
            builder.HasIndex(p => p.HandleSkeleton).IsUnique();

            // What begins with these letters?
            builder.HasIndex(p => p.Handle).HasOperators("text_pattern_ops");

            // Is a blob still used?
            builder.HasIndex(p => p.AvatarSha256);
            builder.HasOne<Account>().WithOne().HasForeignKey<Profile>(p => p.AccountId).OnDelete(DeleteBehavior.Cascade);
        }
    }
}

/// <summary>A picture is shown no more; its blob may be unused now.</summary>
[EventName("people.avatar-released.v1")]
public sealed record AvatarReleased(Guid AccountId, string Sha256) : IDomainEvent
{
    public string OrderingKey => AccountId.ToString();
}

public static class ProfileQueries
{
    /// <summary>The account's profile, made if it has none yet; two at once make one.</summary>
    public static async Task<Profile> ProfileOfAsync(this ChatSphereDb db, Guid accountId, CancellationToken cancellationToken)
    {
        if (await db.Profiles.SingleOrDefaultAsync(p => p.AccountId == accountId, cancellationToken) is { } known)
        {
            return known;
        }

        var never = DateTimeOffset.UnixEpoch;
        await db.Database.ExecuteSqlAsync($"""
            insert into people.profiles (account_id, bio, pronouns, status, theme, who_can_find_me, who_can_ask_friendship, who_can_message_me, show_presence, requests_since, requests)
            values ({accountId}, '', '', '', 'System', 'Everyone', 'Everyone', 'Everyone', 'Everyone', {never}, 0) on conflict (account_id) do nothing
            """, cancellationToken);
        return await db.Profiles.SingleAsync(p => p.AccountId == accountId, cancellationToken);
    }
}

/// <summary>Names are searched by how they begin; EF knows no index on an expression.</summary>
public static class PeopleSql
{
    public const string Up = "create index ix_accounts_display_name_prefix on accounts.accounts (lower(display_name) text_pattern_ops);";
}
