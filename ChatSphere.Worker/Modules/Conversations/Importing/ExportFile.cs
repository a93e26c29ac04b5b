using System.Buffers.Binary;
using System.IO.Compression;

namespace ChatSphere.Worker.Modules.Conversations.Importing;

/// <summary>
/// The list of conversations in an uploaded file: the file itself, or <c>conversations.json</c> in a ZIP file, wherever it stands there. Nothing is unpacked to anywhere, so
/// names that lead elsewhere lead nowhere; what it unpacks to is counted, whatever the file says of itself.
/// </summary>
public sealed class ExportFile : IAsyncDisposable
{
    private const string Name = "conversations.json";

    // The directory of a ZIP file is read into memory whole; those of exports have some thousand entries.
    private const int LargestDirectory = 32 * 1024 * 1024;
    private static readonly byte[] EndRecord = [(byte)'P', (byte)'K', 5, 6];
    private readonly ZipArchive? _zip;

    private ExportFile(Stream content, long length, ZipArchive? zip) => (Content, Length, _zip) = (content, length, zip);

    public Stream Content { get; }

    /// <summary>What is to be read, as far as the file can be believed.</summary>
    public long Length { get; }

    /// <exception cref="InvalidDataException">There is no such list in it.</exception>
    public static async Task<ExportFile> OpenAsync(Stream file, long mostUnpacked, CancellationToken cancellationToken)
    {
        var head = new byte[4];
        var read = await file.ReadAtLeastAsync(head, 4, throwOnEndOfStream: false, cancellationToken);
        file.Position = 0;
        if (read < 4 || head[0] != 'P' || head[1] != 'K')
        {
            return new ExportFile(file, file.Length, null);
        }

        await CheckDirectoryAsync(file, cancellationToken);
        var zip = await ZipArchive.CreateAsync(file, ZipArchiveMode.Read, leaveOpen: true, entryNameEncoding: null, cancellationToken);
        try
        {
            var entry = zip.Entries.FirstOrDefault(e => e.Name.Equals(Name, StringComparison.OrdinalIgnoreCase)) ?? throw new InvalidDataException($"There is no {Name} in the ZIP file.");
            return new ExportFile(new CountedStream(await entry.OpenAsync(cancellationToken), mostUnpacked), Math.Clamp(entry.Length, 1, mostUnpacked), zip);
        }
        catch
        {
            await zip.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_zip is not null)
        {
            await Content.DisposeAsync();
            await _zip.DisposeAsync();
        }
    }

    /// <summary>How large the directory says it is, from the record at the file's end (<c>PK 05 06</c>, behind which is only a comment).</summary>
    private static async Task CheckDirectoryAsync(Stream file, CancellationToken cancellationToken)
    {
        var tail = new byte[(int)Math.Min(file.Length, 66_000)];
        file.Position = file.Length - tail.Length;
        await file.ReadExactlyAsync(tail, cancellationToken);
        file.Position = 0;
        var at = tail.AsSpan().LastIndexOf(EndRecord);
        if (at < 0 || at + 22 > tail.Length)
        {
            throw new InvalidDataException("The ZIP file is damaged.");
        }

        // The directory stands between its offset and this record, whatever else is said about it.
        var offset = BinaryPrimitives.ReadUInt32LittleEndian(tail.AsSpan(at + 16));
        var end = file.Length - tail.Length + at;
        var size = offset == uint.MaxValue ? BinaryPrimitives.ReadUInt32LittleEndian(tail.AsSpan(at + 12)) : end - offset;
        if (size is < 0 or > LargestDirectory)
        {
            throw new InvalidDataException("The ZIP file holds too many files.");
        }
    }

    private sealed class CountedStream(Stream inner, long most) : Stream
    {
        private long _read;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => _read; set => throw new NotSupportedException(); }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => Count(await inner.ReadAsync(buffer, cancellationToken));

        public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

        public override int Read(byte[] buffer, int offset, int count) => Count(inner.Read(buffer, offset, count));

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
            if (disposing)
            {
                inner.Dispose();
            }

            base.Dispose(disposing);
        }

        private int Count(int read) => (_read += read) > most ? throw new InvalidDataException("It unpacks to more than is allowed.") : read;
    }
}
