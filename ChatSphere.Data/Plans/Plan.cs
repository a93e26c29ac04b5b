using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ChatSphere.Data.Plans;

/// <summary>How much a person may use. A limit that is null is none.</summary>
public sealed class Plan
{
    public required Guid Id { get; init; }

    /// <summary>Never changes: the payment provider knows it.</summary>
    public required string Key { get; init; }
    public required string Name { get; set; }
    public string Description { get; set; } = "";

    /// <summary>A month, for display; null: no price.</summary>
    public decimal? PriceAmount { get; set; }
    public string? PriceCurrency { get; set; }
    public List<string> Features { get; set; } = [];
    public int? Bots { get; set; }
    public int? Documents { get; set; }
    public long? StorageBytes { get; set; }
    public int? MessagesPerDay { get; set; }

    /// <summary>Null: all. The deployment's default is allowed always, so a list never takes the last model away.</summary>
    public List<string>? Models { get; set; }

    /// <summary>For others than the owner.</summary>
    public int? Seats { get; set; }
    public int? ApiKeys { get; set; }

    /// <summary>Keys of one's own at providers of models are used for one's questions, where the deployment takes them at all.</summary>
    public bool OwnKeys { get; set; } = true;

    /// <summary>Exactly one is.</summary>
    public bool IsDefault { get; set; }

    /// <summary>People may choose it by themselves; else only an administrator or the payment provider gives it.</summary>
    public bool IsOffered { get; set; }
    public DateTimeOffset? ArchivedAt { get; set; }
    public required DateTimeOffset CreatedAt { get; init; }
    public DateTimeOffset UpdatedAt { get; set; }

    public bool HasPrice => PriceAmount > 0;

    public bool Allows(string model) => Models is null || Models.Contains(model, StringComparer.Ordinal);

    internal sealed class Mapping : IEntityTypeConfiguration<Plan>
    {
        public void Configure(EntityTypeBuilder<Plan> builder)
        {
            builder.ToTable("plans", "plans");
            builder.Property(p => p.Key).HasMaxLength(40);
            builder.Property(p => p.Name).HasMaxLength(80);
            builder.Property(p => p.Description).HasMaxLength(400);
            builder.Property(p => p.PriceAmount).HasPrecision(12, 2);
            builder.Property(p => p.PriceCurrency).HasMaxLength(3);
            builder.Property(p => p.OwnKeys).HasDefaultValue(true);
            builder.Ignore(p => p.HasPrice);
            builder.HasIndex(p => p.Key).IsUnique();
            builder.HasIndex(p => p.IsDefault).IsUnique().HasFilter("is_default");
        }
    }
}

/// <summary>The plans that a new deployment has; generous, because a deployment of one's own has no reason not to be.</summary>
public static class PlansSql
{
    public const string Up = """
        insert into plans.plans (id, key, name, description, price_amount, price_currency, features, bots, documents, storage_bytes, messages_per_day, models, seats, api_keys, is_default, is_offered, created_at, updated_at) values
        ('01990000-0000-7000-8000-000000000101', 'free', 'Free', 'For everybody here.', null, null, '{"Bots that cite their documents","All models"}', 20, 2000, 5368709120, 500, null, 0, 20, true, true, now(), now()),
        ('01990000-0000-7000-8000-000000000102', 'pro', 'Pro', 'For people who work with it every day.', 15, 'EUR', '{"Everything in Free","Four times the questions","Fifty gigabytes of documents"}', 200, 20000, 53687091200, 2000, null, 0, 100, false, true, now(), now()),
        ('01990000-0000-7000-8000-000000000103', 'team', 'Team', 'One plan for you and up to ten others.', 60, 'EUR', '{"Everything in Pro","Ten seats for people you choose"}', 500, 50000, 214748364800, 5000, null, 10, 200, false, true, now(), now())
        """;
}
