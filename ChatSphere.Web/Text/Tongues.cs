using Microsoft.Net.Http.Headers;

namespace ChatSphere.Web.Text;

/// <summary>Languages to choose from, and which one somebody reads.</summary>
/// <param name="Tag">As in BCP 47.</param>
/// <param name="Name">In the language itself, for whoever looks for it.</param>
public sealed record Tongue(string Tag, string Name)
{
    public static IReadOnlyList<Tongue> All { get; } =
    [
        new("ar", "العربية"), new("cs", "Čeština"), new("da", "Dansk"), new("de", "Deutsch"), new("el", "Ελληνικά"), new("en", "English"), new("es", "Español"), new("fi", "Suomi"),
        new("fr", "Français"), new("he", "עברית"), new("hi", "हिन्दी"), new("hu", "Magyar"), new("id", "Bahasa Indonesia"), new("it", "Italiano"), new("ja", "日本語"), new("ko", "한국어"),
        new("nb", "Norsk bokmål"), new("nl", "Nederlands"), new("pl", "Polski"), new("pt", "Português"), new("ro", "Română"), new("sv", "Svenska"), new("tr", "Türkçe"),
        new("uk", "Українська"), new("vi", "Tiếng Việt"), new("zh", "中文"),
    ];

    /// <summary>The one that is meant by a tag such as <c>pt-BR</c>; one that is not listed goes by its tag.</summary>
    public static Tongue Of(string tag) => All.FirstOrDefault(t => t.Tag.Equals(tag.Split('-')[0], StringComparison.OrdinalIgnoreCase)) is { } known ? known with { Tag = tag } : new(tag, tag);

    /// <param name="accepted">The browser's <c>Accept-Language</c>.</param>
    /// <returns>What it would read first; English where it says nothing.</returns>
    public static string OfBrowser(string? accepted) =>
        StringWithQualityHeaderValue.TryParseList([accepted ?? ""], out var all)
            && all.Where(v => v.Value.Value is { Length: >= 2 and <= 35 } tag && char.IsAsciiLetter(tag[0])).MaxBy(v => v.Quality ?? 1)?.Value.Value is { } first
            ? first
            : "en";
}
