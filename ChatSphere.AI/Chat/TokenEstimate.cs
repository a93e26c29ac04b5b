using System.Text;

namespace ChatSphere.AI.Chat;

/// <summary>
/// About how many tokens a model's tokenizer makes of a text, without having that tokenizer: a word of up to six ASCII letters is one and each five more another;
/// other alphabets one for every three letters; digits one for every three; ideographs, kana, hangul and each sign one. Within a fifth of the common
/// byte-pair encodings on prose in Latin script; it tends to say too many rather than too few. <see cref="TokenRatios"/> brings it closer to a certain model's.
/// </summary>
public static class TokenEstimate
{
    /// <summary>Role and separators around each message.</summary>
    public const int PerMessage = 4;

    /// <summary>What a picture takes, whatever its size: providers count between about 85 and 1,600.</summary>
    public const int PerImage = 1_000;

    public static int Of(string text) => Of(text.AsSpan());

    public static int Of(ReadOnlySpan<char> text)
    {
        var tokens = 0;
        for (var i = 0; i < text.Length;)
        {
            var c = text[i];
            var start = i++;
            if (char.IsAsciiLetter(c))
            {
                for (; i < text.Length && char.IsAsciiLetter(text[i]); i++)
                {
                }

                tokens += i - start <= 6 ? 1 : 2 + ((i - start - 7) / 5);
            }
            else if (char.IsAsciiDigit(c))
            {
                for (; i < text.Length && char.IsAsciiDigit(text[i]); i++)
                {
                }

                tokens += (i - start + 2) / 3;
            }
            else if (char.IsWhiteSpace(c))
            {
                for (; i < text.Length && char.IsWhiteSpace(text[i]); i++)
                {
                }

                tokens += (i - start) / 16;
            }
            else if (IsIdeographic(c))
            {
                tokens++;
            }
            else if (char.IsLetter(c))
            {
                for (; i < text.Length && char.IsLetter(text[i]) && !char.IsAscii(text[i]) && !IsIdeographic(text[i]); i++)
                {
                }

                tokens += (i - start + 2) / 3;
            }
            else
            {
                // Rules and leaders ("-----", ". . .") are a few tokens, however long.
                for (; i < text.Length && text[i] == c; i++)
                {
                }

                tokens += 1 + ((i - start - 1) / 8);
            }
        }

        return tokens;
    }

    /// <summary>Scripts written without blanks between words.</summary>
    internal static bool IsIdeographic(char c) => c is (>= '\u2e80' and <= '\u9fff') or (>= '\uac00' and <= '\ud7af') or (>= '\uf900' and <= '\ufaff') or (>= '\uff66' and <= '\uff9f');

    internal static bool IsIdeographic(Rune rune) => rune.IsBmp ? IsIdeographic((char)rune.Value) : rune.Value is >= 0x20000 and <= 0x3ffff;
}
