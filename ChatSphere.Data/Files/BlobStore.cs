using System.Buffers;
using System.ComponentModel.DataAnnotations;
using System.Security.Cryptography;
using ChatSphere.Data.Secrets;
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
    private readonly string _other;

    internal StagedBlob(StoredBlob blob, string temporary, string place, string other) => (Blob, _temporary, _place, _other) = (blob, temporary, place, other);

    public StoredBlob Blob { get; }

    /// <summary>
    /// Moves it to its place, over the same bytes if they are there. Under <see cref="BlobLock.LockBlobAsync"/>, or whoever removes the last use of the same bytes at this
    /// moment takes it away again.
    /// </summary>
    public void Keep()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_place)!);
        File.Move(_temporary, _place, overwrite: true);

        // The same bytes from before sealing was turned on or off.
        File.Delete(_other);
    }

    public void Dispose() => File.Delete(_temporary);
}

/// <summary>More bytes came than allowed. Nothing was kept.</summary>
public sealed class BlobTooLargeException(long limit) : IOException($"More than {limit} bytes.")
{
    public long Limit { get; } = limit;
}

/// <summary>A file for a program that takes a path; gone, if it was made for that, when disposed of.</summary>
public sealed class ReadableFile : IDisposable
{
    private readonly FileStream? _copy;

    internal ReadableFile(string path, FileStream? copy = null) => (Path, _copy) = (path, copy);

    public string Path { get; }

    public void Dispose() => _copy?.Dispose();
}

/// <summary>
/// Files by the hash of their content, on disk. A blob appears whole or not at all: it is written beside its place and moved there. Sealed ones, which
/// <see cref="SealedFile"/> describes, have a name of their own, so that no uploaded bytes can be taken for one.
/// </summary>
public sealed class BlobStore(IOptions<StorageOptions> options, ContentSeal seal)
{
    private const string SealedSuffix = ".sealed";
    private static readonly SearchValues<char> HexDigits = SearchValues.Create("0123456789abcdef");
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
                using var sealing = seal.IsActive ? new SealedFile.Writer(file, seal.Box!) : null;
                for (int read; (read = await content.ReadAsync(buffer, cancellationToken)) > 0;)
                {
                    size += read;
                    if (size > limit)
                    {
                        throw new BlobTooLargeException(limit);
                    }

                    hash.AppendData(buffer, 0, read);
                    await (sealing?.WriteAsync(buffer.AsMemory(0, read), cancellationToken) ?? file.WriteAsync(buffer.AsMemory(0, read), cancellationToken));
                }

