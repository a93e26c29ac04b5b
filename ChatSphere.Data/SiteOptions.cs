using System.ComponentModel.DataAnnotations;

namespace ChatSphere.Data;

/// <summary>Where people find this deployment. Links in mails, redirects of sign-ins elsewhere and passkeys use this and never what a request claims.</summary>
public sealed class SiteOptions
{
    public const string Section = "Site";

    /// <summary>Scheme, host and port of the web pages, without a path.</summary>
    [Required(ErrorMessage = "Set Site:Origin to the address of the web pages, such as https://chat.example.com.")]
    public string Origin { get; set; } = "http://localhost:8080";

    /// <summary>An address on this site.</summary>
    /// <param name="path">Begins with a slash.</param>
    public Uri At(string path) => new(new Uri(Origin), path);

    /// <summary>Whether it is an origin and nothing more, and a browser would keep secrets there: https, or this machine.</summary>
    public static bool IsOrigin(string text) => Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https" && uri.GetLeftPart(UriPartial.Authority) == text.TrimEnd('/');
}
