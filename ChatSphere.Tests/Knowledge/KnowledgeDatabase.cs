using System.Text;
using Aspire.Hosting;
using ChatSphere.AI.Knowledge;
using ChatSphere.Data;
using ChatSphere.Data.Bots;
using ChatSphere.Data.Files;
using ChatSphere.Data.Knowledge;
using ChatSphere.Tests.Knowledge;
using ChatSphere.Worker.Modules.Knowledge;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

[assembly: AssemblyFixture(typeof(KnowledgeDatabase))]

namespace ChatSphere.Tests.Knowledge;

/// <summary>
/// PostgreSQL with ChatSphere's schema, and the Worker's classes on it, without the Worker. The server is the one in <c>CHATSPHERE_TEST_POSTGRES</c> (a connection string whose
/// user may create databases), else one of its own. Started by the first test that asks. Each test makes its own bots.
/// </summary>
public sealed class KnowledgeDatabase : IAsyncLifetime
{
    private readonly string _storage = Directory.CreateTempSubdirectory("chatsphere-knowledge-").FullName;
    private readonly Lazy<Task<IHost>> _host;
    private DistributedApplication? _server;
    private string? _connectionString;

    public KnowledgeDatabase() => _host = new(StartAsync);

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        if (_host.IsValueCreated)
        {
            (await _host.Value).Dispose();
            NpgsqlConnection.ClearAllPools();
            if (_server is null)
            {
                await using var admin = NpgsqlDataSource.Create(Environment.GetEnvironmentVariable("CHATSPHERE_TEST_POSTGRES")!);
                await using var drop = admin.CreateCommand($"""drop database if exists "{new NpgsqlConnectionStringBuilder(_connectionString).Database}" with (force)""");
                await drop.ExecuteNonQueryAsync();
            }
            else
            {
                await _server.DisposeAsync();
            }
        }

