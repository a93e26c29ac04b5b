using System.Text.RegularExpressions;

namespace ChatSphere.Api.Modules.Accounts;

public sealed partial class ExternalSignInOptions
{
    public const string Section = "SignIn";

    /// <summary>By name: lower-case letters, digits and dashes; it is part of the redirect address.</summary>
    public Dictionary<string, ExternalProviderOptions> Providers { get; } = [];

    /// <summary>What is wrong with the configuration, naming the key to set; null when nothing is.</summary>
    public string? Problem()
    {
        foreach (var (name, provider) in Providers)
        {
            var key = $"{Section}:Providers:{name}";
            if (!Name().IsMatch(name))
            {
                return $"{key}: a provider's name is 1 to 32 lower-case letters, digits and dashes.";
            }

            if (provider.Preset is not ("" or "none" or "google" or "microsoft" or "github"))
            {
                return $"{key}:Preset must be google, microsoft, github or none.";
            }

            if (string.IsNullOrWhiteSpace(provider.ClientId) || string.IsNullOrWhiteSpace(provider.ClientSecret))
            {
                return $"Set {key}:ClientId and {key}:ClientSecret, as the provider gave them to you.";
            }

            if (!Uri.TryCreate(provider.EffectiveAuthority, UriKind.Absolute, out var authority) || authority.Scheme is not ("https" or "http"))
            {
                return $"Set {key}:Authority to the provider's address, such as https://login.example.com.";
            }

            if (provider.RequireHttps && authority.Scheme != "https")
            {
                return $"{key}:Authority must be an https address (for tests alone, {key}:RequireHttps=false allows http).";
            }
        }

        return null;
    }

    [GeneratedRegex("^[a-z0-9-]{1,32}$")]
    private static partial Regex Name();
}

public sealed class ExternalProviderOptions
{
    /// <summary><c>google</c>, <c>microsoft</c>, <c>github</c>, or <c>none</c> for any provider that speaks OpenID Connect with discovery.</summary>
    public string Preset { get; set; } = "none";

    /// <summary>What the button says after "Continue with".</summary>
    public string? DisplayName { get; set; }

    /// <summary>The issuer; its discovery document is at <c>/.well-known/openid-configuration</c> below it. Presets know theirs.</summary>
    public string? Authority { get; set; }
    public string ClientId { get; set; } = "";
    public string ClientSecret { get; set; } = "";

    /// <summary>Separated by spaces.</summary>
    public string? Scopes { get; set; }

    /// <summary>False is for tests on this machine alone: over http anybody on the way signs in as anybody.</summary>
    public bool RequireHttps { get; set; } = true;

    /// <summary>A token signed with an unknown key makes us look for new keys, at most once in this time.</summary>
    public TimeSpan KeysAgainAfter { get; set; } = TimeSpan.FromMinutes(1);

    internal bool IsGitHub => Preset == "github";

    /// <summary>Microsoft's tenants say what they like about e-mail addresses, and any of them may sign in: what they say proves nothing.</summary>
    internal bool ProvesEmail => Preset != "microsoft";

    internal string EffectiveAuthority => (Authority ?? Preset switch
    {
        "google" => "https://accounts.google.com",
        "microsoft" => "https://login.microsoftonline.com/common/v2.0",
        "github" => "https://github.com",
        _ => "",
    }).TrimEnd('/');

    internal string EffectiveScopes => Scopes ?? (IsGitHub ? "read:user user:email" : "openid profile email");

    internal string NameFor(string name) => DisplayName ?? Preset switch
    {
        "google" => "Google",
        "microsoft" => "Microsoft",
        "github" => "GitHub",
        _ => name,
    };
}
