using System.Buffers.Binary;

namespace ChatSphere.Api.Pictures;

/// <summary>
/// GIF (87a and 89a): a screen with a colour table, then blocks. Kept: the screen, its colours, and the first picture with its transparency. Comments, texts, what applications put there, and
/// whatever follows the first picture are gone.
/// </summary>
internal static class GifPicture
{
    public static bool IsGif(ReadOnlySpan<byte> bytes) => bytes.StartsWith("GIF87a"u8) || bytes.StartsWith("GIF89a"u8);

    public static AvatarImage Rewrite(ReadOnlySpan<byte> bytes)
    {
        var screen = AvatarImage.Take(bytes, 6, 7);
        var (width, height) = (BinaryPrimitives.ReadUInt16LittleEndian(screen), BinaryPrimitives.ReadUInt16LittleEndian(screen[2..]));
        AvatarImage.CheckSize(width, height);
        using var kept = new MemoryStream(bytes.Length);
        kept.Write("GIF89a"u8);
        kept.Write(screen);
        var at = 13;
        Copy(bytes, ref at, TableLength(screen[4]), kept);
        ReadOnlySpan<byte> control = default;
        while (true)
        {
            switch (AvatarImage.Take(bytes, at++, 1)[0])
            {
                // A graphic control extension: four bytes on how the next picture is drawn.
                case 0x21 when AvatarImage.Take(bytes, at, 1)[0] == 0xF9:
                    control = AvatarImage.Take(bytes, at + 1, 6);
                    if (control[0] != 4 || control[5] != 0)
                    {
                        throw Broken();
                    }

                    at += 7;
                    break;
                case 0x21:
                    at++;
                    SubBlocks(bytes, ref at, null);
                    break;
                case 0x2C:
                    var picture = AvatarImage.Take(bytes, at, 9);
                    if (BinaryPrimitives.ReadUInt16LittleEndian(picture) + BinaryPrimitives.ReadUInt16LittleEndian(picture[4..]) > width
                        || BinaryPrimitives.ReadUInt16LittleEndian(picture[2..]) + BinaryPrimitives.ReadUInt16LittleEndian(picture[6..]) > height)
                    {
                        throw Broken();
                    }

                    if (!control.IsEmpty)
                    {
                        kept.Write([0x21, 0xF9]);
                        kept.Write(control);
                    }

                    kept.WriteByte(0x2C);
                    kept.Write(picture);
                    at += 9;
                    Copy(bytes, ref at, TableLength(picture[8]), kept);

                    // The least size of a code, then the packed pixels.
                    var codeSize = AvatarImage.Take(bytes, at++, 1)[0];
                    if (codeSize is < 2 or > 8)
                    {
                        throw Broken();
                    }

                    kept.WriteByte(codeSize);
                    SubBlocks(bytes, ref at, kept);
                    kept.WriteByte(0x3B);
                    return new AvatarImage(kept.ToArray(), "image/gif", width, height);
                default:
                    throw Broken();
            }
        }
    }

    private static int TableLength(byte flags) => (flags & 0x80) == 0 ? 0 : 3 << ((flags & 7) + 1);

    private static void Copy(ReadOnlySpan<byte> bytes, ref int at, int length, MemoryStream into)
    {
        into.Write(AvatarImage.Take(bytes, at, length));
        at += length;
    }

    private static void SubBlocks(ReadOnlySpan<byte> bytes, ref int at, MemoryStream? into)
    {
        while (true)
        {
            var length = AvatarImage.Take(bytes, at, 1)[0];
            into?.Write(AvatarImage.Take(bytes, at, length + 1));
            at += length + 1;
            if (length == 0)
            {
                return;
            }

            AvatarImage.Take(bytes, at - length, length);
        }
    }

    private static UnfitPictureException Broken() => new("The GIF is damaged.");
}
