using System.Text;

namespace ChatSphere.AI.Chat;

/// <summary>
/// Joins the continuation of a broken answer to the text already shown. Models asked to go on often start by repeating the last words, or the last sentence; what
/// repeats the end of the shown text is dropped. Text is held back only while it still may turn out to be such a repetition.
/// </summary>
/// <remarks>
/// A short match may be chance ("to" + "ols"), so a repetition counts from 4 letters on when it starts where a word starts, and from 12 characters anywhere.
/// </remarks>
internal sealed class Seam
{
    /// <summary>Longer repetitions stay: the text is then worth a second look anyway.</summary>
    private const int Reach = 4_000;

    private readonly string _tail;
    private readonly StringBuilder _held = new();
    private bool _open;

    public Seam(string shown)
    {
        _tail = shown.Length <= Reach ? shown : shown[^Reach..];
        _open = _tail.Length == 0;
    }

    public string Push(string piece)
    {
        if (_open)
        {
            return piece;
        }

        _held.Append(piece);
        var held = _held.ToString();
        return MayStillRepeat(held.AsSpan().TrimStart()) ? "" : Release(held);
    }

    public string Finish() => _open ? "" : Release(_held.ToString());

    private bool MayStillRepeat(ReadOnlySpan<char> held)
    {
        if (held.Length == 0)
        {
            return true;
        }

        // Only an occurrence that something follows can still grow; one that ends the tail is decided by what is there.
        var at = _tail.AsSpan().IndexOf(held, StringComparison.Ordinal);
        return at >= 0 && held.Length < _tail.Length;
    }

    private string Release(string held)
    {
        _open = true;
        _held.Clear();
        var trimmed = held.TrimStart();
        for (var length = Math.Min(trimmed.Length, _tail.Length); length > 0; length--)
        {
            if (_tail.AsSpan().EndsWith(trimmed.AsSpan(0, length), StringComparison.Ordinal) && Counts(trimmed.AsSpan(0, length)))
            {
                return trimmed[length..];
            }
        }

        // A fresh message has no leading space, so a sentence would stick to the one before it.
        return held.Length > 0 && char.IsAsciiLetter(held[0]) && (_tail[^1] is '.' or '!' or '?' or ',' or ';') ? " " + held : held;
    }

    private bool Counts(ReadOnlySpan<char> repeated)
    {
        if (repeated.Length >= 12)
        {
            return true;
        }

        var letters = 0;
        foreach (var c in repeated)
        {
            letters += char.IsLetterOrDigit(c) ? 1 : 0;
        }

        var before = _tail.Length - repeated.Length - 1;
        return letters >= 4 && (before < 0 || !char.IsLetterOrDigit(_tail[before]) || _tail[before] >= '\u2E80');
    }
}
