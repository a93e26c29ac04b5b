using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ChatSphere.Data.Conversations;

/// <summary>How a person keeps order among their conversations.</summary>
public sealed partial class Conversation
{
    public DateTimeOffset? PinnedAt { get; private set; }

    public DateTimeOffset? ArchivedAt { get; private set; }

    public Guid? FolderId { get; private set; }

    /// <summary>Stored as they are, also where content is sealed: they are looked up in the database.</summary>
    public List<string> Tags { get; private set; } = [];

    /// <summary>Set: temporary. In no list and no search, and gone after this time.</summary>
    public DateTimeOffset? ExpiresAt { get; private set; }

    public void ForgetAt(DateTimeOffset expiresAt) => ExpiresAt = expiresAt;

    public void PutInto(Guid folderId) => FolderId = folderId;

    internal sealed class OrderMapping : IEntityTypeConfiguration<Conversation>
    {
        public void Configure(EntityTypeBuilder<Conversation> builder)
        {
            builder.Property(c => c.Tags).HasDefaultValueSql("'{}'");
            builder.HasIndex(c => c.Tags).HasMethod("gin");
            builder.HasIndex(c => c.ExpiresAt).HasFilter("expires_at is not null");
            builder.HasOne<Folder>().WithMany().HasForeignKey(c => c.FolderId).OnDelete(DeleteBehavior.SetNull);
        }
    }
}

/// <summary>Where a person puts conversations. Its name is content, so it is sealed like a title.</summary>
public sealed class Folder
{
    public required Guid Id { get; init; }
    public required Guid OwnerId { get; init; }
    public required string Name { get; set; }
    public required DateTimeOffset CreatedAt { get; init; }

    internal sealed class Mapping : IEntityTypeConfiguration<Folder>
    {
        public void Configure(EntityTypeBuilder<Folder> builder)
        {
            builder.ToTable("folders", "conversations");
            builder.HasIndex(f => f.OwnerId);
        }
    }
}
