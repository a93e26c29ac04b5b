using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Testing;

namespace ChatSphere.Tests.Hosting;

/// <summary>Starts, waits, crashes and stops, with shell scripts in place of programs.</summary>
public sealed class ProcessLifeTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("chatsphere-tests-");
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task What_crashes_is_started_again()
    {
        var builder = DistributedApplicationTestingBuilder.Create();
        Script(builder, "flaky", "echo started >> starts; [ $(wc -l < starts) -ge 2 ] || exit 7; sleep 600");
        await using var app = await builder.BuildAsync(Token);
        await app.StartAsync(Token);
        var crash = await app.ResourceNotifications.WaitForResourceAsync("flaky", e => e.Snapshot.State?.Text == "Restarting", Token);
        Assert.Equal(7, crash.Snapshot.ExitCode);
        await app.ResourceNotifications.WaitForResourceAsync("flaky", KnownResourceStates.Running, Token);
        await UntilAsync(() => File.ReadAllLines(InFolder("starts")).Length == 2);
    }

    [Fact]
    public async Task Who_waits_for_completion_starts_after_it()
    {
        var builder = DistributedApplicationTestingBuilder.Create();
        var first = Script(builder, "first", "sleep 0.3; echo done > result");
        Script(builder, "second", "cat result > seen").WaitForCompletion(first);
        await using var app = await builder.BuildAsync(Token);
        await app.StartAsync(Token);
        await app.ResourceNotifications.WaitForResourceAsync("second", KnownResourceStates.Finished, Token);
        Assert.Equal("done", (await File.ReadAllTextAsync(InFolder("seen"), Token)).Trim());
    }

    [Fact]
    public async Task A_failed_completion_fails_who_waits_and_shows_the_last_lines()
    {
        var builder = DistributedApplicationTestingBuilder.Create();
        var first = Script(builder, "first", "echo the reason is written here >&2; exit 3");
        Script(builder, "second", "touch never").WaitForCompletion(first);
        await using var app = await builder.BuildAsync(Token);
        await app.StartAsync(Token);
        var failure = await Assert.ThrowsAsync<DistributedApplicationException>(() => app.ResourceNotifications.WaitForResourceHealthyAsync("second", Token));
        Assert.Contains("exit code 3", failure.Message, StringComparison.Ordinal);
        Assert.Contains("the reason is written here", failure.Message, StringComparison.Ordinal);
        Assert.False(File.Exists(InFolder("never")));
    }

    [Fact]
    public async Task Stopping_ends_a_process_that_ignores_it_and_what_it_started()
    {
        var builder = DistributedApplicationTestingBuilder.Create();
        Script(builder, "stubborn", "trap '' TERM; sleep 601 & echo $! > child; sleep 602 & wait; sleep 603");
        await using var app = await builder.BuildAsync(Token);
        await app.StartAsync(Token);
        await app.ResourceNotifications.WaitForResourceAsync("stubborn", KnownResourceStates.Running, Token);
        Assert.True(app.ResourceNotifications.TryGetCurrentState("stubborn", out var state));
        var own = (int)state!.Snapshot.Properties.Single(p => p.Name == "executable.pid").Value!;
        var child = await ReadPidAsync("child");
        await app.StopAsync(Token);
        await ProcessTable.UntilGoneAsync([own, child], Token);
    }

    [Fact]
    public async Task Explicit_start_waits_for_the_command()
    {
        var builder = DistributedApplicationTestingBuilder.Create();
        Script(builder, "later", "sleep 600").WithExplicitStart();
        await using var app = await builder.BuildAsync(Token);
        await app.StartAsync(Token);
        Assert.True(app.ResourceNotifications.TryGetCurrentState("later", out var before));
        Assert.Equal(KnownResourceStates.NotStarted, before!.Snapshot.State?.Text);
        Assert.True((await app.ResourceCommands.ExecuteCommandAsync("later", KnownResourceCommands.StartCommand, Token)).Success);
        await app.ResourceNotifications.WaitForResourceHealthyAsync("later", Token);
        Assert.True((await app.ResourceCommands.ExecuteCommandAsync("later", KnownResourceCommands.StopCommand, Token)).Success);
        Assert.True(app.ResourceNotifications.TryGetCurrentState("later", out var after));
        Assert.Equal(KnownResourceStates.Exited, after!.Snapshot.State?.Text);
        Assert.False((await app.ResourceCommands.ExecuteCommandAsync("later", "dance", Token)).Success);
    }

    [Fact]
    public async Task The_environment_is_what_Aspire_would_give()
    {
        var builder = DistributedApplicationTestingBuilder.Create("--ConnectionStrings:elsewhere=Endpoint=https://example.org", "--Parameters:greeting=hello");
        var elsewhere = builder.AddConnectionString("elsewhere");
        var greeting = builder.AddParameter("greeting");
        var secret = builder.AddParameter("secret", new GenerateParameterDefault { MinLength = 44, Special = false }, secret: true, persist: true);
        var target = builder.AddProject<Projects.ChatSphere_Api>("my-api").WithHttpEndpoint(name: "http").WithReplicas(2).WithExplicitStart();
        // A shell drops names with a hyphen from what it passes on, so it is asked for what it was given.
        Script(builder, "reader", "tr '\\0' '\\n' < /proc/$$/environ > environment; echo \"$@\" > arguments", "one", "two words")
            .WithReference(elsewhere)
            .WithReference(target)
            .WithHttpEndpoint(env: "PORT")
            .WithEnvironment("GREETING", greeting)
            .WithEnvironment("SECRET", secret)
            .WithEnvironment("MIXED", $"{target.GetEndpoint("http")}/v1 says {greeting}");
        await using var app = await builder.BuildAsync(Token);
        await app.StartAsync(Token);
        await app.ResourceNotifications.WaitForResourceAsync("reader", KnownResourceStates.Finished, Token);

        var environment = (await File.ReadAllLinesAsync(InFolder("environment"), Token)).Select(l => l.Split('=', 2)).Where(p => p.Length == 2).ToDictionary(p => p[0], p => p[1]);
        var url = app.GetEndpoint("my-api").ToString().TrimEnd('/');
        Assert.Equal("Endpoint=https://example.org", environment["ConnectionStrings__elsewhere"]);
        Assert.Equal(url, environment["services__my-api__http__0"]);
        Assert.Equal(url, environment["MY_API_HTTP"]);
        Assert.Equal("hello", environment["GREETING"]);
        Assert.Equal(44, environment["SECRET"].Length);
        Assert.Equal($"{url}/v1 says hello", environment["MIXED"]);
        Assert.Equal(app.GetEndpoint("reader").Port.ToString(System.Globalization.CultureInfo.InvariantCulture), environment["PORT"]);
        Assert.Equal("one two words", (await File.ReadAllTextAsync(InFolder("arguments"), Token)).Trim());
    }

    [Fact]
    public async Task A_program_that_never_gets_healthy_is_given_up_with_its_last_lines()
    {
        var builder = DistributedApplicationTestingBuilder.Create();
        Script(builder, "broken", "echo cannot open the thing; exit 1").WithHttpEndpoint().WithHttpHealthCheck("/health");
        await using var app = await builder.BuildAsync(Token);
        await app.StartAsync(Token);
        var failure = await Assert.ThrowsAsync<DistributedApplicationException>(() => app.ResourceNotifications.WaitForResourceHealthyAsync("broken", Token));
        Assert.Contains("cannot open the thing", failure.Message, StringComparison.Ordinal);
    }

    private IResourceBuilder<ExecutableResource> Script(IDistributedApplicationBuilder builder, string name, string script, params string[] args) =>
        builder.AddExecutable(name, "sh", _folder.FullName, ["-c", script, name, .. args]);

    private string InFolder(string name) => Path.Combine(_folder.FullName, name);

    private async Task<int> ReadPidAsync(string name)
    {
        var pid = 0;
        await UntilAsync(() => File.Exists(InFolder(name)) && int.TryParse(File.ReadAllText(InFolder(name)), out pid));
        return pid;
    }

    private static async Task UntilAsync(Func<bool> condition)
    {
        while (!condition())
        {
            await Task.Delay(10, Token);
        }
    }
}
