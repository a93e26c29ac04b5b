using System.Security.Claims;
using System.Security.Cryptography;
using ChatSphere.Contracts.Accounts;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.WebUtilities;

namespace ChatSphere.Web.Sessions;

/// <summary>The browser's cookie: a sealed, random session id.</summary>
public static class SignInCookie
{
    public const string Path = "/sign-in";
    public const string ReturnUrl = "returnUrl";

    public static void AddSignInCookie(this IHostApplicationBuilder builder)
    {
        builder.Services.AddSingleton<SessionStore>();
        builder.Services.AddSingleton<SessionTokens>();
        builder.Services.AddScoped<CurrentSession>();
        builder.Services.AddSingleton<SecondStep>();
        builder.Services.AddSingleton<AwayStep>();
        builder.Services.AddAuthentication(CookieAuthenticationDefaults.AuthenticationScheme).AddCookie(options =>
        {
            options.Cookie.Name = "chatsphere";
            options.Cookie.HttpOnly = true;
            options.Cookie.SameSite = SameSiteMode.Lax;
            options.Cookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;
            options.Cookie.Path = "/";
            options.CookieManager = new HostPrefix();
            options.ExpireTimeSpan = SessionStore.Lifetime;
            options.SlidingExpiration = true;
            options.LoginPath = Path;
            options.ReturnUrlParameter = ReturnUrl;
            options.Events.OnValidatePrincipal = LoadSessionAsync;
            options.Events.OnRedirectToLogin = Challenge;
        });
        builder.Services.AddAuthorization();
        builder.Services.AddCascadingAuthenticationState();
    }

    public static async Task SignInAsync(HttpContext context, AccountResponse account, TokenResponse tokens)
    {
        var time = context.RequestServices.GetRequiredService<TimeProvider>();
        var session = new WebSession(
            WebEncoders.Base64UrlEncode(RandomNumberGenerator.GetBytes(32)), account.Id, account.Email, account.DisplayName,
            tokens.AccessToken, time.GetUtcNow().AddSeconds(tokens.ExpiresIn), tokens.RefreshToken, Rotation: 0, account.Permissions, context.Connection.RemoteIpAddress?.ToString());
        await context.RequestServices.GetRequiredService<SessionStore>().SaveAsync(session);
        var identity = new ClaimsIdentity([new Claim(WebSession.IdClaim, session.Id)], CookieAuthenticationDefaults.AuthenticationScheme);
        await context.SignInAsync(new ClaimsPrincipal(identity), new AuthenticationProperties { IsPersistent = true });
    }

    /// <summary>A path of this site, or <paramref name="otherwise"/>. Browsers read <c>//host</c>, <c>/\host</c> and control characters as another site.</summary>
    public static string LocalOr(string? url, string otherwise) =>
        url is ['/', ..] && url is not ['/', '/' or '\\', ..] && !url.Any(char.IsControl) && !url.StartsWith(Path, StringComparison.OrdinalIgnoreCase) ? url : otherwise;

    private static async Task LoadSessionAsync(CookieValidatePrincipalContext context)
    {
        var id = context.Principal?.FindFirstValue(WebSession.IdClaim);
        var session = id is null ? null : await context.HttpContext.RequestServices.GetRequiredService<SessionStore>().FindAsync(id);
        if (session is null)
        {
            context.RejectPrincipal();
            await context.HttpContext.SignOutAsync();
            return;
        }

        context.ReplacePrincipal(new ClaimsPrincipal(new ClaimsIdentity(
            [
                new Claim(WebSession.IdClaim, session.Id),
                new Claim(ClaimTypes.NameIdentifier, session.UserId.ToString()),
                new Claim(ClaimTypes.Name, session.DisplayName),
                new Claim(ClaimTypes.Email, session.Email),
                .. (session.Permissions ?? []).Select(p => new Claim(WebSession.PermissionClaim, p)),
            ],
            CookieAuthenticationDefaults.AuthenticationScheme)));
    }

    private static Task Challenge(RedirectContext<CookieAuthenticationOptions> context)
    {
        // Scripts cannot follow a redirect to a form.
        if (context.Request.Path.StartsWithSegments("/bff", StringComparison.OrdinalIgnoreCase))
        {
            context.Response.StatusCode = StatusCodes.Status401Unauthorized;
        }
        else
        {
            context.Response.Redirect(context.RedirectUri);
        }

        return Task.CompletedTask;
    }

    /// <summary>Over https the cookie is called <c>__Host-…</c>, which browsers only take from this host, secure, for every path.</summary>
    private sealed class HostPrefix : ICookieManager
    {
        private readonly ChunkingCookieManager inner = new();

        public string? GetRequestCookie(HttpContext context, string key) => inner.GetRequestCookie(context, Name(context, key));

        public void AppendResponseCookie(HttpContext context, string key, string? value, CookieOptions options) =>
            inner.AppendResponseCookie(context, Name(context, key), value, options);

        public void DeleteCookie(HttpContext context, string key, CookieOptions options) => inner.DeleteCookie(context, Name(context, key), options);

        private static string Name(HttpContext context, string key) => context.Request.IsHttps ? "__Host-" + key : key;
    }
}
