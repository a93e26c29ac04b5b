using System.IO.Compression;
using System.Runtime.CompilerServices;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Unicode;
using ChatSphere.Data.Privacy;

namespace ChatSphere.Worker.Modules.Privacy;

/// <summary>The ZIP file of an export as it grows: one entry after the other, each written through to the file beneath, so none has to fit into memory.</summary>
internal sealed class ExportArchive(ZipArchive zip)
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { WriteIndented = true, Encoder = JavaScriptEncoder.Create(UnicodeRanges.All) };
    private readonly HashSet<string> _names = new(StringComparer.OrdinalIgnoreCase);
    private readonly List<string> _index = [];

    public IPersonalDataWriter Section(string name) => new SectionWriter(this, name);

    /// <summary>Says what is where, for whoever opens it in years.</summary>
    public async Task CompleteAsync(DateTimeOffset now, CancellationToken cancellationToken)
    {
        await using var entry = await OpenAsync("README.txt", cancellationToken);
        await using var text = new StreamWriter(entry);
        await text.WriteAsync(string.Join('\n', (IEnumerable<string>)
        [
            $"Everything that ChatSphere kept about this account on {now:yyyy-MM-dd HH:mm} UTC.",
            "",
            "Each folder is a part of ChatSphere. The .json files are text (UTF-8); times are in UTC. Files that were uploaded are in the folders named files, unchanged.",
            "Passwords, keys and tokens are not in here: only what proves them is kept, and that would help nobody but a thief.",
            "",
            .. _index,
            "",
        ]).AsMemory(), cancellationToken);
    }

    private Task<Stream> OpenAsync(string path, CancellationToken cancellationToken) => zip.CreateEntry(path, CompressionLevel.Fastest).OpenAsync(cancellationToken);

    /// <summary>A name that leads nowhere else when it is unpacked, on whichever system, and is there once.</summary>
    private string Unique(string section, string name)
    {
        var safe = string.Concat(name.Select(c => char.IsControl(c) || "<>:\"/\\|?*".Contains(c, StringComparison.Ordinal) ? '_' : c)).Trim(' ', '.');
        safe = safe.Length == 0 ? "file" : safe;
        var path = $"{section}/files/{safe}";
        for (var n = 2; !_names.Add(path); n++)
        {
            path = $"{section}/files/{n}-{safe}";
        }

        return path;
    }

    private sealed class SectionWriter(ExportArchive archive, string section) : IPersonalDataWriter
    {
        public async Task WriteAsync<T>(string name, IAsyncEnumerable<T> items, CancellationToken cancellationToken)
        {
            var path = $"{section}/{name}.json";
            var count = new Count();
            await using (var entry = await archive.OpenAsync(path, cancellationToken))
            {
                await JsonSerializer.SerializeAsync(entry, CountedAsync(items, count, cancellationToken), Json, cancellationToken);
            }

            archive._index.Add($"{path}: {count.Items}");
        }

        public async Task WriteFileAsync(string name, Stream content, CancellationToken cancellationToken)
        {
            var path = archive.Unique(section, name);
            await using (var entry = await archive.OpenAsync(path, cancellationToken))
            {
                await content.CopyToAsync(entry, cancellationToken);
            }

            archive._index.Add(path);
        }

        private static async IAsyncEnumerable<T> CountedAsync<T>(IAsyncEnumerable<T> items, Count count, [EnumeratorCancellation] CancellationToken cancellationToken)
        {
            await foreach (var item in items.WithCancellation(cancellationToken))
            {
                count.Items++;
                yield return item;
            }
        }

        private sealed class Count
        {
            public int Items { get; set; }
        }
    }
}
