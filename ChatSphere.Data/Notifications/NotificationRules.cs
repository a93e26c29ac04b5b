namespace ChatSphere.Data.Notifications;

/// <summary>What is done about something that happened.</summary>
public enum Telling
{
    Nothing,

    /// <summary>It is in the inbox and waits there.</summary>
    Quietly,

    /// <summary>In the inbox, and wherever else the person is reached.</summary>
    Fully,
}

/// <summary>What somebody set for a place; from the narrowest: thread, channel, category, server.</summary>
public readonly record struct PlaceWish(NotificationLevel? Level, DateTimeOffset? MutedUntil);

/// <summary>The one place that says whether somebody is told of something.</summary>
public static class NotificationRules
{
    /// <param name="places">The narrowest first. A mute of any of them mutes; of the levels the narrowest that is set counts.</param>
    /// <param name="kindsOff">Names of <see cref="NotificationKind"/>.</param>
    /// <param name="quiet">Minutes of the day between which nothing interrupts, in <paramref name="zone"/>; null: never quiet.</param>
    public static Telling Decide(
        NotificationKind kind, IReadOnlyList<PlaceWish> places, IReadOnlyList<string> kindsOff, (int From, int Until)? quiet, TimeZoneInfo zone, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(places);
        ArgumentNullException.ThrowIfNull(kindsOff);
        if (kindsOff.Contains(kind.ToString()) || places.Any(p => p.MutedUntil > now))
        {
            return Telling.Nothing;
        }

        var level = places.FirstOrDefault(p => p.Level is not null).Level ?? NotificationLevel.Mentions;
        if (level == NotificationLevel.Nothing || (level == NotificationLevel.Mentions && kind == NotificationKind.Message))
        {
            return Telling.Nothing;
        }

        return kind == NotificationKind.Reaction || IsQuiet(quiet, zone, now) ? Telling.Quietly : Telling.Fully;
    }

    public static bool IsQuiet((int From, int Until)? quiet, TimeZoneInfo zone, DateTimeOffset now)
    {
        if (quiet is not var (from, until) || from == until)
        {
            return false;
        }

        var minute = (int)TimeZoneInfo.ConvertTime(now, zone).TimeOfDay.TotalMinutes;
        return from < until ? minute >= from && minute < until : minute >= from || minute < until;
    }

    /// <summary>UTC for what this system does not know.</summary>
    public static TimeZoneInfo ZoneOf(string? name) => name is not null && TimeZoneInfo.TryFindSystemTimeZoneById(name, out var zone) ? zone : TimeZoneInfo.Utc;

    /// <summary>Whether one of the words stands in the text as a word, or several in a row..</summary>
    public static bool HasKeyword(string text, IReadOnlyList<string> keywords)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentNullException.ThrowIfNull(keywords);
        return keywords.Any(word =>
        {
            for (var at = text.IndexOf(word, StringComparison.OrdinalIgnoreCase); at >= 0; at = text.IndexOf(word, at + 1, StringComparison.OrdinalIgnoreCase))
            {
                var end = at + word.Length;
                if ((at == 0 || !char.IsLetterOrDigit(text[at - 1])) && (end == text.Length || !char.IsLetterOrDigit(text[end])))
                {
                    return true;
                }
            }

            return false;
        });
    }
}
