extern alias web;

using System.Text;
using web::ChatSphere.Web.Text;

namespace ChatSphere.Tests.Web;

public sealed class DrawingQrCodesTests
{
    public static TheoryData<int> Lengths => [.. Enumerable.Range(0, 214)];

    [Theory]
    [MemberData(nameof(Lengths))]
    public void What_is_drawn_reads_back(int length)
    {
        var text = string.Concat(Enumerable.Range(0, length).Select(i => (char)('!' + (i * 7 % 90))));
        Assert.Equal(text, Read(QrCode.Encode(text)));
    }

    [Fact]
    public void Any_bytes_of_UTF_8_read_back() => Assert.Equal("otpauth://totp/ChatSphere:ädä@例え.jp?secret=ABC&issuer=ChatSphere", Read(QrCode.Encode("otpauth://totp/ChatSphere:ädä@例え.jp?secret=ABC&issuer=ChatSphere")));

    [Fact]
    public void More_than_it_takes_is_refused() => Assert.Throws<ArgumentException>(() => QrCode.Encode(new string('x', 214)));

    [Fact]
    public void The_path_covers_every_dark_module_once()
    {
        var code = QrCode.Encode("hello");
        var dark = Enumerable.Range(0, code.Size).Sum(r => Enumerable.Range(0, code.Size).Count(c => code[r, c]));
        var drawn = System.Text.RegularExpressions.Regex.Matches(code.ToPath(), @"M\d+ \d+h(\d+)v1").Sum(m => int.Parse(m.Groups[1].Value, System.Globalization.CultureInfo.InvariantCulture));
        Assert.Equal(dark, drawn);
    }

    /// <summary>As a phone does it, from the standard, except that it needs no camera: and it insists that the error correction of every block is right.</summary>
    private static string Read(QrCode code)
    {
        var size = code.Size;
        var version = (size - 17) / 4;
        Assert.Equal(17 + (4 * version), size);

        // Format: 15 bits beside the upper left finder, read from the most significant.
        var format = 0;
        foreach (var (row, column) in new[] { (8, 0), (8, 1), (8, 2), (8, 3), (8, 4), (8, 5), (8, 7), (8, 8), (7, 8), (5, 8), (4, 8), (3, 8), (2, 8), (1, 8), (0, 8) })
        {
            format = (format << 1) | (code[row, column] ? 1 : 0);
        }

        format ^= 0b101010000010010;
        Assert.Equal(0, format >> 13);
        var mask = (format >> 10) & 7;

        var function = new bool[size, size];
        Mark(0, 0, 9, 9);
        Mark(0, size - 8, 9, 8);
        Mark(size - 8, 0, 8, 9);
        Mark(6, 0, 1, size);
        Mark(0, 6, size, 1);
        int[] centres = version == 1 ? [] : version < 7 ? [6, size - 7] : [6, (size - 1) / 2, size - 7];
        foreach (var (y, x) in centres.SelectMany(y => centres.Select(x => (y, x))))
        {
            if ((y, x) != (6, 6) && (y, x) != (6, size - 7) && (y, x) != (size - 7, 6))
            {
                Mark(y - 2, x - 2, 5, 5);
                Assert.True(code[y, x] && !code[y, x + 1] && code[y + 2, x + 2]);
            }
        }

        if (version >= 7)
        {
            Mark(0, size - 11, 6, 3);
            Mark(size - 11, 0, 3, 6);
        }

        var bits = new List<bool>();
        var up = true;
        for (var right = size - 1; right > 0; right -= 2, up = !up)
        {
            right -= right == 6 ? 1 : 0;
            for (var i = 0; i < size; i++)
            {
                var row = up ? size - 1 - i : i;
                foreach (var column in new[] { right, right - 1 }.Where(c => !function[row, c]))
                {
                    bits.Add(code[row, column] ^ mask switch
                    {
                        0 => (row + column) % 2 == 0, 1 => row % 2 == 0, 2 => column % 3 == 0, 3 => (row + column) % 3 == 0, 4 => ((row / 2) + (column / 3)) % 2 == 0,
                        5 => (row * column % 2) + (row * column % 3) == 0, 6 => ((row * column % 2) + (row * column % 3)) % 2 == 0, _ => (((row + column) % 2) + (row * column % 3)) % 2 == 0,
                    });
                }
            }
        }

        var words = bits.Chunk(8).Where(c => c.Length == 8).Select(c => (byte)c.Aggregate(0, (w, b) => (w << 1) | (b ? 1 : 0))).ToArray();

        // ISO/IEC 18004, table 9, level M: blocks as (count, data words), and the words of correction in each.
        var (groups, correction) = version switch
        {
            1 => (new[] { (1, 16) }, 10), 2 => ([(1, 28)], 16), 3 => ([(1, 44)], 26), 4 => ([(2, 32)], 18), 5 => ([(2, 43)], 24),
            6 => ([(4, 27)], 16), 7 => ([(4, 31)], 18), 8 => ([(2, 38), (2, 39)], 22), 9 => ([(3, 36), (2, 37)], 22), _ => ([(4, 43), (1, 44)], 26),
        };
        var blocks = groups.SelectMany(g => Enumerable.Range(0, g.Item1).Select(_ => new byte[g.Item2 + correction])).ToList();
        var at = 0;
        for (var i = 0; i < blocks.Max(b => b.Length) - correction; i++)
        {
            foreach (var block in blocks.Where(b => i < b.Length - correction))
            {
                block[i] = words[at++];
            }
        }

        for (var i = 0; i < correction; i++)
        {
            foreach (var block in blocks)
            {
                block[block.Length - correction + i] = words[at++];
            }
        }

        Assert.Equal(words.Length, at);
        foreach (var block in blocks)
        {
            for (var power = 0; power < correction; power++)
            {
                Assert.Equal(0, block.Aggregate(0, (sum, b) => Times(sum, Power(power)) ^ b));
            }
        }

        var data = blocks.SelectMany(b => b[..^correction]).SelectMany(b => Enumerable.Range(0, 8).Select(i => (b >> (7 - i)) & 1)).ToArray();
        var read = 0;
        Assert.Equal(4, Take(4));
        var count = Take(version < 10 ? 8 : 16);
        return Encoding.UTF8.GetString([.. Enumerable.Range(0, count).Select(_ => (byte)Take(8))]);

        int Take(int n)
        {
            var value = 0;
            for (var i = 0; i < n; i++)
            {
                value = (value << 1) | data[read++];
            }

            return value;
        }

        void Mark(int row, int column, int height, int width)
        {
            for (var y = row; y < row + height; y++)
            {
                for (var x = column; x < column + width; x++)
                {
                    function[y, x] = true;
                }
            }
        }
    }

    private static int Power(int n) => Enumerable.Range(0, n).Aggregate(1, (p, _) => Times(p, 2));

    private static int Times(int x, int y)
    {
        var product = 0;
        for (; y > 0; y >>= 1)
        {
            product ^= (y & 1) * x;
            x = (x << 1) ^ (x >= 128 ? 0x11d : 0);
        }

        return product;
    }
}
