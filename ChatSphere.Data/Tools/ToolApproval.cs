using ChatSphere.Data.Conversations;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ChatSphere.Data.Tools;

public enum ApprovalState
{
    Waiting,
    Approved,
    Denied,

    /// <summary>Nobody answered in time.</summary>
    Expired,
}

/// <summary>A tool call that waits for its person. Decided once, by an update that finds it waiting; whoever comes second finds it decided.</summary>
public sealed class ToolApproval
{
    private ToolApproval()
    {
    }

    public Guid TurnId { get; private init; }
    public string CallId { get; private init; } = "";
    public Guid ConversationId { get; private init; }

    /// <summary>The <see cref="BotTool"/>.</summary>
    public Guid ToolId { get; private init; }
    public ApprovalState State { get; private set; }

    /// <summary>Holds for further calls of this tool in this conversation.</summary>
    public bool Remembered { get; private set; }
    public DateTimeOffset AskedAt { get; private init; }
    public DateTimeOffset ExpiresAt { get; private init; }
    public DateTimeOffset? DecidedAt { get; private set; }

    public static ToolApproval Ask(Guid turnId, string callId, Guid conversationId, Guid toolId, DateTimeOffset now, DateTimeOffset expiresAt) =>
        new() { TurnId = turnId, CallId = callId, ConversationId = conversationId, ToolId = toolId, AskedAt = now, ExpiresAt = expiresAt };

    internal sealed class Mapping : IEntityTypeConfiguration<ToolApproval>
    {
        public void Configure(EntityTypeBuilder<ToolApproval> builder)
        {
            builder.ToTable("tool_approvals", "conversations");
            builder.HasKey(a => new { a.TurnId, a.CallId });
            builder.Property(a => a.CallId).HasMaxLength(64);

            // What has this person allowed for good in this conversation?
            builder.HasIndex(a => new { a.ConversationId, a.ToolId }).HasFilter("remembered");
            builder.HasOne<Turn>().WithMany().HasForeignKey(a => a.TurnId).OnDelete(DeleteBehavior.Cascade);
        }
    }
}
