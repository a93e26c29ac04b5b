using System.Globalization;
using System.Text;

namespace ChatSphere.Web.Text;

/// <summary>
/// A QR code (ISO/IEC 18004) for what a phone has to read off a screen: bytes, error correction level M, versions 1 to 10, which is up to 213 bytes. The numbers in the
/// tables are the standard's.
/// </summary>
public sealed class QrCode
{
    private static readonly int[] TotalCodewords = [26, 44, 70, 100, 134, 172, 196, 242, 292, 346];
    private static readonly int[] CorrectionPerBlock = [10, 16, 26, 18, 24, 16, 18, 22, 22, 26];
    private static readonly int[] Blocks = [1, 1, 1, 2, 2, 4, 4, 4, 5, 5];
    private static readonly int[][] Alignment = [[], [6, 18], [6, 22], [6, 26], [6, 30], [6, 34], [6, 22, 38], [6, 24, 42], [6, 26, 46], [6, 28, 50]];
    private readonly bool[,] _dark;
    private readonly bool[,] _reserved;

    private QrCode(int version)
    {
        Size = 17 + (4 * version);
        _dark = new bool[Size, Size];
        _reserved = new bool[Size, Size];
    }

    /// <summary>Modules a side, without the quiet zone.</summary>
    public int Size { get; }

    public bool this[int row, int column] => _dark[row, column];

    /// <exception cref="ArgumentException">Longer than 213 bytes in UTF-8.</exception>
    public static QrCode Encode(string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        var version = Enumerable.Range(1, 10).FirstOrDefault(v => Bits(v, bytes.Length) <= 8 * DataCodewords(v));
        if (version == 0)
        {
            throw new ArgumentException("More than a QR code of version 10 takes.", nameof(text));
        }

        var code = new QrCode(version);
        code.DrawPatterns(version);
        code.DrawCodewords(Interleaved(version, Data(version, bytes)));
        var best = Enumerable.Range(0, 8).MinBy(mask =>
        {
            code.Apply(mask);
            code.DrawFormat(mask);
            var penalty = code.Penalty();
            code.Apply(mask);
            return penalty;
        });
        code.Apply(best);
        code.DrawFormat(best);
        return code;
    }

    /// <summary>One SVG path of all dark modules, each one unit wide, after a quiet zone of four.</summary>
    public string ToPath()
    {
        var path = new StringBuilder();
        for (var row = 0; row < Size; row++)
        {
            for (var column = 0; column < Size; column++)
            {
                var begin = column;
                while (column < Size && _dark[row, column])
                {
                    column++;
                }

                if (column > begin)
                {
                    path.Append(CultureInfo.InvariantCulture, $"M{begin + 4} {row + 4}h{column - begin}v1h-{column - begin}z");
                }
            }
        }

        return path.ToString();
    }

    private static int DataCodewords(int version) => TotalCodewords[version - 1] - (CorrectionPerBlock[version - 1] * Blocks[version - 1]);

    private static int Bits(int version, int bytes) => 4 + LengthBits(version) + (8 * bytes);

    private static int LengthBits(int version) => version < 10 ? 8 : 16;

    private static byte[] Data(int version, byte[] bytes)
    {
        var data = new byte[DataCodewords(version)];
        var at = 0;
        Write(0b0100, 4);
        Write(bytes.Length, LengthBits(version));
        foreach (var b in bytes)
        {
            Write(b, 8);
        }

        // The terminator and the rest of its byte are zero; what is left is filled as the standard says.
        var used = Math.Min((at + 4 + 7) / 8, data.Length);
        for (var i = used; i < data.Length; i++)
        {
            data[i] = (byte)((i - used) % 2 == 0 ? 0xec : 0x11);
        }

        return data;

        void Write(int value, int bits)
        {
            for (var i = bits - 1; i >= 0; i--, at++)
            {
                data[at / 8] |= (byte)(((value >> i) & 1) << (7 - (at % 8)));
            }
        }
    }

