using System.Globalization;
using ChatSphere.Contracts.Models;

namespace ChatSphere.Web.Components.Shared;

/// <summary>Providers and models in people's words.</summary>
public static class ModelText
{
    public static string Kind(ProviderKind kind) => kind switch
    {
        ProviderKind.OpenAi => "OpenAI",
        ProviderKind.AzureOpenAi => "Azure OpenAI",
        ProviderKind.Anthropic => "Anthropic",
        ProviderKind.Gemini => "Google Gemini",
        _ => "OpenAI-compatible server",
    };

    public static string Tokens(int? tokens) => tokens switch
    {
        null => "–",
        >= 1_000_000 => (tokens.Value / 1_000_000d).ToString("0.#", CultureInfo.InvariantCulture) + " M",
        >= 1_000 => (tokens.Value / 1_000).ToString(CultureInfo.InvariantCulture) + " k",
        _ => tokens.Value.ToString(CultureInfo.InvariantCulture),
    };

    public static string Price(decimal price) => price.ToString("0.00####", CultureInfo.InvariantCulture);

    public static string Abilities(ModelAbilities abilities)
    {
        string[] known = [abilities.Tools == true ? "tools" : "", abilities.Vision == true ? "pictures" : "", abilities.Json == true ? "JSON" : ""];
        var text = string.Join(", ", known.Where(a => a.Length > 0));
        return text.Length > 0 ? text : abilities is { Tools: null, Vision: null, Json: null } ? "not known" : "text only";
    }

    /// <summary>Why a model did not answer, after its name.</summary>
    public static string Outcome(string outcome) => outcome switch
    {
        "provider_broke_off" => "broke off",
        "provider_refused" => "refused",
        "circuit_open" => "had failed too often lately",
        "answer_empty" => "answered nothing",
        "answer_timeout" => "ran out of time",
        "outrun" or "provider_slow" => "was slow to start",
        "lacks_tools" => "has no tools",
        "lacks_vision" => "cannot see pictures",
        "lacks_json" => "cannot answer in that form",
        "context_too_small" => "has too little room",
        "not_in_plan" => "is not in your plan",
        "not_allowed" => "is not for you",
        "disabled" => "is switched off",
        _ => "was not available",
    };
}
