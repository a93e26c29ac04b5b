using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ChatSphere.Data.Bots;

public enum BotVersionOrigin
{
    Created,

    /// <summary>A change that was in effect at once.</summary>
    Changed,

    /// <summary>A draft that was published.</summary>
    Published,

    /// <summary>A draft that a share of the conversations got first.</summary>
    Canary,

    /// <summary>Equal to an older one.</summary>
    RolledBack,

    /// <summary>Found in effect without having been kept: written by a node of an older release.</summary>
    Found,
}

/// <summary>A bot's settings as they were in effect, or on trial. Never changed.</summary>
public sealed class BotVersion
{
    private BotVersion()
    {
    }

    public Guid BotId { get; private init; }

    /// <summary>From 1.</summary>
    public int Number { get; private init; }

    /// <summary><see cref="BotSettings"/> as JSON.</summary>
    public string Settings { get; private init; } = "{}";

    /// <summary>Null: the account is gone, or it is not known.</summary>
    public Guid? AuthorId { get; set; }
    public string? Note { get; private init; }
    public BotVersionOrigin Origin { get; private init; }

    /// <summary>Which one it is equal to, of <see cref="BotVersionOrigin.RolledBack"/>.</summary>
    public int? RestoredFrom { get; private init; }
    public DateTimeOffset CreatedAt { get; private init; }

    internal static BotVersion Keep(Bot bot, int number, BotSettings settings, Guid? authorId, string? note, BotVersionOrigin origin, int? restoredFrom, DateTimeOffset now) => new()
    {
        BotId = bot.Id,
        Number = number,
        Settings = settings.ToJson(),
        AuthorId = authorId,
        Note = string.IsNullOrWhiteSpace(note) ? null : note.Trim(),
        Origin = origin,
        RestoredFrom = restoredFrom,
        CreatedAt = now,
    };

    internal sealed class Mapping : IEntityTypeConfiguration<BotVersion>
    {
        public void Configure(EntityTypeBuilder<BotVersion> builder)
        {
            builder.ToTable("bot_versions", "bots");
            builder.HasKey(v => new { v.BotId, v.Number });
            builder.Property(v => v.Settings).HasColumnType("jsonb");
            builder.Property(v => v.Note).HasMaxLength(500);
            builder.HasIndex(v => v.AuthorId);
            builder.HasOne<Bot>().WithMany().HasForeignKey(v => v.BotId).OnDelete(DeleteBehavior.Cascade);
        }
    }
}

public static class BotVersionQueries
{
    /// <summary>Whoever changes a bot's settings holds others off with this until the caller's transaction ends.</summary>
    public static async Task LockBotAsync(this ChatSphereDb db, Guid botId, CancellationToken cancellationToken) =>
        await db.Database.ExecuteSqlAsync($"select 1 from bots.bots where id = {botId} for update", cancellationToken);

    /// <summary>
    /// Keeps what is in effect before it is changed, should nobody have done so: a node of an older release made the bot or changed it. Under <see cref="LockBotAsync"/>.
    /// </summary>
    public static async Task EnsureVersionAsync(this ChatSphereDb db, Bot bot, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var kept = await db.BotVersions.AsNoTracking().Where(v => v.BotId == bot.Id && v.Number == bot.Version).Select(v => v.Settings).SingleOrDefaultAsync(cancellationToken);
        if (kept is null)
        {
            db.BotVersions.Add(BotVersion.Keep(bot, bot.Version, BotSettings.Of(bot), null, null, BotVersionOrigin.Found, null, now));
        }
        else if (!BotSettings.FromJson(kept).IsSameAs(BotSettings.Of(bot)))
        {
            db.BotVersions.Add(bot.Found(now));
        }
    }

    public static async Task<BotSettings?> SettingsOfAsync(this ChatSphereDb db, Guid botId, int number, CancellationToken cancellationToken) =>
        await db.BotVersions.AsNoTracking().Where(v => v.BotId == botId && v.Number == number).Select(v => v.Settings).SingleOrDefaultAsync(cancellationToken) is { } json ? BotSettings.FromJson(json) : null;
}

public sealed partial class Bot
{
    internal BotVersion Found(DateTimeOffset now)
    {
        Version = ++LastVersion;
        return BotVersion.Keep(this, Version, BotSettings.Of(this), null, null, BotVersionOrigin.Found, null, now);
    }
}

/// <summary>The first version of bots that were there before there were versions.</summary>
public static class BotVersionsSql
{
    public const string Up = """
        insert into bots.bot_versions (bot_id, number, settings, author_id, note, origin, created_at)
        select id, 1, jsonb_build_object('name', name, 'instructions', instructions, 'model', model, 'fallback', to_jsonb(fallback), 'temperature', temperature, 'strict', strict, 'usesMemory', uses_memory), owner_id, null, 'Created', updated_at
        from bots.bots where deleted_at is null on conflict do nothing;
        """;
}
