using Microsoft.Extensions.Options;

namespace ChatSphere.AI.Chat;

public sealed partial class AiOptions
{
    public const string Section = "AI";

    /// <summary>For bots that name none. Null: the model of <c>ConnectionStrings:openai</c>, else <c>extractive</c>.</summary>
    public string? DefaultModel { get; set; }

    /// <summary>Model ids that are asked, in this order, when the bot's model fails.</summary>
    public string[] Fallback { get; set; } = [];

    /// <summary>False: a turn fails when every language model failed, rather than being answered by <c>extractive</c>.</summary>
    public bool FallbackToExtractive { get; set; } = true;

    public TimeSpan FirstTokenTimeout { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>The longest silence in the middle of an answer before it counts as broken off.</summary>
    public TimeSpan StallTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>For the whole answer: all models, retries and tools.</summary>
    public TimeSpan AnswerTimeout { get; set; } = TimeSpan.FromMinutes(10);

    public TimeSpan ToolTimeout { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>
    /// The most that a prompt may take, by <see cref="TokenEstimate"/>; the answer comes on top. A model with less room gets less. Null: as much as the model takes, and
    /// 8000 where that is not known.
    /// </summary>
    public int? ContextTokens { get; set; }

    public int MaxOutputTokens { get; set; } = 2_048;

    /// <summary>Hosts that links in answers may always lead to: <c>example.com</c>, or <c>*.example.com</c> for all below it. Others only where the sources hold the same address.</summary>
    public string[] LinkHosts { get; set; } = [];
}

/// <summary>Names the key to set: a bare <c>60</c> in a time span's place means 60 days, and nobody finds that by themselves.</summary>
internal sealed class AiOptionsValidation : IValidateOptions<AiOptions>
{
    public ValidateOptionsResult Validate(string? name, AiOptions options)
    {
        var errors = new List<string>();
        Between(nameof(AiOptions.FirstTokenTimeout), options.FirstTokenTimeout, TimeSpan.FromHours(1));
        Between(nameof(AiOptions.StallTimeout), options.StallTimeout, TimeSpan.FromHours(1));
        Between(nameof(AiOptions.AnswerTimeout), options.AnswerTimeout, TimeSpan.FromHours(6));
        Between(nameof(AiOptions.ToolTimeout), options.ToolTimeout, TimeSpan.FromHours(1));
        if (options.ContextTokens is < 500 or > 10_000_000)
        {
            errors.Add("AI:ContextTokens must be between 500 and 10000000.");
        }

        if (options.HedgeAfter is { } hedge && (hedge < TimeSpan.FromMilliseconds(100) || hedge > TimeSpan.FromMinutes(10)))
        {
            errors.Add("AI:HedgeAfter must be a time span between 00:00:00.1 and 00:10:00, written as hours:minutes:seconds, or absent.");
        }

        if (options.Currency is not { Length: 3 } || !options.Currency.All(char.IsAsciiLetterUpper))
        {
            errors.Add("AI:Currency must be a code of ISO 4217 such as USD or EUR.");
        }

        if (options.EntraAuthority is not { Scheme: "https" or "http" })
        {
            errors.Add("AI:EntraAuthority must be an address such as https://login.microsoftonline.com.");
        }

        foreach (var (connection, provider) in options.Providers)
        {
            errors.AddRange(provider.Problems().Select(problem => $"AI:Providers:{connection}:{problem}"));
        }

        if (options.MaxOutputTokens is < 16 or > 1_000_000)
        {
            errors.Add("AI:MaxOutputTokens must be between 16 and 1000000.");
        }

        if (options.DefaultModel is { } model && string.IsNullOrWhiteSpace(model))
        {
            errors.Add("AI:DefaultModel must be a model id, or absent.");
        }

        if (options.Fallback.Any(string.IsNullOrWhiteSpace))
        {
            errors.Add("AI:Fallback must hold model ids only.");
        }

        if (options.LinkHosts.FirstOrDefault(h => Uri.CheckHostName(h.StartsWith("*.", StringComparison.Ordinal) ? h[2..] : h) == UriHostNameType.Unknown) is not null)
        {
            errors.Add("AI:LinkHosts must hold names of hosts, such as example.com or *.example.com, and nothing more.");
        }

        return errors.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(errors);

        void Between(string key, TimeSpan value, TimeSpan most)
        {
            if (value < TimeSpan.FromSeconds(1) || value > most)
            {
                errors.Add($"AI:{key} must be a time span between 00:00:01 and {most:c}, written as hours:minutes:seconds.");
            }
        }
    }
}
