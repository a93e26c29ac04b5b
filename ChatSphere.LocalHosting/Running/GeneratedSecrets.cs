using System.Text.Json;

namespace ChatSphere.LocalHosting.Running;

/// <summary>Generated passwords and keys. They are kept beside the data that they open: without one the other is worth nothing.</summary>
internal sealed class GeneratedSecrets(RunFolders folders)
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };
    private readonly Lock _gate = new();
    private readonly Dictionary<string, string> _ofThisRun = [];
    private Dictionary<string, string>? _kept;

    /// <summary>Set once the data folder is locked; before that, and for temporary data, nothing is written.</summary>
    public bool Persistent { get; set; }

    private string FilePath => Path.Combine(folders.Root, "secrets.json");

    public string GetOrCreate(string key, Func<string> create, bool persist)
    {
        lock (_gate)
        {
            if (_ofThisRun.TryGetValue(key, out var value))
            {
                return value;
            }

            if (!persist || !Persistent)
            {
                return _ofThisRun[key] = create();
            }

            _kept ??= File.Exists(FilePath) ? JsonSerializer.Deserialize<Dictionary<string, string>>(File.ReadAllText(FilePath)) ?? [] : [];
            if (!_kept.TryGetValue(key, out value))
            {
                value = _kept[key] = create();
                Save();
            }

            return value;
        }
    }

    // Written whole to a new file first: a crash in between must not lose the key to existing data.
    private void Save()
    {
        var next = FilePath + ".new";
        PrivateFile.Write(next, JsonSerializer.Serialize(_kept, Indented));
        File.Move(next, FilePath, overwrite: true);
    }
}

internal static class PrivateFile
{
    /// <summary>Writes a file only its owner can read, which it already is while it is being written.</summary>
    public static void Write(string path, string content)
    {
        File.Delete(path);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        using var writer = new StreamWriter(path, options);
        writer.Write(content);
    }
}
