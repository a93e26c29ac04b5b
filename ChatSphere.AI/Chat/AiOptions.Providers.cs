using ChatSphere.Data.Models;

namespace ChatSphere.AI.Chat;

/// <summary>Which of the models that would do is asked.</summary>
public enum ModelPreference
{
    /// <summary>As bot and deployment name them.</summary>
    Order,

    /// <summary>The cheapest of them; those without a known price come last.</summary>
    Cost,
}

public sealed partial class AiOptions
{
    /// <summary>Connections by name. They cannot be changed while the system runs; those of administrators can.</summary>
    public Dictionary<string, ConfiguredProvider> Providers { get; } = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Of all prices: ISO 4217. The built-in list prices are in US dollars and count only while this is <c>USD</c>.</summary>
    public string Currency { get; set; } = KnownModels.Currency;

    public ModelPreference Prefer { get; set; }

    /// <summary>When the first token is later than this, the next model is asked as well, and the first to speak answers. Null: never; it costs the call that loses.</summary>
    public TimeSpan? HedgeAfter { get; set; }

    /// <summary>Whether people may connect providers with keys of their own, for their own questions.</summary>
    public bool OwnKeys { get; set; }

    /// <summary>Where tokens for Azure come from; other than in the public cloud for sovereign ones.</summary>
    public Uri EntraAuthority { get; set; } = new("https://login.microsoftonline.com");
}

/// <summary>A connection of the configuration.</summary>
public sealed class ConfiguredProvider
{
    public ProviderKind Kind { get; set; } = ProviderKind.OpenAiCompatible;

    public Uri? Endpoint { get; set; }

    public string? Key { get; set; }

    /// <summary>Several share the calls.</summary>
    public string[] Keys { get; set; } = [];

    public string? ApiVersion { get; set; }

    public string? TenantId { get; set; }

    public string? ClientId { get; set; }

    /// <summary>There whatever it lists.</summary>
    public string[] Models { get; set; } = [];

    /// <summary>The default of bots that name none.</summary>
    public string? Model { get; set; }

    public int Priority { get; set; }

    internal IReadOnlyList<string> AllKeys => [.. ((string?[])[Key, .. Keys]).Where(k => !string.IsNullOrWhiteSpace(k)).Select(k => k!.Trim()).Distinct(StringComparer.Ordinal)];

    internal IEnumerable<string> Problems()
    {
        if (Endpoint is { } endpoint ? !endpoint.IsAbsoluteUri || endpoint.Scheme is not ("http" or "https") : Kind is ProviderKind.AzureOpenAi or ProviderKind.OpenAiCompatible)
        {
            yield return "Endpoint must be an http or https address.";
        }

        if (AllKeys.Count == 0 && Kind != ProviderKind.OpenAiCompatible)
        {
            yield return "Key must be set.";
        }

        if (Kind == ProviderKind.AzureOpenAi && Models.Length == 0 && Model is null)
        {
            yield return "Models must name the deployments.";
        }

        if (string.IsNullOrEmpty(TenantId) != string.IsNullOrEmpty(ClientId))
        {
            yield return "TenantId and ClientId belong together.";
        }
    }
}
