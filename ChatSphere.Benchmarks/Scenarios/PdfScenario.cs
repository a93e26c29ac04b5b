using System.Diagnostics;
using ChatSphere.Benchmarks.Documents;
using ChatSphere.Benchmarks.Load;
using ChatSphere.Contracts.Knowledge;

namespace ChatSphere.Benchmarks.Scenarios;

/// <summary>How long one PDF takes to become searchable, and what the worker needs for it.</summary>
internal static class PdfScenario
{
    public static async Task<int> RunAsync(string[] args, CancellationToken cancellationToken)
    {
        var arguments = Arguments.Parse(args, "api", "file", "pages", "worker-pid");
        var (name, content) = arguments.Text("file") is { } path
            ? (Path.GetFileName(path), await File.ReadAllBytesAsync(path, cancellationToken))
            : Generate(arguments.Number("pages", 100));
        using var api = await Api.RegisterAsync(arguments.RequiredAddress("api"), cancellationToken);
        var bot = await api.CreateBotAsync(null, cancellationToken);

        await using var usage = arguments.OptionalNumber("worker-pid") is { } pid ? new ProcessUsage(pid) : null;
        var startedAt = Stopwatch.GetTimestamp();
        var ids = await api.UploadAsync(bot.Id, [(name, content)], cancellationToken);
        var document = await api.FinishedAsync(ids[0], TimeSpan.FromMilliseconds(100), cancellationToken);
        var took = Stopwatch.GetElapsedTime(startedAt);

        await MarkdownTable.PrintAsync(
            $"{name}, {content.Length / 1048576d:0.0} MB",
            ["status", "pages", "chunks", "ready after s", "pages/s", "worker's peak RSS MB", "with children MB", "worker's cores"],
            [$"{document.Status}", $"{document.Pages}", $"{document.Chunks}", $"{took.TotalSeconds:0.0}", $"{(document.Pages ?? 0) / took.TotalSeconds:0}",
                usage is null ? "–" : ProcessUsage.Megabytes(usage.PeakBytes), usage is null ? "–" : ProcessUsage.Megabytes(usage.PeakBytesWithChildren), usage is null ? "–" : $"{usage.Cores:0.00}"]);
        return Crowd.Report(document.Status == DocumentStatus.Ready ? [] : [$"{document.FailureCode}: {document.Reason}"], api.Refusals);
    }

    private static (string Name, byte[] Content) Generate(int pages)
    {
        using var buffer = new MemoryStream();
        PdfWriter.Write(buffer, pages, seed: pages);
        return ($"generated-{pages}-pages.pdf", buffer.ToArray());
    }
}
