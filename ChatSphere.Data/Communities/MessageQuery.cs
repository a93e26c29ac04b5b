using System.Globalization;

namespace ChatSphere.Data.Communities;

/// <param name="Text">A word, or several in a row.</param>
public sealed record QueryTerm(string Text, bool Not);

/// <summary>
/// What somebody typed into the search: words, <c>"phrases"</c>, and operators <c>name:value</c> or <c>name:"value"</c>, each also with <c>-</c> before it.
/// One pass over the text; whatever is typed is either a query or a sentence about what is wrong with it. Nothing of it is ever read as the database's own query language.
/// </summary>
public sealed record MessageQuery
{
    public const int MostCharacters = 500;

    /// <summary>Terms and operators together.</summary>
    public const int MostParts = 30;

    private static readonly string[] DateForms = ["yyyy-MM-dd", "yyyy-MM", "yyyy"];

    public List<QueryTerm> Terms { get; } = [];
    public List<(string Name, bool Not)> From { get; } = [];
    public List<(string Name, bool Not)> In { get; } = [];
    public List<(string Name, bool Not)> Server { get; } = [];
    public List<(string Name, bool Not)> Mentions { get; } = [];
    public MessageHolds Has { get; private set; }
    public MessageHolds HasNot { get; private set; }

    /// <summary>Null: either.</summary>
    public bool? IsPinned { get; private set; }

    /// <summary>Earlier than this.</summary>
    public DateTimeOffset? Before { get; private set; }

    /// <summary>Then or later: after a day means the days behind it.</summary>
    public DateTimeOffset? After { get; private set; }

    /// <summary>Something must be there, beside what must not.</summary>
    public bool AsksForSomething => Terms.Exists(t => !t.Not) || Has != 0 || IsPinned == true || Before is not null || After is not null
        || From.Exists(n => !n.Not) || In.Exists(n => !n.Not) || Server.Exists(n => !n.Not) || Mentions.Exists(n => !n.Not);

    /// <returns>A sentence when it is no query; otherwise null.</returns>
    /// <param name="zone">Whose days are meant by dates.</param>
    public static string? TryParse(string text, TimeZoneInfo zone, out MessageQuery query)
    {
        ArgumentNullException.ThrowIfNull(text);
        query = new MessageQuery();
        if (text.Length > MostCharacters)
        {
            return $"At most {MostCharacters} characters.";
        }

        var parts = 0;
        for (var at = 0; at < text.Length;)
        {
            if (char.IsWhiteSpace(text[at]))
            {
                at++;
                continue;
            }

            if (++parts > MostParts)
            {
                return $"At most {MostParts} words and operators.";
            }

            var not = false;
            if (text[at] == '-' && at + 1 < text.Length && !char.IsWhiteSpace(text[at + 1]))
            {
                (not, at) = (true, at + 1);
            }

            var start = at;
            while (at < text.Length && char.IsAsciiLetter(text[at]))
            {
                at++;
            }

            var name = text[start..at].ToLowerInvariant();
            if (at < text.Length && text[at] == ':' && name is "from" or "in" or "server" or "has" or "before" or "after" or "on" or "mentions" or "is")
            {
                at++;
                if (query.Take(name, Value(text, ref at), not, zone) is { } wrong)
                {
                    return wrong;
                }

                continue;
            }

            at = start;
            if (Value(text, ref at) is { Length: > 0 } term)
            {
                query.Terms.Add(new QueryTerm(term, not));
            }
        }

        return null;
    }

    /// <summary>Up to the next space; in quotes up to the next quote, or to the end when there is none.</summary>
    private static string Value(string text, ref int at)
    {
        if (at < text.Length && text[at] == '"')
        {
            var end = text.IndexOf('"', at + 1);
            var quoted = text[(at + 1)..(end < 0 ? text.Length : end)];
            at = end < 0 ? text.Length : end + 1;
            return quoted.Trim();
        }

        var start = at;
        while (at < text.Length && !char.IsWhiteSpace(text[at]) && text[at] != '"')
        {
            at++;
        }

        return text[start..at];
    }

    private string? Take(string name, string value, bool not, TimeZoneInfo zone)
    {
        if (value.Length == 0)
        {
            return $"Say what {name}: is to be, as in {name}:{Example(name)}.";
        }

        switch (name)
        {
            case "from":
                From.Add((value, not));
                return null;
            case "in":
                In.Add((value, not));
                return null;
            case "server":
                Server.Add((value, not));
                return null;
            case "mentions":
                Mentions.Add((value, not));
                return null;
            case "is":
                IsPinned = !not;
                return value.Equals("pinned", StringComparison.OrdinalIgnoreCase) ? null : "Only is:pinned is known.";
            case "has":
                var held = value.ToLowerInvariant() switch { "link" => MessageHolds.Link, "file" => MessageHolds.File, "image" => MessageHolds.Image, "poll" => MessageHolds.Poll, _ => MessageHolds.None };
                (Has, HasNot) = not ? (Has, HasNot | held) : (Has | held, HasNot);
                return held == MessageHolds.None ? "has: takes link, file, image or poll." : null;
            default:
                return TakeDate(name, value, not, zone);
        }
    }

    private string? TakeDate(string name, string value, bool not, TimeZoneInfo zone)
    {
        if (not)
        {
            return $"Write {(name == "before" ? "after" : "before")}: in place of -{name}:.";
        }

        if (!DateOnly.TryParseExact(value, DateForms, CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) || day.Year is < 1970 or > 9000)
        {
            return $"{name}: takes a day such as 2026-03-27, a month such as 2026-03, or a year.";
        }

        var next = value.Length == 4 ? day.AddYears(1) : value.Length == 7 ? day.AddMonths(1) : day.AddDays(1);
        var (from, to) = (Midnight(day, zone), Midnight(next, zone));
        if (name is "before" or "on")
        {
            var end = name == "on" ? to : from;
            Before = Before < end ? Before : end;
        }

        if (name is "after" or "on")
        {
            var begin = name == "on" ? from : to;
            After = After > begin ? After : begin;
        }

        return null;
    }

    /// <summary>When the day begins there. Where the clock skips midnight, the day begins when it has.</summary>
    private static DateTimeOffset Midnight(DateOnly day, TimeZoneInfo zone)
    {
        var local = day.ToDateTime(TimeOnly.MinValue);
        while (zone.IsInvalidTime(local))
        {
            local = local.AddMinutes(30);
        }

        return new DateTimeOffset(TimeZoneInfo.ConvertTimeToUtc(local, zone), TimeSpan.Zero);
    }

    private static string Example(string name) => name switch { "from" or "mentions" => "me", "in" => "general", "has" => "link", "is" => "pinned", "server" => "name", _ => "2026-03-27" };
}
