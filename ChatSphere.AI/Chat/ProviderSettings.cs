using ChatSphere.Data.Models;

namespace ChatSphere.AI.Chat;

/// <summary>How to reach a provider, without its keys.</summary>
/// <param name="Endpoint">Null: the provider's public address.</param>
/// <param name="IsTrusted">The endpoint was given by an administrator, so it may be anywhere. Else only public addresses are connected to.</param>
public sealed record ProviderSettings(ProviderKind Kind, string Name, Uri? Endpoint, string? ApiVersion = null, string? TenantId = null, string? ClientId = null, bool IsTrusted = true)
{
    public IReadOnlyList<string> Models { get; init; } = [];

    public string? DefaultModel { get; init; }

    /// <summary>Keys are secrets of an application of Entra ID.</summary>
    public bool UsesEntra => Kind == ProviderKind.AzureOpenAi && TenantId is { Length: > 0 } && ClientId is { Length: > 0 };

    /// <summary>With its version, without a slash at the end.</summary>
    public string Address => (Endpoint, Kind) switch
    {
        (null, ProviderKind.Anthropic) => "https://api.anthropic.com/v1",
        (null, ProviderKind.Gemini) => "https://generativelanguage.googleapis.com/v1beta",
        (null, _) => "https://api.openai.com/v1",
        ({ } azure, ProviderKind.AzureOpenAi) => Resource(azure),
        ({ } endpoint, _) => endpoint.AbsoluteUri.TrimEnd('/'),
    };

    /// <summary>The address that chat and embeddings of a model hang below.</summary>
    internal string AddressOf(string model) => Kind != ProviderKind.AzureOpenAi ? Address
        : ApiVersion is null ? $"{Address}/openai/v1"
        : $"{Address}/openai/deployments/{Uri.EscapeDataString(model)}";

    /// <summary>People copy it with or without the path.</summary>
    private static string Resource(Uri endpoint)
    {
        var text = endpoint.GetLeftPart(UriPartial.Path).TrimEnd('/');
        var at = text.IndexOf("/openai", "https://".Length, StringComparison.OrdinalIgnoreCase);
        return at < 0 ? text : text[..at];
    }
}
