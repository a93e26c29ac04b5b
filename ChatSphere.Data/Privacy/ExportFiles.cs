using ChatSphere.Data.Files;
using ChatSphere.Data.Secrets;
using Microsoft.Extensions.Options;

namespace ChatSphere.Data.Privacy;

/// <summary>Where finished exports are: encrypted, under the storage folder, apart from the blobs, which are shared and addressed by their content.</summary>
public sealed class ExportFiles(IOptions<StorageOptions> options, SecretBox secrets)
{
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

    private string PathOf(Guid exportId) => Path.Combine(_folder, $"{exportId:n}.zip.sealed");
}
