using System.Reflection;
using System.Security.Cryptography;
using System.Text;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Testing;
using ChatSphere.LocalHosting.Running;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace ChatSphere.LocalHosting.Resources;

internal sealed class LocalBuilder : IDistributedApplicationBuilder
{
    private readonly HostApplicationBuilder _host;
    private readonly EntryPointInterception? _interception;
    private readonly ResourceCollection _resources = [];
    private readonly bool _testing;
    private bool _built;

    public LocalBuilder(DistributedApplicationOptions options, Assembly? appHost, bool testing, EntryPointInterception? interception)
    {
        AppHostAssembly = appHost;
        _testing = testing;
        _interception = interception;
        AppHostDirectory = options.ProjectDirectory ?? (Described("apphostprojectpath") is { } folder && Directory.Exists(folder) ? folder : AppContext.BaseDirectory);

        var defaults = new ConfigurationManager();
        defaults.AddInMemoryCollection(Defaults());
        _host = new HostApplicationBuilder(new HostApplicationBuilderSettings
        {
            Args = options.Args,
            ApplicationName = options.AssemblyName ?? appHost?.GetName().Name,
            ContentRootPath = AppHostDirectory,
            Configuration = defaults,
            EnvironmentName = System.Environment.GetEnvironmentVariable("DOTNET_ENVIRONMENT") ?? System.Environment.GetEnvironmentVariable("ASPNETCORE_ENVIRONMENT")
                ?? (testing ? LaunchProfile.Read(AppHostDirectory, name: null)?.Environment.GetValueOrDefault("DOTNET_ENVIRONMENT") ?? Environments.Development : Environments.Production),
        });

        Settings = LocalSettings.Read(_host.Configuration, _host.Environment.EnvironmentName, testing);
        Folders = new RunFolders(Settings, AppHostName, Configuration["AppHost:PathSha256"]!);
        Secrets = new GeneratedSecrets(Folders);
        FileSystemService = new RunTempFolders(Folders);
        if (interception is not null)
        {
            interception.Created = this;
        }
    }

    public ConfigurationManager Configuration => _host.Configuration;
    public string AppHostDirectory { get; }
    public Assembly? AppHostAssembly { get; }
    public IHostEnvironment Environment => _host.Environment;
    public IServiceCollection Services => _host.Services;
    public DistributedApplicationExecutionContext ExecutionContext { get; } = new(DistributedApplicationOperation.Run);
    public IResourceCollection Resources => _resources;
    public IFileSystemService FileSystemService { get; }

    internal LocalSettings Settings { get; }
    internal RunFolders Folders { get; }
    internal GeneratedSecrets Secrets { get; }

    private string AppHostName => Path.GetFileNameWithoutExtension(Described("apphostprojectname")) ?? AppHostAssembly?.GetName().Name ?? "AppHost";

    public static LocalBuilder Of(IDistributedApplicationBuilder builder) => builder as LocalBuilder ?? ((TestingBuilder)builder).Inner;

    public IResourceBuilder<T> AddResource<T>(T resource) where T : IResource
    {
        ArgumentNullException.ThrowIfNull(resource);
        if (_resources.TryGetByName(resource.Name, out var existing))
        {
            throw new DistributedApplicationException($"Cannot add resource of type '{resource.GetType().Name}' with name '{resource.Name}': '{existing.GetType().Name}' already has that name.");
        }

        _resources.Add(resource);
        return new LocalResourceBuilder<T>(this, resource);
    }

    public IResourceBuilder<T> CreateResourceBuilder<T>(T resource) where T : IResource => new LocalResourceBuilder<T>(this, resource);

    public DistributedApplication Build()
    {
        if (_interception is not null)
        {
            _interception.Offer(this);
        }

        try
        {
            var app = BuildNow();
            _interception?.Deliver(app);
            return app;
        }
        catch (Exception e)
        {
            _interception?.Fail(e);
            throw;
        }
    }

