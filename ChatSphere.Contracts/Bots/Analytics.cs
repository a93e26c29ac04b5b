namespace ChatSphere.Contracts.Bots;

/// <summary>How a bot is doing, in numbers. Nothing that anybody wrote, but for the questions in conversations of the caller's own.</summary>
/// <param name="People">Who began or went on with a conversation in that time; the days do not add up to it.</param>
/// <param name="P50Milliseconds">From question to the end of the answer, for half of the answers; null: there were none.</param>
/// <param name="UnansweredQuestions">Newest first, at most 20, only from the caller's own conversations.</param>
public sealed partial record BotAnalyticsResponse(
    DateOnly From, DateOnly To, int Conversations, int People, int Questions, AnswerOutcomes Answers, long InputTokens, long OutputTokens,
    int? P50Milliseconds, int? P95Milliseconds, IReadOnlyList<BotAnalyticsDay> Days, IReadOnlyList<BotAnalyticsVersion> Versions, IReadOnlyList<UnansweredQuestion> UnansweredQuestions)
{
    /// <summary>Ratings of the answers; null where answers are not rated.</summary>
    public BotRatings? Ratings { get; init; }

    /// <summary>What the answers cost, in the deployment's currency; null where no prices are known.</summary>
    public decimal? Cost { get; init; }
}

/// <param name="Answered">With at least one source.</param>
/// <param name="WithoutSources">Complete, but nothing in the documents stood behind it.</param>
/// <param name="Failed">No model could answer, or it was cut off by a fault.</param>
/// <param name="Stopped">By the person.</param>
public sealed record AnswerOutcomes(int Answered, int WithoutSources, int Failed, int Stopped);

public sealed record BotRatings(int Good, int Bad);

public sealed record BotAnalyticsDay(
    DateOnly Day, int Conversations, int People, int Questions, AnswerOutcomes Answers, long InputTokens, long OutputTokens, int? P50Milliseconds, int? P95Milliseconds);

/// <param name="Version">Null: answers from before there were versions.</param>
public sealed record BotAnalyticsVersion(int? Version, int Questions, AnswerOutcomes Answers, int? P50Milliseconds, int? P95Milliseconds);

public sealed record UnansweredQuestion(Guid ConversationId, Guid MessageId, string Question, string Outcome, DateTimeOffset At);
