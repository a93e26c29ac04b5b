using System.Collections.Frozen;

namespace ChatSphere.Api.Modules.Accounts;

/// <summary>The most common passwords and the words that they are made of. How the list was made is said at its head.</summary>
internal static class CommonPasswords
{
    private static readonly FrozenSet<string> List = Read();

    public static int Count => List.Count;

    /// <summary>
    /// Whether the password is on the list: as it is, without the digits and signs before and after it, with the usual digits and signs read as letters, without what
    /// separates its words, or as one such word over and over.
    /// </summary>
    public static bool Contain(string password)
    {
        var plain = password.ToLowerInvariant();
        return Forms(plain).Distinct().Any(f => f.Length >= 3 && (List.Contains(f) || (Unit(f) is { Length: >= 3 } unit && List.Contains(unit))));
    }

    private static IEnumerable<string> Forms(string plain)
    {
        var bare = plain.Trim(Around);
        foreach (var form in new[] { plain, bare, Letters(plain), Letters(bare), Letters(plain).Trim(Around) })
        {
            yield return form;
            yield return string.Concat(form.Where(char.IsLetterOrDigit));
            yield return string.Concat(form.Where(char.IsLetter));
        }
    }

    private static readonly char[] Around = [.. "0123456789 !\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~§€£"];

    private static string Letters(string text) => string.Create(text.Length, text, static (letters, text) =>
    {
        for (var i = 0; i < letters.Length; i++)
        {
            letters[i] = text[i] switch
            {
                '0' => 'o',
                '1' or '!' or '|' => 'i',
                '3' => 'e',
                '4' or '@' => 'a',
                '5' or '$' => 's',
                '7' or '+' => 't',
                '8' => 'b',
                '9' => 'g',
                var other => other,
            };
        }
    });

    /// <summary>What it repeats; null when it repeats nothing.</summary>
    private static string? Unit(string text)
    {
        var again = (text + text).IndexOf(text, 1, StringComparison.Ordinal);
        return again < text.Length ? text[..again] : null;
    }

    private static FrozenSet<string> Read()
    {
        using var reader = new StreamReader(typeof(CommonPasswords).Assembly.GetManifestResourceStream("common-passwords.txt")!);
        var words = new HashSet<string>();
        while (reader.ReadLine() is { } line)
        {
            if (line.Length > 0 && line[0] != '#')
            {
                words.Add(line);
            }
        }

        return words.ToFrozenSet();
    }
}
