using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;

namespace ChatSphere.AI.Chat;

/// <summary>
/// Which hosts an answer's links may lead to: those of the deployment's list, and those whose every address in the answer stands in the sources just so. A model that was made to
/// write an address of somebody else's, or to hang what it knows on an address that it found, gets no link out of it.
/// </summary>
public static partial class AnswerLinks
{
    private const int MaxAddresses = 200;
    private static readonly IdnMapping Idn = new();

    /// <param name="allowed">As <c>AI:LinkHosts</c>: <c>example.com</c>, or <c>*.example.com</c> for all below it.</param>
    /// <returns>In ASCII, lower case, with a port where it is not the scheme's.</returns>
    public static IReadOnlyList<string> AllowedHosts(string answer, IEnumerable<string> sources, IReadOnlyList<string> allowed)
    {
        ArgumentNullException.ThrowIfNull(answer);
        ArgumentNullException.ThrowIfNull(sources);
        ArgumentNullException.ThrowIfNull(allowed);
        var text = Decode(answer);
        var wanted = Addresses(text).Take(MaxAddresses).GroupBy(a => a.Host, StringComparer.Ordinal).ToList();
        if (wanted.Count == 0)
        {
            return [];
        }

        HashSet<string>? known = null;
        var hosts = new List<string>();
        foreach (var host in wanted)
        {
            if (IsListed(host.Key, allowed))
            {
                hosts.Add(host.Key);
                continue;
            }

            known ??= sources.SelectMany(s => Addresses(Decode(s))).Select(a => a.Address).ToHashSet(StringComparer.Ordinal);

            // Also no address in a form that only a browser would understand: each place where the name stands behind a slash is one of those that were read.
            if (host.All(a => known.Contains(a.Address)) && Occurrences(text, host.Key) == host.Count())
            {
                hosts.Add(host.Key);
            }
        }

        return hosts;
    }

    public static bool IsListed(string host, IReadOnlyList<string> allowed)
    {
        ArgumentNullException.ThrowIfNull(allowed);
        return allowed.Any(a => a.StartsWith("*.", StringComparison.Ordinal) ? host.EndsWith(a[1..], StringComparison.OrdinalIgnoreCase) : host.Equals(a, StringComparison.OrdinalIgnoreCase));
    }

    /// <summary>The host of an address that may become a link at all: http or https, nobody's name or password in it. Null otherwise.</summary>
    public static string? HostOf(string address) => Read(address)?.Host;

    private static (string Host, string Address)? Read(string address)
    {
        if (!Uri.TryCreate(address, UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https") || uri.UserInfo.Length > 0 || uri.IdnHost.Length == 0)
        {
            return null;
        }

        var host = uri.IdnHost.ToLowerInvariant() + (uri.IsDefaultPort ? "" : ":" + uri.Port.ToString(CultureInfo.InvariantCulture));
        return (host, uri.GetLeftPart(UriPartial.Query).TrimEnd('/'));
    }

    private static IEnumerable<(string Host, string Address)> Addresses(string text)
    {
        foreach (Match match in Address().Matches(text))
        {
            var address = match.Value.TrimEnd('.', ',', ';', ':', '!', '?', '*', '_', '~', '\'');
            if (Read(address) is { } read)
            {
                yield return read;
            }
        }
    }

    private static int Occurrences(string text, string host)
    {
        var name = host.Split(':')[0];
        var count = Behind(text, name);
        try
        {
            var unicode = Idn.GetUnicode(name);
            return unicode.Equals(name, StringComparison.OrdinalIgnoreCase) ? count : count + Behind(text, unicode);
        }
        catch (ArgumentException)
        {
            return count;
        }

        static int Behind(string text, string name)
        {
            var count = 0;
            for (var at = text.IndexOf(name, StringComparison.OrdinalIgnoreCase); at >= 0; at = text.IndexOf(name, at + 1, StringComparison.OrdinalIgnoreCase))
            {
                count += at > 0 && text[at - 1] is '/' or '\\' or '@' or ':' ? 1 : 0;
            }

            return count;
        }
    }

    /// <summary>As a reader of Markdown has it: entities, backslashes before signs, and nothing that has no width.</summary>
    private static string Decode(string text) => Escaped().Replace(PromptText.Visible(WebUtility.HtmlDecode(text)), "$1");

    [GeneratedRegex(@"https?://[^\s<>""`|\[\]{}()\\]+(?:\([^\s<>""`|\[\]{}()\\]*\)[^\s<>""`|\[\]{}()\\]*)*", RegexOptions.IgnoreCase)]
    private static partial Regex Address();

    [GeneratedRegex(@"\\([!-/:-@\[-`{-~])")]
    private static partial Regex Escaped();
}
