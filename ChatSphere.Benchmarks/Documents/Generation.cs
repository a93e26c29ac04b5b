using ChatSphere.Benchmarks.Load;

namespace ChatSphere.Benchmarks.Documents;

/// <summary>The generators as verbs, for trying things by hand.</summary>
internal static class Generation
{
    public static async Task<int> PdfAsync(string[] args)
    {
        var arguments = Arguments.Parse(args, "pages", "out", "seed");
        var path = arguments.Required("out");
        await using (var file = File.Create(path))
        {
            PdfWriter.Write(file, arguments.Number("pages", 100), arguments.Number("seed", 1));
        }

        Console.WriteLine($"{path}: {new FileInfo(path).Length:N0} bytes");
        return 0;
    }

    public static async Task<int> DocumentsAsync(string[] args)
    {
        var arguments = Arguments.Parse(args, "count", "words", "out", "seed");
        var folder = Directory.CreateDirectory(arguments.Required("out"));
        var (count, words, seed) = (arguments.Number("count", 100), arguments.Number("words", 300), arguments.Number("seed", 1));
        for (var i = 0; i < count; i++)
        {
            await File.WriteAllTextAsync(Path.Combine(folder.FullName, $"document-{i:D5}.md"), new SyntheticText(seed + i).Markdown(words));
        }

        Console.WriteLine($"{folder.FullName}: {count} documents");
        return 0;
    }
}
