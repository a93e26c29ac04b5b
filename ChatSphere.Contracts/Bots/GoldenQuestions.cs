using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;

namespace ChatSphere.Contracts.Bots;

/// <summary>A question and what its answer owes. Phrases are looked for whatever their case, spaces and citation numbers.</summary>
/// <param name="Sources">Each has to be cited.</param>
/// <param name="All">Each has to stand in the answer; 1 to 500 characters.</param>
/// <param name="Any">One of them has to, unless there is none.</param>
/// <param name="Forbidden">None of them may.</param>
public sealed record SaveGoldenQuestionRequest(
    [property: Required, StringLength(4_000, MinimumLength = 1)] string Question,
    [property: MaxLength(20)] IReadOnlyList<ExpectedSourceRequest>? Sources = null,
    [property: MaxLength(20)] IReadOnlyList<string>? All = null,
    [property: MaxLength(20)] IReadOnlyList<string>? Any = null,
    [property: MaxLength(20)] IReadOnlyList<string>? Forbidden = null);

/// <param name="Page">Null: any page of the document.</param>
public sealed record ExpectedSourceRequest([property: Required] Guid? DocumentId, [property: Range(1, int.MaxValue)] int? Page = null);

public sealed record GoldenQuestionResponse(
    Guid Id, string Question, IReadOnlyList<GoldenSourceResponse> Sources, IReadOnlyList<string> All, IReadOnlyList<string> Any, IReadOnlyList<string> Forbidden, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt);

/// <param name="DocumentName">Null: the document is no longer there.</param>
public sealed record GoldenSourceResponse(Guid DocumentId, string? DocumentName, int? Page);

[JsonConverter(typeof(SnakeCaseEnum<GoldenRunStatus>))]
public enum GoldenRunStatus
{
    Running,
    Finished,
    Interrupted,
    Cancelled,
}

/// <param name="IsCurrent">It tells of the draft, the version in effect and the questions as they are now, so it counts for publishing.</param>
/// <param name="HasDraft">The draft was asked as well; otherwise only the version in effect.</param>
/// <param name="Reason">Why it was interrupted.</param>
/// <param name="Regressions">Questions that the version in effect passes and the draft fails.</param>
/// <param name="Results">Null in lists.</param>
public sealed record GoldenRunResponse(
    Guid Id, GoldenRunStatus Status, int LiveVersion, bool HasDraft, bool IsCurrent, int Total, int Done, string? Reason, DateTimeOffset CreatedAt, DateTimeOffset? FinishedAt,
    GoldenTally Live, GoldenTally? Draft, IReadOnlyList<Guid> Regressions, IReadOnlyList<GoldenComparison>? Results);

public sealed record GoldenTally(int Passed, int Failed);

/// <summary>One question with both answers.</summary>
public sealed record GoldenComparison(Guid QuestionId, string Question, GoldenAnswer? Live, GoldenAnswer? Draft);

/// <param name="Failures">What it owed and did not give: <c>missing_source</c>, <c>missing_phrase</c>, <c>missing_any</c>, <c>forbidden_phrase</c>, or <c>answer_failed</c>, each followed by a colon and what it is about.</param>
/// <param name="Cited">Where it took it from.</param>
public sealed record GoldenAnswer(
    bool Passed, IReadOnlyList<string> Failures, string Answer, IReadOnlyList<GoldenSourceResponse> Cited, string? Model, int InputTokens, int OutputTokens, int Milliseconds);
