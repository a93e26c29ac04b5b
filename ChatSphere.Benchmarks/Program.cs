using ChatSphere.Benchmarks.Documents;
using ChatSphere.Benchmarks.MockModels;
using ChatSphere.Benchmarks.Scenarios;

namespace ChatSphere.Benchmarks;

/// <summary>In a namespace, unlike the other programs': the tests reference several, whose global <c>Program</c>s would clash.</summary>
internal static class Program
{
    private const string Usage = """
        usage: ChatSphere.Benchmarks <verb> [options]

          mock-models [--urls http://127.0.0.1:8090]
              An OpenAI-compatible server whose model names say how it behaves: mock-ttft300-itl15-len150, mock-fail503, mock-break20, …

        Measurements; each registers users of its own, prints Markdown tables, and ends with 0 when nothing failed:
          turns --api <url> [--models <url>] [--model mock-ttft50-itl15-len100] [--concurrency 50] [--rounds 4]
          streams --api <url> [--count 1000] [--pid <api's>] [--model mock-ttft200-itl50-len400] [--users 10] [--ramp 5]
          streams --models <url> [--count 1000] [--pid <mock's>] [--model …]
          streams --api <url> --idle 500 --pid <api's> [--model mock-ttft25000-itl1-len3] [--users 10] [--ramp 5]
              What one open stream takes: the Api's resident set with so many that wait for their first word, less that without.
          import --api <url> [--megabytes 400] [--seed 1] [--searches 20] [--worker-pid <pid>]
          documents --api <url> [--count 200] [--words 300] [--batch 10] [--seed 1] [--worker-pid <pid>]
          pdf --api <url> [--file <path> | --pages 100] [--worker-pid <pid>]
          search --api <url> [--chunks 20000] [--queries 200] [--concurrency 1, then 4]
          accounts --api <url> [--seconds 5] [--concurrency 8] [--rounds 4]
          budgets --database <connection string> [--seconds 5]
          checker --api <url> [--minutes 1] [--seed 1] [--writers 6] [--listeners 4] [--pause <pid>,<pid>,…]
              Writes, edits and deletes in a channel while the named processes are paused at random, and whatever else breaks; then compares what was acknowledged with
              what is stored and what everybody heard, and prints what is wrong.
          startup (--health <url> | --until <text>) [--runs 1] -- <command line>

        Deterministic inputs:
          generate-pdf --out <file> [--pages 100] [--seed 1]
          generate-documents --out <folder> [--count 100] [--words 300] [--seed 1]
        """;

    public static async Task<int> Main(string[] args)
    {
        using var interrupted = new CancellationTokenSource();
        try
        {
            return args switch
            {
                ["mock-models", .. var rest] => await MockModelServer.RunAsync(rest),
                ["turns", .. var rest] => await TurnsScenario.RunAsync(rest, Interruptible(interrupted)),
                ["streams", .. var rest] => await StreamsScenario.RunAsync(rest, Interruptible(interrupted)),
                ["import", .. var rest] => await ImportScenario.RunAsync(rest, Interruptible(interrupted)),
                ["documents", .. var rest] => await DocumentsScenario.RunAsync(rest, Interruptible(interrupted)),
                ["pdf", .. var rest] => await PdfScenario.RunAsync(rest, Interruptible(interrupted)),
                ["search", .. var rest] => await SearchScenario.RunAsync(rest, Interruptible(interrupted)),
                ["accounts", .. var rest] => await AccountsScenario.RunAsync(rest, Interruptible(interrupted)),
                ["budgets", .. var rest] => await BudgetsScenario.RunAsync(rest, Interruptible(interrupted)),
                ["checker", .. var rest] => await CheckerScenario.RunAsync(rest, Interruptible(interrupted)),
                ["startup", .. var rest] => await StartupScenario.RunAsync(rest, Interruptible(interrupted)),
                ["generate-pdf", .. var rest] => await Generation.PdfAsync(rest),
                ["generate-documents", .. var rest] => await Generation.DocumentsAsync(rest),
                _ => Explain(Usage),
            };
        }
        catch (Exception wrong) when (wrong is ArgumentException or HttpRequestException or IOException or InvalidOperationException)
        {
            return Explain(wrong.Message);
        }
        catch (OperationCanceledException) when (interrupted.IsCancellationRequested)
        {
            return 130;
        }
    }

    private static int Explain(string text)
    {
        Console.Error.WriteLine(text);
        return 2;
    }

    private static CancellationToken Interruptible(CancellationTokenSource interrupted)
    {
        Console.CancelKeyPress += (_, e) =>
        {
            e.Cancel = true;
            interrupted.Cancel();
        };
        return interrupted.Token;
    }
}
