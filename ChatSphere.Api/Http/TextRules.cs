using System.Globalization;
using System.Text;

namespace ChatSphere.Api.Http;

/// <summary>What a name may be: something that a person can see, on one line, that does not turn around what stands beside it.</summary>
internal static class TextRules
{
    /// <summary>Null when it is fine, else a sentence.</summary>
    public static string? Problem(string name)
    {
        if (HasUnstorable(name) || name.Any(char.IsControl))
        {
            return "It must not contain control characters.";
        }

        return Visible(name).Length == 0 ? "It must contain something to see." : null;
    }

    /// <summary>PostgreSQL stores no NUL, and UTF-8 no lone surrogate.</summary>
    public static bool HasUnstorable(string text)
    {
        if (text.Contains('\0', StringComparison.Ordinal))
        {
            return true;
        }

        foreach (var rune in text.EnumerateRunes())
        {
            // EnumerateRunes puts U+FFFD in place of a lone surrogate; one that was written as such is kept.
            if (rune == Rune.ReplacementChar && !text.Contains('\uFFFD', StringComparison.Ordinal))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>A file's name as it may be shown and stored: the last part of any path, composed, without control, direction or zero-width characters, at most 200 long.</summary>
    public static string FileName(string? raw)
    {
        var name = raw ?? "";
        name = Visible(name[(name.LastIndexOfAny(['/', '\\']) + 1)..]).Trim().Trim('.');
        if (name.Length > 200)
        {
            var dot = name.LastIndexOf('.');
            var extension = dot > 0 && name.Length - dot <= 12 ? name[dot..] : "";
            var end = 200 - extension.Length;
            name = name[..(char.IsHighSurrogate(name[end - 1]) ? end - 1 : end)] + extension;
        }

        return name.Length == 0 ? "document" : name;
    }

    private static string Visible(string text)
    {
        var kept = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
        {
            if (Rune.GetUnicodeCategory(rune) is not (UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator
                    or UnicodeCategory.Surrogate or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned)
                || rune.Value == 0x200D)
            {
                kept.Append(rune);
            }
        }

        return kept.ToString().Normalize(NormalizationForm.FormC).Trim();
    }
}
