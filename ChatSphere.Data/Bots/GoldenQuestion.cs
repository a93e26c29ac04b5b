using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ChatSphere.Data.Bots;

/// <summary>A question whose answer is known: what a bot has to say, and from where, before a change of it is let out.</summary>
public sealed class GoldenQuestion
{
    public const int MostOfABot = 200;

    public required Guid Id { get; init; }
    public required Guid BotId { get; init; }
    public required string Question { get; set; }

    /// <summary>Each has to be cited.</summary>
    public List<ExpectedSource> Sources { get; set; } = [];

    /// <summary>Each has to stand in the answer, whatever its case and spaces.</summary>
    public List<string> All { get; set; } = [];

    /// <summary>One has to, unless there is none.</summary>
    public List<string> Any { get; set; } = [];

    /// <summary>None may.</summary>
    public List<string> Forbidden { get; set; } = [];
    public required DateTimeOffset CreatedAt { get; init; }
    public required DateTimeOffset UpdatedAt { get; set; }

    internal sealed class Mapping : IEntityTypeConfiguration<GoldenQuestion>
    {
        public void Configure(EntityTypeBuilder<GoldenQuestion> builder)
        {
            builder.ToTable("golden_questions", "bots");
            builder.HasIndex(q => new { q.BotId, q.Id });
            builder.ComplexCollection(q => q.Sources, s => s.ToJson());
            builder.HasOne<Bot>().WithMany().HasForeignKey(q => q.BotId).OnDelete(DeleteBehavior.Cascade);
        }
    }
}

public sealed class ExpectedSource
{
    public required Guid DocumentId { get; init; }

    /// <summary>Null: any.</summary>
    public int? Page { get; init; }
}

public enum GoldenRunState
{
    Running,
    Finished,

    /// <summary>Its node died, and others that took it up as well, or there was no room in the plan.</summary>
    Interrupted,
    Cancelled,
}

/// <summary>All golden questions of a bot, put to its draft and to the version in effect. One node at a time works on it, and another goes on when that one dies.</summary>
public sealed class GoldenRun
{
    public const int MaxAttempts = 3;

    public required Guid Id { get; init; }
    public required Guid BotId { get; init; }

    /// <summary>Whose rights and allowance count; null: the account is gone.</summary>
    public Guid? StartedBy { get; set; }
    public GoldenRunState State { get; set; }

    /// <summary>In effect when it began.</summary>
    public required int LiveVersion { get; init; }
    public required string LiveSettings { get; init; }

    /// <summary>Null: there was no draft, and only what is in effect is asked.</summary>
    public string? DraftSettings { get; init; }
    public string? DraftFingerprint { get; init; }

    /// <summary>Of the questions as they were; a run says nothing about others.</summary>
    public required string QuestionsFingerprint { get; init; }

    /// <summary>Answers to be had, and those that are there.</summary>
    public required int Total { get; init; }
    public int Done { get; set; }
    public string? Reason { get; set; }
    public string? LeasedBy { get; set; }
    public DateTimeOffset? LeasedUntil { get; set; }
    public int Attempts { get; set; }
    public required DateTimeOffset CreatedAt { get; init; }
    public DateTimeOffset? FinishedAt { get; set; }

    internal sealed class Mapping : IEntityTypeConfiguration<GoldenRun>
    {
        public void Configure(EntityTypeBuilder<GoldenRun> builder)
        {
            builder.ToTable("golden_runs", "bots");
            builder.Property(r => r.LiveSettings).HasColumnType("jsonb");
            builder.Property(r => r.DraftSettings).HasColumnType("jsonb");
            builder.Property(r => r.DraftFingerprint).HasMaxLength(64);
            builder.Property(r => r.QuestionsFingerprint).HasMaxLength(64);
            builder.Property(r => r.Reason).HasMaxLength(400);
            builder.Property(r => r.LeasedBy).HasMaxLength(100);
            builder.HasIndex(r => new { r.BotId, r.Id });
            builder.HasIndex(r => r.StartedBy);

            // One at a time for a bot, and what nobody works on any more.
            builder.HasIndex(r => r.BotId).IsUnique().HasFilter("state = 'Running'").HasDatabaseName("ix_golden_runs_running");
            builder.HasIndex(r => r.LeasedUntil).HasFilter("state = 'Running'");
            builder.HasOne<Bot>().WithMany().HasForeignKey(r => r.BotId).OnDelete(DeleteBehavior.Cascade);
        }
    }
}

/// <summary>One answer of a run.</summary>
public sealed class GoldenResult
{
    public required Guid Id { get; init; }
    public required Guid RunId { get; init; }
    public required Guid QuestionId { get; init; }

    /// <summary>Of the draft, or else of the version in effect.</summary>
    public required bool IsDraft { get; init; }
    public required string Question { get; init; }
    public string Answer { get; init; } = "";
    public required bool Passed { get; init; }

    /// <summary>Codes with what they are about, as <c>missing_phrase: thirty days</c>.</summary>
    public List<string> Failures { get; init; } = [];

    /// <summary>What it cited.</summary>
    public List<ExpectedSource> Cited { get; init; } = [];
    public string? Model { get; init; }
    public int InputTokens { get; init; }
    public int OutputTokens { get; init; }
    public int Milliseconds { get; init; }

    internal sealed class Mapping : IEntityTypeConfiguration<GoldenResult>
    {
        public void Configure(EntityTypeBuilder<GoldenResult> builder)
        {
            builder.ToTable("golden_results", "bots");
            builder.Property(r => r.Model).HasMaxLength(200);
            builder.ComplexCollection(r => r.Cited, s => s.ToJson());

            // A run that goes on after its node died answers nothing twice.
            builder.HasIndex(r => new { r.RunId, r.QuestionId, r.IsDraft }).IsUnique();
            builder.HasOne<GoldenRun>().WithMany().HasForeignKey(r => r.RunId).OnDelete(DeleteBehavior.Cascade);
        }
    }
}
