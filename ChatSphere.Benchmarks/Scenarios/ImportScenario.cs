using System.Diagnostics;
using ChatSphere.Benchmarks.Documents;
using ChatSphere.Benchmarks.Load;
using ChatSphere.Contracts.Conversations;

namespace ChatSphere.Benchmarks.Scenarios;

/// <summary>A large export of another chat program, from the first byte sent to the last conversation that can be read; and how long the search for words in them takes.</summary>
internal static class ImportScenario
{
    public static async Task<int> RunAsync(string[] args, CancellationToken cancellationToken)
    {
        var arguments = Arguments.Parse(args, "api", "megabytes", "seed", "searches", "worker-pid");
        var (megabytes, seed, searches) = (arguments.Number("megabytes", 400), arguments.Number("seed", 1), arguments.Number("searches", 20));
        await using var usage = arguments.OptionalNumber("worker-pid") is { } pid ? new ProcessUsage(pid) : null;
        using var api = await Api.RegisterAsync(arguments.RequiredAddress("api"), cancellationToken);
        var bot = await api.CreateBotAsync(null, cancellationToken);
        GeneratedExport? export = null;

        var startedAt = Stopwatch.GetTimestamp();
        var import = await api.ImportAsync(bot.Id, () => export = new GeneratedExport(megabytes * 1_000_000L, seed), cancellationToken);
        var sent = Stopwatch.GetElapsedTime(startedAt);
        while (import.Status is ImportStatus.Queued or ImportStatus.Running)
        {
            await Task.Delay(500, cancellationToken);
            import = await api.ImportAsync(import.Id, cancellationToken);
        }

        var took = Stopwatch.GetElapsedTime(startedAt) - sent;
        string[] failures = import.Status == ImportStatus.Done && import.Imported == export!.Conversations ? [] : [$"{import.Status}, {import.Imported} of {export!.Conversations}: {import.Failure}"];
        await MarkdownTable.PrintAsync(
            $"an export of {export.Written / 1_000_000} MB",
            ["conversations", "messages", "sent after s", "then imported in s", "MB/s", "messages/s", "worker's peak RSS MB", "worker's cores"],
            [$"{import.Imported}", $"{import.Imported * 20}", $"{sent.TotalSeconds:0.0}", $"{took.TotalSeconds:0.0}", $"{export.Written / 1_000_000d / took.TotalSeconds:0.0}", $"{import.Imported * 20 / took.TotalSeconds:0}",
                usage is null ? "–" : ProcessUsage.Megabytes(usage.PeakBytes), usage is null ? "–" : $"{usage.Cores:0.00}"]);

        // A word that is nowhere costs the most: nothing ends the search early.
        var times = new Latencies();
        var page = new FoundMessagesResponse([], null);
        for (var i = 0; i < searches; i++)
        {
            var from = Stopwatch.GetTimestamp();
            page = await api.FindAsync($"zzyzx{i}", cancellationToken);
            times.Add(Stopwatch.GetElapsedTime(from));
        }

        await MarkdownTable.PrintAsync($"searching {import.Imported * 20} messages for what is not there ({(page.Searched is { } read ? $"{read} read one by one" : "by index")})", Latencies.Header("what"), times.Row("search"));
        return Crowd.Report(failures, api.Refusals);
    }
}
