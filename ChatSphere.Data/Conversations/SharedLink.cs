using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ChatSphere.Data.Conversations;

/// <summary>
/// A copy of one branch as it was, for whoever has the link. Of the secret in the link only its hash is kept. It goes with the conversation; what is said later is not in it.
/// </summary>
public sealed class SharedLink
{
    public required Guid Id { get; init; }
    public required Guid OwnerId { get; init; }
    public required Guid ConversationId { get; init; }

    /// <summary>SHA-256 of the token.</summary>
    public required byte[] TokenHash { get; init; }

    /// <summary>JSON, of the shape of the wire.</summary>
    public required string Content { get; init; }
    public required string Title { get; init; }
    public required int Messages { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }
    public DateTimeOffset? ExpiresAt { get; init; }

    internal sealed class Mapping : IEntityTypeConfiguration<SharedLink>
    {
        public void Configure(EntityTypeBuilder<SharedLink> builder)
        {
            builder.ToTable("shared_links", "conversations");
            builder.HasIndex(l => l.TokenHash).IsUnique();
            builder.HasIndex(l => new { l.OwnerId, l.Id });
            builder.HasOne<Conversation>().WithMany().HasForeignKey(l => l.ConversationId).OnDelete(DeleteBehavior.Cascade);
        }
    }
}
