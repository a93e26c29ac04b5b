using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ChatSphere.Data.Context;

/// <summary>What was estimated for a model's prompts and what the model said they took: sums of the latest calls of all nodes, older ones fading.</summary>
public sealed class TokenCount
{
    public required string Model { get; init; }
    public required double Estimated { get; init; }
    public required double Reported { get; init; }
    public required DateTimeOffset UpdatedAt { get; init; }

    internal sealed class Mapping : IEntityTypeConfiguration<TokenCount>
    {
        public void Configure(EntityTypeBuilder<TokenCount> builder)
        {
            builder.ToTable("token_counts", "context");
            builder.HasKey(c => c.Model);
            builder.Property(c => c.Model).HasMaxLength(200);
        }
    }
}

public static class TokenCountQueries
{
    /// <summary>How many estimated tokens are remembered; what comes on top makes older ones fade.</summary>
    private const double Remembered = 200_000;

    /// <summary>Adds what a node saw; nodes add up in the row.</summary>
    public static Task AddTokenCountAsync(this ChatSphereDb db, string model, double estimated, double reported, DateTimeOffset now, CancellationToken cancellationToken) => db.Database.ExecuteSqlAsync($"""
        insert into context.token_counts as c (model, estimated, reported, updated_at) values ({model}, {estimated}, {reported}, {now})
        on conflict (model) do update set
            estimated = c.estimated * least(1, {Remembered} / (c.estimated + excluded.estimated)) + excluded.estimated,
            reported = c.reported * least(1, {Remembered} / (c.estimated + excluded.estimated)) + excluded.reported,
            updated_at = excluded.updated_at
        """, cancellationToken);
}
