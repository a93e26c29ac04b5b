using System.Net.Sockets;
using System.Text;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Testing;
using Npgsql;
using RabbitMQ.Client;

namespace ChatSphere.Tests.Hosting;

public sealed class LocalServersTests(LocalServers servers) : IClassFixture<LocalServers>
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Postgres_has_the_database_and_takes_only_its_password()
    {
        var connectionString = await servers.App.GetConnectionStringAsync("things", Token);
        await using (var connection = new NpgsqlConnection(connectionString))
        {
            await connection.OpenAsync(Token);
            await using var command = new NpgsqlCommand("SELECT current_database() || ' ' || current_setting('server_encoding')", connection);
            Assert.Equal("things UTF8", await command.ExecuteScalarAsync(Token));
        }

        await using var stranger = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(connectionString) { Password = "guess" }.ConnectionString);
        var refused = await Assert.ThrowsAsync<PostgresException>(() => stranger.OpenAsync(Token));
        Assert.Equal(PostgresErrorCodes.InvalidPassword, refused.SqlState);
    }

    [Fact]
    public async Task Redis_asks_for_its_password()
    {
        // "localhost:<port>,password=<password>"
        var parts = (await servers.App.GetConnectionStringAsync("cache", Token))!.Split(':', ',');
        var password = parts[2]["password=".Length..];
        Assert.StartsWith("-NOAUTH", await AskAsync("PING\r\n"));
        Assert.StartsWith("+OK", await AskAsync($"AUTH {password}\r\n"));

        async Task<string> AskAsync(string command)
        {
            using var client = new TcpClient();
            await client.ConnectAsync("127.0.0.1", int.Parse(parts[1], System.Globalization.CultureInfo.InvariantCulture), Token);
            await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(command), Token);
            var buffer = new byte[256];
            return Encoding.ASCII.GetString(buffer, 0, await client.GetStream().ReadAsync(buffer, Token));
        }
    }

    [Fact]
    public async Task RabbitMQ_delivers_what_was_published()
    {
        var factory = new ConnectionFactory { Uri = new Uri((await servers.App.GetConnectionStringAsync("broker", Token))!) };
        await using var connection = await factory.CreateConnectionAsync(Token);
        await using var channel = await connection.CreateChannelAsync(cancellationToken: Token);
        var queue = await channel.QueueDeclareAsync(cancellationToken: Token);
        await channel.BasicPublishAsync("", queue.QueueName, Encoding.UTF8.GetBytes("hello"), Token);
        BasicGetResult? got;
        while ((got = await channel.BasicGetAsync(queue.QueueName, autoAck: true, Token)) is null)
        {
            await Task.Delay(10, Token);
        }

        Assert.Equal("hello", Encoding.UTF8.GetString(got.Body.Span));
    }

    [Fact]
    public async Task RabbitMQ_management_answers_on_its_endpoint()
    {
        using var client = servers.App.CreateHttpClient("broker", "management");
        using var answer = await client.GetAsync(new Uri("/", UriKind.Relative), Token);
        Assert.True(answer.IsSuccessStatusCode);
    }

    [Fact]
    public void Nothing_listens_beyond_loopback()
    {
        var addresses = ProcessTable.ListeningAddresses(ProcessTable.DescendantsOf(System.Environment.ProcessId));
        Assert.NotEmpty(addresses);
        // 127.0.0.1, ::1 and ::ffff:127.0.0.1 as the kernel prints them.
        Assert.All(addresses, a => Assert.Contains(a, (string[])["0100007F", "00000000000000000000000001000000", "0000000000000000FFFF00000100007F"]));
    }

    [Fact]
    public async Task A_stopped_server_starts_again_with_its_data()
    {
        var connectionString = await servers.App.GetConnectionStringAsync("restarted", Token);
        await ExecuteAsync("CREATE TABLE kept (id int); INSERT INTO kept VALUES (42)");
        Assert.True((await servers.App.ResourceCommands.ExecuteCommandAsync("second", KnownResourceCommands.RestartCommand, Token)).Success);
        await servers.App.ResourceNotifications.WaitForResourceHealthyAsync("second", Token);
        Assert.Equal(42, await ExecuteAsync("SELECT id FROM kept"));

        async Task<object?> ExecuteAsync(string sql)
        {
            await using var source = NpgsqlDataSource.Create(connectionString + ";Pooling=false");
            await using var command = source.CreateCommand(sql);
            return await command.ExecuteScalarAsync(Token);
        }
    }
}

/// <summary>One of each server, under names of its own, for the tests of this class.</summary>
public sealed class LocalServers : IAsyncLifetime
{
    public DistributedApplication App { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        var builder = DistributedApplicationTestingBuilder.Create();
        builder.AddPostgres("database").AddDatabase("things");
        builder.AddPostgres("second").AddDatabase("restarted");
        builder.AddRedis("cache");
        builder.AddRabbitMQ("broker").WithManagementPlugin();
        App = await builder.BuildAsync(TestContext.Current.CancellationToken);
        await App.StartAsync(TestContext.Current.CancellationToken);
        await Task.WhenAll(((string[])["things", "restarted", "cache", "broker"]).Select(name => App.ResourceNotifications.WaitForResourceHealthyAsync(name, TestContext.Current.CancellationToken)));
    }

    public async ValueTask DisposeAsync() => await App.DisposeAsync();
}
