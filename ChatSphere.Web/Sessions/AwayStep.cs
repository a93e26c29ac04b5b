using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.AspNetCore.DataProtection;

namespace ChatSphere.Web.Sessions;

/// <summary>
/// Where somebody is who was sent to sign in elsewhere: a sealed, short-lived cookie with the secret that binds the provider's answer to this browser. An answer that comes
/// back without it is nobody's.
/// </summary>
public sealed class AwayStep(IDataProtectionProvider protection)
{
    private const string CookieName = "chatsphere-away";
    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(10);
    private readonly ITimeLimitedDataProtector _protector = protection.CreateProtector("ChatSphere.Web.AwayStep").ToTimeLimitedDataProtector();

    /// <param name="Provider">Where the person was sent.</param>
    /// <param name="Binding">The API's secret, to be sent with the answer.</param>
    /// <param name="IsSignedIn">The answer is for the person who is signed in here: to link, or to confirm who it is.</param>
    /// <param name="ReturnUrl">A path of this site.</param>
    public sealed record Pending(string Provider, string Binding, bool IsSignedIn, string ReturnUrl);

    public void Begin(HttpContext http, Pending pending) =>
        http.Response.Cookies.Append(Name(http), _protector.Protect(JsonSerializer.Serialize(pending), Lifetime), Options(http, Lifetime));

    /// <summary>What was remembered, and forgets it. Null when nobody was sent away, or it took too long.</summary>
    public Pending? End(HttpContext http)
    {
        if (http.Request.Cookies[Name(http)] is not { Length: > 0 } value)
        {
            return null;
        }

        http.Response.Cookies.Delete(Name(http), Options(http, null));
        try
        {
            return JsonSerializer.Deserialize<Pending>(_protector.Unprotect(value));
        }
        catch (Exception e) when (e is CryptographicException or JsonException)
        {
            return null;
        }
    }

    private static string Name(HttpContext http) => http.Request.IsHttps ? "__Host-" + CookieName : CookieName;

    // Lax: the provider sends the browser back by a link, which Strict would come without.
    private static CookieOptions Options(HttpContext http, TimeSpan? maxAge) =>
        new() { HttpOnly = true, SameSite = SameSiteMode.Lax, Secure = http.Request.IsHttps, Path = "/", MaxAge = maxAge, IsEssential = true };
}
