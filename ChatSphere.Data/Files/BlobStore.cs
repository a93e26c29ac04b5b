using System.Buffers;
using System.ComponentModel.DataAnnotations;
using System.Security.Cryptography;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace ChatSphere.Data.Files;

public sealed class StorageOptions
{
    public const string Section = "Storage";

    /// <summary>The folder for uploaded files; the same for every Api and Worker.</summary>
    [Required(ErrorMessage = "Set Storage:Path to a folder that every Api and Worker can write to.")]
    public string Path { get; set; } = "";
}

/// <param name="Sha256">Hex, lower case; the blob's address.</param>
public sealed record StoredBlob(string Sha256, long Size);

/// <summary>A file that has arrived and is not yet in its place; disposed of without <see cref="Keep"/>, it is gone.</summary>
public sealed class StagedBlob : IDisposable
{
    private readonly string _temporary;
    private readonly string _place;

    internal StagedBlob(StoredBlob blob, string temporary, string place) => (Blob, _temporary, _place) = (blob, temporary, place);

    public StoredBlob Blob { get; }

    /// <summary>
    /// Moves it to its place, over the same bytes if they are there. Under <see cref="BlobLock.LockBlobAsync"/>, or whoever removes the last use of the same bytes at this
    /// moment takes it away again.
    /// </summary>
    public void Keep()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_place)!);
        File.Move(_temporary, _place, overwrite: true);
    }

    public void Dispose() => File.Delete(_temporary);
}

/// <summary>More bytes came than allowed. Nothing was kept.</summary>
public sealed class BlobTooLargeException(long limit) : IOException($"More than {limit} bytes.")
{
    public long Limit { get; } = limit;
}

/// <summary>Files by the hash of their content, on disk. A blob appears whole or not at all: it is written beside its place and moved there.</summary>
public sealed class BlobStore(IOptions<StorageOptions> options)
{
    private readonly string _root = options.Value.Path;

    /// <summary>Stages and keeps, for bytes that nobody else can have.</summary>
    /// <exception cref="BlobTooLargeException">Past <paramref name="limit"/> bytes.</exception>
    public async Task<StoredBlob> WriteAsync(Stream content, long limit, CancellationToken cancellationToken)
    {
        using var staged = await StageAsync(content, limit, cancellationToken);
        staged.Keep();
        return staged.Blob;
    }

    /// <exception cref="BlobTooLargeException">Past <paramref name="limit"/> bytes.</exception>
    public async Task<StagedBlob> StageAsync(Stream content, long limit, CancellationToken cancellationToken)
    {
        var incoming = Directory.CreateDirectory(Path.Combine(_root, "incoming")).FullName;
        var temporary = Path.Combine(incoming, Guid.NewGuid().ToString("n"));
        var buffer = ArrayPool<byte>.Shared.Rent(81_920);
        try
        {
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            long size = 0;
            await using (var file = new FileStream(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1, FileOptions.Asynchronous))
            {
                for (int read; (read = await content.ReadAsync(buffer, cancellationToken)) > 0;)
                {
                    size += read;
                    if (size > limit)
                    {
                        throw new BlobTooLargeException(limit);
                    }

                    hash.AppendData(buffer, 0, read);
                    await file.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
                }

                await file.FlushAsync(cancellationToken);
                RandomAccess.FlushToDisk(file.SafeFileHandle);
            }

            var sha256 = Convert.ToHexStringLower(hash.GetHashAndReset());
            return new StagedBlob(new StoredBlob(sha256, size), temporary, PathOf(sha256));
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <exception cref="FileNotFoundException">It is not there.</exception>
    public FileStream OpenRead(string sha256) => new(PathOf(sha256), FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, 81_920, FileOptions.Asynchronous);

    /// <summary>For programs that take a file's path. The file must not be changed.</summary>
    public string PathOf(string sha256)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(sha256.Length, 64);
        return Path.Combine(_root, sha256[..2], sha256[2..4], sha256);
    }

    public void Delete(string sha256) => File.Delete(PathOf(sha256));

    /// <summary>Removes what uploads that ended half-way left behind.</summary>
    public int DeleteAbandoned(DateTimeOffset olderThan)
    {
        var incoming = new DirectoryInfo(Path.Combine(_root, "incoming"));
        if (!incoming.Exists)
        {
            return 0;
        }

        var abandoned = incoming.EnumerateFiles().Where(f => f.LastWriteTimeUtc < olderThan.UtcDateTime).ToList();
        abandoned.ForEach(f => f.Delete());
        return abandoned.Count;
    }
}

public static class BlobLock
{
    /// <summary>Holds off others who make or remove the last use of a blob, until the caller's transaction ends.</summary>
    public static async Task LockBlobAsync(this ChatSphereDb db, string sha256, CancellationToken cancellationToken) =>
        await db.Database.ExecuteSqlAsync($"select pg_advisory_xact_lock(hashtextextended({sha256}, 0))", cancellationToken);
}
