using System.Globalization;
using System.Text.RegularExpressions;

namespace ChatSphere.Web.Text;

/// <summary>What an id in a message stands for.</summary>
/// <param name="Address">Of a channel: where it is.</param>
/// <param name="IsMine">It means the reader.</param>
/// <param name="Color">0xRRGGBB.</param>
public sealed record Named(string Name, string? Address = null, bool IsMine = false, int? Color = null);

/// <summary>
/// What people write in channels: <c>&lt;@id&gt;</c>, <c>&lt;@&amp;id&gt;</c>, <c>&lt;#id&gt;</c> and <c>&lt;:name:id&gt;</c> stand for people, roles, channels and the server's own emoji.
/// </summary>
public static partial class MessageText
{
    private const int MostJumbo = 12;

    /// <summary>As plain text: for the clipboard, for screen readers, for editing.</summary>
    public static string Plain(string content, Func<char, Guid, Named?> named) => Marker().Replace(content, m => Plain(m, named));

    /// <summary>The text of the box in which it is edited, and what its names stand for.</summary>
    public static (string Text, Dictionary<string, string> Tokens) ForEditing(string content, Func<char, Guid, Named?> named)
    {
        var tokens = new Dictionary<string, string>();
        var text = Marker().Replace(content, m =>
        {
            var plain = Plain(m, named);
            if (m.Groups["id"].Success && named(KindOf(m), Guid.Parse(m.Groups["id"].Value)) is null)
            {
                return m.Value;
            }

            tokens[plain] = m.Value;
            return plain;
        });
        return (text, tokens);
    }

    /// <summary>The other way round.</summary>
    public static string FromEditing(string text, IReadOnlyDictionary<string, string> tokens)
    {
        foreach (var (plain, marker) in tokens.OrderByDescending(t => t.Key.Length))
        {
            text = text.Replace(plain, marker, StringComparison.Ordinal);
        }

        return text;
    }

    /// <summary>Nothing but a few emoji: shown large.</summary>
    public static bool IsJumbo(string content)
    {
        var count = 0;
        var rest = OwnEmoji().Replace(content, _ =>
        {
            count++;
            return "";
        });
        var elements = StringInfo.GetTextElementEnumerator(rest);
        while (elements.MoveNext())
        {
            var element = elements.GetTextElement();
            if (string.IsNullOrWhiteSpace(element))
            {
                continue;
            }

            var rune = System.Text.Rune.GetRuneAt(element, 0);
            if (rune.Value < 0x203C || System.Text.Rune.GetUnicodeCategory(rune) is not (UnicodeCategory.OtherSymbol or UnicodeCategory.ModifierSymbol or UnicodeCategory.OtherPunctuation or UnicodeCategory.MathSymbol))
            {
                return false;
            }

            count++;
        }

        return count is > 0 and <= MostJumbo;
    }

    private static string Plain(Match m, Func<char, Guid, Named?> named) =>
        m.Groups["emoji"].Success ? $":{m.Groups["emoji"].Value}:"
        : KindOf(m) is var kind && named(kind, Guid.Parse(m.Groups["id"].Value)) is { } known ? $"{(kind == '#' ? '#' : '@')}{known.Name}"
        : kind == '#' ? "#a channel" : "@somebody";

    private static char KindOf(Match m) => m.Groups["kind"].Value switch { "#" => '#', "@&" => '&', _ => '@' };

    [GeneratedRegex("<(?:(?<kind>@&|@|#)(?<id>[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})|:(?<emoji>[A-Za-z0-9_]{2,32}):[0-9a-fA-F-]{36})>")]
    private static partial Regex Marker();

    [GeneratedRegex("<:[A-Za-z0-9_]{2,32}:[0-9a-fA-F-]{36}>")]
    private static partial Regex OwnEmoji();
}