    private static byte[] Interleaved(int version, byte[] data)
    {
        var (count, correction) = (Blocks[version - 1], CorrectionPerBlock[version - 1]);
        var shortLength = data.Length / count;
        var shortCount = count - (data.Length % count);
        var blocks = new List<byte[]>();
        for (int i = 0, at = 0; i < count; i++)
        {
            var length = shortLength + (i < shortCount ? 0 : 1);
            blocks.Add(data[at..(at + length)]);
            at += length;
        }

        var corrections = blocks.ConvertAll(b => Remainder(b, correction));
        return
        [
            .. Enumerable.Range(0, shortLength + 1).SelectMany(i => blocks.Where(b => i < b.Length).Select(b => b[i])),
            .. Enumerable.Range(0, correction).SelectMany(i => corrections.Select(c => c[i])),
        ];
    }

    /// <summary>Reed-Solomon over GF(2^8) modulo x^8 + x^4 + x^3 + x^2 + 1.</summary>
    private static byte[] Remainder(byte[] data, int degree)
    {
        var divisor = new byte[degree];
        divisor[^1] = 1;
        byte root = 1;
        for (var i = 0; i < degree; i++)
        {
            for (var j = 0; j < degree; j++)
            {
                divisor[j] = (byte)(Multiply(divisor[j], root) ^ (j + 1 < degree ? divisor[j + 1] : 0));
            }

            root = Multiply(root, 2);
        }

        var result = new byte[degree];
        foreach (var b in data)
        {
            var factor = (byte)(b ^ result[0]);
            result.AsSpan(1).CopyTo(result);
            result[^1] = 0;
            for (var i = 0; i < degree; i++)
            {
                result[i] ^= Multiply(divisor[i], factor);
            }
        }

        return result;
    }

    private static byte Multiply(byte x, byte y)
    {
        var product = 0;
        for (var i = 7; i >= 0; i--)
        {
            product = (product << 1) ^ ((product >> 7) * 0x11d);
            product ^= ((y >> i) & 1) * x;
        }

        return (byte)product;
    }

    private void DrawPatterns(int version)
    {
        for (var i = 0; i < Size; i++)
        {
            Set(6, i, i % 2 == 0);
            Set(i, 6, i % 2 == 0);
        }

        foreach (var (row, column) in new[] { (3, 3), (3, Size - 4), (Size - 4, 3) })
        {
            for (var y = -4; y <= 4; y++)
            {
                for (var x = -4; x <= 4; x++)
                {
                    if (row + y >= 0 && row + y < Size && column + x >= 0 && column + x < Size)
                    {
                        var ring = Math.Max(Math.Abs(y), Math.Abs(x));
                        Set(row + y, column + x, ring is not 2 and not 4);
                    }
                }
            }
        }

        var centres = Alignment[version - 1];
        foreach (var row in centres)
        {
            foreach (var column in centres)
            {
                // Not where the three finders are.
                if ((row == 6 && column == 6) || (row == 6 && column == Size - 7) || (row == Size - 7 && column == 6))
                {
                    continue;
                }

                for (var y = -2; y <= 2; y++)
                {
                    for (var x = -2; x <= 2; x++)
                    {
                        Set(row + y, column + x, Math.Max(Math.Abs(y), Math.Abs(x)) != 1);
                    }
                }
            }
        }

        DrawFormat(0);
        if (version < 7)
        {
            return;
        }

        var remainder = version;
        for (var i = 0; i < 12; i++)
        {
            remainder = (remainder << 1) ^ ((remainder >> 11) * 0x1f25);
        }

        var bits = (version << 12) | remainder;
        for (var i = 0; i < 18; i++)
        {
            Set(Size - 11 + (i % 3), i / 3, ((bits >> i) & 1) == 1);
            Set(i / 3, Size - 11 + (i % 3), ((bits >> i) & 1) == 1);
        }
    }

