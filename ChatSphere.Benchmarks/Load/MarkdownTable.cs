namespace ChatSphere.Benchmarks.Load;

internal static class MarkdownTable
{
    public static async Task PrintAsync(string title, string[] header, params IEnumerable<string[]> rows)
    {
        var output = Console.Out;
        await output.WriteLineAsync($"\n### {title}\n");
        await output.WriteLineAsync($"| {string.Join(" | ", header)} |");
        await output.WriteLineAsync($"|{string.Concat(header.Select(_ => " --- |"))}");
        foreach (var row in rows)
        {
            await output.WriteLineAsync($"| {string.Join(" | ", row)} |");
        }

        await output.WriteLineAsync();
    }
}
