using ChatSphere.Data.Plans;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Npgsql;

namespace ChatSphere.Data.Bots;

public sealed partial class Bot
{
    /// <summary>Made for conversations that were brought in without a bot: it knows nothing, and its conversations may be given to another one. At most one each.</summary>
    public bool ForImports { get; private init; }

    internal static Bot CreateForImports(Guid ownerId, DateTimeOffset now) => new()
    {
        Id = Guid.CreateVersion7(now),
        OwnerId = ownerId,
        Name = "Imported chats",
        ForImports = true,
        CreatedAt = now,
        UpdatedAt = now,
    };

    internal sealed class ImportsMapping : IEntityTypeConfiguration<Bot>
    {
        public void Configure(EntityTypeBuilder<Bot> builder)
        {
            builder.Property(b => b.ForImports).HasDefaultValue(false);
            builder.HasIndex(b => b.OwnerId).IsUnique().HasFilter("for_imports and deleted_at is null").HasDatabaseName("ix_bots_for_imports");
        }
    }
}

public static class ImportBotQueries
{
    /// <summary>The person's bot for conversations that come without one, made when there is none yet. Saves at once.</summary>
    public static async Task<(Guid Id, UsageRefusal? Refusal)> BotForImportsAsync(this ChatSphereDb db, Guid ownerId, IUsageGate gate, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var existing = db.Bots.OwnedBy(ownerId).Where(b => b.ForImports).Select(b => b.Id);
        if (await existing.FirstOrDefaultAsync(cancellationToken) is var known && known != Guid.Empty)
        {
            return (known, null);
        }

        await using var room = await gate.ForBotAsync(ownerId, null, cancellationToken);
        if (room.Refusal is { } full)
        {
            return (Guid.Empty, full);
        }

        var bot = Bot.CreateForImports(ownerId, now);
        db.Bots.Add(bot);
        db.BotVersions.Add(bot.FirstVersion(ownerId, now));
        try
        {
            await db.SaveChangesAsync(cancellationToken);
            await room.KeepAsync(cancellationToken);
            return (bot.Id, null);
        }
        catch (DbUpdateException e) when (e.InnerException is PostgresException { SqlState: PostgresErrorCodes.UniqueViolation })
        {
            // Another request made it at this moment.
            db.ChangeTracker.Clear();
        }

        await room.DisposeAsync();
        return (await existing.SingleAsync(cancellationToken), null);
    }
}
