using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace ChatSphere.AI.Chat.Providers;

/// <summary>Tokens of Entra ID for applications: OAuth's client credentials. One request at a time for each application; a token is used until five minutes before its end.</summary>
internal sealed class EntraTokens(HttpClient http, Uri authority, TimeProvider time)
{
    private const string Scope = "https://cognitiveservices.azure.com/.default";
    private static readonly TimeSpan Early = TimeSpan.FromMinutes(5);
    private readonly ConcurrentDictionary<(string Tenant, string Client, string Secret), Application> _applications = new();

    public async Task<string> GetAsync(string tenant, string client, string secret, CancellationToken cancellationToken)
    {
        // The secret's hash tells old and new apart without keeping it.
        var key = (tenant, client, Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(secret))));
        var application = _applications.GetOrAdd(key, static _ => new());
        await application.Turn.WaitAsync(cancellationToken);
        try
        {
            if (application.Token is null || time.GetUtcNow() >= application.Until)
            {
                (application.Token, var lifetime) = await FetchAsync(tenant, client, secret, cancellationToken);
                application.Until = time.GetUtcNow() + (lifetime > 2 * Early ? lifetime - Early : lifetime / 2);
            }

            return application.Token;
        }
        finally
        {
            application.Turn.Release();
        }
    }

    /// <summary>The service does not take the token any more.</summary>
    public void Forget(string tenant, string client)
    {
        foreach (var key in _applications.Keys.Where(k => k.Tenant == tenant && k.Client == client))
        {
            _applications.TryRemove(key, out _);
        }
    }

    private async Task<(string Token, TimeSpan Lifetime)> FetchAsync(string tenant, string client, string secret, CancellationToken cancellationToken)
    {
        using var form = new FormUrlEncodedContent([new("grant_type", "client_credentials"), new("client_id", client), new("client_secret", secret), new("scope", Scope)]);
        using var response = await http.PostAsync(new Uri(authority, $"/{Uri.EscapeDataString(tenant)}/oauth2/v2.0/token"), form, cancellationToken);
        if (!response.IsSuccessStatusCode)
        {
            // 400 is its word for a wrong secret too: for us a key that is refused.
            throw new ProviderException("Entra ID gives no token.", (int)response.StatusCode is >= 400 and < 500 and not 429 ? 401 : (int)response.StatusCode, ProviderWire.RetryAfter(response));
        }

        await using var body = await response.Content.ReadAsStreamAsync(cancellationToken);
        using var json = await JsonDocument.ParseAsync(body, cancellationToken: cancellationToken);
        return json.RootElement.TryGetProperty("access_token", out var token) && token.ValueKind == JsonValueKind.String && json.RootElement.TryGetProperty("expires_in", out var seconds) && seconds.TryGetInt32(out var lifetime)
            ? (token.GetString()!, TimeSpan.FromSeconds(Math.Clamp(lifetime, 0, 86_400)))
            : throw new ProviderException("Entra ID does not answer in the agreed form.");
    }

    private sealed class Application
    {
        public SemaphoreSlim Turn { get; } = new(1);

        public string? Token { get; set; }

        public DateTimeOffset Until { get; set; }
    }
}
