namespace ChatSphere.AI.Chat;

/// <summary>
/// How many tokens a text takes, roughly and rather too many than too few, without any model's tokenizer: ASCII letters and spaces 1/4 token each, other ASCII
/// (digits, punctuation, code) 1/2, letters of other alphabets 1/2, and what lies from U+2E80 on (Chinese, Japanese, Korean; emoji by their surrogates) 1 token each.
/// Against the tokenizers of today's models that is exact to about a quarter for prose.
/// </summary>
public static class TokenEstimate
{
    /// <summary>Role and separators around each message.</summary>
    public const int PerMessage = 4;

    public static int Of(string text)
    {
        var quarters = 0L;
        foreach (var c in text)
        {
            quarters += c switch
            {
                ' ' or (>= 'a' and <= 'z') or (>= 'A' and <= 'Z') => 1,
                < '\u2E80' => 2,
                _ => 4,
            };
        }

        return (int)Math.Min(int.MaxValue, (quarters + 3) / 4);
    }
}
