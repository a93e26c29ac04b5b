using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ChatSphere.Data.Bots;

/// <summary>Who answers: a name, instructions, a model, and documents of its own.</summary>
public sealed class Bot : Entity
{
    private Bot()
    {
    }

    public Guid OwnerId { get; private init; }
    public string Name { get; private set; } = "";
    public string Instructions { get; private set; } = "";

    /// <summary>Null: the deployment's default.</summary>
    public string? Model { get; private set; }
    public double? Temperature { get; private set; }
    public DateTimeOffset CreatedAt { get; private init; }
    public DateTimeOffset UpdatedAt { get; private set; }

    /// <summary>Set: gone for everybody. The row stays for the names in old conversations.</summary>
    public DateTimeOffset? DeletedAt { get; private set; }

    public static Bot Create(Guid ownerId, string name, string instructions, string? model, double? temperature, DateTimeOffset now) => new()
    {
        Id = Guid.CreateVersion7(now),
        OwnerId = ownerId,
        Name = name,
        Instructions = instructions,
        Model = model,
        Temperature = temperature,
        CreatedAt = now,
        UpdatedAt = now,
    };

    /// <summary>Null leaves a value as it is; an empty model goes back to the default.</summary>
    public void Change(string? name, string? instructions, string? model, double? temperature, DateTimeOffset now)
    {
        Name = name ?? Name;
        Instructions = instructions ?? Instructions;
        Model = model is null ? Model : model.Length == 0 ? null : model;
        Temperature = temperature ?? Temperature;
        UpdatedAt = now;
    }

    public void Delete(DateTimeOffset now)
    {
        DeletedAt = now;
        Raise(new BotDeleted(Id));
    }

    internal sealed class Mapping : IEntityTypeConfiguration<Bot>
    {
        public void Configure(EntityTypeBuilder<Bot> builder)
        {
            builder.ToTable("bots", "bots");
            builder.Property(b => b.Name).HasMaxLength(80);
            builder.Property(b => b.Model).HasMaxLength(200);
            builder.HasIndex(b => new { b.OwnerId, b.Id });
        }
    }
}

/// <summary>Its documents are to be removed.</summary>
[EventName("bots.bot-deleted.v1")]
public sealed record BotDeleted(Guid BotId) : IDomainEvent
{
    public string OrderingKey => BotId.ToString();
}

public static class BotQueries
{
    public static IQueryable<Bot> VisibleTo(this IQueryable<Bot> bots, Guid accountId) => bots.Where(b => b.OwnerId == accountId && b.DeletedAt == null);

    public static IQueryable<Bot> EditableBy(this IQueryable<Bot> bots, Guid accountId) => bots.VisibleTo(accountId);
}
