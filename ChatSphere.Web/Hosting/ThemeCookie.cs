using ChatSphere.Contracts.People;

namespace ChatSphere.Web.Hosting;

/// <summary>The look, where the first line of a page can use it. js/site.js sets the same cookie.</summary>
public static class ThemeCookie
{
    public const string Name = "theme";

    public static void Set(HttpContext context, PreferredTheme theme) => context.Response.Cookies.Append(
        Name, theme.ToString().ToLowerInvariant(), new CookieOptions { Path = "/", MaxAge = TimeSpan.FromDays(365), SameSite = SameSiteMode.Lax, Secure = context.Request.IsHttps });
}
