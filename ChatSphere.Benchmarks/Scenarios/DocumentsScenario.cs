using System.Diagnostics;
using System.Text;
using ChatSphere.Benchmarks.Documents;
using ChatSphere.Benchmarks.Load;
using ChatSphere.Contracts.Knowledge;

namespace ChatSphere.Benchmarks.Scenarios;

/// <summary>How many short documents a minute become searchable.</summary>
internal static class DocumentsScenario
{
    public static async Task<int> RunAsync(string[] args, CancellationToken cancellationToken)
    {
        var arguments = Arguments.Parse(args, "api", "count", "words", "batch", "seed", "worker-pid");
        var (count, words, batch, seed) = (arguments.Number("count", 200), arguments.Number("words", 300), arguments.Number("batch", 10), arguments.Number("seed", 1));
        await using var usage = arguments.OptionalNumber("worker-pid") is { } pid ? new ProcessUsage(pid) : null;
        using var api = await Api.RegisterAsync(arguments.RequiredAddress("api"), cancellationToken);
        var bot = await api.CreateBotAsync(null, cancellationToken);
        var batches = Enumerable.Range(0, count)
            .Select(i => ($"document-{i:D5}.md", Encoding.UTF8.GetBytes(new SyntheticText(seed + i).Markdown(words))))
            .Chunk(batch).ToArray();

        var startedAt = Stopwatch.GetTimestamp();
        var ids = await Crowd.MapAsync(batches.Length, 2, i => api.UploadAsync(bot.Id, batches[i], cancellationToken));
        var uploaded = Stopwatch.GetElapsedTime(startedAt);
        Guid[] all = [.. ids.SelectMany(each => each)];
        var finished = await Crowd.MapAsync(all.Length, 2, i => api.FinishedAsync(all[i], TimeSpan.FromMilliseconds(200), cancellationToken));
        var took = Stopwatch.GetElapsedTime(startedAt);

        string[] failures = [.. finished.Where(d => d.Status != DocumentStatus.Ready).Select(d => $"{d.Status}: {d.FailureCode}")];
        await MarkdownTable.PrintAsync(
            $"{count} documents of {words} words",
            ["ready", "chunks", "uploaded after s", "all ready after s", "documents/min", "worker's peak RSS MB"],
            [$"{count - failures.Length} of {count}", $"{finished.Sum(d => d.Chunks)}", $"{uploaded.TotalSeconds:0.0}", $"{took.TotalSeconds:0.0}", $"{count / took.TotalMinutes:0}",
                usage is null ? "–" : ProcessUsage.Megabytes(usage.PeakBytes)]);
        return Crowd.Report(failures, api.Refusals);
    }
}
