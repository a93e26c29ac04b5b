using System.Text;

namespace ChatSphere.AI.Chat;

/// <summary>
/// Makes a model's output text that every part of the system can hold: no NUL (PostgreSQL refuses it), no lone surrogate (JSON and UTF-8 do). A pair that arrives
/// in two pieces is put together, so the high half waits for the next piece.
/// </summary>
internal sealed class CleanText
{
    private char? _high;

    public string Push(string piece)
    {
        if (_high is null && !piece.AsSpan().ContainsAnyInRange('\uD800', '\uDFFF') && !piece.Contains('\0'))
        {
            return piece;
        }

        var clean = new StringBuilder(piece.Length + 1);
        foreach (var c in piece)
        {
            if (_high is { } high)
            {
                _high = null;
                if (char.IsLowSurrogate(c))
                {
                    clean.Append(high).Append(c);
                    continue;
                }

                clean.Append('\uFFFD');
            }

            if (char.IsHighSurrogate(c))
            {
                _high = c;
            }
            else if (char.IsLowSurrogate(c))
            {
                clean.Append('\uFFFD');
            }
            else if (c != '\0')
            {
                clean.Append(c);
            }
        }

        return clean.ToString();
    }

    public string Finish()
    {
        var rest = _high is null ? "" : "\uFFFD";
        _high = null;
        return rest;
    }
}
