using System.Text;

namespace ChatSphere.Api.Modules.Admin;

/// <summary>Rows of RFC 4180: fields in quotes may hold commas, line ends and doubled quotes; line ends are CRLF, LF or CR. Never more than one row in memory.</summary>
internal sealed class CsvReader(TextReader text)
{
    private const int MaxRow = 16 * 1024;
    private readonly char[] _buffer = new char[4096];
    private int _at;
    private int _filled;
    private int _line = 1;

    /// <param name="Line">Where it begins, counted from 1.</param>
    /// <param name="IsBroken">A quote without an end, or longer than any row should be; what follows is read from the next line.</param>
    public sealed record Row(int Line, IReadOnlyList<string> Fields, bool IsBroken);

    /// <summary>Null at the end.</summary>
    public async Task<Row?> ReadAsync(CancellationToken cancellationToken)
    {
        var fields = new List<string>();
        var field = new StringBuilder();
        var line = _line;
        var length = 0;
        var quoted = false;
        var any = false;
        while (await NextAsync(cancellationToken) is { } c)
        {
            any = true;
            if (++length > MaxRow)
            {
                await SkipLineAsync(c, cancellationToken);
                return new Row(line, [], IsBroken: true);
            }

            if (quoted)
            {
                if (c != '"')
                {
                    _line += c == '\n' ? 1 : 0;
                    field.Append(c);
                }
                else if (await PeekAsync(cancellationToken) == '"')
                {
                    await NextAsync(cancellationToken);
                    field.Append('"');
                }
                else
                {
                    quoted = false;
                }

                continue;
            }

            switch (c)
            {
                case '"' when field.Length == 0:
                    quoted = true;
                    break;
                case ',':
                    fields.Add(field.ToString());
                    field.Clear();
                    break;
                case '\r' or '\n':
                    if (c == '\r' && await PeekAsync(cancellationToken) == '\n')
                    {
                        await NextAsync(cancellationToken);
                    }

                    _line++;
                    fields.Add(field.ToString());
                    return new Row(line, fields, IsBroken: false);
                default:
                    field.Append(c);
                    break;
            }
        }

        if (!any)
        {
            return null;
        }

        fields.Add(field.ToString());
        return new Row(line, fields, IsBroken: quoted);
    }

    private async Task SkipLineAsync(char c, CancellationToken cancellationToken)
    {
        char? at = c;
        while (at is not null and not '\n')
        {
            at = await NextAsync(cancellationToken);
        }

        _line++;
    }

    private async ValueTask<char?> NextAsync(CancellationToken cancellationToken)
    {
        var c = await PeekAsync(cancellationToken);
        _at += c is null ? 0 : 1;
        return c;
    }

    private async ValueTask<char?> PeekAsync(CancellationToken cancellationToken)
    {
        if (_at == _filled)
        {
            (_at, _filled) = (0, await text.ReadAsync(_buffer.AsMemory(), cancellationToken));
        }

        return _filled == 0 ? null : _buffer[_at];
    }
}
