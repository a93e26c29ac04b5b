using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Runtime.InteropServices;
using ChatSphere.Benchmarks.Load;

namespace ChatSphere.Benchmarks.Scenarios;

/// <summary>From starting a command line to a line it prints or a health address that answers 200, and from SIGTERM to its end.</summary>
internal static class StartupScenario
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    public static async Task<int> RunAsync(string[] args, CancellationToken cancellationToken)
    {
        var arguments = Arguments.Parse(args, "health", "until", "runs");
        if (arguments.Rest.Length == 0 || arguments.Text("health") is null && arguments.Text("until") is null)
        {
            throw new ArgumentException("startup needs --health <url> or --until <text>, and a command line after --");
        }

        var rows = new List<string[]>();
        for (var run = 1; run <= arguments.Number("runs", 1); run++)
        {
            var (up, down, exit) = await RunOnceAsync(arguments, cancellationToken);
            rows.Add([$"{run}", Seconds(up), Seconds(down), $"{exit}"]);
        }

        await MarkdownTable.PrintAsync(string.Join(' ', arguments.Rest), ["run", "up after s", "stopped after s", "exit code"], rows);
        return 0;

        static string Seconds(TimeSpan time) => time.TotalSeconds.ToString("0.0", CultureInfo.InvariantCulture);
    }

    private static async Task<(TimeSpan Up, TimeSpan Down, int ExitCode)> RunOnceAsync(Arguments arguments, CancellationToken cancellationToken)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(Patience);
        var printed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var process = new Process { StartInfo = new(arguments.Rest[0], arguments.Rest[1..]) { RedirectStandardOutput = true, RedirectStandardError = true } };
        void Read(string? line)
        {
            if (line is not null && arguments.Text("until") is { } text && line.Contains(text, StringComparison.Ordinal))
            {
                printed.TrySetResult();
            }
        }

        process.OutputDataReceived += (_, e) => Read(e.Data);
        process.ErrorDataReceived += (_, e) => Read(e.Data);
        var startedAt = Stopwatch.GetTimestamp();
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        try
        {
            var ended = process.WaitForExitAsync(patience.Token);
            var up = arguments.Address("health") is { } health ? HealthyAsync(health, patience.Token) : printed.Task.WaitAsync(patience.Token);
            if (await Task.WhenAny(up, ended) == ended)
            {
                throw new InvalidOperationException($"The command ended with exit code {process.ExitCode} before it was up.");
            }

            await up;
            var upAfter = Stopwatch.GetElapsedTime(startedAt);
            var stoppedAt = Stopwatch.GetTimestamp();
            Terminate(process.Id);
            await ended;
            return (upAfter, Stopwatch.GetElapsedTime(stoppedAt), process.ExitCode);
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
            }
        }
    }

    private static async Task HealthyAsync(Uri address, CancellationToken cancellationToken)
    {
        // --health was given the slash that base addresses need.
        var probe = new Uri(address.ToString().TrimEnd('/'));
        using var http = new HttpClient { Timeout = TimeSpan.FromSeconds(2) };
        while (true)
        {
            try
            {
                using var response = await http.GetAsync(probe, cancellationToken);
                if (response.StatusCode == HttpStatusCode.OK)
                {
                    return;
                }
            }
            catch (Exception notYet) when (notYet is HttpRequestException or TaskCanceledException && !cancellationToken.IsCancellationRequested)
            {
            }

            await Task.Delay(50, cancellationToken);
        }
    }

    private static void Terminate(int pid) => _ = Kill(pid, 15);

    [DllImport("libc", EntryPoint = "kill", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Kill(int pid, int signal);
}
