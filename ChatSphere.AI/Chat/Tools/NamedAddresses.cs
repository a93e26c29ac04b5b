using System.Text.RegularExpressions;

namespace ChatSphere.AI.Chat.Tools;

/// <summary>The web addresses that somebody wrote, in full or as people write them: <c>example.com/prices</c>.</summary>
public sealed partial class NamedAddresses
{
    private readonly HashSet<string> _named = new(StringComparer.Ordinal);

    public static NamedAddresses In(IEnumerable<string> texts)
    {
        var addresses = new NamedAddresses();
        foreach (Match match in texts.SelectMany(t => Address().Matches(t)))
        {
            var written = match.Value.TrimEnd('.', ',', ';', ':', '!', '?', ')', ']', '}', '"', '\'', '>', '»', '”');
            foreach (var address in written.Contains("://", StringComparison.Ordinal) ? [written] : (string[])[$"https://{written}", $"http://{written}"])
            {
                if (Normal(address) is { } normal)
                {
                    addresses._named.Add(normal);
                }
            }
        }

        return addresses;
    }

    /// <summary>This one and no other: the same host, port, path and query.</summary>
    public bool Contains(string address) => Normal(address) is { } normal && _named.Contains(normal);

    /// <summary>What is sent to a server: without the fragment, and a lone slash where there is no path.</summary>
    private static string? Normal(string address) =>
        Uri.TryCreate(address, UriKind.Absolute, out var uri) && (uri.Scheme == Uri.UriSchemeHttp || uri.Scheme == Uri.UriSchemeHttps) && uri.UserInfo.Length == 0
            ? $"{uri.Scheme}://{uri.IdnHost}:{uri.Port}{uri.PathAndQuery}"
            : null;

    [GeneratedRegex(@"(https?://[^\s<>""`|\\^{}]+)|(?<![\w@./-])([\p{L}\p{N}]([\p{L}\p{N}-]{0,61}[\p{L}\p{N}])?\.)+\p{L}{2,24}(/[^\s<>""`|\\^{}]*)?", RegexOptions.IgnoreCase, 1_000)]
    private static partial Regex Address();
}
