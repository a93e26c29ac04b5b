using System.Reflection;
using System.Security.Claims;

namespace ChatSphere.Api.Http;

/// <summary>Who asks. Bound from the verified credential; only where authorization is required.</summary>
/// <param name="AccountId">On whose behalf.</param>
/// <param name="Credential">With what: a session or an API key.</param>
/// <param name="Permissions">What that allows, as of a few seconds ago.</param>
public sealed record CurrentUser(Guid AccountId, Credential Credential, IReadOnlySet<string> Permissions)
{
    public const string SessionClaim = "sid";
    public const string ApiKeyClaim = "kid";
    public const string AccountClaim = "sub";
    public const string PermissionClaim = "permission";

    public static ValueTask<CurrentUser> BindAsync(HttpContext context, ParameterInfo parameter) =>
        ValueTask.FromResult(From(context.User) ?? throw new InvalidOperationException($"{parameter.Name}: the endpoint does not require authorization."));

    /// <summary>Null: nobody has signed in.</summary>
    public static CurrentUser? From(ClaimsPrincipal principal) =>
        Guid.TryParse(principal.FindFirst(AccountClaim)?.Value, out var account) && Credential.From(principal) is { } credential
            ? new CurrentUser(account, credential, principal.FindAll(PermissionClaim).Select(c => c.Value).ToHashSet())
            : null;
}

/// <param name="IsApiKey">Else a session.</param>
public readonly record struct Credential(Guid Id, bool IsApiKey)
{
    public static Credential? From(ClaimsPrincipal principal) =>
        Guid.TryParse(principal.FindFirst(CurrentUser.SessionClaim)?.Value, out var session) ? new Credential(session, false)
        : Guid.TryParse(principal.FindFirst(CurrentUser.ApiKeyClaim)?.Value, out var key) ? new Credential(key, true)
        : null;
}
