using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ChatSphere.Data.Conversations;

/// <summary>
/// How an answer came about. Lives and dies with its message. Holds references and scores only: what the passages say stays where it is, and is shown to whoever may read it when they ask.
/// </summary>
public sealed class TurnTrace
{
    public required Guid MessageId { get; init; }
    public required Guid TurnId { get; set; }
    public required Guid BotId { get; set; }
    public int? BotVersion { get; set; }

    /// <summary>What was looked for in the documents; sealed as messages are.</summary>
    public string SearchText { get; set; } = "";
    public List<TracedStep> Steps { get; set; } = [];
    public List<TracedPassage> Passages { get; set; } = [];
    public List<TracedModel> Models { get; set; } = [];
    public DateTimeOffset CreatedAt { get; set; }

    internal sealed class Mapping : IEntityTypeConfiguration<TurnTrace>
    {
        public void Configure(EntityTypeBuilder<TurnTrace> builder)
        {
            builder.ToTable("turn_traces", "conversations");
            builder.HasKey(t => t.MessageId);
            builder.ComplexCollection(t => t.Steps, s => s.ToJson());
            builder.ComplexCollection(t => t.Passages, p => p.ToJson());
            builder.ComplexCollection(t => t.Models, m => m.ToJson());
            builder.HasOne<Message>().WithOne().HasForeignKey<TurnTrace>(t => t.MessageId).OnDelete(DeleteBehavior.Cascade);
        }
    }
}

/// <summary>A stretch of the time that the answer took.</summary>
public sealed class TracedStep
{
    public required string Name { get; init; }

    /// <summary>From the beginning of the turn.</summary>
    public required double StartMilliseconds { get; init; }
    public required double Milliseconds { get; init; }
}

public enum PassageFate
{
    /// <summary>The answer cites it.</summary>
    Cited,

    /// <summary>The model had it before it.</summary>
    Given,

    /// <summary>Among the best, but the prompt was full.</summary>
    OverBudget,

    /// <summary>Others were better.</summary>
    BelowCut,

    /// <summary>Says almost the same as a better one.</summary>
    Duplicate,

    /// <summary>Its document was no longer there, or not ready.</summary>
    Gone,

    /// <summary>Cited, but its document no longer said so when the answer was finished.</summary>
    NotVerified,
}

public sealed class TracedPassage
{
    public required Guid ChunkId { get; init; }
    public required Guid DocumentId { get; init; }
    public int? Page { get; init; }
    public int Start { get; init; }
    public int End { get; init; }

    /// <summary>In the prompt, from 1; null: it was not in it.</summary>
    public int? Number { get; init; }
    public int? LexicalRank { get; init; }
    public double? LexicalScore { get; init; }
    public int? VectorRank { get; init; }
    public double? VectorScore { get; init; }

    /// <summary>Fused.</summary>
    public double? Score { get; init; }
    public required PassageFate Fate { get; init; }
}

public sealed class TracedModel
{
    public required string Model { get; init; }

    /// <summary><c>answered</c>, or the code of what went wrong with it.</summary>
    public required string Outcome { get; init; }
}

public sealed partial class Message
{
    /// <summary>Which version of the bot answered; null for people and for answers from before there were versions.</summary>
    public int? BotVersion { get; set; }
}
