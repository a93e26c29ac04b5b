using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace ChatSphere.Api.Modules.Tools;

/// <summary>
/// An address with placeholders in path and query. Scheme, host and port are what was written down; a value can fill a place in a path segment or a query value and cannot leave
/// it: everything that has a meaning in an address is escaped, and segments of dots are refused.
/// </summary>
internal sealed partial class HttpToolTemplate
{
    private readonly string _authority;
    private readonly string _path;
    private readonly string _query;

    private HttpToolTemplate(string authority, string path, string query) => (_authority, _path, _query) = (authority, path, query);

    public IReadOnlyList<string> Placeholders => [.. Placeholder().Matches(_path + _query).Select(m => m.Groups[1].Value).Distinct()];

    public string Peer => _authority;

    /// <summary>The template, or why it is none.</summary>
    public static (HttpToolTemplate? Template, string? Problem) Parse(string text)
    {
        text = text.Trim();
        var scheme = text.IndexOf("://", StringComparison.Ordinal);
        if (scheme < 0 || text[..scheme].ToUpperInvariant() is not ("HTTP" or "HTTPS"))
        {
            return (null, "It must begin with https:// or http://.");
        }

        var path = text.AsSpan(scheme + 3).IndexOfAny("/?#\\");
        var authority = path < 0 ? text : text[..(scheme + 3 + path)];
        var rest = path < 0 ? "" : text[(scheme + 3 + path)..];
        if (authority.AsSpan().IndexOfAny("{}@") >= 0)
        {
            return (null, "Placeholders can only stand in path and query, and the host without a user name.");
        }

        if (rest.AsSpan().IndexOfAny("#\\") >= 0)
        {
            return (null, "It must not have a fragment or a backslash.");
        }

        var query = rest.IndexOf('?', StringComparison.Ordinal);
        var template = new HttpToolTemplate(authority, query < 0 ? rest : rest[..query], query < 0 ? "" : rest[(query + 1)..]);
        var filled = Placeholder().Replace(text, "x");
        return filled.AsSpan().IndexOfAny("{}") >= 0 ? (null, "A placeholder is written as {name}: letters, digits, _ . and -.")
            : !Uri.TryCreate(filled, UriKind.Absolute, out var uri) || uri.IdnHost.Length == 0 ? (null, "It is not an absolute address.")
            : HasDots(Placeholder().Replace(template._path, "x")) ? (null, "Its path must not contain segments of dots.")
            : (template, null);
    }

    /// <summary>The address of one call, and which arguments are in it; or why there is none.</summary>
    public (Uri? Address, IReadOnlySet<string> Used, string? Problem) Fill(JsonElement arguments, bool restIntoQuery)
    {
        var used = new HashSet<string>(StringComparer.Ordinal);
        string? problem = null;
        var path = Placeholder().Replace(_path, m =>
        {
            var name = m.Groups[1].Value;
            used.Add(name);
            if (arguments.TryGetProperty(name, out var value) && Scalar(value) is { Length: > 0 } text)
            {
                return Uri.EscapeDataString(text);
            }

            problem ??= $"{name} is missing, or no single value; the address needs it.";
            return "";
        });

        if (problem is null && HasDots(path))
        {
            problem = "A part of a path cannot consist of dots.";
        }

        var pairs = new List<string>();
        foreach (var pair in _query.Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            var names = Placeholder().Matches(pair).Select(m => m.Groups[1].Value).ToList();
            used.UnionWith(names);
            if (names.TrueForAll(n => arguments.TryGetProperty(n, out var value) && value.ValueKind != JsonValueKind.Null))
            {
                // A list becomes the same name several times.
                var lists = names is [var only] ? Values(arguments.GetProperty(only)) : [""];
                pairs.AddRange(lists.Select(one => Placeholder().Replace(pair, m => Uri.EscapeDataString(names.Count == 1 ? one : Values(arguments.GetProperty(m.Groups[1].Value)).FirstOrDefault() ?? ""))));
            }
        }

        if (restIntoQuery)
        {
            foreach (var argument in arguments.EnumerateObject().Where(a => !used.Contains(a.Name) && a.Value.ValueKind != JsonValueKind.Null))
            {
                pairs.AddRange(Values(argument.Value).Select(one => $"{Uri.EscapeDataString(argument.Name)}={Uri.EscapeDataString(one)}"));
            }
        }

        var address = new StringBuilder(_authority).Append(path).Append(pairs.Count > 0 ? "?" : "").AppendJoin('&', pairs).ToString();
        return problem is null && Uri.TryCreate(address, UriKind.Absolute, out var uri) && SameOrigin(uri) ? (uri, used, null) : (null, used, problem ?? "No address can be made of these values.");
    }

    private bool SameOrigin(Uri uri) =>
        Uri.TryCreate(_authority, UriKind.Absolute, out var origin) && origin.Scheme == uri.Scheme && origin.Port == uri.Port && origin.IdnHost.Equals(uri.IdnHost, StringComparison.OrdinalIgnoreCase) && uri.UserInfo.Length == 0;

    private static bool HasDots(string path) => path.Split('/').Any(s => Uri.UnescapeDataString(s) is "." or "..");

    private static IEnumerable<string> Values(JsonElement value) =>
        value.ValueKind == JsonValueKind.Array ? value.EnumerateArray().Select(v => Scalar(v) ?? v.GetRawText()) : [Scalar(value) ?? value.GetRawText()];

    private static string? Scalar(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => Storable(value.GetString()!),
        JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False => value.GetRawText(),
        _ => null,
    };

    // A lone surrogate cannot be escaped.
    private static string Storable(string text) => Http.TextRules.HasUnstorable(text) ? new string([.. text.Where(c => c != '\0' && !char.IsSurrogate(c))]) : text;

    [GeneratedRegex(@"\{([A-Za-z_][A-Za-z0-9_.-]{0,63})\}")]
    private static partial Regex Placeholder();
}
