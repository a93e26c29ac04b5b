using System.Collections.Frozen;
using System.Net.Http.Headers;
using System.Text.Json;
using Microsoft.Extensions.Options;

namespace ChatSphere.Api.Modules.Accounts;

/// <summary>The providers that this deployment trusts to say who somebody is, as configured.</summary>
internal sealed class ExternalProviders : IDisposable
{
    private readonly FrozenDictionary<string, ExternalProvider> _all;

    public ExternalProviders(IOptions<ExternalSignInOptions> options, IHttpClientFactory clients, TimeProvider time, ILogger<ExternalProvider> logger) =>
        _all = options.Value.Providers.ToFrozenDictionary(p => p.Key, p => new ExternalProvider(p.Key, p.Value, clients, time, logger));

    public IEnumerable<ExternalProvider> All => _all.Values.OrderBy(p => p.DisplayName, StringComparer.Ordinal);

    public ExternalProvider? Find(string? name) => name is null ? null : _all.GetValueOrDefault(name);

    public void Dispose()
    {
        foreach (var provider in _all.Values)
        {
            provider.Dispose();
        }
    }
}

/// <param name="Issuer">As the provider writes it; Microsoft's common endpoint leaves the tenant open as <c>{tenantid}</c>.</param>
/// <param name="SendsIss">Answers always carry <c>iss</c> (RFC 9207).</param>
/// <param name="SecretInBody">The client secret goes into the body, because the provider takes no other way.</param>
internal sealed record ProviderMetadata(string Issuer, Uri Authorization, Uri Token, Uri? Keys, Uri? UserInfo, bool SendsIss, bool SecretInBody);

/// <summary>One provider: its discovery document and its keys, fetched within bounds of time and size and kept.</summary>
internal sealed partial class ExternalProvider(string name, ExternalProviderOptions options, IHttpClientFactory clients, TimeProvider time, ILogger logger) : IDisposable
{
    public const string ClientName = "external-sign-in";
    public const int MaxResponseBytes = 512 * 1024;
    public static readonly TimeSpan ResponseTimeout = TimeSpan.FromSeconds(8);
    private static readonly TimeSpan MetadataFor = TimeSpan.FromHours(12);
    private static readonly TimeSpan FailureFor = TimeSpan.FromSeconds(5);

    private readonly SemaphoreSlim _fetching = new(1, 1);
    private (ProviderMetadata? Value, DateTimeOffset Until) _metadata;
    private (IReadOnlyList<ProviderKey> Value, DateTimeOffset At) _keys = ([], DateTimeOffset.MinValue);

    public string Name => name;

    public string DisplayName => options.NameFor(name);

    public ExternalProviderOptions Options => options;

    /// <summary>Null: it does not answer, or not as it should; see the log.</summary>
    public async Task<ProviderMetadata?> MetadataAsync(CancellationToken cancellationToken)
    {
        if (options.IsGitHub)
        {
            var authority = options.EffectiveAuthority;
            return new ProviderMetadata(authority, new($"{authority}/login/oauth/authorize"), new($"{authority}/login/oauth/access_token"), null, null, SendsIss: false, SecretInBody: true);
        }

        if (_metadata.Until > time.GetUtcNow())
        {
            return _metadata.Value;
        }

        await _fetching.WaitAsync(cancellationToken);
        try
        {
            if (_metadata.Until <= time.GetUtcNow())
            {
                var found = await GetJsonAsync(new Uri(options.EffectiveAuthority + "/.well-known/openid-configuration"), null, cancellationToken) is { } document ? Read(document) : null;
                _metadata = (found ?? _metadata.Value, time.GetUtcNow() + (found is null ? FailureFor : MetadataFor));
            }

            return _metadata.Value;
        }
        finally
        {
            _fetching.Release();
        }
    }

    /// <summary>The keys that a token with this header may have been signed with: those named so, or the only one when it names none.</summary>
    public async Task<ProviderKey?> KeyAsync(string? kid, string algorithm, CancellationToken cancellationToken)
    {
        if (Pick() is { } known || (await MetadataAsync(cancellationToken))?.Keys is not { } address)
        {
            return Pick();
        }

        await _fetching.WaitAsync(cancellationToken);
        try
        {
            // Whoever sends tokens with made-up keys does not make us ask the provider each time.
            if (Pick() is null && time.GetUtcNow() - _keys.At >= options.KeysAgainAfter)
            {
                var found = await GetJsonAsync(address, null, cancellationToken);
                _keys = (found is { } document ? ProviderKey.Read(document) : _keys.Value, time.GetUtcNow());
            }

            return Pick();
        }
        finally
        {
            _fetching.Release();
        }

        ProviderKey? Pick()
        {
            var fit = _keys.Value.Where(k => k.Algorithm == algorithm && (kid is null || k.Id == kid)).Take(2).ToList();
            return fit.Count == 1 ? fit[0] : null;
        }
    }

