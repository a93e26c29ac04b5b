using System.Security.Cryptography;
using System.Text;

namespace ChatSphere.AI.Chat;

/// <summary>
/// A mark in the system prompt that no answer may hold. Who gets a model to recite its instructions gets the mark with them, and the answer is withheld. One for each bot and
/// process: a new one for every prompt would undo what providers save by remembering how prompts begin.
/// </summary>
public static class Canary
{
    private const string Alphabet = "abcdefghjkmnpqrstuvwxyz23456789";
    private const int Length = 20;
    private static readonly byte[] Key = RandomNumberGenerator.GetBytes(32);

    public static string For(Guid? botId)
    {
        Span<byte> id = stackalloc byte[16];
        (botId ?? Guid.Empty).TryWriteBytes(id);
        Span<byte> hash = stackalloc byte[32];
        HMACSHA256.HashData(Key, id, hash);
        var token = new StringBuilder("cs", Length);
        for (var i = 0; token.Length < Length; i++)
        {
            token.Append(Alphabet[hash[i] % Alphabet.Length]);
        }

        return token.ToString();
    }

    /// <summary>Whether a whole text holds it, plain or in one of the disguises that <see cref="CanaryWatch"/> knows.</summary>
    public static bool IsIn(string text, string canary)
    {
        var watch = new CanaryWatch(canary);
        watch.Push(text);
        watch.Finish();
        return watch.IsFound;
    }
}

/// <summary>
/// Looks for the canary in a text that comes in pieces, and holds back what may yet become it. Found also in upper case, with anything but letters and digits in between,
/// backwards, in ROT13, Base64, hexadecimal and with letters from elsewhere that look the same. What a model would have to do beyond that it could also do to the instructions
/// themselves: this catches recitation, it is not a wall around a secret.
/// </summary>
public sealed class CanaryWatch
{
    /// <summary>Of letters and digits; enough for the longest disguise.</summary>
    private const int Reach = 400;

    private readonly string _canary;
    private readonly string[] _folded;
    private readonly string[] _exact;
    private readonly StringBuilder _letters = new();
    private readonly StringBuilder _raw = new();
    private readonly StringBuilder _held = new();

    public CanaryWatch(string canary)
    {
        _canary = canary;
        var bytes = Encoding.UTF8.GetBytes(canary);
        _folded = [canary, new([.. canary.Reverse()]), Rot13(canary), Convert.ToHexStringLower(bytes)];
        _exact = [.. Enumerable.Range(0, 3).Select(at => Base64Within(bytes, at))];
    }

    public bool IsFound { get; private set; }

    /// <summary>What may be shown; nothing once it is found.</summary>
    public string Push(string piece)
    {
        if (IsFound)
        {
            return "";
        }

        foreach (var rune in piece.EnumerateRunes())
        {
            if (Fold(rune) is { } c)
            {
                _letters.Append(c);
            }
        }

        foreach (var c in piece)
        {
            if (!char.IsWhiteSpace(c))
            {
                _raw.Append(c);
            }
        }

        var letters = _letters.ToString();
        var raw = _raw.ToString();
        if (Array.Exists(_folded, f => letters.Contains(f, StringComparison.Ordinal)) || Array.Exists(_exact, e => raw.Contains(e, StringComparison.Ordinal)))
        {
            IsFound = true;
            return "";
        }

        Shorten(_letters);
        Shorten(_raw);
        _held.Append(piece);
        var held = _held.ToString();
        if (Open(letters) == 0)
        {
            _held.Clear();
            return held;
        }

        // Held from the first letter of what may become it; a word or two, most of the time nothing.
        var keep = Open(letters);
        var cut = held.Length;
        while (cut > 0 && keep > 0)
        {
            cut--;
            if (char.IsLowSurrogate(held[cut]) && cut > 0)
            {
                cut--;
            }

            keep -= Rune.TryGetRuneAt(held, cut, out var rune) && Fold(rune) is not null ? 1 : 0;
        }

        _held.Clear().Append(held, cut, held.Length - cut);
        return held[..cut];
    }

    /// <summary>At something that is not part of the text.</summary>
    public void Look(string other) => IsFound |= Canary.IsIn(other, _canary);

    public string Finish()
    {
        var rest = IsFound ? "" : _held.ToString();
        _held.Clear();
        return rest;
    }

    /// <summary>How many of the last letters begin the canary; of two and fewer nothing is thought.</summary>
    private int Open(string letters)
    {
        for (var length = Math.Min(letters.Length, _canary.Length - 1); length > 2; length--)
        {
            if (letters.AsSpan(letters.Length - length).SequenceEqual(_canary.AsSpan(0, length)))
            {
                return length;
            }
        }

        return 0;
    }

    private static void Shorten(StringBuilder text)
    {
        if (text.Length > Reach)
        {
            text.Remove(0, text.Length - Reach);
        }
    }

    private static char? Fold(Rune rune)
    {
        if (rune.IsAscii)
        {
            var c = char.ToLowerInvariant((char)rune.Value);
            return char.IsAsciiLetterOrDigit(c) ? c : null;
        }

        // Full-width and mathematical letters fall together with the plain ones; the common look-alikes from Cyrillic and Greek do not, so they are named.
        var plain = rune.ToString().Normalize(NormalizationForm.FormKD);
        var first = char.ToLowerInvariant(plain[0]);
        return char.IsAsciiLetterOrDigit(first) ? first : "аaеeоoрpсcуyхxѕsіiјjԁdһhԛqԝwкkмmтtνvοoρpαa".IndexOf(first, StringComparison.Ordinal) is var at and >= 0 && at % 2 == 0
            ? "аaеeоoрpсcуyхxѕsіiјjԁdһhԛqԝwкkмmтtνvοoρpαa"[at + 1]
            : null;
    }

    private static string Rot13(string text) => string.Concat(text.Select(c => c is >= 'a' and <= 'z' ? (char)('a' + ((c - 'a' + 13) % 26)) : c));

    /// <summary>The characters of the Base64 of a longer text that depend on these bytes alone, when they begin at this place of a group of three.</summary>
    private static string Base64Within(byte[] bytes, int at)
    {
        var encoded = Convert.ToBase64String([.. new byte[at], .. bytes]);
        var from = at switch { 0 => 0, 1 => 2, _ => 3 };
        var whole = (at + bytes.Length) / 3 * 4;
        return encoded[from..whole];
    }
}
