using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Logging;

namespace ChatSphere.Tests.Infrastructure;

/// <summary>Somebody who has an account elsewhere, and what the provider says of them.</summary>
public sealed record Elsewhere(string Subject, string? Email, bool EmailVerified = true, string? Name = "Elsa Elsewhere")
{
    /// <summary>What is in the id token before it is signed.</summary>
    public Action<JsonObject>? Claims { get; init; }

    /// <summary>Its header.</summary>
    public Action<JsonObject>? Header { get; init; }

    /// <summary>The whole token, after it is signed.</summary>
    public Func<string, string>? Token { get; init; }

    /// <summary>ES256 instead of RS256.</summary>
    public bool Elliptic { get; init; }

    /// <summary>Signed with a key that the provider never published, under this id.</summary>
    public string? ForgedKeyId { get; init; }

    /// <summary>E-mail and name only from the user info endpoint.</summary>
    public bool Taciturn { get; init; }

    public static Elsewhere Anybody() => new(Guid.NewGuid().ToString("n"), $"{Guid.NewGuid():n}@example.org");
}

/// <summary>
/// OpenID providers over real HTTP on one port, one to a path: <c>main</c> and <c>other</c> behave, <c>slow</c> never finishes its discovery document, <c>huge</c> never ends it, <c>liar</c>
/// names another issuer, <c>steady</c> is looked at for new keys once a minute, and <c>hub</c> speaks OAuth 2 as GitHub's enterprise server does.
/// </summary>
public sealed class OpenIdProvider : IAsyncDisposable
{
    private const string Secret = "a client's secret: with/odd+characters";
    private static readonly string[] Tenants = ["main", "other", "slow", "huge", "liar", "steady"];
    private readonly WebApplication _app;
    private readonly ConcurrentDictionary<string, (string Tenant, Elsewhere Who, Dictionary<string, string> Query)> _codes = new();
    private readonly ConcurrentDictionary<string, (string Tenant, Elsewhere Who)> _accessTokens = new();
    private readonly ConcurrentDictionary<string, Elsewhere> _people = new();
    private readonly ConcurrentDictionary<string, SigningKeys> _keys = new();
    private readonly ConcurrentDictionary<string, int> _keyRequests = new();
    private readonly CancellationTokenSource _stopping = new();

    private OpenIdProvider(WebApplication app) => _app = app;

    public string Address => _app.Urls.Single();

    public string Issuer(string tenant) => $"{Address}/{tenant}";

    /// <summary>How often the keys were asked for.</summary>
    public int KeyRequests(string tenant) => _keyRequests.GetValueOrDefault(tenant);

    /// <summary>The Api's configuration for all of them.</summary>
    public IEnumerable<(string Resource, string Variable, string Value)> Settings =>
    [
        .. Tenants.SelectMany(t => Provider(t, "none", Issuer(t))),
        .. Provider("hub", "github", Issuer("hub")),
        ("api", "SignIn__Providers__main__DisplayName", "Main Street"),
        ("api", "SignIn__Providers__steady__KeysAgainAfter", "00:01:00"),
    ];

