using System.ComponentModel.DataAnnotations;

namespace ChatSphere.Contracts.Context;

/// <param name="Model">A model of <c>GET /v1/models</c>; null: the deployment's default.</param>
/// <param name="Sentences">At most so many.</param>
public sealed record SummariseRequest([property: Required, StringLength(40_000, MinimumLength = 1)] string Text, [property: Range(1, 20)] int Sentences = 3, [property: StringLength(200)] string? Model = null);

/// <param name="To">A language tag such as <c>en</c>, <c>sv</c> or <c>pt-BR</c>.</param>
public sealed record TranslateRequest([property: Required, StringLength(20_000, MinimumLength = 1)] string Text, [property: Required, StringLength(35, MinimumLength = 2)] string To, [property: StringLength(200)] string? Model = null);

/// <param name="Text">The message to answer, or the last few of a conversation.</param>
/// <param name="Count">How many replies.</param>
public sealed record SuggestRepliesRequest([property: Required, StringLength(8_000, MinimumLength = 1)] string Text, [property: Range(1, 5)] int Count = 3, [property: StringLength(200)] string? Model = null);

/// <param name="Labels">To choose from; null: those of moderation (<c>harassment</c>, <c>hate</c>, <c>sexual</c>, <c>violence</c>, <c>self_harm</c>, <c>illegal</c>, <c>spam</c>, <c>none</c>).</param>
public sealed record ClassifyRequest([property: Required, StringLength(20_000, MinimumLength = 1)] string Text, [property: MinLength(2), MaxLength(30)] IReadOnlyList<string>? Labels = null, [property: StringLength(200)] string? Model = null);

public sealed record SentimentRequest([property: Required, StringLength(20_000, MinimumLength = 1)] string Text, [property: StringLength(200)] string? Model = null);

public sealed record DetectLanguageRequest([property: Required, StringLength(20_000, MinimumLength = 1)] string Text);

/// <param name="Model">Which model wrote it.</param>
public sealed record WrittenTextResponse(string Text, string Model);

/// <param name="Replies">Empty when the model wrote none that could be used.</param>
public sealed record SuggestedRepliesResponse(IReadOnlyList<string> Replies, string Model);

/// <param name="Label">One of those asked for; null: the model named none of them.</param>
public sealed record ClassificationResponse(string? Label, string Model);

/// <param name="Sentiment"><c>positive</c>, <c>neutral</c>, <c>negative</c> or <c>mixed</c>.</param>
/// <param name="Score">−1 to 1.</param>
/// <param name="Method"><c>model</c>, or <c>lexicon</c>: counted by a short list of words of a few languages, which knows neither irony nor context.</param>
/// <param name="Model">Null with <c>lexicon</c>.</param>
public sealed record SentimentResponse(string Sentiment, double Score, string Method, string? Model);

/// <param name="Language">Its ISO 639-1 code; null: too short, or none that is known.</param>
/// <param name="Name">In English.</param>
/// <param name="Confidence">0 to 1: how far it is ahead of the next.</param>
/// <param name="Candidates">Best first.</param>
public sealed record LanguageResponse(string? Language, string? Name, double Confidence, IReadOnlyList<LanguageCandidate> Candidates);

public sealed record LanguageCandidate(string Language, double Score);
