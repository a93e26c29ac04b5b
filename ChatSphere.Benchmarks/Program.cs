using ChatSphere.Benchmarks.MockModels;

namespace ChatSphere.Benchmarks;

/// <summary>In a namespace, unlike the other programs': the tests reference several, whose global <c>Program</c>s would clash.</summary>
internal static class Program
{
    private const string Usage = """
        usage: ChatSphere.Benchmarks <verb> [options]

          mock-models [--urls http://127.0.0.1:8090]
              An OpenAI-compatible server whose model names say how it behaves: mock-ttft300-itl15-len150, mock-fail503, mock-break20, …
        """;

    public static Task<int> Main(string[] args) => args switch
    {
        ["mock-models", .. var rest] => MockModelServer.RunAsync(rest),
        _ => ExplainAsync(),
    };

    private static async Task<int> ExplainAsync()
    {
        await Console.Error.WriteLineAsync(Usage);
        return 2;
    }
}
