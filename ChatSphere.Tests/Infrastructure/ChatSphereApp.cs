using System.Net.Http.Json;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Testing;
using ChatSphere.Contracts.Accounts;
using ChatSphere.Tests.Infrastructure;

[assembly: AssemblyFixture(typeof(ChatSphereApp))]

namespace ChatSphere.Tests.Infrastructure;

/// <summary>The whole system as its AppHost describes it, on real servers, with the mock models. Started once for all tests; each makes its own people.</summary>
public class ChatSphereApp : IAsyncLifetime
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromMinutes(5);
    private readonly string _setupToken = Guid.NewGuid().ToString("n");
    private readonly Lazy<Task<DistributedApplication>> _app;
    private readonly Lazy<Task<Person>> _administrator;
    private readonly Lazy<Task<OpenIdProvider>> _elsewhere = new(OpenIdProvider.StartAsync);
    private readonly Lazy<Task<OutsideWorld>> _outside = new(OutsideWorld.StartAsync);

    public ChatSphereApp() => (_app, _administrator) = (new(StartAsync), new(SetUpAsync));

    /// <summary>What differs from the AppHost as people run it.</summary>
    protected virtual IEnumerable<(string Resource, string Variable, string Value)> Settings =>
    [
        // All tests come from one address.
        ("api", "RateLimits__SignIn", "100000"),
        ("api", "RateLimits__Default", "100000"),
        ("api", "Tokens__ReuseGrace", "00:00:01"),
        ("api", "Uploads__MaxFileBytes", "20000000"),
        ("api", "AI__OwnKeys", "true"),

        // The least that is allowed: every person here costs two hashes.
        ("api", "Accounts__PasswordIterations", "100000"),
        ("api", "Privacy__ErasureGrace", "00:00:00"),
        ("worker", "Privacy__ErasureInterval", "00:00:01"),
        ("worker", "Attachments__SweepEvery", "00:00:01"),
        ("worker", "Communities__SweepEvery", "00:00:01"),
        ("worker", "ChannelUpkeep__Every", "00:00:01"),
        ("api", "RateLimits__ChannelMessages", "100000"),
        ("api", "RateLimits__Webhooks", "100000"),
        ("api", "Plans__CheckoutUrl", "https://pay.example/{plan}/{account}"),
        ("api", "Plans__WebhookSecrets__0", Plans.Planning.NewSecret),
        ("api", "Plans__WebhookSecrets__1", Plans.Planning.OldSecret),
        ("worker", "Plans__Every", "00:00:01"),
        ("api", "Tools__AllowPrograms", "true"),
    ];

    /// <summary>Providers to sign in with, of the tests' own.</summary>
    public Task<OpenIdProvider> Elsewhere => _elsewhere.Value;

    /// <summary>What tools of bots may reach.</summary>
    public Task<OutsideWorld> Outside => _outside.Value;

    /// <summary>What else differs.</summary>
    protected virtual void Prepare(IDistributedApplicationTestingBuilder builder)
    {
    }

    /// <summary>Started by the first test that asks for it, so that a run of unit tests alone needs no servers.</summary>
    public Task<DistributedApplication> App => _app.Value;

    /// <summary>Where mails go without a mail server.</summary>
    public string MailFolder { get; } = Path.Combine(Path.GetTempPath(), $"chatsphere-mails-{Guid.NewGuid():n}");

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        if (_app.IsValueCreated)
        {
            await (await _app.Value).DisposeAsync();
        }

        if (_elsewhere.IsValueCreated)
        {
            await (await _elsewhere.Value).DisposeAsync();
        }

        if (_outside.IsValueCreated)
        {
            await (await _outside.Value).DisposeAsync();
        }

        if (Directory.Exists(MailFolder))
        {
            Directory.Delete(MailFolder, recursive: true);
        }
    }

    /// <summary>A client that nobody has signed in. Every request takes a connection of its own, so that requests go round the Api's replicas.</summary>
    public async Task<HttpClient> AnonymousAsync()
    {
        var address = (await App).GetEndpoint("api");
        return new HttpClient(new SocketsHttpHandler { PooledConnectionLifetime = TimeSpan.Zero, ConnectTimeout = TimeSpan.FromSeconds(10) }) { BaseAddress = address, Timeout = TimeSpan.FromSeconds(100) };
    }

    /// <summary>Once it answers there.</summary>
    public async Task<Uri> AddressOfAsync(string resource)
    {
        using var limit = new CancellationTokenSource(StartLimit);
        await (await App).ResourceNotifications.WaitForResourceHealthyAsync(resource, limit.Token);
        return (await App).GetEndpoint(resource);
    }

    /// <summary>A new person, registered and signed in.</summary>
    public async Task<Person> SomebodyAsync(string? name = null)
    {
        var client = await AnonymousAsync();
        var email = $"{Guid.NewGuid():n}@example.com";
        var registered = await client.PostAsJsonAsync("/v1/accounts/register", new RegisterRequest(email, Person.Password, name ?? "Somebody"));
        var account = (await registered.ReadAsync<AccountResponse>())!;
        var tokens = await (await client.PostAsJsonAsync("/v1/accounts/sign-in", new SignInRequest(email, Person.Password))).ReadAsync<TokenResponse>();
        return new Person(client, account, tokens);
    }

    /// <summary>The one who set the system up. Shared by all tests, so none takes anything away from this person.</summary>
    public Task<Person> AdministratorAsync() => _administrator.Value;

    private async Task<Person> SetUpAsync()
    {
        var administrator = await SomebodyAsync("Administrator");
        using var done = await administrator.PostAsync("/v1/accounts/setup", new SetUpRequest(_setupToken));
        done.EnsureSuccessStatusCode();

        // Every node has seen it: asked for longer than one may remember something else.
        var seen = 0;
        await Person.EventuallyAsync(() => administrator.GetAsync<AccountResponse>("/v1/accounts/me"), a => (seen = a.Permissions.Contains(Permissions.SystemManage.Name) ? seen + 1 : 0) >= 32);
        return administrator;
    }

    private async Task<DistributedApplication> StartAsync()
    {
        using var limit = new CancellationTokenSource(StartLimit);
        var elsewhere = await Elsewhere;
        var outside = await Outside;
        var builder = await DistributedApplicationTestingBuilder.CreateAsync<Projects.ChatSphere_AppHost>(["--MockModels=true", "--Volumes=temporary", $"--Setup:Token={_setupToken}", $"--Mail:Folder={MailFolder}"], limit.Token);
        foreach (var (resource, variable, value) in Settings.Concat(elsewhere.Settings).Concat(outside.Settings))
        {
            builder.CreateResourceBuilder((ProjectResource)builder.Resources.Single(r => r.Name == resource)).WithEnvironment(variable, value);
        }

        Prepare(builder);
        var app = await builder.BuildAsync(limit.Token);
        await app.StartAsync(limit.Token);
        await app.ResourceNotifications.WaitForResourceHealthyAsync("api", limit.Token);
        await app.ResourceNotifications.WaitForResourceHealthyAsync("worker", limit.Token);
        return app;
    }
}