    public static async Task<OpenIdProvider> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        var provider = new OpenIdProvider(app);
        app.MapGet("/{tenant}/.well-known/openid-configuration", provider.DiscoverAsync);
        app.MapGet("/{tenant}/keys", provider.Keys);
        app.MapGet("/{tenant}/authorize", provider.Authorize);
        app.MapPost("/{tenant}/token", provider.TokenAsync);
        app.MapGet("/{tenant}/userinfo", (string tenant, HttpContext context) => provider.Asker(tenant, context) is { } who ? Results.Json(new { sub = who.Subject, email = who.Email, email_verified = who.EmailVerified, name = who.Name }) : Results.Unauthorized());
        app.MapGet("/hub/login/oauth/authorize", (Delegate)((HttpContext context) => provider.Authorize("hub", context)));
        app.MapPost("/hub/login/oauth/access_token", (Delegate)((HttpContext context) => provider.TokenAsync("hub", context)));
        app.MapGet("/hub/api/v3/user", (HttpContext context) => provider.Asker("hub", context) is { } who ? Results.Json(new { id = long.Parse(who.Subject, System.Globalization.CultureInfo.InvariantCulture), login = "elsa", name = who.Name }) : Results.Unauthorized());
        app.MapGet("/hub/api/v3/user/emails", (HttpContext context) => provider.Asker("hub", context) is { } who
            ? Results.Json(new object[] { new { email = "old@example.org", primary = false, verified = true }, new { email = who.Email, primary = true, verified = who.EmailVerified } })
            : Results.Unauthorized());
        await app.StartAsync();
        return provider;
    }

    /// <summary>Goes where a browser would be sent, signs in as this person, and gives the address that the provider sends the browser back to.</summary>
    public async Task<Uri> VisitAsync(string authorizationUrl, Elsewhere who)
    {
        var key = Guid.NewGuid().ToString("n");
        _people[key] = who;
        using var browser = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false });
        using var response = await browser.GetAsync(new Uri(QueryHelpers.AddQueryString(authorizationUrl, "person", key)));
        Assert.Equal(HttpStatusCode.Redirect, response.StatusCode);
        return response.Headers.Location!;
    }

    /// <summary>From now on signs with new keys; the old ones are no longer published.</summary>
    public void Rotate(string tenant) => _keys[tenant] = new SigningKeys();

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _app.DisposeAsync();
        _stopping.Dispose();
    }

    private static IEnumerable<(string, string, string)> Provider(string name, string preset, string authority)
    {
        var prefix = $"SignIn__Providers__{name}__";
        return
        [
            ("api", prefix + "Preset", preset), ("api", prefix + "Authority", authority), ("api", prefix + "ClientId", $"client:{name}"), ("api", prefix + "ClientSecret", Secret),
            ("api", prefix + "RequireHttps", "false"), ("api", prefix + "KeysAgainAfter", "00:00:00"),
        ];
    }

    private async Task DiscoverAsync(string tenant, HttpContext context)
    {
        if (tenant == "slow")
        {
            await context.Response.WriteAsync("{", context.RequestAborted);
            await Task.Delay(Timeout.Infinite, CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, _stopping.Token).Token);
        }

        if (tenant == "huge")
        {
            await context.Response.WriteAsync("{\"issuer\":\"");
            while (!context.RequestAborted.IsCancellationRequested && !_stopping.IsCancellationRequested)
            {
                await context.Response.WriteAsync(new string('x', 65_536), context.RequestAborted);
            }
        }

        await context.Response.WriteAsJsonAsync(new
        {
            issuer = tenant == "liar" ? Issuer("main") : Issuer(tenant),
            authorization_endpoint = Issuer(tenant) + "/authorize",
            token_endpoint = Issuer(tenant) + "/token",
            jwks_uri = Issuer(tenant) + "/keys",
            userinfo_endpoint = Issuer(tenant) + "/userinfo",
            authorization_response_iss_parameter_supported = tenant == "main",
        });
    }

    private IResult Keys(string tenant)
    {
        _keyRequests.AddOrUpdate(tenant, 1, (_, n) => n + 1);
        return Results.Text(KeysOf(tenant).Published().ToJsonString(), "application/json");
    }

    private IResult Authorize(string tenant, HttpContext context)
    {
        var query = context.Request.Query.ToDictionary(q => q.Key, q => q.Value.ToString());
        if (query["response_type"] != "code" || query["client_id"] != $"client:{tenant}" || query["code_challenge_method"] != "S256" || !query.TryGetValue("state", out var state))
        {
            return Results.BadRequest();
        }

        // A browser of flesh and blood signs in as somebody whom nobody knows yet.
        var who = query.TryGetValue("person", out var key) && _people.TryRemove(key, out var found) ? found : Elsewhere.Anybody();
        var code = Guid.NewGuid().ToString("n");
        _codes[code] = (tenant, who, query);
        return Results.Redirect(QueryHelpers.AddQueryString(query["redirect_uri"], new Dictionary<string, string?> { ["code"] = code, ["state"] = state, ["iss"] = tenant == "hub" ? null : Issuer(tenant) }));
    }

    private async Task<IResult> TokenAsync(string tenant, HttpContext context)
    {
        var form = await context.Request.ReadFormAsync();
        var hub = tenant == "hub";
        var known = hub ? form["client_id"] == $"client:{tenant}" && form["client_secret"] == Secret
            : context.Request.Headers.Authorization == "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes($"{Uri.EscapeDataString($"client:{tenant}")}:{Uri.EscapeDataString(Secret)}"));
        if (!known || !_codes.TryRemove(form["code"].ToString(), out var asked) || asked.Tenant != tenant || asked.Query["redirect_uri"] != form["redirect_uri"]
            || asked.Query["code_challenge"] != Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(form["code_verifier"].ToString()))))
        {
            // GitHub says so with a 200.
            return Results.Json(new { error = "invalid_grant" }, statusCode: hub ? 200 : 400);
        }

        var accessToken = Guid.NewGuid().ToString("n");
        _accessTokens[accessToken] = (tenant, asked.Who);
        return hub ? Results.Json(new { access_token = accessToken, token_type = "bearer" })
            : Results.Json(new { access_token = accessToken, token_type = "Bearer", id_token = IdToken(tenant, asked.Who, asked.Query) });
    }

    private string IdToken(string tenant, Elsewhere who, Dictionary<string, string> query)
    {
        var now = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        var claims = new JsonObject
        {
            ["iss"] = Issuer(tenant), ["sub"] = who.Subject, ["aud"] = $"client:{tenant}", ["iat"] = now, ["exp"] = now + 300, ["nonce"] = query["nonce"],
        };
        if (!who.Taciturn)
        {
            (claims["email"], claims["email_verified"], claims["name"]) = (who.Email, who.EmailVerified, who.Name);
        }

        if (query.ContainsKey("max_age"))
        {
            claims["auth_time"] = now;
        }

        who.Claims?.Invoke(claims);
        var keys = who.ForgedKeyId is null ? KeysOf(tenant) : new SigningKeys();
        var header = new JsonObject { ["alg"] = who.Elliptic ? "ES256" : "RS256", ["typ"] = "JWT", ["kid"] = who.ForgedKeyId ?? (who.Elliptic ? keys.EcId : keys.RsaId) };
        who.Header?.Invoke(header);
        var signed = $"{Base64Url.EncodeToString(Encoding.UTF8.GetBytes(header.ToJsonString()))}.{Base64Url.EncodeToString(Encoding.UTF8.GetBytes(claims.ToJsonString()))}";
        var token = $"{signed}.{Base64Url.EncodeToString(keys.Sign(signed, who.Elliptic))}";
        return who.Token?.Invoke(token) ?? token;
    }

    private Elsewhere? Asker(string tenant, HttpContext context) =>
        AuthenticationHeaderValue.TryParse(context.Request.Headers.Authorization, out var header) && _accessTokens.TryGetValue(header.Parameter ?? "", out var known) && known.Tenant == tenant ? known.Who : null;

    private SigningKeys KeysOf(string tenant) => _keys.GetOrAdd(tenant, _ => new SigningKeys());

    private sealed class SigningKeys
    {
        private readonly RSA _rsa = RSA.Create(2048);
        private readonly ECDsa _ec = ECDsa.Create(ECCurve.NamedCurves.nistP256);

        public string RsaId { get; } = Guid.NewGuid().ToString("n");

        public string EcId { get; } = Guid.NewGuid().ToString("n");

        public byte[] Sign(string text, bool elliptic) => elliptic
            ? _ec.SignData(Encoding.ASCII.GetBytes(text), HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation)
            : _rsa.SignData(Encoding.ASCII.GetBytes(text), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);

        public JsonObject Published()
        {
            var (rsa, ec) = (_rsa.ExportParameters(false), _ec.ExportParameters(false));
            return new JsonObject
            {
                ["keys"] = new JsonArray(
                    new JsonObject { ["kty"] = "RSA", ["use"] = "sig", ["kid"] = RsaId, ["n"] = Base64Url.EncodeToString(rsa.Modulus), ["e"] = Base64Url.EncodeToString(rsa.Exponent) },
                    new JsonObject { ["kty"] = "EC", ["use"] = "sig", ["crv"] = "P-256", ["kid"] = EcId, ["x"] = Base64Url.EncodeToString(ec.Q.X), ["y"] = Base64Url.EncodeToString(ec.Q.Y) },
                    new JsonObject { ["kty"] = "oct", ["k"] = "c2VjcmV0", ["kid"] = "odd" },
                    42),
            };
        }
    }
}
