using System.Globalization;
using Markdig.Renderers;

namespace ChatSphere.Web.Text;

/// <summary>A link that leads away from here, to a host that was allowed. It opens apart, says nothing of where it was pressed, and shows its host in letters that cannot be mistaken.</summary>
/// <param name="Address">As the browser gets it: absolute, ASCII.</param>
/// <param name="Host">In ASCII (punycode), with a port where it is not the scheme's.</param>
internal sealed record OutsideLink(string Address, string Host)
{
    private const int LongestAddress = 2_000;

    /// <summary>Null: it stays text.</summary>
    public static OutsideLink? Of(string address, IReadOnlyCollection<string> allowed)
    {
        // By its own first letters: browsers take other things for addresses as well, with a tab in them, with one slash, or with none.
        if (allowed.Count == 0 || address.Length > LongestAddress || !(address.StartsWith("https://", StringComparison.OrdinalIgnoreCase) || address.StartsWith("http://", StringComparison.OrdinalIgnoreCase))
            || address.Any(c => char.IsWhiteSpace(c) || char.IsControl(c) || char.GetUnicodeCategory(c) is UnicodeCategory.Format || c == '\\')
            || !Uri.TryCreate(address, UriKind.Absolute, out var uri) || uri.UserInfo.Length > 0 || uri.IdnHost.Length == 0)
        {
            return null;
        }

        var host = uri.IdnHost.ToLowerInvariant() + (uri.IsDefaultPort ? "" : ":" + uri.Port.ToString(CultureInfo.InvariantCulture));
        return allowed.Contains(host) ? new OutsideLink($"{uri.Scheme}://{host}{uri.GetComponents(UriComponents.PathAndQuery | UriComponents.Fragment, UriFormat.UriEscaped)}", host) : null;
    }

    public void Open(HtmlRenderer renderer) =>
        renderer.Write("<a class=\"outside\" target=\"_blank\" rel=\"noopener noreferrer nofollow ugc\" href=\"").WriteEscape(Address).Write("\">");

    public static void Close(HtmlRenderer renderer) => renderer.Write("</a>");
}
