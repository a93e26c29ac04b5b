using System.Buffers;
using System.Buffers.Binary;
using System.Security.Cryptography;
using ChatSphere.Data.Secrets;

namespace ChatSphere.Data.Privacy;

/// <summary>
/// A file that is encrypted as it is written and checked as it is read, in pieces, so that none of it has to fit into memory. Layout: <c>CSE1</c>, two bytes of length, a
/// random key sealed by the secret box; then pieces: four bytes (the highest bit: this is the last one; the rest: its length), tag (16), ciphertext. AES-256-GCM, the
/// nonce is the piece's number, the four bytes are authenticated too: pieces cannot be changed, swapped, left out or cut off.
/// </summary>
public sealed class SealedStream : Stream
{
    private const int PieceSize = 64 * 1024;
    private const int TagSize = 16;
    private const uint Last = 0x8000_0000;
    private const string Purpose = "privacy.sealed-file";
    private static readonly byte[] Magic = "CSE1"u8.ToArray();
    private readonly Stream _file;
    private readonly AesGcm _aes;
    private readonly byte[] _plain = ArrayPool<byte>.Shared.Rent(PieceSize);
    private readonly byte[] _wire = ArrayPool<byte>.Shared.Rent(PieceSize + TagSize + 4);
    private readonly bool _writing;
    private int _start;
    private int _end;
    private ulong _piece;
    private bool _ended;
    private bool _disposed;

    private SealedStream(Stream file, byte[] key, bool writing) => (_file, _aes, _writing) = (file, new AesGcm(key, TagSize), writing);

    /// <summary>Bytes of content written so far.</summary>
    public long Written { get; private set; }

    public override bool CanRead => !_writing;

    public override bool CanSeek => false;

    public override bool CanWrite => _writing;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    /// <summary>Takes over the file. Only <see cref="CompleteAsync"/> makes it whole.</summary>
    public static async Task<SealedStream> CreateAsync(Stream file, SecretBox secrets, CancellationToken cancellationToken)
    {
        var key = RandomNumberGenerator.GetBytes(32);
        await WriteHeaderAsync(file, secrets.Protect(Purpose, key), cancellationToken);
        return new SealedStream(file, key, writing: true);
    }

    /// <exception cref="CryptographicException">Not such a file, or not under this deployment's key. A changed or shortened one fails where it is read.</exception>
    public static async Task<SealedStream> OpenAsync(Stream file, SecretBox secrets, CancellationToken cancellationToken)
    {
        var sealedKey = await ReadHeaderAsync(file, cancellationToken);
        return new SealedStream(file, secrets.Unprotect(Purpose, sealedKey), writing: false);
    }

    /// <summary>The id of the encryption key that the file is under.</summary>
    /// <exception cref="CryptographicException">Not such a file.</exception>
    public static async Task<string> KeyIdOfAsync(Stream file, CancellationToken cancellationToken) =>
        SecretBox.KeyIdOf(await ReadHeaderAsync(file, cancellationToken)) ?? throw new CryptographicException("Not a sealed file.");

    /// <summary>Copies a file as it is, but its own key sealed anew under the active one.</summary>
    public static async Task ResealAsync(Stream from, Stream to, SecretBox secrets, CancellationToken cancellationToken)
    {
        await WriteHeaderAsync(to, secrets.Protect(Purpose, secrets.Unprotect(Purpose, await ReadHeaderAsync(from, cancellationToken))), cancellationToken);
        await from.CopyToAsync(to, cancellationToken);
    }

