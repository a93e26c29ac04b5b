using System.Text;

namespace ChatSphere.AI.Chat;

/// <summary>Text of others on its way into a prompt.</summary>
public static class PromptText
{
    /// <summary>No text can close its tag, open another, or leave an attribute: every character that could is gone.</summary>
    public static string Escape(string text) => Visible(text)
        .Replace("&", "&amp;", StringComparison.Ordinal)
        .Replace("<", "&lt;", StringComparison.Ordinal)
        .Replace(">", "&gt;", StringComparison.Ordinal)
        .Replace("\"", "&quot;", StringComparison.Ordinal);

    /// <summary>
    /// Leaves out what no reader sees and some models read: the tag characters of Unicode (U+E0000 to U+E007F, a known way to hide instructions), characters of no width,
    /// variation selectors (which can carry a byte each), overrides of the writing direction, control characters, lone surrogates.
    /// </summary>
    public static string Visible(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var visible = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
        {
            if (rune.Value is (< 0x20 and not ('\n' or '\t')) or (>= 0x7F and <= 0x9F) or (>= 0xE0000 and <= 0xE007F) or (>= 0x202A and <= 0x202E) or (>= 0x2060 and <= 0x206F)
                or 0x200B or 0xFEFF or 0x00AD or 0x180E or 0x034F or 0x115F or 0x1160 or 0x3164 or (>= 0xE0100 and <= 0xE01EF) or (>= 0xFE00 and <= 0xFE0E) or (>= 0xFFF9 and <= 0xFFFB))
            {
                continue;
            }

            visible.Append(rune);
        }

        return visible.ToString();
    }

    /// <summary>At most so many characters, and no half of one.</summary>
    public static string Shorten(string text, int length)
    {
        ArgumentNullException.ThrowIfNull(text);
        length = Math.Clamp(length, 0, text.Length);
        return text[..(length > 0 && length < text.Length && char.IsHighSurrogate(text[length - 1]) ? length - 1 : length)];
    }
}