    /// <summary>Null: no answer in time, too large an answer, or none in JSON.</summary>
    public Task<JsonElement?> GetJsonAsync(Uri address, string? accessToken, CancellationToken cancellationToken)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, address);
        request.Headers.Authorization = accessToken is null ? null : new AuthenticationHeaderValue("Bearer", accessToken);
        return SendAsync(request, cancellationToken);
    }

    public async Task<JsonElement?> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        using (request)
        {
            request.Headers.Accept.Add(new("application/json"));
            try
            {
                using var response = await clients.CreateClient(ClientName).SendAsync(request, cancellationToken);
                if (!response.IsSuccessStatusCode)
                {
                    LogRefused(logger, name, request.RequestUri!.AbsolutePath, (int)response.StatusCode);
                    return null;
                }

                await using var body = await response.Content.ReadAsStreamAsync(cancellationToken);
                using var json = await JsonDocument.ParseAsync(body, new JsonDocumentOptions { MaxDepth = 16 }, cancellationToken);
                return json.RootElement.Clone();
            }
            catch (Exception e) when (e is HttpRequestException or JsonException or IOException || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
            {
                LogFailed(logger, name, request.RequestUri!.AbsolutePath, e.GetType().Name);
                return null;
            }
        }
    }

    public void Dispose() => _fetching.Dispose();

    private ProviderMetadata? Read(JsonElement document)
    {
        if (document.ValueKind != JsonValueKind.Object || Address("authorization_endpoint") is not { } authorization || Address("token_endpoint") is not { } token || Address("jwks_uri") is not { } keys
            || Json.Text(document, "issuer") is not { } issuer)
        {
            LogUnfit(logger, name, "it lacks an endpoint or the issuer");
            return null;
        }

        // OpenID Connect Discovery 4.3; Microsoft's common endpoint is known to say {tenantid} instead.
        if (issuer.TrimEnd('/') != options.EffectiveAuthority && !(options.Preset == "microsoft" && issuer == "https://login.microsoftonline.com/{tenantid}/v2.0"))
        {
            LogUnfit(logger, name, "its issuer is another than the configured authority");
            return null;
        }

        var ways = document.TryGetProperty("token_endpoint_auth_methods_supported", out var listed) && listed.ValueKind == JsonValueKind.Array
            ? listed.EnumerateArray().Where(w => w.ValueKind == JsonValueKind.String).Select(w => w.GetString()).ToList()
            : ["client_secret_basic"];
        return new ProviderMetadata(
            issuer, authorization, token, keys, Address("userinfo_endpoint"),
            document.TryGetProperty("authorization_response_iss_parameter_supported", out var sends) && sends.ValueKind == JsonValueKind.True,
            SecretInBody: !ways.Contains("client_secret_basic") && ways.Contains("client_secret_post"));

        Uri? Address(string property) =>
            Uri.TryCreate(Json.Text(document, property), UriKind.Absolute, out var uri) && (uri.Scheme == "https" || (uri.Scheme == "http" && !options.RequireHttps)) ? uri : null;
    }

    [LoggerMessage(LogLevel.Warning, "The provider {Provider} answered {Path} with {Status}")]
    private static partial void LogRefused(ILogger logger, string provider, string path, int status);

    [LoggerMessage(LogLevel.Warning, "The provider {Provider} did not answer {Path} as it should: {Kind}")]
    private static partial void LogFailed(ILogger logger, string provider, string path, string kind);

    [LoggerMessage(LogLevel.Error, "The discovery document of {Provider} cannot be used: {Why}")]
    private static partial void LogUnfit(ILogger logger, string provider, string why);
}

internal static class Json
{
    /// <summary>Null where there is no such text.</summary>
    public static string? Text(JsonElement json, string name)
    {
        try
        {
            return json.ValueKind == JsonValueKind.Object && json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
        }
        catch (InvalidOperationException)
        {
            // An escaped half of a surrogate pair, in a name or in the value, is JSON and no text.
            return null;
        }
    }
}
