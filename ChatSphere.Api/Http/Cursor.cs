using System.Buffers.Binary;
using System.Buffers.Text;

namespace ChatSphere.Api.Http;

/// <summary>Keyset cursors: the last row's keys in base64url. They grant nothing, since the query that takes them asks for the caller's rights as ever.</summary>
internal static class Cursor
{
    public const int DefaultLimit = 50;
    public const int MaxLimit = 200;

    public static int Limit(int? limit) => Math.Clamp(limit ?? DefaultLimit, 1, MaxLimit);

    public static string Of(Guid id) => Base64Url.EncodeToString(id.ToByteArray(bigEndian: true));

    public static string Of(DateTimeOffset time, Guid id)
    {
        Span<byte> bytes = stackalloc byte[24];
        BinaryPrimitives.WriteInt64BigEndian(bytes, time.UtcTicks);
        id.TryWriteBytes(bytes[8..], bigEndian: true, out _);
        return Base64Url.EncodeToString(bytes);
    }

    public static string Of(int seq)
    {
        Span<byte> bytes = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(bytes, seq);
        return Base64Url.EncodeToString(bytes);
    }

    public static bool TryRead(string? cursor, out Guid? id)
    {
        id = null;
        if (string.IsNullOrEmpty(cursor))
        {
            return true;
        }

        Span<byte> bytes = stackalloc byte[16];
        if (!Decode(cursor, bytes))
        {
            return false;
        }

        id = new Guid(bytes, bigEndian: true);
        return true;
    }

    public static bool TryRead(string? cursor, out (DateTimeOffset Time, Guid Id)? key)
    {
        key = null;
        if (string.IsNullOrEmpty(cursor))
        {
            return true;
        }

        Span<byte> bytes = stackalloc byte[24];
        if (!Decode(cursor, bytes) || BinaryPrimitives.ReadInt64BigEndian(bytes) is var ticks && (ticks < 0 || ticks > DateTimeOffset.MaxValue.UtcTicks))
        {
            return false;
        }

        key = (new DateTimeOffset(ticks, TimeSpan.Zero), new Guid(bytes[8..], bigEndian: true));
        return true;
    }

    public static bool TryRead(string? cursor, out int? seq)
    {
        seq = null;
        if (string.IsNullOrEmpty(cursor))
        {
            return true;
        }

        Span<byte> bytes = stackalloc byte[4];
        if (!Decode(cursor, bytes))
        {
            return false;
        }

        seq = BinaryPrimitives.ReadInt32BigEndian(bytes);
        return true;
    }

    private static bool Decode(string cursor, Span<byte> bytes) =>
        cursor.Length <= 64 && Base64Url.IsValid(cursor, out var length) && length == bytes.Length && Base64Url.TryDecodeFromChars(cursor, bytes, out _);
}