    private void DrawFormat(int mask)
    {
        // Level M is 00, so the mask is all there is.
        var remainder = mask;
        for (var i = 0; i < 10; i++)
        {
            remainder = (remainder << 1) ^ ((remainder >> 9) * 0x537);
        }

        var bits = ((mask << 10) | remainder) ^ 0x5412;
        for (var i = 0; i < 15; i++)
        {
            var dark = ((bits >> i) & 1) == 1;

            // Around the upper left finder, past the timing pattern; and the copy beside the other two.
            var (row, column) = i < 6 ? (i, 8) : i < 8 ? (i + 1, 8) : i == 8 ? (8, 7) : (8, 14 - i);
            Set(row, column, dark);
            (row, column) = i < 8 ? (8, Size - 1 - i) : (Size - 15 + i, 8);
            Set(row, column, dark);
        }

        Set(Size - 8, 8, true);
    }

    private void DrawCodewords(byte[] codewords)
    {
        var at = 0;
        for (var right = Size - 1; right >= 1; right -= 2)
        {
            // The column of the vertical timing pattern is skipped.
            right = right == 6 ? 5 : right;
            for (var i = 0; i < Size; i++)
            {
                for (var column = right; column > right - 2; column--)
                {
                    var upward = ((right + 1) & 2) == 0;
                    var row = upward ? Size - 1 - i : i;
                    if (!_reserved[row, column] && at < codewords.Length * 8)
                    {
                        _dark[row, column] = ((codewords[at / 8] >> (7 - (at % 8))) & 1) == 1;
                        at++;
                    }
                }
            }
        }
    }

    /// <summary>Twice the same mask is none.</summary>
    private void Apply(int mask)
    {
        for (var row = 0; row < Size; row++)
        {
            for (var column = 0; column < Size; column++)
            {
                _dark[row, column] ^= !_reserved[row, column] && Masked(mask, row, column);
            }
        }
    }

    private static bool Masked(int mask, int row, int column) => mask switch
    {
        0 => (row + column) % 2 == 0,
        1 => row % 2 == 0,
        2 => column % 3 == 0,
        3 => (row + column) % 3 == 0,
        4 => ((row / 2) + (column / 3)) % 2 == 0,
        5 => (row * column % 2) + (row * column % 3) == 0,
        6 => ((row * column % 2) + (row * column % 3)) % 2 == 0,
        _ => (((row + column) % 2) + (row * column % 3)) % 2 == 0,
    };

    private int Penalty()
    {
        var penalty = 0;
        for (var line = 0; line < Size; line++)
        {
            foreach (var across in new[] { true, false })
            {
                var (run, history) = (0, 0);
                for (var i = 0; i < Size; i++)
                {
                    var dark = At(line, i, across);
                    run = i > 0 && dark == At(line, i - 1, across) ? run + 1 : 1;
                    penalty += run == 5 ? 3 : run > 5 ? 1 : 0;

                    // What looks like a finder: 1:1:3:1:1 with four light modules on one side.
                    history = ((history << 1) | (dark ? 1 : 0)) & 0x7ff;
                    penalty += i >= 10 && history is 0b00001011101 or 0b10111010000 ? 40 : 0;
                }
            }
        }

        var darks = 0;
        for (var row = 0; row < Size; row++)
        {
            for (var column = 0; column < Size; column++)
            {
                darks += _dark[row, column] ? 1 : 0;
                penalty += row > 0 && column > 0 && _dark[row, column] == _dark[row - 1, column] && _dark[row, column] == _dark[row, column - 1] && _dark[row, column] == _dark[row - 1, column - 1] ? 3 : 0;
            }
        }

        return penalty + (Math.Abs((darks * 20) - (Size * Size * 10)) / (Size * Size) * 10);

        bool At(int line, int i, bool across) => across ? _dark[line, i] : _dark[i, line];
    }

    private void Set(int row, int column, bool dark)
    {
        _dark[row, column] = dark;
        _reserved[row, column] = true;
    }
}
