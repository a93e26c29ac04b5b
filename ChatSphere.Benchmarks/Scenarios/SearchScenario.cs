using System.Diagnostics;
using System.Text;
using ChatSphere.Benchmarks.Documents;
using ChatSphere.Benchmarks.Load;
using ChatSphere.Contracts.Knowledge;

namespace ChatSphere.Benchmarks.Scenarios;

/// <summary>How long a search takes in a knowledge base of a given size.</summary>
internal static class SearchScenario
{
    private const int WordsPerDocument = 12_000;
    private const int DocumentsAtATime = 8;

    public static async Task<int> RunAsync(string[] args, CancellationToken cancellationToken)
    {
        var arguments = Arguments.Parse(args, "api", "chunks", "queries", "concurrency", "settle");
        var (wanted, queries) = (arguments.Number("chunks", 20_000), arguments.Number("queries", 200));
        using var api = await Api.RegisterAsync(arguments.RequiredAddress("api"), cancellationToken);
        var bot = await api.CreateBotAsync(null, cancellationToken);
        var startedAt = Stopwatch.GetTimestamp();
        var (documents, chunks, failures) = await FillAsync(api, bot.Id, wanted, cancellationToken);
        Console.WriteLine($"{documents} documents with {chunks} chunks ready after {Stopwatch.GetElapsedTime(startedAt).TotalSeconds:0} s");

        // The statistics of words are counted anew every 15 seconds while documents come in; people search a knowledge base that stands.
        await Task.Delay(TimeSpan.FromSeconds(arguments.Number("settle", 20)), cancellationToken);

        var rows = new List<string[]>();
        foreach (var concurrency in arguments.OptionalNumber("concurrency") is { } one ? [one] : new[] { 1, 4 })
        {
            // Questions nobody asked before, and a few that only warm up.
            var questions = new SyntheticText(-concurrency);
            string[] texts = [.. Enumerable.Range(0, queries + 20).Select(_ => questions.Question())];
            var (times, found) = (new Latencies(), 0);
            await Crowd.MapAsync(20, concurrency, i => api.SearchAsync(bot.Id, texts[queries + i], cancellationToken));
            await Crowd.MapAsync(queries, concurrency, async i =>
            {
                var asked = Stopwatch.GetTimestamp();
                var response = await api.SearchAsync(bot.Id, texts[i], cancellationToken);
                times.Add(Stopwatch.GetElapsedTime(asked));
                Interlocked.Add(ref found, response.Passages.Count > 0 ? 1 : 0);
                return response;
            });
            rows.Add([.. times.Row($"{concurrency} at a time"), $"{found}"]);
        }

        await MarkdownTable.PrintAsync($"Search in {chunks} chunks", [.. Latencies.Header("load"), "with results"], rows);
        return Crowd.Report(failures, api.Refusals);
    }

    private static async Task<(int Documents, int Chunks, string[] Failures)> FillAsync(Api api, Guid bot, int wanted, CancellationToken cancellationToken)
    {
        var (documents, chunks) = (0, 0);
        var failures = new List<string>();
        while (chunks < wanted)
        {
            // How many chunks a document makes is the product's business; the first few tell.
            var each = documents == 0 ? 0 : Math.Max(1, chunks / documents);
            var next = each == 0 ? 2 : Math.Min(DocumentsAtATime, (wanted - chunks + each - 1) / each);
            var batch = Enumerable.Range(documents, next).Select(i => ($"book-{i:D4}.md", Encoding.UTF8.GetBytes(new SyntheticText(i).Markdown(WordsPerDocument)))).ToArray();
            foreach (var id in await api.UploadAsync(bot, batch, cancellationToken))
            {
                var document = await api.FinishedAsync(id, TimeSpan.FromMilliseconds(100), cancellationToken);
                chunks += document.Chunks;
                if (document.Status != DocumentStatus.Ready)
                {
                    failures.Add($"{document.Status}: {document.FailureCode}");
                }
            }

            documents += next;
            if (failures.Count > 3 || (documents > 4 && chunks == 0))
            {
                break;
            }
        }

        return (documents, chunks, [.. failures]);
    }
}
