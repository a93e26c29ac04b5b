using System.Buffers.Binary;
using System.IO.Compression;

namespace ChatSphere.Api.Pictures;

/// <summary>
/// PNG (ISO 15948): chunks with a checksum each. Kept: header, palette, transparency, and the pixels, which are unpacked row by row and packed anew, so that nothing but rows of the right
/// length and kind comes through, and no more of them than the header says.
/// </summary>
internal static class PngPicture
{
    private const int ChunkOverhead = 12;

    // Four bytes for each pixel of the largest picture; what it costs to look through is bounded by it.
    private const long MaxUnpacked = (long)AvatarImage.MaxSide * AvatarImage.MaxSide * 4;

    // Adam7: where each pass begins and how far its pixels are apart, across and down.
    private static readonly (int X, int Y, int StepX, int StepY)[] Passes = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)];

    private static readonly uint[] CrcTable = MakeTable();

    public static ReadOnlySpan<byte> Signature => [0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A];

    public static AvatarImage Rewrite(ReadOnlyMemory<byte> upload)
    {
        var bytes = upload.Span;
        ReadOnlySpan<byte> header = default, palette = default, transparency = default;
        using var packed = new MemoryStream(bytes.Length);
        var (dataBegan, dataEnded) = (false, false);
        for (var at = Signature.Length; ;)
        {
            var length = BinaryPrimitives.ReadUInt32BigEndian(AvatarImage.Take(bytes, at, 8));
            if (length > bytes.Length)
            {
                throw new UnfitPictureException("The picture ends early.");
            }

            var chunk = AvatarImage.Take(bytes, at, (int)length + ChunkOverhead);
            if (Crc(chunk[4..^4]) != BinaryPrimitives.ReadUInt32BigEndian(chunk[^4..]))
            {
                throw Broken();
            }

            var name = chunk[4..8];
            var content = chunk[8..^4];
            if (header.IsEmpty)
            {
                if (!name.SequenceEqual("IHDR"u8) || content.Length != 13)
                {
                    throw Broken();
                }

                header = content;
                AvatarImage.CheckSize(BinaryPrimitives.ReadUInt32BigEndian(header), BinaryPrimitives.ReadUInt32BigEndian(header[4..]));
                CheckKind(header);
                if ((long)BinaryPrimitives.ReadUInt32BigEndian(header) * BinaryPrimitives.ReadUInt32BigEndian(header[4..]) * BitsOf(header) / 8 > MaxUnpacked)
                {
                    throw new UnfitPictureException("The picture has too many colours for its size. Make it smaller.");
                }
            }
            else if (name.SequenceEqual("IEND"u8))
            {
                if (!content.IsEmpty)
                {
                    throw Broken();
                }

                break;
            }
            else if (name.SequenceEqual("IDAT"u8))
            {
                if (dataEnded)
                {
                    throw Broken();
                }

                dataBegan = true;
                packed.Write(content);
            }
            else if (name.SequenceEqual("PLTE"u8))
            {
                if (dataBegan || !palette.IsEmpty || content.Length is 0 or > 768 || content.Length % 3 != 0 || header[9] is 0 or 4)
                {
                    throw Broken();
                }

                palette = content;
            }
            else if (name.SequenceEqual("tRNS"u8))
            {
                if (dataBegan || !transparency.IsEmpty || !(header[9] switch { 0 => content.Length == 2, 2 => content.Length == 6, 3 => content.Length > 0 && content.Length <= palette.Length / 3, _ => false }))
                {
                    throw Broken();
                }

                transparency = content;
            }
            else if (name.SequenceEqual("acTL"u8) || name.SequenceEqual("fcTL"u8) || name.SequenceEqual("fdAT"u8))
            {
                throw new UnfitPictureException("Moving pictures are not taken.");
            }
            else if ((name[0] & 0x20) == 0)
            {
                // A part without which it cannot be drawn, and that we do not know.
                throw Broken();
            }

            dataEnded |= dataBegan && !name.SequenceEqual("IDAT"u8);
            at += chunk.Length;
        }

        if (!dataBegan || (header[9] == 3 && palette.IsEmpty))
        {
            throw Broken();
        }

        var (width, height) = ((int)BinaryPrimitives.ReadUInt32BigEndian(header), (int)BinaryPrimitives.ReadUInt32BigEndian(header[4..]));
        packed.Position = 0;
        var pixels = Repack(packed, width, height, BitsOf(header), header[12] == 1);
        using var image = new MemoryStream(pixels.Length + 1024);
        image.Write(Signature);
        Keep(image, "IHDR"u8, header);
        if (!palette.IsEmpty)
        {
            Keep(image, "PLTE"u8, palette);
        }

        if (!transparency.IsEmpty)
        {
            Keep(image, "tRNS"u8, transparency);
        }

        Keep(image, "IDAT"u8, pixels);
        Keep(image, "IEND"u8, []);
        return new AvatarImage(image.ToArray(), "image/png", width, height);
    }

    private static byte[] Repack(MemoryStream packed, int width, int height, int bits, bool interlaced)
    {
        using var repacked = new MemoryStream((int)packed.Length);
        try
        {
            using var unpacking = new ZLibStream(packed, CompressionMode.Decompress, leaveOpen: true);
            using (var packing = new ZLibStream(repacked, CompressionLevel.Fastest, leaveOpen: true))
            {
                foreach (var (x, y, stepX, stepY) in interlaced ? Passes : [(0, 0, 1, 1)])
                {
                    var (across, down) = ((width - x + stepX - 1) / stepX, (height - y + stepY - 1) / stepY);
                    if (across <= 0 || down <= 0)
                    {
                        continue;
                    }

                    var row = new byte[1 + ((((long)across * bits) + 7) / 8)];
                    for (var i = 0; i < down; i++)
                    {
                        unpacking.ReadExactly(row);
                        if (row[0] > 4)
                        {
                            throw Broken();
                        }

                        packing.Write(row);
                    }
                }
            }

            if (unpacking.ReadByte() != -1)
            {
                throw Broken();
            }
        }
        catch (Exception e) when (e is InvalidDataException or EndOfStreamException)
        {
            throw Broken();
        }

        return repacked.ToArray();
    }

    private static void CheckKind(ReadOnlySpan<byte> header)
    {
        var isKnown = (header[9], header[8]) is (0, 1 or 2 or 4 or 8 or 16) or (2 or 4 or 6, 8 or 16) or (3, 1 or 2 or 4 or 8);
        if (!isKnown || header[10] != 0 || header[11] != 0 || header[12] > 1)
        {
            throw Broken();
        }
    }

    private static int BitsOf(ReadOnlySpan<byte> header) => header[8] * header[9] switch { 2 => 3, 4 => 2, 6 => 4, _ => 1 };

    private static void Keep(MemoryStream into, ReadOnlySpan<byte> name, ReadOnlySpan<byte> content)
    {
        var chunk = new byte[content.Length + ChunkOverhead];
        BinaryPrimitives.WriteUInt32BigEndian(chunk, (uint)content.Length);
        name.CopyTo(chunk.AsSpan(4));
        content.CopyTo(chunk.AsSpan(8));
        BinaryPrimitives.WriteUInt32BigEndian(chunk.AsSpan(chunk.Length - 4), Crc(chunk.AsSpan(4, content.Length + 4)));
        into.Write(chunk);
    }

    private static uint Crc(ReadOnlySpan<byte> bytes)
    {
        var crc = uint.MaxValue;
        foreach (var b in bytes)
        {
            crc = CrcTable[(crc ^ b) & 0xFF] ^ (crc >> 8);
        }

        return ~crc;
    }

    private static uint[] MakeTable()
    {
        var table = new uint[256];
        for (uint n = 0; n < 256; n++)
        {
            var c = n;
            for (var k = 0; k < 8; k++)
            {
                c = (c & 1) == 1 ? 0xEDB88320 ^ (c >> 1) : c >> 1;
            }

            table[n] = c;
        }

        return table;
    }

    private static UnfitPictureException Broken() => new("The PNG is damaged.");
}
