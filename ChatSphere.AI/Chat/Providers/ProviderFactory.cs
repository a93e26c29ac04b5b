using ChatSphere.Data.Models;

namespace ChatSphere.AI.Chat.Providers;

/// <summary>The speaker of each protocol.</summary>
public sealed class ProviderFactory(ModelHttp http)
{
    public IChatProvider Open(ProviderSettings settings, string key)
    {
        ArgumentNullException.ThrowIfNull(settings);
        var client = http.Client(settings, key);
        return settings.Kind switch
        {
            ProviderKind.Anthropic => new AnthropicProvider(settings, client),
            ProviderKind.Gemini => new GeminiProvider(settings, client),
            _ => new OpenAiProvider(settings, client),
        };
    }
}
