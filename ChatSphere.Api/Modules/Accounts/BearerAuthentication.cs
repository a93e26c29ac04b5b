using System.Security.Claims;
using System.Text.Encodings.Web;
using ChatSphere.Api.Http;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;

namespace ChatSphere.Api.Modules.Accounts;

/// <summary>
/// The <c>Authorization: Bearer</c> header: an API key, or a valid access token of a session that has not ended. Never from the address, where it would be logged.
/// </summary>
internal sealed class BearerAuthentication(
    IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logger, UrlEncoder encoder, AccessTokens tokens, ApiKeys keys, LiveAccess access)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
{
    public const string SchemeName = "Bearer";
    private const string Prefix = "Bearer ";

    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        var header = Request.Headers.Authorization;
        if (header.Count != 1 || header[0] is not { } value || !value.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase))
        {
            return AuthenticateResult.NoResult();
        }

        var secret = value[Prefix.Length..].Trim();
        Credential? credential = ApiKeys.LooksLikeOne(secret)
            ? await keys.VerifyAsync(secret, Context.RequestAborted) is { } key ? new Credential(key, true) : null
            : await tokens.VerifyAsync(secret, Context.RequestAborted) is { } token ? new Credential(token.SessionId, false) : null;
        if (credential is null)
        {
            return AuthenticateResult.Fail("The token is not valid.");
        }

        if (await access.OfAsync(credential.Value, Context.RequestAborted) is not { } allowed)
        {
            return AuthenticateResult.Fail("The session has ended.");
        }

        var identity = new ClaimsIdentity(SchemeName, CurrentUser.AccountClaim, roleType: null);
        identity.AddClaim(new Claim(CurrentUser.AccountClaim, allowed.AccountId.ToString()));
        identity.AddClaim(new Claim(credential.Value.IsApiKey ? CurrentUser.ApiKeyClaim : CurrentUser.SessionClaim, credential.Value.Id.ToString()));
        identity.AddClaims(allowed.Permissions.Select(p => new Claim(CurrentUser.PermissionClaim, p)));
        if (allowed.FactorMissing)
        {
            identity.AddClaim(new Claim(PermissionRequirement.FactorMissingClaim, "1"));
        }

        return AuthenticateResult.Success(new AuthenticationTicket(new ClaimsPrincipal(identity), SchemeName));
    }

    protected override Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        Response.StatusCode = StatusCodes.Status401Unauthorized;
        Response.Headers.WWWAuthenticate = "Bearer";
        return Task.CompletedTask;
    }
}
