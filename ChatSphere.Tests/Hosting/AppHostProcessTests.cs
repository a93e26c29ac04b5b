using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace ChatSphere.Tests.Hosting;

/// <summary>The real AppHost as a process of its own.</summary>
public sealed class AppHostProcessTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task After_SIGKILL_no_child_and_no_temporary_data_is_left()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var port = ((IPEndPoint)taken.LocalEndpoint).Port;
        using var appHost = Start("--Volumes=temporary", $"--Ports:Web={port}", "--Ports:Api=0", "--Replicas:Api=1");
        var output = new StringBuilder();
        while (await appHost.StandardOutput.ReadLineAsync(Token) is { } line && !line.StartsWith("Ctrl+C", StringComparison.Ordinal))
        {
            output.AppendLine(line);
        }

        var text = output.ToString();
        Assert.Contains("Everything is up", text, StringComparison.Ordinal);
        Assert.Contains($"Port {port} of 'web' is taken", text, StringComparison.Ordinal);
        Assert.Contains("/openapi/v1.json", text, StringComparison.Ordinal);
        var data = text.Split('\n').Single(l => l.StartsWith("  data ", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[1];
        Assert.True(Directory.Exists(data));
        var children = ProcessTable.DescendantsOf(appHost.Id);
        Assert.True(children.Count > 8, $"Only {children.Count} children.");

        appHost.Kill(entireProcessTree: false);
        using var soon = CancellationTokenSource.CreateLinkedTokenSource(Token);
        soon.CancelAfter(TimeSpan.FromSeconds(15));
        await ProcessTable.UntilGoneAsync(children, soon.Token);
        while (Directory.Exists(data))
        {
            await Task.Delay(20, soon.Token);
        }
    }

    private static Process Start(params string[] args)
    {
        var program = Path.Combine(AppContext.BaseDirectory, "ChatSphere.AppHost.dll");
        return Process.Start(new ProcessStartInfo("dotnet", ["exec", program, .. args]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
    }
}