    internal DistributedApplication BuildNow()
    {
        if (_built)
        {
            throw new InvalidOperationException("An application was already built from this builder.");
        }

        _built = true;
        Services.AddSingleton(Settings);
        Services.AddSingleton(Folders);
        Services.AddSingleton(Secrets);
        Services.AddSingleton<IResourceCollection>(_resources);
        Services.AddSingleton(ExecutionContext);
        Services.AddSingleton<OutputArchive>();
        Services.AddSingleton(s => new ResourceNotificationService(s.GetRequiredService<OutputArchive>()));
        Services.AddSingleton(s => new ResourceCommandService(s.GetRequiredService<LocalRun>()));
        Services.AddSingleton<LocalRun>();
        if (_testing)
        {
            // A test process keeps its own signals and its own console.
            Services.AddSingleton<IHostLifetime, NoLifetime>();
        }
        else
        {
            Services.Configure<ConsoleLifetimeOptions>(o => o.SuppressStatusMessages = true);
        }

        return new DistributedApplication(_host.Build(), _interception);
    }

    internal void SilenceConsole() => _host.Logging.ClearProviders();

    private Dictionary<string, string?> Defaults()
    {
        var project = Path.Combine(AppHostDirectory, Described("apphostprojectname") ?? AppHostName);
        var defaults = new Dictionary<string, string?>
        {
            // Nothing here is read again after the start; a file watcher for each test application would only exhaust inotify.
            ["hostBuilder:reloadConfigOnChange"] = "false",
            ["AppHost:Directory"] = AppHostDirectory,
            ["AppHost:Path"] = project,
            ["AppHost:PathSha256"] = Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(project))),
        };
        defaults["AppHost:Sha256"] = defaults["AppHost:PathSha256"];
        if (_testing)
        {
            defaults["Volumes"] = "temporary";
        }

        return defaults;
    }

    private string? Described(string key) => AppHostAssembly?.GetCustomAttributes<AssemblyMetadataAttribute>().FirstOrDefault(a => a.Key == key)?.Value;

    private sealed class NoLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;
        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}

internal sealed class LocalResourceBuilder<T>(IDistributedApplicationBuilder builder, T resource) : IResourceBuilder<T> where T : IResource
{
    public IDistributedApplicationBuilder ApplicationBuilder => builder;
    public T Resource => resource;

    public IResourceBuilder<T> WithAnnotation<TAnnotation>(ResourceAnnotationMutationBehavior behavior = ResourceAnnotationMutationBehavior.Append)
        where TAnnotation : IResourceAnnotation, new() => WithAnnotation(new TAnnotation(), behavior);

    public IResourceBuilder<T> WithAnnotation<TAnnotation>(TAnnotation annotation, ResourceAnnotationMutationBehavior behavior = ResourceAnnotationMutationBehavior.Append)
        where TAnnotation : IResourceAnnotation
    {
        if (behavior == ResourceAnnotationMutationBehavior.Replace)
        {
            foreach (var old in resource.Annotations.OfType<TAnnotation>().ToList())
            {
                resource.Annotations.Remove(old);
            }
        }

        resource.Annotations.Add(annotation);
        return this;
    }
}

internal sealed class TestingBuilder : IDistributedApplicationTestingBuilder
{
    private readonly EntryPointInterception? _interception;
    private DistributedApplication? _app;

    public TestingBuilder(LocalBuilder inner, EntryPointInterception? interception)
    {
        Inner = inner;
        _interception = interception;
        inner.SilenceConsole();
    }

    public LocalBuilder Inner { get; }
    public ConfigurationManager Configuration => Inner.Configuration;
    public string AppHostDirectory => Inner.AppHostDirectory;
    public Assembly? AppHostAssembly => Inner.AppHostAssembly;
    public IHostEnvironment Environment => Inner.Environment;
    public IServiceCollection Services => Inner.Services;
    public DistributedApplicationExecutionContext ExecutionContext => Inner.ExecutionContext;
    public IResourceCollection Resources => Inner.Resources;
    public IFileSystemService FileSystemService => Inner.FileSystemService;

    public IResourceBuilder<T> AddResource<T>(T resource) where T : IResource => Inner.AddResource(resource);
    public IResourceBuilder<T> CreateResourceBuilder<T>(T resource) where T : IResource => Inner.CreateResourceBuilder(resource);
    public DistributedApplication Build() => BuildAsync().GetAwaiter().GetResult();

    public async Task<DistributedApplication> BuildAsync(CancellationToken cancellationToken = default) =>
        _app = _interception is null ? Inner.BuildNow() : await _interception.BuildAsync(cancellationToken);

    public void Dispose() => DisposeAsync().AsTask().GetAwaiter().GetResult();

    public async ValueTask DisposeAsync()
    {
        if (_app is not null)
        {
            await _app.DisposeAsync();
        }

        _interception?.Abandon();
        Inner.Folders.Dispose();
    }
}
