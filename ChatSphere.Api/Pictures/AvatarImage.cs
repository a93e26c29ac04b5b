using System.Buffers.Binary;

namespace ChatSphere.Api.Pictures;

/// <summary>
/// A picture as we serve it. What is uploaded is never passed on: its container is read strictly and written anew with only the parts that draw it, so that places, cameras, texts and
/// whatever hides between or behind those parts are gone. Dimensions are looked at before anything else, and what does not parse is refused.
/// </summary>
/// <param name="Bytes">As served.</param>
internal sealed record AvatarImage(byte[] Bytes, string ContentType, int Width, int Height)
{
    public const int MaxBytes = 2 * 1024 * 1024;
    public const int MaxSide = 4096;
    public const int VersionLength = 16;

    /// <summary>Changes with the picture; null: no picture.</summary>
    public static string? VersionOf(string? sha256) => sha256?[..VersionLength];

    public static (AvatarImage? Image, string? Refusal) Rewrite(ReadOnlyMemory<byte> upload)
    {
        var bytes = upload.Span;
        try
        {
            var image = bytes.StartsWith(PngPicture.Signature) ? PngPicture.Rewrite(upload)
                : bytes.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xD8, 0xFF]) ? JpegPicture.Rewrite(bytes)
                : bytes.Length >= 12 && bytes.StartsWith("RIFF"u8) && bytes[8..12].SequenceEqual("WEBP"u8) ? WebpPicture.Rewrite(bytes)
                : throw new UnfitPictureException("It is not a PNG, JPEG or WebP picture.");
            return (image, null);
        }
        catch (UnfitPictureException e)
        {
            return (null, e.Message);
        }
    }

    internal static void CheckSize(long width, long height)
    {
        if (width is < 1 or > MaxSide || height is < 1 or > MaxSide)
        {
            throw new UnfitPictureException($"A picture may be at most {MaxSide} pixels wide and high.");
        }
    }

    internal static ReadOnlySpan<byte> Take(ReadOnlySpan<byte> bytes, int at, int length) =>
        at >= 0 && length >= 0 && at <= bytes.Length - length ? bytes.Slice(at, length) : throw new UnfitPictureException("The picture ends early.");
}

/// <summary>Deep in a parser; never leaves <see cref="AvatarImage.Rewrite"/>.</summary>
internal sealed class UnfitPictureException(string message) : Exception(message);

/// <summary>
/// JPEG (ITU T.81): markers <c>FF xx</c> with lengths, then entropy-coded scans. Kept: frame, tables, restart interval, scans, and of the application segments Adobe's 12 bytes, which
/// say how colours are meant. JFIF is written anew without its thumbnail, EXIF with its orientation only.
/// </summary>
internal static class JpegPicture
{
    public static AvatarImage Rewrite(ReadOnlySpan<byte> bytes)
    {
        using var kept = new MemoryStream(bytes.Length);
        var (width, height, orientation, scans, isJfif) = (0, 0, 1, 0, false);
        var at = 2;
        while (true)
        {
            if (AvatarImage.Take(bytes, at, 1)[0] != 0xFF)
            {
                throw Broken();
            }

            // Any number of fill bytes may stand before a marker.
            while (AvatarImage.Take(bytes, at, 1)[0] == 0xFF)
            {
                at++;
            }

            var marker = bytes[at++];
            if (marker == 0xD9)
            {
                break;
            }

            if (marker is 0x00 or 0x01 or (>= 0xD0 and <= 0xD8))
            {
                throw Broken();
            }

            var length = BinaryPrimitives.ReadUInt16BigEndian(AvatarImage.Take(bytes, at, 2));
            if (length < 2)
            {
                throw Broken();
            }

            var content = AvatarImage.Take(bytes, at + 2, length - 2);
            at += length;
            switch (marker)
            {
                case 0xC0 or 0xC1 or 0xC2:
                    if (width != 0 || content.Length < 9 || content[0] != 8 || content[5] is not (1 or 3 or 4) || content.Length != 6 + (3 * content[5]))
                    {
                        throw Broken();
                    }

                    (height, width) = (BinaryPrimitives.ReadUInt16BigEndian(content[1..]), BinaryPrimitives.ReadUInt16BigEndian(content[3..]));
                    AvatarImage.CheckSize(width, height);
                    Keep(kept, marker, content);
                    break;
                case 0xC4 or 0xDB or 0xDD:
                    Keep(kept, marker, content);
                    break;
                case 0xE0:
                    isJfif |= content.StartsWith("JFIF\0"u8);
                    break;
                case 0xE1 when content.StartsWith("Exif\0\0"u8):
                    orientation = Orientation(content[6..]) ?? orientation;
                    break;
                case 0xEE when content.Length == 12 && content.StartsWith("Adobe"u8):
                    Keep(kept, marker, content);
                    break;
                case 0xDA:
                    if (width == 0)
                    {
                        throw Broken();
                    }

                    scans++;
                    Keep(kept, marker, content);
                    var end = EndOfScan(bytes, at);
                    kept.Write(bytes[at..end]);
                    at = end;
                    break;
                case (>= 0xE0 and <= 0xEF) or 0xFE:
                    break;
                default:
                    throw new UnfitPictureException("This kind of JPEG is not taken.");
            }
        }

        if (width == 0 || scans == 0)
        {
            throw Broken();
        }

        using var image = new MemoryStream((int)kept.Length + 64);
        image.Write([0xFF, 0xD8]);
        if (isJfif)
        {
            Keep(image, 0xE0, [(byte)'J', (byte)'F', (byte)'I', (byte)'F', 0, 1, 2, 0, 0, 1, 0, 1, 0, 0]);
        }

        if (orientation != 1)
        {
            // One big-endian directory with one entry: tag 0x0112, a SHORT.
            Keep(image, 0xE1, [(byte)'E', (byte)'x', (byte)'i', (byte)'f', 0, 0, (byte)'M', (byte)'M', 0, 42, 0, 0, 0, 8, 0, 1, 0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, (byte)orientation, 0, 0, 0, 0, 0, 0]);
        }

        kept.WriteTo(image);
        image.Write([0xFF, 0xD9]);
        return new AvatarImage(image.ToArray(), "image/jpeg", width, height);
    }

