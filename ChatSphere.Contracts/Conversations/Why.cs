using System.Text.Json.Serialization;

namespace ChatSphere.Contracts.Conversations;

public sealed partial record MessageResponse
{
    /// <summary>Which version of the bot answered; null for what people wrote.</summary>
    public int? BotVersion { get; init; }
}

[JsonConverter(typeof(SnakeCaseEnum<PassageOutcome>))]
public enum PassageOutcome
{
    Cited,

    /// <summary>The model had it before it and did not cite it.</summary>
    Given,

    /// <summary>Among the best, but the prompt was full.</summary>
    OverBudget,

    /// <summary>Others were better.</summary>
    BelowCut,

    /// <summary>Says almost the same as a better one.</summary>
    Duplicate,

    /// <summary>Its document was no longer there.</summary>
    Gone,

    /// <summary>Cited, but its document no longer said so when the answer was finished.</summary>
    NotVerified,
}

/// <summary>How an answer came about.</summary>
/// <param name="SearchText">What was looked for in the documents.</param>
/// <param name="Steps">In the order in which they began; they may overlap.</param>
/// <param name="Passages">Best first; only those that the caller may read now.</param>
/// <param name="HiddenPassages">How many more there were.</param>
/// <param name="Models">In the order in which they were asked.</param>
public sealed partial record WhyResponse(
    Guid MessageId, Guid ConversationId, int? BotVersion, string? Model, string SearchText, IReadOnlyList<WhyStep> Steps, double TotalMilliseconds,
    IReadOnlyList<WhyPassage> Passages, int HiddenPassages, IReadOnlyList<WhyModel> Models, UsageResponse? Usage, string? FailureCode, DateTimeOffset CreatedAt);

/// <param name="Name">A stable word: <c>history</c>, <c>retrieval</c>, <c>first_word</c>, <c>writing</c>, …</param>
public sealed record WhyStep(string Name, double StartMilliseconds, double Milliseconds);

/// <param name="Number">In the prompt, and in the answer's citations.</param>
/// <param name="Excerpt">How it begins; null when the passage was made anew since.</param>
public sealed record WhyPassage(
    Guid DocumentId, string DocumentName, int? Page, int Start, int End, int? Number, PassageOutcome Outcome, double? Score, int? LexicalRank, double? LexicalScore, int? VectorRank, double? VectorScore, string? Excerpt);

/// <param name="Outcome"><c>answered</c>, or the code of what went wrong.</param>
public sealed record WhyModel(string Model, string Outcome);