                await (sealing?.CompleteAsync(cancellationToken) ?? Task.CompletedTask);
                await file.FlushAsync(cancellationToken);
                RandomAccess.FlushToDisk(file.SafeFileHandle);
            }

            var sha256 = Convert.ToHexStringLower(hash.GetHashAndReset());
            var (plain, sealed_) = (PathOf(sha256), PathOf(sha256) + SealedSuffix);
            return new StagedBlob(new StoredBlob(sha256, size), temporary, seal.IsActive ? sealed_ : plain, seal.IsActive ? plain : sealed_);
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

    /// <summary>The bytes as they were uploaded; it seeks.</summary>
    /// <exception cref="FileNotFoundException">It is not there.</exception>
    /// <exception cref="MissingEncryptionKeyException">It was sealed under a key that is not configured.</exception>
    public Stream OpenRead(string sha256)
    {
        var path = PathOf(sha256);
        if (!File.Exists(path + SealedSuffix))
        {
            try
            {
                return Open(path);
            }
            catch (FileNotFoundException) when (File.Exists(path + SealedSuffix))
            {
                // Sealed just now.
            }
        }

        var file = Open(path + SealedSuffix);
        try
        {
            return new SealedFile.Reader(file, seal.Box ?? throw new MissingEncryptionKeyException(SealedFile.KeyIdOf(file)));
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>
    /// For programs that take a file's path. The file must not be changed. What is sealed is opened into a file that only this process and its children can reach, and
    /// which is gone with this process, however that ends.
    /// </summary>
    public async Task<ReadableFile> OpenPathAsync(string sha256, CancellationToken cancellationToken)
    {
        var path = PathOf(sha256);
        if (!File.Exists(path + SealedSuffix))
        {
            return new ReadableFile(path);
        }

        var folder = Directory.CreateDirectory(Path.Combine(_root, "incoming")).FullName;
        var copyOptions = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.ReadWrite, Share = FileShare.Read | FileShare.Delete, Options = FileOptions.DeleteOnClose | FileOptions.Asynchronous };
        if (!OperatingSystem.IsWindows())
        {
            copyOptions.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        var copy = new FileStream(Path.Combine(folder, Guid.NewGuid().ToString("n")), copyOptions);
        try
        {
            var name = copy.Name;
            if (OperatingSystem.IsLinux())
            {
                // Without a name before the first byte is written; the kernel keeps it as long as it is open.
                File.Delete(copy.Name);
                name = $"/proc/{Environment.ProcessId}/fd/{copy.SafeFileHandle.DangerousGetHandle()}";
            }

            await using var plain = OpenRead(sha256);
            await plain.CopyToAsync(copy, cancellationToken);
            await copy.FlushAsync(cancellationToken);
            return new ReadableFile(name, copy);
        }
        catch
        {
            await copy.DisposeAsync();
            throw;
        }
    }

    private string PathOf(string sha256)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(sha256.Length, 64);
        return Path.Combine(_root, sha256[..2], sha256[2..4], sha256);
    }

    private static FileStream Open(string path) => new(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, 81_920, FileOptions.Asynchronous);

    public bool Exists(string sha256) => File.Exists(PathOf(sha256)) || File.Exists(PathOf(sha256) + SealedSuffix);

    public void Delete(string sha256)
    {
        File.Delete(PathOf(sha256));
        File.Delete(PathOf(sha256) + SealedSuffix);
    }

    /// <summary>Those that are not as the configuration wants them: plain, sealed, or under another key.</summary>
    public IEnumerable<(string Sha256, string? KeyId)> Outdated()
    {
        if (!Directory.Exists(_root))
        {
            yield break;
        }

        foreach (var path in Directory.EnumerateFiles(_root, "*", new EnumerationOptions { RecurseSubdirectories = true, MaxRecursionDepth = 2 }))
        {
            var name = Path.GetFileName(path);
            var isSealed = name.EndsWith(SealedSuffix, StringComparison.Ordinal);
            if (name.Length != 64 + (isSealed ? SealedSuffix.Length : 0) || name.AsSpan(0, 64).ContainsAnyExcept(HexDigits))
            {
                continue;
            }

            string? keyId = null;
            if (isSealed)
            {
                try
                {
                    using var file = Open(path);
                    keyId = SealedFile.KeyIdOf(file);
                }
                catch (FileNotFoundException)
                {
                    continue;
                }
            }

            if (isSealed != seal.IsActive || (isSealed && keyId != seal.Box!.ActiveKeyId))
            {
                yield return (name[..64], keyId);
            }
        }
    }

    /// <summary>Writes one anew as the configuration wants it. Under <see cref="BlobLock.LockBlobAsync"/>. False when it is gone.</summary>
    public async Task<bool> RewriteAsync(string sha256, CancellationToken cancellationToken)
    {
        if (!Exists(sha256))
        {
            return false;
        }

        await using var content = OpenRead(sha256);
        using var staged = await StageAsync(content, long.MaxValue, cancellationToken);
        if (staged.Blob.Sha256 != sha256)
        {
            throw new InvalidDataException($"The file {sha256} does not hold the bytes that its name promises; it is left as it is.");
        }

        staged.Keep();
        return true;
    }

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
