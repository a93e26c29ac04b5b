using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using ChatSphere.Data.Secrets;

namespace ChatSphere.Data.Files;

/// <summary>
/// A file sealed in segments of 64 KiB, so that it is written and read in bounded memory and from any point. Header: <c>CSF1</c>, length of the key's id, the id, a salt of
/// 16 bytes, from which the file gets a key of its own; then AES-256-GCM segments whose nonce is their number and whether they are the last, with the header
/// authenticated in each: a segment changed, moved, left out or cut off is noticed.
/// </summary>
internal static class SealedFile
{
    private const int SegmentSize = 65_536;
    private const int TagSize = 16;
    private const int SaltSize = 16;
    private static readonly byte[] Magic = "CSF1"u8.ToArray();

    /// <summary>The id of the key that a file was sealed under.</summary>
    /// <exception cref="CryptographicException">It is no sealed file.</exception>
    public static string KeyIdOf(Stream file) => ReadHeader(file).KeyId;

    private static (string KeyId, byte[] Header) ReadHeader(Stream file)
    {
        var header = new byte[Magic.Length + 1 + 255 + SaltSize];
        var idLength = file.ReadAtLeast(header.AsSpan(0, Magic.Length + 1), Magic.Length + 1, throwOnEndOfStream: false) == Magic.Length + 1 ? header[Magic.Length] : 0;
        var rest = idLength + SaltSize;
        if (idLength == 0 || !header.AsSpan().StartsWith(Magic) || file.ReadAtLeast(header.AsSpan(Magic.Length + 1, rest), rest, throwOnEndOfStream: false) < rest)
        {
            throw new CryptographicException("Not a file that this version has sealed.");
        }

        return (Encoding.ASCII.GetString(header, Magic.Length + 1, idLength), header[..(Magic.Length + 1 + rest)]);
    }

    private static AesGcm KeyOf(SecretBox box, string keyId, byte[] header) =>
        new(HKDF.DeriveKey(HashAlgorithmName.SHA256, box.KeyFor(keyId, ContentPurposes.File), 32, header.AsSpan(header.Length - SaltSize).ToArray()), TagSize);

    private static void WriteNonce(Span<byte> nonce, long segment, bool last)
    {
        nonce.Clear();
        BinaryPrimitives.WriteInt64BigEndian(nonce[3..11], segment);
        nonce[11] = last ? (byte)1 : (byte)0;
    }

    /// <summary>Seals what is written to it; without <see cref="CompleteAsync"/> the file does not open.</summary>
    public sealed class Writer : IDisposable
    {
        private readonly Stream _file;
        private readonly byte[] _header;
        private readonly AesGcm _aes;
        private readonly byte[] _plain = new byte[SegmentSize];
        private readonly byte[] _sealed = new byte[SegmentSize + TagSize];
        private int _buffered;
        private long _segment;

        public Writer(Stream file, SecretBox box)
        {
            _file = file;
            _header = [.. Magic, (byte)box.ActiveKeyId.Length, .. Encoding.ASCII.GetBytes(box.ActiveKeyId), .. RandomNumberGenerator.GetBytes(SaltSize)];
            _aes = KeyOf(box, box.ActiveKeyId, _header);
            file.Write(_header);
        }

        public async ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
        {
            while (bytes.Length > 0)
            {
                if (_buffered == SegmentSize)
                {
                    await FlushAsync(last: false, cancellationToken);
                }

                var taken = Math.Min(bytes.Length, SegmentSize - _buffered);
                bytes[..taken].CopyTo(_plain.AsMemory(_buffered));
                _buffered += taken;
                bytes = bytes[taken..];
            }
        }

        public Task CompleteAsync(CancellationToken cancellationToken) => FlushAsync(last: true, cancellationToken);

        public void Dispose() => _aes.Dispose();

        private async Task FlushAsync(bool last, CancellationToken cancellationToken)
        {
            Seal(last);
            await _file.WriteAsync(_sealed.AsMemory(0, _buffered + TagSize), cancellationToken);
            _segment++;
            _buffered = 0;
        }

