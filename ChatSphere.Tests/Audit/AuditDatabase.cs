using Aspire.Hosting.Testing;
using ChatSphere.Data;
using ChatSphere.Data.Audit;
using ChatSphere.Tests.Infrastructure;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace ChatSphere.Tests.Audit;

/// <summary>A database of its own on the system's server, with the schema and the restricted role: what is done to it, nobody else notices.</summary>
public sealed class AuditDatabase : IAsyncDisposable
{
    public static readonly string Key = new('k', 40);
    private readonly string _storage = Directory.CreateTempSubdirectory("chatsphere-audit-").FullName;
    private readonly string _server;
    private readonly IHost _owner;

    private AuditDatabase(string server, string connectionString)
    {
        (_server, ConnectionString) = (server, connectionString);
        _owner = Build(asOwner: true);
        Superuser = NpgsqlDataSource.Create(ConnectionString);
    }

    public string ConnectionString { get; }

    /// <summary>Whom no right and no trigger stops.</summary>
    public NpgsqlDataSource Superuser { get; }

    /// <summary>The storage folder.</summary>
    public string Storage => _storage;

    public string File => Path.Combine(_storage, "audit-checkpoints", "checkpoints.jsonl");

    public static async Task<AuditDatabase> CreateAsync(ChatSphereApp app)
    {
        // The server's own user is a superuser, which is who a test needs to tamper.
        var server = (await (await app.App).GetConnectionStringAsync("chatsphere"))!;
        var name = $"audit_{Guid.NewGuid():n}";
        await using var admin = NpgsqlDataSource.Create(server);
        await using (var create = admin.CreateCommand($"create database {name}"))
        {
            await create.ExecuteNonQueryAsync();
        }

        var made = new AuditDatabase(server, new NpgsqlConnectionStringBuilder(server) { Database = name }.ConnectionString);
        await DatabaseSchema.MigrateAsync(made._owner.Services, CancellationToken.None);
        Assert.True(await DatabaseRole.EnsureAsync(made._owner.Services, CancellationToken.None));
        return made;
    }

    /// <summary>As Api and Worker run.</summary>
    public IHost Build(bool asOwner = false)
    {
        var builder = Host.CreateApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["ConnectionStrings:chatsphere"] = ConnectionString, ["Storage:Path"] = _storage, ["Encryption:Key"] = Key, ["Audit:CheckpointLinks"] = "1000",
        });
        builder.Services.AddLogging(logging => logging.SetMinimumLevel(LogLevel.None));
        builder.AddChatSphereData(asOwner);
        builder.AddBlobStore();
        builder.AddSecretBox();
        builder.AddAuditChain();
        return builder.Build();
    }

    public Task<int> RecordBaselineAsync() => RightsBaseline.RecordAsync(_owner.Services, CancellationToken.None);

    public async Task ExecuteAsync(string sql)
    {
        await using var command = Superuser.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>With all triggers and rights out of the way.</summary>
    public async Task TamperAsync(string sql) => await ExecuteAsync(
        $"begin; alter table audit.events disable trigger all; alter table audit.links disable trigger all; alter table audit.checkpoints disable trigger all; alter table audit.keys disable trigger all; {sql}; "
        + "alter table audit.events enable always trigger additions_only; alter table audit.links enable always trigger additions_only; commit");

    public async Task<long> CountAsync(string sql)
    {
        await using var command = Superuser.CreateCommand(sql);
        return (long)(await command.ExecuteScalarAsync())!;
    }

    public async ValueTask DisposeAsync()
    {
        _owner.Dispose();
        await Superuser.DisposeAsync();
        NpgsqlConnection.ClearAllPools();
        await using var admin = NpgsqlDataSource.Create(_server);
        await using var drop = admin.CreateCommand($"drop database if exists {new NpgsqlConnectionStringBuilder(ConnectionString).Database} with (force)");
        await drop.ExecuteNonQueryAsync();
        Directory.Delete(_storage, recursive: true);
    }
}

internal static class AuditHosts
{
    /// <summary>So many events, each in a transaction of its own.</summary>
    public static async Task RecordAsync(this IHost host, int count)
    {
        for (var i = 0; i < count; i++)
        {
            await using var scope = host.Services.CreateAsyncScope();
            scope.ServiceProvider.GetRequiredService<AuditTrail>().Record(
                AuditActions.RoleGiven, "account", Guid.CreateVersion7(), new { roleId = Guid.NewGuid(), role = $"rôle \"{i}\"" }, i % 3 == 0 ? null : $"because:\n{i}", actorId: Guid.NewGuid());
            await scope.ServiceProvider.GetRequiredService<ChatSphereDb>().SaveChangesAsync();
        }
    }

    public static Task<int?> LinkAsync(this IHost host, bool checkpoint = true) => host.Services.GetRequiredService<AuditChain>().LinkAsync(checkpoint, CancellationToken.None);

    public static Task<AuditVerification> VerifyAsync(this IHost host) => host.Services.GetRequiredService<AuditVerifier>().VerifyAsync(CancellationToken.None);
}
