using System.Net.Sockets;
using System.Text.Json;

namespace ChatSphere.AI.Chat;

/// <summary>A failed call as routing sees it.</summary>
/// <param name="Reason">For people; nothing that the provider sent, because error bodies quote keys and prompts.</param>
/// <param name="Retries">How often the same model may be asked again, as long as nothing was shown.</param>
/// <param name="Counts">Whether it says that the model is down; a refused key or prompt does not.</param>
internal sealed record ProviderFault(string Code, string Reason, int Retries, bool Counts = true, TimeSpan? RetryAfter = null)
{
    private const int MaxRetries = 2;

    /// <summary>Null: there was none.</summary>
    public int? Status { get; init; }

    /// <summary>Another key, or another connection that serves the model, may do better.</summary>
    public bool IsOfTheKey => Status is 401 or 403 or 404 or 429 or >= 500 || (Code == AnswerCodes.ProviderUnavailable && Status is null && Retries == MaxRetries);

    public static ProviderFault From(Exception exception, string model) => exception switch
    {
        ProviderException { Status: 408 or 429 or >= 500 } e => new(
            AnswerCodes.ProviderUnavailable, $"{model} answered with status {e.Status}.", MaxRetries, RetryAfter: e.RetryAfter) { Status = e.Status },
        ProviderException { Status: >= 400 } e => new(AnswerCodes.ProviderRefused, $"{model} refused the call with status {e.Status}.", 0, Counts: false) { Status = e.Status },
        AggregateException { InnerException: { } inner } => From(inner, model),
        ProviderException or HttpRequestException or IOException or SocketException or JsonException or OperationCanceledException or TimeoutException => new(
            AnswerCodes.ProviderUnavailable, $"{model} could not be reached, or did not answer in the agreed form.", MaxRetries),
        _ => new(AnswerCodes.ProviderUnavailable, $"{model} failed.", 0),
    };

    public static ProviderFault Empty(string model) => new(AnswerCodes.AnswerEmpty, $"{model} answered nothing.", MaxRetries);

    public static ProviderFault Filtered(string model) => new(AnswerCodes.ProviderRefused, $"{model} withheld its answer.", 0, Counts: false);

    public static ProviderFault Circuit(string model) => new(AnswerCodes.CircuitOpen, $"{model} failed too often lately and is given a rest.", 0, Counts: false);

    public static ProviderFault NotConnected(string model) => new(AnswerCodes.ProviderUnavailable, $"No provider that serves {model} is connected.", 0, Counts: false);

    public static ProviderFault NotSuitable { get; } = new(AnswerCodes.NoSuitableModel, "None of the models that may be used here can do what this question needs.", 0, Counts: false);

    /// <summary>No other model is asked: the question is the same.</summary>
    public static ProviderFault Withheld { get; } = new(AnswerCodes.AnswerWithheld, "The answer was withheld.", 0, Counts: false);

    public static ProviderFault OutOfTime { get; } = new(AnswerCodes.AnswerTimeout, "The answer took too long.", 0, Counts: false);

    /// <summary>Once only: whoever waits for an answer has waited a whole <c>AI:FirstTokenTimeout</c> by then.</summary>
    public static ProviderFault Slow(string model) => new(AnswerCodes.ProviderUnavailable, $"{model} did not start to answer in time.", 1);

    /// <summary>The same fault, when part of the answer is on the screen already.</summary>
    public ProviderFault InTheMiddle(string model) =>
        Code is AnswerCodes.AnswerTimeout or AnswerCodes.ProviderRefused ? this : this with { Code = AnswerCodes.ProviderBrokeOff, Reason = $"{model} broke off in the middle of the answer.", Retries = 0 };
}