        Directory.Delete(_storage, recursive: true);
    }

    /// <summary>Another process on the same database: caches, workers and leases of its own.</summary>
    public async Task<IHost> ProcessAsync(Action<HostApplicationBuilder>? change = null, string? database = null)
    {
        await _host.Value;
        return Build(change, database);
    }

    /// <summary>Another database of the same server, for tests that change what all share.</summary>
    public async Task<string> NewDatabaseAsync()
    {
        var name = $"knowledge_{Guid.NewGuid():n}";
        await using (var create = (await GetAsync<NpgsqlDataSource>()).CreateCommand($"create database {name}"))
        {
            await create.ExecuteNonQueryAsync();
        }

        using var host = Build(null, name);
        await DatabaseSchema.MigrateAsync(host.Services, CancellationToken.None);
        return name;
    }

    public async Task<T> GetAsync<T>()
        where T : notnull => (await _host.Value).Services.GetRequiredService<T>();

    public async Task<Bot> BotAsync()
    {
        await using var scope = (await _host.Value).Services.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<ChatSphereDb>();
        var bot = Bot.Create(Guid.CreateVersion7(), "Librarian", "", null, null, DateTimeOffset.UtcNow);
        db.Add(bot);
        await db.SaveChangesAsync(TestContext.Current.CancellationToken);
        return bot;
    }

    /// <summary>As an upload leaves it: blob and queued document.</summary>
    public async Task<Guid> UploadAsync(Bot bot, string name, byte[] content)
    {
        var host = await _host.Value;
        using var stream = new MemoryStream(content);
        var blob = await host.Services.GetRequiredService<BlobStore>().WriteAsync(stream, long.MaxValue, TestContext.Current.CancellationToken);
        await using var scope = host.Services.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<ChatSphereDb>();
        var document = Document.Queue(bot.Id, Guid.CreateVersion7(), name, blob.Sha256, blob.Size, DateTimeOffset.UtcNow);
        db.Add(document);
        await db.SaveChangesAsync(TestContext.Current.CancellationToken);
        return document.Id;
    }

    public Task<Guid> UploadAsync(Bot bot, string name, string content) => UploadAsync(bot, name, Encoding.UTF8.GetBytes(content));

    /// <summary>Uploaded and read to its end.</summary>
    public async Task<Document> IngestAsync(Bot bot, string name, byte[] content)
    {
        var id = await UploadAsync(bot, name, content);
        Assert.Equal(IngestResult.Done, await (await GetAsync<DocumentIngestor>()).IngestAsync(id, TestContext.Current.CancellationToken));
        return (await FindAsync(id))!;
    }

    public Task<Document> IngestAsync(Bot bot, string name, string content) => IngestAsync(bot, name, Encoding.UTF8.GetBytes(content));

    public async Task<Document?> FindAsync(Guid documentId)
    {
        await using var scope = (await _host.Value).Services.CreateAsyncScope();
        return await scope.ServiceProvider.GetRequiredService<ChatSphereDb>().Documents.AsNoTracking().SingleOrDefaultAsync(d => d.Id == documentId, TestContext.Current.CancellationToken);
    }

    public async Task<IReadOnlyList<RetrievedPassage>> SearchAsync(Bot bot, string query, int top = 5) =>
        await (await GetAsync<KnowledgeRetriever>()).SearchAsync(bot.KnowledgeScope(), query, top, TestContext.Current.CancellationToken);

    public async Task<bool> RefreshAsync(Bot bot) => await (await GetAsync<RefreshStatistics>()).RefreshAsync(bot.Id, TestContext.Current.CancellationToken);

    public async Task ChangeAsync(Func<ChatSphereDb, Task> change)
    {
        await using var scope = (await _host.Value).Services.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<ChatSphereDb>();
        await change(db);
        await db.SaveChangesAsync(TestContext.Current.CancellationToken);
    }

    public async Task<List<Chunk>> ChunksAsync(Guid documentId)
    {
        await using var scope = (await _host.Value).Services.CreateAsyncScope();
        return await scope.ServiceProvider.GetRequiredService<ChatSphereDb>().Chunks.AsNoTracking().Where(c => c.DocumentId == documentId).OrderBy(c => c.Ordinal)
            .ToListAsync(TestContext.Current.CancellationToken);
    }

    public async Task<string> TextAsync(Guid documentId)
    {
        await using var scope = (await _host.Value).Services.CreateAsyncScope();
        return string.Concat(await scope.ServiceProvider.GetRequiredService<ChatSphereDb>().DocumentPages.Where(p => p.DocumentId == documentId).OrderBy(p => p.Number).Select(p => p.Text)
            .ToListAsync(TestContext.Current.CancellationToken));
    }

    public async Task<long> CountAsync(string sql)
    {
        await using var command = (await GetAsync<NpgsqlDataSource>()).CreateCommand(sql);
        return (long)(await command.ExecuteScalarAsync(TestContext.Current.CancellationToken))!;
    }

    private async Task<IHost> StartAsync()
    {
        _connectionString = await ServerAsync();
        var host = Build(null);
        await DatabaseSchema.MigrateAsync(host.Services, CancellationToken.None);
        return host;
    }

    private async Task<string> ServerAsync()
    {
        if (Environment.GetEnvironmentVariable("CHATSPHERE_TEST_POSTGRES") is { Length: > 0 } given)
        {
            var name = $"knowledge_{Guid.NewGuid():n}";
            await using var admin = NpgsqlDataSource.Create(given);
            await using var create = admin.CreateCommand($"create database {name}");
            await create.ExecuteNonQueryAsync();
            return new NpgsqlConnectionStringBuilder(given) { Database = name }.ConnectionString;
        }

        var builder = DistributedApplication.CreateBuilder([]);
        var database = builder.AddPostgres("postgres").AddDatabase("chatsphere");
        _server = builder.Build();
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(5));
        await _server.StartAsync(limit.Token);
        await _server.ResourceNotifications.WaitForResourceHealthyAsync("chatsphere", limit.Token);
        return (await database.Resource.ConnectionStringExpression.GetValueAsync(limit.Token))!;
    }

    private IHost Build(Action<HostApplicationBuilder>? change, string? database = null)
    {
        var connection = database is null ? _connectionString : new NpgsqlConnectionStringBuilder(_connectionString) { Database = database }.ConnectionString;
        var builder = Host.CreateApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true, EnvironmentName = Environments.Development });
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?> { ["ConnectionStrings:chatsphere"] = connection, ["Storage:Path"] = _storage });
        builder.Services.AddLogging(logging => logging.SetMinimumLevel(LogLevel.None));
        builder.AddChatSphereData();
        builder.AddBlobStore();
        KnowledgeModule.AddKnowledge(builder);
        change?.Invoke(builder);
        return builder.Build();
    }
}
