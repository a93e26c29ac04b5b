using System.Text.RegularExpressions;
using ChatSphere.Data.Models;

namespace ChatSphere.AI.Chat;

/// <summary>What is known of a model. Null: not known, which is taken for yes.</summary>
/// <param name="ContextTokens">Prompt and answer together.</param>
/// <param name="InputPrice">For a million tokens.</param>
/// <param name="FixedTemperature">It refuses to be given a temperature.</param>
public sealed record ModelInfo(
    string Id, int? ContextTokens = null, bool? Tools = null, bool? Vision = null, bool? Json = null, decimal? InputPrice = null, decimal? OutputPrice = null, bool FixedTemperature = false)
{
    public bool IsEnabled { get; init; } = true;

    /// <summary>Who may use it; null: everyone.</summary>
    public IReadOnlyList<Guid>? GroupIds { get; init; }
}

/// <summary>
/// Families of models by the form of their names: context, abilities, list prices in US dollars, as docs/models.md says where from and when. Snapshots and vendor
/// prefixes (<c>anthropic/claude-…</c>) belong to their family. The first that fits counts, so the special stands before the general.
/// </summary>
public static partial class KnownModels
{
    /// <summary>Of the prices here.</summary>
    public const string Currency = "USD";

    private sealed record Family(string Pattern, int Context, bool Tools, bool Vision, bool Json, decimal? Input = null, decimal? Output = null, bool FixedTemperature = false)
    {
        public Regex Name { get; } = new(@"(^|/)" + Pattern, RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.NonBacktracking);
    }

    private static readonly Family[] Families =
    [
        new("text-embedding-3-small", 8_191, false, false, false, 0.02m, 0),
        new("text-embedding-3-large", 8_191, false, false, false, 0.13m, 0),
        new("text-embedding-ada-002", 8_191, false, false, false, 0.10m, 0),
        new("gemini-embedding-001", 2_048, false, false, false, 0.15m, 0),
        new("gpt-5(\\.[0-9]+)?-nano", 400_000, true, true, true, 0.05m, 0.40m, FixedTemperature: true),
        new("gpt-5(\\.[0-9]+)?-mini", 400_000, true, true, true, 0.25m, 2m, FixedTemperature: true),
        new("gpt-5(\\.[0-9]+)?-pro", 400_000, true, true, true, FixedTemperature: true),
        new("gpt-5($|-[0-9c])", 400_000, true, true, true, 1.25m, 10m, FixedTemperature: true),
        new("gpt-5", 400_000, true, true, true, FixedTemperature: true),
        new("gpt-4\\.1-nano", 1_047_576, true, true, true, 0.10m, 0.40m),
        new("gpt-4\\.1-mini", 1_047_576, true, true, true, 0.40m, 1.60m),
        new("gpt-4\\.1", 1_047_576, true, true, true, 2m, 8m),
        new("gpt-4o-mini", 128_000, true, true, true, 0.15m, 0.60m),
        new("gpt-4o", 128_000, true, true, true, 2.50m, 10m),
        new("gpt-4-turbo", 128_000, true, true, true, 10m, 30m),
        new("gpt-4", 8_192, true, false, false, 30m, 60m),
        new("gpt-3\\.5-turbo", 16_385, true, false, true, 0.50m, 1.50m),
        new("gpt-oss", 131_072, true, false, true),
        new("o4-mini", 200_000, true, true, true, 1.10m, 4.40m, FixedTemperature: true),
        new("o3-mini", 200_000, true, false, true, 1.10m, 4.40m, FixedTemperature: true),
        new("o3($|-[0-9])", 200_000, true, true, true, 2m, 8m, FixedTemperature: true),
        new("o1($|-[0-9])", 200_000, true, true, true, 15m, 60m, FixedTemperature: true),
        new("claude-(opus-4-[5-9]|4-[5-9]-opus)", 200_000, true, true, false, 5m, 25m),
        new("claude-(opus-4|4-opus|3-opus)", 200_000, true, true, false, 15m, 75m),
        new("claude-(haiku-4|4-haiku)", 200_000, true, true, false, 1m, 5m),
        new("claude-3-5-haiku", 200_000, true, true, false, 0.80m, 4m),
        new("claude-3-haiku", 200_000, true, true, false, 0.25m, 1.25m),
        new("claude-(sonnet|[0-9-]+-sonnet)", 200_000, true, true, false, 3m, 15m),
        new("claude", 200_000, true, true, false),
        new("gemini-2\\.5-flash-lite", 1_048_576, true, true, true, 0.10m, 0.40m),
        new("gemini-2\\.5-flash", 1_048_576, true, true, true, 0.30m, 2.50m),
        new("gemini-2\\.5-pro", 1_048_576, true, true, true, 1.25m, 10m),
        new("gemini-2\\.0-flash-lite", 1_048_576, true, true, true, 0.075m, 0.30m),
        new("gemini-2\\.0-flash", 1_048_576, true, true, true, 0.10m, 0.40m),
        new("gemini", 1_048_576, true, true, true),
        new("llama-?3\\.2.*vision", 131_072, false, true, true),
        new("llama-?3\\.[1-9]", 131_072, true, false, true),
        new("llama-?3", 8_192, false, false, true),
        new("llama-?4", 131_072, true, true, true),
        new("qwen-?[23](\\.5)?-?vl", 32_768, false, true, true),
        new("qwen-?(2\\.5|3)", 32_768, true, false, true),
        new("mistral-(large|medium)", 131_072, true, false, true),
        new("(mistral|mixtral|ministral)", 32_768, true, false, true),
        new("deepseek", 65_536, true, false, true),
        new("gemma-?3", 131_072, false, true, true),
        new("gemma", 8_192, false, false, true),
        new("phi-?[34]", 16_384, false, false, true),
    ];

    /// <summary>Null: of no family known here.</summary>
    public static ModelInfo? Find(string id)
    {
        var family = Array.Find(Families, f => f.Name.IsMatch(id));
        return family is null ? null
            : new(id, family.Context, family.Tools, family.Vision, family.Json, family.Input, family.Output, family.FixedTemperature);
    }

    /// <summary>Whose model it is by its name; null: it does not say.</summary>
    public static ProviderKind? MakerOf(string id) =>
        id.StartsWith("claude", StringComparison.OrdinalIgnoreCase) ? ProviderKind.Anthropic
        : id.StartsWith("gemini", StringComparison.OrdinalIgnoreCase) ? ProviderKind.Gemini
        : OpenAiName().IsMatch(id) ? ProviderKind.OpenAi
        : null;

    /// <summary>False for what providers list beside the models that talk: embeddings, speech, pictures.</summary>
    public static bool Talks(string id) => !OtherTrade().IsMatch(id) && !Embeds(id);

    /// <summary>Whether it makes embeddings, by its name.</summary>
    public static bool Embeds(string id) => EmbeddingName().IsMatch(id);

    [GeneratedRegex(@"embed|(^|[/-])(bge|gte|e5|minilm|uae|nomic-bert)($|[-:])", RegexOptions.IgnoreCase)]
    private static partial Regex EmbeddingName();

    [GeneratedRegex(@"^(gpt-|chatgpt|o[0-9]($|-))", RegexOptions.IgnoreCase)]
    private static partial Regex OpenAiName();

    [GeneratedRegex(@"embed|whisper|(^|-)tts(-|$)|dall-e|-image(-|$)|^imagen|^veo|moderation|transcribe|realtime|^sora|^davinci|^babbage|^aqa$", RegexOptions.IgnoreCase)]
    private static partial Regex OtherTrade();
}
