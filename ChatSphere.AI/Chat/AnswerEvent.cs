namespace ChatSphere.AI.Chat;

/// <summary>
/// What happens while an answer is written. The texts of all <see cref="AnswerDelta"/>s, in order, are the answer. The last event is always
/// <see cref="AnswerFinished"/> or <see cref="AnswerFailed"/>, unless the caller cancelled.
/// </summary>
public abstract record AnswerEvent
{
    private protected AnswerEvent()
    {
    }
}

/// <param name="Text">Never empty, never half a surrogate pair, free of NUL.</param>
public sealed record AnswerDelta(string Text) : AnswerEvent;

/// <summary>Another model goes on from the text shown so far.</summary>
/// <param name="Reason">One of <see cref="AnswerCodes"/>.</param>
public sealed record AnswerSwitched(string From, string To, string Reason) : AnswerEvent;

/// <param name="ArgumentsJson">As the model wrote it; may be invalid JSON.</param>
public sealed record AnswerToolCall(string CallId, string Name, string ArgumentsJson) : AnswerEvent;

public sealed record AnswerToolResult(string CallId, string Name, string Result, bool IsError) : AnswerEvent;

/// <param name="Model">The one that finished the answer.</param>
/// <param name="InputTokens">Over all calls that this answer took, those that broke off included.</param>
/// <param name="Estimated">True when at least one call reported no usage.</param>
/// <param name="FinishReason">The provider's word: <c>stop</c>, <c>length</c>, …</param>
public sealed record AnswerFinished(string Model, int InputTokens, int OutputTokens, bool Estimated, string? FinishReason) : AnswerEvent;

/// <summary>No model could answer, or none could go on from the text shown.</summary>
/// <param name="Code">One of <see cref="AnswerCodes"/>.</param>
/// <param name="Reason">For people; holds nothing that a provider sent.</param>
public sealed record AnswerFailed(string Code, string Reason) : AnswerEvent;

/// <summary>Stable codes of switches and failures.</summary>
public static class AnswerCodes
{
    /// <summary>Unreachable, overloaded, too slow to start, or answering nonsense.</summary>
    public const string ProviderUnavailable = "provider_unavailable";

    /// <summary>Stopped, or fell silent, in the middle of the answer.</summary>
    public const string ProviderBrokeOff = "provider_broke_off";

    /// <summary>The provider rejects the call: key, model id, or content.</summary>
    public const string ProviderRefused = "provider_refused";

    /// <summary>Slow to start, and another that was asked meanwhile spoke first.</summary>
    public const string ProviderSlow = "provider_slow";

    /// <summary>Every model of the chain lacks an ability that the question needs, or may not be used by the asker.</summary>
    public const string NoSuitableModel = "no_suitable_model";

    /// <summary>Failed so often lately that it is not asked for a while.</summary>
    public const string CircuitOpen = "circuit_open";

    public const string AnswerEmpty = "answer_empty";

    /// <summary>It gave away what the bot's instructions mark as confidential; what was shown of it is taken back.</summary>
    public const string AnswerWithheld = "answer_withheld";

    /// <summary>The whole answer took longer than <c>AI:AnswerTimeout</c>.</summary>
    public const string AnswerTimeout = "answer_timeout";
}