    private static int EndOfScan(ReadOnlySpan<byte> bytes, int at)
    {
        while (true)
        {
            var next = bytes[at..].IndexOf((byte)0xFF);
            if (next < 0 || at + next + 1 >= bytes.Length)
            {
                throw new UnfitPictureException("The picture ends early.");
            }

            at += next;

            // Stuffed bytes and restarts belong to the scan; a fill byte is looked at again.
            if (bytes[at + 1] is 0x00 or (>= 0xD0 and <= 0xD7))
            {
                at += 2;
            }
            else if (bytes[at + 1] == 0xFF)
            {
                at++;
            }
            else
            {
                return at;
            }
        }
    }

    /// <summary>The tag 0x0112 of the first directory; null when it is not there or makes no sense.</summary>
    private static int? Orientation(ReadOnlySpan<byte> tiff)
    {
        if (tiff.Length < 14)
        {
            return null;
        }

        var little = tiff.StartsWith("II"u8);
        if (!little && !tiff.StartsWith("MM"u8))
        {
            return null;
        }

        var directory = Read32(tiff[4..], little);
        if (directory > tiff.Length - 2)
        {
            return null;
        }

        var count = Read16(tiff[(int)directory..], little);
        for (var i = 0; i < count; i++)
        {
            var entry = (int)directory + 2 + (i * 12);
            if (entry > tiff.Length - 12)
            {
                return null;
            }

            if (Read16(tiff[entry..], little) == 0x0112)
            {
                var value = Read16(tiff[(entry + 8)..], little);
                return value is >= 1 and <= 8 ? value : null;
            }
        }

        return null;
    }

    private static int Read16(ReadOnlySpan<byte> bytes, bool little) => little ? BinaryPrimitives.ReadUInt16LittleEndian(bytes) : BinaryPrimitives.ReadUInt16BigEndian(bytes);

    private static uint Read32(ReadOnlySpan<byte> bytes, bool little) => little ? BinaryPrimitives.ReadUInt32LittleEndian(bytes) : BinaryPrimitives.ReadUInt32BigEndian(bytes);

    private static void Keep(MemoryStream into, byte marker, ReadOnlySpan<byte> content)
    {
        Span<byte> head = [0xFF, marker, 0, 0];
        BinaryPrimitives.WriteUInt16BigEndian(head[2..], (ushort)(content.Length + 2));
        into.Write(head);
        into.Write(content);
    }

    private static UnfitPictureException Broken() => new("The JPEG is damaged.");
}

