using System.Security.Cryptography;
using ChatSphere.Data.Files;
using ChatSphere.Data.Secrets;
using Microsoft.Extensions.Options;

namespace ChatSphere.Data.Privacy;

/// <summary>Where finished exports are: encrypted, under the storage folder, apart from the blobs, which are shared and addressed by their content.</summary>
public sealed class ExportFiles(IOptions<StorageOptions> options, SecretBox secrets)
{
    private const string Suffix = ".zip.sealed";
    private readonly string _folder = Path.Combine(options.Value.Path, "exports");

    /// <summary>A file beside the place; <see cref="Publish"/> moves it there. A new one each time, so that two who make the same export do not write into one.</summary>
    public async Task<(SealedStream File, string Path)> CreateAsync(Guid exportId, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(_folder);
        var path = Path.Combine(_folder, $"{exportId:n}-{Guid.NewGuid():n}.part");
        var file = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, 81_920, FileOptions.Asynchronous);
        try
        {
            return (await SealedStream.CreateAsync(file, secrets, cancellationToken), path);
        }
        catch
        {
            await file.DisposeAsync();
            File.Delete(path);
            throw;
        }
    }

    public void Publish(Guid exportId, string path) => File.Move(path, PathOf(exportId), overwrite: true);

    /// <summary>Null when it is gone.</summary>
    public async Task<SealedStream?> OpenAsync(Guid exportId, CancellationToken cancellationToken)
    {
        FileStream file;
        try
        {
            file = new FileStream(PathOf(exportId), FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, 81_920, FileOptions.Asynchronous);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }

        try
        {
            return await SealedStream.OpenAsync(file, secrets, cancellationToken);
        }
        catch
        {
            await file.DisposeAsync();
            throw;
        }
    }

    /// <summary>The finished file and what unfinished attempts left.</summary>
    public void Delete(Guid exportId)
    {
        if (Directory.Exists(_folder))
        {
            File.Delete(PathOf(exportId));
            foreach (var part in Directory.EnumerateFiles(_folder, $"{exportId:n}-*.part"))
            {
                File.Delete(part);
            }
        }
    }

    /// <summary>Finished ones that are under another key than the active one.</summary>
    public async Task<IReadOnlyList<Guid>> OutdatedAsync(CancellationToken cancellationToken)
    {
        var found = new List<Guid>();
        foreach (var path in Directory.Exists(_folder) ? Directory.EnumerateFiles(_folder, "*" + Suffix) : [])
        {
            if (!Guid.TryParseExact(Path.GetFileName(path)[..^Suffix.Length], "n", out var id))
            {
                continue;
            }

            try
            {
                await using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, 4_096, FileOptions.Asynchronous);
                if (await SealedStream.KeyIdOfAsync(file, cancellationToken) != secrets.ActiveKeyId)
                {
                    found.Add(id);
                }
            }
            catch (Exception e) when (e is FileNotFoundException or CryptographicException)
            {
                // Deleted just now, or damaged, which no other key would mend.
            }
        }

        return found;
    }

    /// <summary>Brings one under the active key. The caller holds the export's row, so that whoever deletes the export meanwhile does so after this.</summary>
    public async Task<bool> ResealAsync(Guid exportId, CancellationToken cancellationToken)
    {
        var part = Path.Combine(_folder, $"{exportId:n}-{Guid.NewGuid():n}.part");
        try
        {
            await using (var from = new FileStream(PathOf(exportId), FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, 81_920, FileOptions.Asynchronous))
            await using (var to = new FileStream(part, FileMode.CreateNew, FileAccess.Write, FileShare.None, 81_920, FileOptions.Asynchronous))
            {
                await SealedStream.ResealAsync(from, to, secrets, cancellationToken);
                await to.FlushAsync(cancellationToken);
                RandomAccess.FlushToDisk(to.SafeFileHandle);
            }

            Publish(exportId, part);
            return true;
        }
        catch (FileNotFoundException)
        {
            return false;
        }
        finally
        {
            File.Delete(part);
        }
    }

    private string PathOf(Guid exportId) => Path.Combine(_folder, $"{exportId:n}{Suffix}");
}
