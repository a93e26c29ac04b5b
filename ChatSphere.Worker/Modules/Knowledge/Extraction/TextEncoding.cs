using System.Text;
using System.Text.RegularExpressions;

namespace ChatSphere.Worker.Modules.Knowledge.Extraction;

/// <summary>Which encoding bytes without a label are in.</summary>
internal static partial class TextEncoding
{
    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);
    private static readonly Encoding Western = CodePagesEncodingProvider.Instance.GetEncoding(1252)!;
    private static readonly Encoding Cyrillic = CodePagesEncodingProvider.Instance.GetEncoding(1251)!;

    /// <summary>Null when this is no text.</summary>
    public static Encoding? Detect(ReadOnlySpan<byte> bytes, bool isWhole)
    {
        var marked = bytes switch
        {
            [0xef, 0xbb, 0xbf, ..] => Encoding.UTF8,
            [0xff, 0xfe, 0x00, 0x00, ..] => Encoding.UTF32,
            [0x00, 0x00, 0xfe, 0xff, ..] => new UTF32Encoding(bigEndian: true, byteOrderMark: true),
            [0xff, 0xfe, ..] => Encoding.Unicode,
            [0xfe, 0xff, ..] => Encoding.BigEndianUnicode,
            _ => null,
        };
        if (marked is not null)
        {
            return marked;
        }

        int zerosEven = 0, zerosOdd = 0, controls = 0, high = 0, letters = 0, upperHalf = 0;
        for (var i = 0; i < bytes.Length; i++)
        {
            switch (bytes[i])
            {
                case 0 when i % 2 == 0:
                    zerosEven++;
                    break;
                case 0:
                    zerosOdd++;
                    break;
                case < 0x20 and not ((byte)'\t' or (byte)'\n' or (byte)'\r' or (byte)'\f' or 0x1b):
                case 0x7f:
                    controls++;
                    break;
                case >= 0xc0:
                    high++;
                    upperHalf++;
                    break;
                case >= 0x80:
                    high++;
                    break;
                case >= (byte)'A' and <= (byte)'Z' or >= (byte)'a' and <= (byte)'z':
                    letters++;
                    break;
                default:
                    break;
            }
        }

        // UTF-16 without its mark: every other byte of Latin text is zero.
        if (zerosEven + zerosOdd > bytes.Length / 5 && controls <= bytes.Length / 100)
        {
            return zerosOdd > zerosEven * 10 ? Encoding.Unicode : zerosEven > zerosOdd * 10 ? Encoding.BigEndianUnicode : null;
        }

        // A few stray bytes are forgiven, a file format is not.
        if (controls > bytes.Length / 200 || zerosEven + zerosOdd > bytes.Length / 200)
        {
            return null;
        }

        if (IsUtf8(bytes, isWhole))
        {
            return Encoding.UTF8;
        }

        if (high > bytes.Length * 9 / 10)
        {
            return null;
        }

        // Where letters beyond ASCII prevail over those within, the text is not in a Western language.
        return upperHalf > letters ? Cyrillic : Western;
    }

    /// <summary>What the page says of itself counts where its bytes left room for doubt.</summary>
    public static async Task<Encoding> OfHtmlAsync(Stream file, Encoding detected, CancellationToken cancellationToken)
    {
        if (detected.CodePage != Western.CodePage && detected.CodePage != Cyrillic.CodePage)
        {
            return detected;
        }

        var head = new byte[4_096];
        var length = await file.ReadAtLeastAsync(head, head.Length, throwOnEndOfStream: false, cancellationToken);
        file.Position = 0;
        try
        {
            return Charset().Match(Encoding.Latin1.GetString(head, 0, length)) is { Success: true } said
                ? CodePagesEncodingProvider.Instance.GetEncoding(said.Groups[1].Value) ?? Encoding.GetEncoding(said.Groups[1].Value)
                : detected;
        }
        catch (ArgumentException)
        {
            return detected;
        }
    }

    [GeneratedRegex("<meta[^>]{1,200}charset\\s*=\\s*[\"']?([a-zA-Z0-9_-]{2,30})", RegexOptions.IgnoreCase)]
    private static partial Regex Charset();

    private static bool IsUtf8(ReadOnlySpan<byte> bytes, bool isWhole)
    {
        // A sample may end within a character.
        for (var cut = 0; cut <= (isWhole ? 0 : 3) && cut <= bytes.Length; cut++)
        {
            try
            {
                StrictUtf8.GetCharCount(bytes[..^cut]);
                return true;
            }
            catch (DecoderFallbackException)
            {
            }
        }

        return false;
    }
}
