using System.Security.Cryptography;
using System.Text.Json;
using ChatSphere.Web.Clients;
using Microsoft.AspNetCore.DataProtection;

namespace ChatSphere.Web.Sessions;

/// <summary>
/// Where somebody is between the first and the second factor of signing in: a sealed, short-lived cookie that no script can read. It signs nobody in; it holds the
/// ticket that the API takes together with the second factor.
/// </summary>
public sealed class SecondStep(IDataProtectionProvider protection)
{
    /// <summary>The page that asks for the second factor.</summary>
    public const string Path = "/sign-in/second-step";

    private const string CookieName = "chatsphere-step";

    // As long as the API's ticket is good.
    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(10);
    private readonly ITimeLimitedDataProtector _protector = protection.CreateProtector("ChatSphere.Web.SecondStep").ToTimeLimitedDataProtector();

    /// <param name="Ticket">The API's, to be sent with the second factor.</param>
    /// <param name="Methods">What the API takes: <c>totp</c>, <c>recovery_code</c>, <c>passkey</c>.</param>
    /// <param name="ReturnUrl">A path of this site: where the person wanted to go.</param>
    public sealed record Pending(string Ticket, IReadOnlyList<string> Methods, string ReturnUrl);

    /// <summary>Remembers it in this response, when the API has answered <c>second_factor_needed</c>; then redirect to <see cref="Path"/>.</summary>
    public void Begin(HttpContext http, ApiProblem problem, string returnUrl)
    {
        var pending = new Pending(problem.Ticket ?? "", problem.Methods ?? [], returnUrl);
        http.Response.Cookies.Append(Name(http), _protector.Protect(JsonSerializer.Serialize(pending), Lifetime), Options(http, Lifetime));
    }

    /// <summary>Null when nobody is between the two steps, or it took too long: start again with the first.</summary>
    public Pending? Find(HttpContext http)
    {
        if (http.Request.Cookies[Name(http)] is not { Length: > 0 } value)
        {
            return null;
        }

        try
        {
            return JsonSerializer.Deserialize<Pending>(_protector.Unprotect(value));
        }
        catch (Exception e) when (e is CryptographicException or JsonException)
        {
            return null;
        }
    }

    /// <summary>Forgets it: signed in, or given up.</summary>
    public static void End(HttpContext http) => http.Response.Cookies.Delete(Name(http), Options(http, null));

    private static string Name(HttpContext http) => http.Request.IsHttps ? "__Host-" + CookieName : CookieName;

    private static CookieOptions Options(HttpContext http, TimeSpan? maxAge) =>
        new() { HttpOnly = true, SameSite = SameSiteMode.Lax, Secure = http.Request.IsHttps, Path = "/", MaxAge = maxAge, IsEssential = true };
}
