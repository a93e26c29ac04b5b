using System.Buffers.Text;
using System.Globalization;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using ChatSphere.Api.Http;
using ChatSphere.Contracts;
using ChatSphere.Contracts.Accounts;
using ChatSphere.Data;
using ChatSphere.Data.Accounts;
using ChatSphere.Data.Audit;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Options;

namespace ChatSphere.Api.Modules.Accounts;

/// <summary>What somebody who is sent to a provider comes back for.</summary>
internal enum ExternalIntent
{
    SignIn,
    Link,
    Reauthenticate,
}

/// <summary>Whom a provider says it is. Issuer and subject together never mean anybody else; the e-mail may.</summary>
internal sealed record ExternalIdentity(ExternalProvider Provider, string Issuer, string Subject, string? Email, bool EmailVerified, string? Name, DateTimeOffset? AuthenticatedAt, ExternalIntent Intent, DateTimeOffset StartedAt);

/// <summary>
/// The authorization code flow with PKCE (RFC 7636), state, nonce and issuer (RFC 9207), for a front end that keeps a secret with the browser it sends away: an answer
/// counts once, within ten minutes, from that browser, for what it was asked for. See docs/adr/0008.
/// </summary>
internal sealed class ExternalSignIns(ExternalProviders providers, OneTimeTokens oneTime, ChatSphereDb db, AuditTrail audit, IOptions<SiteOptions> site, TimeProvider time)
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(10);

    private sealed record Pending(string Provider, ExternalIntent Intent, string Nonce, string Verifier, byte[] BindingHash, DateTimeOffset StartedAt);

    public async Task<Results<Ok<ExternalStartResponse>, ProblemHttpResult>> StartAsync(string providerName, ExternalIntent intent, Guid? accountId, CancellationToken cancellationToken)
    {
        if (providers.Find(providerName) is not { } provider || (intent == ExternalIntent.Reauthenticate && provider.Options.IsGitHub))
        {
            return Problems.NotFound();
        }

        if (await provider.MetadataAsync(cancellationToken) is not { } metadata)
        {
            return Unavailable(provider);
        }

        var (nonce, verifier, binding) = (RandomText(), RandomText(), RandomText());
        var state = oneTime.Issue(
            OneTimePurposes.ExternalSignIn, accountId, Lifetime,
            new Pending(provider.Name, intent, nonce, verifier, SHA256.HashData(Encoding.ASCII.GetBytes(binding)), time.GetUtcNow()));
        await db.SaveChangesAsync(cancellationToken);
        var query = new Dictionary<string, string?>
        {
            ["response_type"] = "code",
            ["client_id"] = provider.Options.ClientId,
            ["redirect_uri"] = RedirectUri(provider),
            ["scope"] = provider.Options.EffectiveScopes,
            ["state"] = state,
            ["code_challenge"] = Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(verifier))),
            ["code_challenge_method"] = "S256",
        };
        if (!provider.Options.IsGitHub)
        {
            query["nonce"] = nonce;
        }

        if (intent == ExternalIntent.Reauthenticate)
        {
            query["prompt"] = "login";
            query["max_age"] = "0";
        }

        return TypedResults.Ok(new ExternalStartResponse(QueryHelpers.AddQueryString(metadata.Authorization.ToString(), query), binding));
    }

    /// <summary>Whom the provider's answer names, and what it was asked for; or the refusal.</summary>
    public async Task<(ExternalIdentity? Identity, ProblemHttpResult? Refusal)> FinishAsync(
        ExternalCallbackRequest request, Guid? accountId, IReadOnlyList<ExternalIntent> intents, CancellationToken cancellationToken)
    {
        var token = await oneTime.FindAsync(OneTimePurposes.ExternalSignIn, request.State, cancellationToken);
        var pending = token is null ? null : oneTime.State<Pending>(token);
        if (token is null || pending is null || token.AccountId != accountId || !intents.Contains(pending.Intent)
            || !CryptographicOperations.FixedTimeEquals(pending.BindingHash, SHA256.HashData(Encoding.UTF8.GetBytes(request.Binding)))
            || providers.Find(pending.Provider) is not { } provider || !await oneTime.UseAsync(token, cancellationToken))
        {
            return (null, Problems.BadRequest(ErrorCodes.OneTimeTokenInvalid, "This way of signing in was begun elsewhere, took too long, or was completed already. Start again."));
        }

        if (request.Error is not null)
        {
            return await RefuseAsync("the person or the provider declined", $"{provider.DisplayName} did not sign you in. You may have cancelled there; start again if not.");
        }

        if (await provider.MetadataAsync(cancellationToken) is not { } metadata)
        {
            return (null, Unavailable(provider));
        }

        // An answer of another provider, sent here to have its code delivered to the wrong one (RFC 9207). Microsoft's issuer names the tenant, so there it is compared in the id token.
        if (metadata.Issuer.Contains('{', StringComparison.Ordinal) ? false : request.Iss is null ? metadata.SendsIss : request.Iss != metadata.Issuer)
        {
            return await RefuseAsync("issuer of the answer");
        }

        if (request.Code is null)
        {
            return await RefuseAsync("no code");
        }

        if (await RedeemAsync(provider, metadata, request.Code, pending.Verifier, cancellationToken) is not { } answer)
        {
            return await RefuseAsync("code");
        }

        var accessToken = Json.Text(answer, "access_token");
        if (provider.Options.IsGitHub)
        {
            return accessToken is not null && await GitHubUserAsync(provider, metadata, accessToken, pending, cancellationToken) is { } user ? (user, null) : await RefuseAsync("user");
        }

        var (claims, problem) = Json.Text(answer, "id_token") is { } idToken
            ? await IdTokens.CheckAsync(idToken, provider, metadata, pending.Nonce, time.GetUtcNow(), cancellationToken)
            : (null, "no id token");
        if (claims is not { } told)
        {
            return await RefuseAsync(problem!);
        }

        var (email, verified, name) = (Json.Text(told, "email"), IsVerified(told), Json.Text(told, "name"));
        if ((email is null || name is null) && accessToken is not null && metadata.UserInfo is { } userInfo
            && await provider.GetJsonAsync(userInfo, accessToken, cancellationToken) is { } more && Json.Text(more, "sub") == Json.Text(told, "sub"))
        {
            (email, verified) = email is null ? (Json.Text(more, "email"), IsVerified(more)) : (email, verified);
            name ??= Json.Text(more, "name");
        }

        return (new ExternalIdentity(
            provider, Json.Text(told, "iss")!, Json.Text(told, "sub")!, email, verified && provider.Options.ProvesEmail, name, IdTokens.Time(told, "auth_time"), pending.Intent, pending.StartedAt), null);

        async Task<(ExternalIdentity?, ProblemHttpResult?)> RefuseAsync(string problem, string? detail = null)
        {
            audit.Record(AuditActions.ExternalSignInRefused, accountId is null ? null : "account", accountId, new { provider = provider.Name, problem });
            await db.SaveChangesAsync(cancellationToken);

            // Who is signed in already is not signed out by this: to a front end 401 says that its session is over.
            return (null, Problems.Of(accountId is null ? 401 : 403, ErrorCodes.ExternalSignInFailed, detail ?? $"The answer of {provider.DisplayName} could not be trusted. Start again."));
        }
    }

    private string RedirectUri(ExternalProvider provider) => site.Value.At($"/sign-in/callback/{provider.Name}").ToString();

    private async Task<JsonElement?> RedeemAsync(ExternalProvider provider, ProviderMetadata metadata, string code, string verifier, CancellationToken cancellationToken)
    {
        var fields = new Dictionary<string, string>
        {
            ["grant_type"] = "authorization_code",
            ["code"] = code,
            ["redirect_uri"] = RedirectUri(provider),
            ["code_verifier"] = verifier,
        };
        var request = new HttpRequestMessage(HttpMethod.Post, metadata.Token);
        if (metadata.SecretInBody)
        {
            fields["client_id"] = provider.Options.ClientId;
            fields["client_secret"] = provider.Options.ClientSecret;
        }
        else
        {
            // RFC 6749, 2.3.1: encoded before they are put together.
            var credentials = $"{Uri.EscapeDataString(provider.Options.ClientId)}:{Uri.EscapeDataString(provider.Options.ClientSecret)}";
            request.Headers.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(credentials)));
        }

        request.Content = new FormUrlEncodedContent(fields);
        return await provider.SendAsync(request, cancellationToken);
    }

    private static async Task<ExternalIdentity?> GitHubUserAsync(ExternalProvider provider, ProviderMetadata metadata, string accessToken, Pending pending, CancellationToken cancellationToken)
    {
        // GitHub itself has its API on a host of its own, an enterprise server below its address.
        var api = provider.Options.EffectiveAuthority == "https://github.com" ? "https://api.github.com" : provider.Options.EffectiveAuthority + "/api/v3";
        if (await provider.GetJsonAsync(new Uri(api + "/user"), accessToken, cancellationToken) is not { ValueKind: JsonValueKind.Object } user
            || !user.TryGetProperty("id", out var id) || id.ValueKind != JsonValueKind.Number || !id.TryGetInt64(out var number))
        {
            return null;
        }

        var emails = await provider.GetJsonAsync(new Uri(api + "/user/emails"), accessToken, cancellationToken);
        var primary = emails is { ValueKind: JsonValueKind.Array } list
            ? list.EnumerateArray().FirstOrDefault(e => e.ValueKind == JsonValueKind.Object && e.TryGetProperty("primary", out var p) && p.ValueKind == JsonValueKind.True)
            : default;
        return new ExternalIdentity(
            provider, metadata.Issuer, number.ToString(CultureInfo.InvariantCulture), Json.Text(primary, "email"),
            primary.ValueKind == JsonValueKind.Object && primary.TryGetProperty("verified", out var verified) && verified.ValueKind == JsonValueKind.True,
            Json.Text(user, "name") ?? Json.Text(user, "login"), null, pending.Intent, pending.StartedAt);
    }

    private static bool IsVerified(JsonElement claims) => claims.TryGetProperty("email_verified", out var verified) && (verified.ValueKind == JsonValueKind.True || (verified.ValueKind == JsonValueKind.String && verified.GetString() == "true"));

    private static ProblemHttpResult Unavailable(ExternalProvider provider) =>
        Problems.Of(StatusCodes.Status503ServiceUnavailable, ErrorCodes.ProviderUnavailable, $"{provider.DisplayName} does not answer right now. Try again in a moment.");

    private static string RandomText() => Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));
}
