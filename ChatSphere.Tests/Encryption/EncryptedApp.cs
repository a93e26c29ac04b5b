using System.Collections.Concurrent;
using System.Text;
using Aspire.Hosting.Testing;
using ChatSphere.Tests.Infrastructure;
using ChatSphere.Tests.ServiceDefaults;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Npgsql;

[assembly: AssemblyFixture(typeof(ChatSphere.Tests.Encryption.EncryptedApp))]

namespace ChatSphere.Tests.Encryption;

/// <summary>A system of its own with sealed content, whose every line of output and every export of telemetry is kept to be searched.</summary>
public sealed class EncryptedApp : ChatSphereApp, IAsyncLifetime
{
    public const string Key = "an encryption key of this test, of more than 32 characters";
    private readonly string _storage = Directory.CreateTempSubdirectory("chatsphere-sealed-").FullName;
    private readonly ConcurrentQueue<(string Kind, byte[] Body)> _exports = new();
    private readonly ConcurrentQueue<string> _lines = new();
    private Loopback? _collector;

    protected override IEnumerable<(string Resource, string Variable, string Value)> Settings => base.Settings.Concat(
        from resource in (string[])["migrate", "worker", "api", "web"]
        from setting in ((string Variable, string Value)[])
        [
            ("Encryption__Keys__a", Key), ("Encryption__ActiveKey", "a"), ("Encryption__Content", "true"), ("Storage__Path", _storage),
            ("OTEL_EXPORTER_OTLP_ENDPOINT", _collector!.Address.ToString()), ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf"), ("OTEL_BSP_SCHEDULE_DELAY", "200"),
            ("OTEL_BLRP_SCHEDULE_DELAY", "200"), ("OTEL_METRIC_EXPORT_INTERVAL", "1000"),
        ]
        select (resource, setting.Variable, setting.Value));

    protected override void Prepare(IDistributedApplicationTestingBuilder builder) =>
        builder.Services.AddLogging(logging => logging.AddProvider(new LineKeeper(_lines)).AddFilter<LineKeeper>(null, LogLevel.Trace));

    public new async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        _collector = await Loopback.StartAsync(app => app.Run(async context =>
        {
            using var body = new MemoryStream();
            await context.Request.Body.CopyToAsync(body);
            _exports.Enqueue((context.Request.Path, body.ToArray()));
            context.Response.ContentType = "application/x-protobuf";
        }));
    }

    public new async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        if (_collector is not null)
        {
            await _collector.DisposeAsync();
        }

        Directory.Delete(_storage, recursive: true);
    }

    public string Storage => _storage;

    public async Task<NpgsqlDataSource> DatabaseAsync() => NpgsqlDataSource.Create((await (await App).GetConnectionStringAsync("chatsphere"))!);

    public IReadOnlyList<string> LinesWith(string text) => [.. _lines.Where(l => l.Contains(text, StringComparison.OrdinalIgnoreCase))];

    public int Lines => _lines.Count;

    public IReadOnlyList<string> ExportsWith(string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        return [.. _exports.Where(e => e.Body.AsSpan().IndexOf(bytes) >= 0).Select(e => e.Kind)];
    }

    private sealed class LineKeeper(ConcurrentQueue<string> lines) : ILoggerProvider, ILogger
    {
        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) => lines.Enqueue(formatter(state, exception));

        public void Dispose()
        {
        }
    }
}