/// <summary>WebP: RIFF chunks, each padded to an even length. Kept: the picture (<c>VP8 </c> or <c>VP8L</c>) and its transparency (<c>ALPH</c>).</summary>
internal static class WebpPicture
{
    public static AvatarImage Rewrite(ReadOnlySpan<byte> bytes)
    {
        var size = BinaryPrimitives.ReadUInt32LittleEndian(bytes[4..]);
        if (size < 4 || size > bytes.Length - 8)
        {
            throw new UnfitPictureException("The picture ends early.");
        }

        var riff = bytes[12..(int)(8 + size)];
        ReadOnlySpan<byte> picture = default, alpha = default;
        var (isLossless, canvas, canvasWidth, canvasHeight) = (false, false, 0, 0);
        for (var at = 0; at < riff.Length;)
        {
            var head = AvatarImage.Take(riff, at, 8);
            var length = BinaryPrimitives.ReadUInt32LittleEndian(head[4..]);
            if (length > int.MaxValue - 9)
            {
                throw new UnfitPictureException("The picture ends early.");
            }

            var content = AvatarImage.Take(riff, at + 8, (int)length);
            at += 8 + (int)length + (int)(length & 1);
            switch (head[..4])
            {
                case [(byte)'V', (byte)'P', (byte)'8', (byte)'X']:
                    if (canvas || content.Length != 10)
                    {
                        throw Broken();
                    }

                    if ((content[0] & 0x02) != 0)
                    {
                        throw Animated();
                    }

                    (canvas, canvasWidth, canvasHeight) = (true, Read24(content[4..]) + 1, Read24(content[7..]) + 1);
                    AvatarImage.CheckSize(canvasWidth, canvasHeight);
                    break;
                case [(byte)'A', (byte)'N', (byte)'I' or (byte)'M', (byte)'M' or (byte)'F']:
                    throw Animated();
                case [(byte)'A', (byte)'L', (byte)'P', (byte)'H'] when alpha.IsEmpty && content.Length > 1:
                    alpha = content;
                    break;
                case [(byte)'V', (byte)'P', (byte)'8', (byte)' ' or (byte)'L'] when picture.IsEmpty:
                    picture = content;
                    isLossless = head[3] == (byte)'L';
                    break;
                case [(byte)'V', (byte)'P', (byte)'8', (byte)' ' or (byte)'L']:
                    throw Broken();
                default:
                    break;
            }
        }

        var (width, height) = isLossless ? SizeOfLossless(picture) : SizeOfLossy(picture);
        AvatarImage.CheckSize(width, height);
        if (canvas && (canvasWidth, canvasHeight) != (width, height))
        {
            throw Broken();
        }

        using var kept = new MemoryStream(bytes.Length);
        kept.Write("RIFF\0\0\0\0WEBP"u8);
        if (!alpha.IsEmpty && !isLossless)
        {
            Span<byte> extended = stackalloc byte[10];
            extended[0] = 0x10;
            Write24(extended[4..], width - 1);
            Write24(extended[7..], height - 1);
            Keep(kept, "VP8X"u8, extended);
            Keep(kept, "ALPH"u8, alpha);
        }

        Keep(kept, isLossless ? "VP8L"u8 : "VP8 "u8, picture);
        var image = kept.ToArray();
        BinaryPrimitives.WriteUInt32LittleEndian(image.AsSpan(4), (uint)(image.Length - 8));
        return new AvatarImage(image, "image/webp", width, height);
    }

    // RFC 6386, 9.1: a key frame's tag, its start code, and two numbers of 14 bits.
    private static (int Width, int Height) SizeOfLossy(ReadOnlySpan<byte> vp8) => vp8.Length > 10 && (vp8[0] & 1) == 0 && vp8[3] == 0x9D && vp8[4] == 0x01 && vp8[5] == 0x2A
        ? (BinaryPrimitives.ReadUInt16LittleEndian(vp8[6..]) & 0x3FFF, BinaryPrimitives.ReadUInt16LittleEndian(vp8[8..]) & 0x3FFF)
        : throw Broken();

    // A signature byte, two numbers of 14 bits less one, a bit of alpha, and version 0.
    private static (int Width, int Height) SizeOfLossless(ReadOnlySpan<byte> vp8)
    {
        if (vp8.Length <= 5 || vp8[0] != 0x2F)
        {
            throw Broken();
        }

        var bits = BinaryPrimitives.ReadUInt32LittleEndian(vp8[1..]);
        return bits >> 29 == 0 ? ((int)(bits & 0x3FFF) + 1, (int)((bits >> 14) & 0x3FFF) + 1) : throw Broken();
    }

    private static int Read24(ReadOnlySpan<byte> bytes) => bytes[0] | (bytes[1] << 8) | (bytes[2] << 16);

    private static void Write24(Span<byte> bytes, int value) => (bytes[0], bytes[1], bytes[2]) = ((byte)value, (byte)(value >> 8), (byte)(value >> 16));

    private static void Keep(MemoryStream into, ReadOnlySpan<byte> name, ReadOnlySpan<byte> content)
    {
        Span<byte> length = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(length, (uint)content.Length);
        into.Write(name);
        into.Write(length);
        into.Write(content);
        if ((content.Length & 1) == 1)
        {
            into.WriteByte(0);
        }
    }

    private static UnfitPictureException Broken() => new("The WebP is damaged.");

    private static UnfitPictureException Animated() => new("Moving pictures are not taken.");
}
