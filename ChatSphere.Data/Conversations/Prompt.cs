using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ChatSphere.Data.Conversations;

/// <summary>A text that a person asks again and again, called by its name.</summary>
public sealed class Prompt
{
    public required Guid Id { get; init; }
    public required Guid OwnerId { get; init; }

    /// <summary>Lower case, digits and hyphens; one's own, once. Stored as it is, also where content is sealed.</summary>
    public required string Name { get; set; }
    public required string Text { get; set; }
    public required DateTimeOffset CreatedAt { get; init; }
    public required DateTimeOffset UpdatedAt { get; set; }

    internal sealed class Mapping : IEntityTypeConfiguration<Prompt>
    {
        public void Configure(EntityTypeBuilder<Prompt> builder)
        {
            builder.ToTable("prompts", "conversations");
            builder.Property(p => p.Name).HasMaxLength(40);
            builder.HasIndex(p => new { p.OwnerId, p.Name }).IsUnique();
        }
    }
}
