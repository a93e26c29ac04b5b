using Aspire.Hosting;
using Aspire.Hosting.Testing;
using ChatSphere.Journeys;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

[assembly: AssemblyFixture(typeof(RunningSystem))]

namespace ChatSphere.Journeys;

/// <summary>The whole system with the mock models, or the one at <c>CHATSPHERE_WEB</c> when that is set.</summary>
public sealed class RunningSystem : IAsyncLifetime
{
    private readonly Lazy<Task<Uri>> _web;
    private readonly Troubles _troubles = new();
    private DistributedApplication? _app;

    public RunningSystem() => _web = new(StartAsync);

    /// <summary>Started by the first journey that has a browser to go with.</summary>
    public Task<Uri> WebAsync() => _web.Value;

    /// <summary>Makes whoever brings it the administrator, once. Null: the system was not started by this run and its token is not known.</summary>
    public string? SetupToken { get; } = Environment.GetEnvironmentVariable("CHATSPHERE_WEB") is { Length: > 0 } ? Environment.GetEnvironmentVariable("CHATSPHERE_SETUP_TOKEN") : $"journey-{Guid.NewGuid():n}";

    /// <summary>Where the mails of the run become files.</summary>
    public string MailFolder { get; } = Path.Combine(Path.GetTempPath(), $"chatsphere-journey-mails-{Guid.NewGuid():n}");

    /// <summary>A browser for one journey. When it closes, what the system complained of meanwhile goes into the journey's output.</summary>
    internal Task<Browser> BrowserAsync() => Browser.OpenAsync(_troubles, TestContext.Current.CancellationToken);

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        if (_app is not null)
        {
            await _app.DisposeAsync();
        }

        if (Directory.Exists(MailFolder))
        {
            Directory.Delete(MailFolder, recursive: true);
        }
    }

    private async Task<Uri> StartAsync()
    {
        if (Environment.GetEnvironmentVariable("CHATSPHERE_WEB") is { Length: > 0 } address)
        {
            return new Uri(address);
        }

        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(5));
        var builder = await DistributedApplicationTestingBuilder.CreateAsync<Projects.ChatSphere_AppHost>(["--MockModels=true", "--Volumes=temporary", $"--Mail:Folder={MailFolder}", $"--Setup:Token={SetupToken}"], limit.Token);
        builder.Services.AddLogging(logging => logging.AddProvider(_troubles));
        _app = await builder.BuildAsync(limit.Token);
        await _app.StartAsync(limit.Token);
        await _app.ResourceNotifications.WaitForResourceHealthyAsync("worker", limit.Token);
        await _app.ResourceNotifications.WaitForResourceHealthyAsync("web", limit.Token);
        return _app.GetEndpoint("web");
    }
}
