using System.Buffers.Binary;
using System.IO.Compression;

namespace ChatSphere.Tests.People;

/// <summary>Pictures made by hand, good and bad.</summary>
internal static class Pictures
{
    public static byte[] Png(int width = 8, int height = 8, int colour = 6, int depth = 8, bool interlaced = false, (string Name, byte[] Content)[]? more = null, byte[]? pixels = null, (int W, int H)? says = null)
    {
        var bytes = new MemoryStream();
        bytes.Write([0x89, (byte)'P', (byte)'N', (byte)'G', 13, 10, 26, 10]);
        var header = new byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, says?.W ?? width);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), says?.H ?? height);
        (header[8], header[9], header[12]) = ((byte)depth, (byte)colour, (byte)(interlaced ? 1 : 0));
        Chunk(bytes, "IHDR", header);
        if (colour == 3)
        {
            Chunk(bytes, "PLTE", [1, 2, 3, 4, 5, 6]);
        }

        foreach (var (name, content) in more ?? [])
        {
            Chunk(bytes, name, content);
        }

        Chunk(bytes, "IDAT", Zlib(pixels ?? Rows(width, height, colour, depth, interlaced)));
        Chunk(bytes, "IEND", []);
        return bytes.ToArray();
    }

    public static byte[] Zlib(byte[] raw)
    {
        var packed = new MemoryStream();
        using (var packing = new ZLibStream(packed, CompressionLevel.Optimal, leaveOpen: true))
        {
            packing.Write(raw);
        }

        return packed.ToArray();
    }

    public static byte[] Rows(int width, int height, int colour, int depth, bool interlaced)
    {
        var bits = depth * colour switch { 2 => 3, 4 => 2, 6 => 4, _ => 1 };
        var rows = new MemoryStream();
        foreach (var (x, y, dx, dy) in interlaced ? [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)] : new[] { (0, 0, 1, 1) })
        {
            var across = (width - x + dx - 1) / dx;
            for (var row = y; row < height && across > 0; row += dy)
            {
                rows.WriteByte(0);
                rows.Write([.. Enumerable.Range(0, ((across * bits) + 7) / 8).Select(i => (byte)(i * 7))]);
            }
        }

        return rows.ToArray();
    }

    /// <summary>A baseline JPEG's parts; the scan's bits mean nothing, which no reader of containers can know.</summary>
    public static byte[] Jpeg(int width = 16, int height = 16, params (byte Marker, byte[] Content)[] more)
    {
        var bytes = new MemoryStream();
        bytes.Write([0xFF, 0xD8]);
        Segment(bytes, 0xE0, [.. "JFIF\0"u8, 1, 1, 0, 0, 1, 0, 1, 0, 0]);
        foreach (var (marker, content) in more)
        {
            Segment(bytes, marker, content);
        }

        Segment(bytes, 0xDB, [0, .. new byte[64]]);
        Segment(bytes, 0xC0, [8, (byte)(height >> 8), (byte)height, (byte)(width >> 8), (byte)width, 1, 1, 0x11, 0]);
        Segment(bytes, 0xC4, [0, .. new byte[16]]);
        Segment(bytes, 0xDA, [1, 1, 0, 0, 63, 0]);
        bytes.Write([0x12, 0x34, 0xFF, 0x00, 0x56, 0xFF, 0xD0, 0x78]);
        bytes.Write([0xFF, 0xD9]);
        return bytes.ToArray();
    }

    /// <summary>With an orientation and a place.</summary>
    public static byte[] Exif(byte orientation) =>
    [
        .. "Exif\0\0"u8, .. "II"u8, 42, 0, 8, 0, 0, 0, 2, 0, 0x12, 0x01, 3, 0, 1, 0, 0, 0, orientation, 0, 0, 0, 0x25, 0x88, 4, 0, 1, 0, 0, 0, 38, 0, 0, 0, 0, 0, 0, 0, .. "GPSLatitude 57.0"u8,
    ];

    public static byte[] Webp(int width = 16, int height = 16, params (string Name, byte[] Content)[] more)
    {
        byte[] picture = [0x10, 0x02, 0x00, 0x9D, 0x01, 0x2A, (byte)width, (byte)(width >> 8), (byte)height, (byte)(height >> 8), 1, 2, 3];
        var chunks = new MemoryStream();
        chunks.Write("WEBP"u8);
        foreach (var (name, content) in more.Append(("VP8 ", picture)))
        {
            chunks.Write(System.Text.Encoding.ASCII.GetBytes(name));
            chunks.Write(BitConverter.GetBytes(content.Length));
            chunks.Write(content);
            if (content.Length % 2 == 1)
            {
                chunks.WriteByte(0);
            }
        }

        return [.. "RIFF"u8, .. BitConverter.GetBytes((int)chunks.Length), .. chunks.ToArray()];
    }

    private static void Segment(MemoryStream into, byte marker, byte[] content) => into.Write([0xFF, marker, (byte)((content.Length + 2) >> 8), (byte)(content.Length + 2), .. content]);

    private static void Chunk(MemoryStream into, string name, byte[] content)
    {
        byte[] named = [.. System.Text.Encoding.ASCII.GetBytes(name), .. content];
        var number = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(number, content.Length);
        into.Write(number);
        into.Write(named);
        BinaryPrimitives.WriteUInt32BigEndian(number, Crc(named));
        into.Write(number);
    }

    // Bit by bit, as the standard's text says it; not as the product does it.
    private static uint Crc(byte[] bytes)
    {
        var crc = uint.MaxValue;
        foreach (var b in bytes)
        {
            crc ^= b;
            for (var i = 0; i < 8; i++)
            {
                crc = (crc >> 1) ^ (0xEDB88320u & (0u - (crc & 1)));
            }
        }

        return ~crc;
    }
}