        private void Seal(bool last)
        {
            Span<byte> nonce = stackalloc byte[12];
            WriteNonce(nonce, _segment, last);
            _aes.Encrypt(nonce, _plain.AsSpan(0, _buffered), _sealed.AsSpan(0, _buffered), _sealed.AsSpan(_buffered, TagSize), _header);
        }
    }

    /// <summary>Opens segment by segment; seeks.</summary>
    public sealed class Reader : Stream
    {
        private readonly FileStream _file;
        private readonly byte[] _header;
        private readonly AesGcm _aes;
        private readonly byte[] _sealed = new byte[SegmentSize + TagSize];
        private readonly byte[] _plain = new byte[SegmentSize];
        private readonly long _segments;
        private long _current = -1;
        private int _currentLength;

        /// <exception cref="MissingEncryptionKeyException"/>
        /// <exception cref="CryptographicException">It is no sealed file.</exception>
        public Reader(FileStream file, SecretBox box)
        {
            _file = file;
            (var keyId, _header) = ReadHeader(file);
            _aes = KeyOf(box, keyId, _header);
            var body = file.Length - _header.Length;
            _segments = (body + SegmentSize + TagSize - 1) / (SegmentSize + TagSize);

            // Only of an empty file is the last segment empty: otherwise somebody has cut it off where nothing would be read any more.
            if (_segments < 1 || body - ((_segments - 1) * (SegmentSize + TagSize)) < (_segments == 1 ? TagSize : TagSize + 1))
            {
                throw new CryptographicException("A sealed file is cut off.");
            }

            Length = body - (_segments * TagSize);
        }

        public override bool CanRead => true;

        public override bool CanSeek => true;

        public override bool CanWrite => false;

        public override long Length { get; }

        public override long Position { get; set; }

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

        public override int Read(Span<byte> buffer)
        {
            if (!TryLocate(buffer.Length, out var segment, out var offset))
            {
                return 0;
            }

            if (segment != _current)
            {
                _file.Position = Start(segment);
                var length = SizeOf(segment);
                _file.ReadExactly(_sealed, 0, length);
                Open(segment, length);
            }

            return Take(buffer, offset);
        }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (!TryLocate(buffer.Length, out var segment, out var offset))
            {
                return 0;
            }

            if (segment != _current)
            {
                _file.Position = Start(segment);
                var length = SizeOf(segment);
                await _file.ReadExactlyAsync(_sealed.AsMemory(0, length), cancellationToken);
                Open(segment, length);
            }

            return Take(buffer.Span, offset);
        }

        public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

        public override long Seek(long offset, SeekOrigin origin) => Position = origin switch
        {
            SeekOrigin.Begin => offset,
            SeekOrigin.Current => Position + offset,
            _ => Length + offset,
        };

        public override void Flush()
        {
        }

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
            if (disposing)
            {
                _aes.Dispose();
                _file.Dispose();
                CryptographicOperations.ZeroMemory(_plain);
            }

            base.Dispose(disposing);
        }

        private bool TryLocate(int wanted, out long segment, out int offset)
        {
            (segment, offset) = (Position / SegmentSize, (int)(Position % SegmentSize));
            if (Length == 0 && wanted > 0 && _current < 0)
            {
                // Also nothing at all is authenticated.
                _file.Position = Start(0);
                _file.ReadExactly(_sealed, 0, TagSize);
                Open(0, TagSize);
            }

            return wanted > 0 && Position < Length;
        }

        private long Start(long segment) => _header.Length + (segment * (SegmentSize + TagSize));

        private int SizeOf(long segment) => (int)Math.Min(SegmentSize + TagSize, _file.Length - Start(segment));

        private void Open(long segment, int length)
        {
            Span<byte> nonce = stackalloc byte[12];
            WriteNonce(nonce, segment, last: segment == _segments - 1);
            _current = -1;
            _currentLength = length - TagSize;
            _aes.Decrypt(nonce, _sealed.AsSpan(0, _currentLength), _sealed.AsSpan(_currentLength, TagSize), _plain.AsSpan(0, _currentLength), _header);
            _current = segment;
        }

        private int Take(Span<byte> buffer, int offset)
        {
            var taken = Math.Min(buffer.Length, _currentLength - offset);
            _plain.AsSpan(offset, taken).CopyTo(buffer);
            Position += taken;
            return taken;
        }
    }
}