    /// <summary>Writes what is left and the mark of the end.</summary>
    public async Task CompleteAsync(CancellationToken cancellationToken)
    {
        var length = Seal(last: true);
        await _file.WriteAsync(_wire.AsMemory(0, length), cancellationToken);
        await _file.FlushAsync(cancellationToken);
        _ended = true;
    }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (!buffer.IsEmpty)
        {
            if (_end == PieceSize)
            {
                await _file.WriteAsync(_wire.AsMemory(0, Seal(last: false)), cancellationToken);
            }

            buffer = buffer[Take(buffer.Span)..];
        }
    }

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        while (!buffer.IsEmpty)
        {
            if (_end == PieceSize)
            {
                _file.Write(_wire, 0, Seal(last: false));
            }

            buffer = buffer[Take(buffer)..];
        }
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (_start == _end && !_ended)
        {
            await NextPieceAsync(cancellationToken);
        }

        var count = Math.Min(buffer.Length, _end - _start);
        _plain.AsMemory(_start, count).CopyTo(buffer);
        _start += count;
        return count;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("Read it asynchronously.");

    public override void Flush()
    {
    }

    public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing && !_disposed)
        {
            _disposed = true;
            _aes.Dispose();
            _file.Dispose();
            ArrayPool<byte>.Shared.Return(_plain, clearArray: true);
            ArrayPool<byte>.Shared.Return(_wire);
        }

        base.Dispose(disposing);
    }

    private int Take(ReadOnlySpan<byte> buffer)
    {
        var count = Math.Min(buffer.Length, PieceSize - _end);
        buffer[..count].CopyTo(_plain.AsSpan(_end));
        _end += count;
        Written += count;
        return count;
    }

    private int Seal(bool last)
    {
        BinaryPrimitives.WriteUInt32BigEndian(_wire, (uint)_end | (last ? Last : 0));
        _aes.Encrypt(Nonce(), _plain.AsSpan(0, _end), _wire.AsSpan(4 + TagSize, _end), _wire.AsSpan(4, TagSize), _wire.AsSpan(0, 4));
        var length = 4 + TagSize + _end;
        _end = 0;
        return length;
    }

    private async Task NextPieceAsync(CancellationToken cancellationToken)
    {
        await ReadWholeAsync(_file, _wire.AsMemory(0, 4 + TagSize), cancellationToken);
        var head = BinaryPrimitives.ReadUInt32BigEndian(_wire);
        var length = (int)(head & ~Last);
        if (length > PieceSize)
        {
            throw new CryptographicException("The file has been changed.");
        }

        await ReadWholeAsync(_file, _wire.AsMemory(4 + TagSize, length), cancellationToken);
        _aes.Decrypt(Nonce(), _wire.AsSpan(4 + TagSize, length), _wire.AsSpan(4, TagSize), _plain.AsSpan(0, length), _wire.AsSpan(0, 4));
        (_start, _end, _ended) = (0, length, (head & Last) != 0);
    }

    private byte[] Nonce()
    {
        var nonce = new byte[12];
        BinaryPrimitives.WriteUInt64BigEndian(nonce.AsSpan(4), _piece++);
        return nonce;
    }

    private static async Task WriteHeaderAsync(Stream file, byte[] sealedKey, CancellationToken cancellationToken)
    {
        var header = new byte[Magic.Length + 2 + sealedKey.Length];
        Magic.CopyTo(header, 0);
        BinaryPrimitives.WriteUInt16BigEndian(header.AsSpan(Magic.Length), (ushort)sealedKey.Length);
        sealedKey.CopyTo(header, Magic.Length + 2);
        await file.WriteAsync(header, cancellationToken);
    }

    private static async Task<byte[]> ReadHeaderAsync(Stream file, CancellationToken cancellationToken)
    {
        var head = new byte[Magic.Length + 2];
        if (await file.ReadAtLeastAsync(head, head.Length, throwOnEndOfStream: false, cancellationToken) < head.Length || !head.AsSpan(0, Magic.Length).SequenceEqual(Magic))
        {
            throw new CryptographicException("Not a sealed file.");
        }

        var sealedKey = new byte[BinaryPrimitives.ReadUInt16BigEndian(head.AsSpan(Magic.Length))];
        await ReadWholeAsync(file, sealedKey, cancellationToken);
        return sealedKey;
    }

    private static async Task ReadWholeAsync(Stream file, Memory<byte> buffer, CancellationToken cancellationToken)
    {
        if (await file.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellationToken) < buffer.Length)
        {
            throw new CryptographicException("The file ends early.");
        }
    }
}
