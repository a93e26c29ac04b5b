using System.Net;
using System.Net.Sockets;
using System.Text;
using ChatSphere.LocalHosting.Network;

namespace ChatSphere.Tests.Hosting;

public sealed class LoadBalancerTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Connections_take_turns_and_a_dead_replica_is_passed_over()
    {
        using var one = new Replica("one");
        using var two = new Replica("two");
        using var held = LoopbackPort.ReserveAny();
        var dead = held.Number;
        held.Dispose();
        await using var balancer = new LoadBalancer(Listen(), () => [one.Port, dead, two.Port]);
        var answers = new List<string>();
        for (var i = 0; i < 6; i++)
        {
            answers.Add(await AskAsync(balancer.Port, "who"));
        }

        Assert.Equal(6, answers.Count);
        Assert.Contains("one: who", answers);
        Assert.Contains("two: who", answers);
    }

    [Fact]
    public async Task Equal_replicas_get_equal_shares()
    {
        using var one = new Replica("one");
        using var two = new Replica("two");
        await using var balancer = new LoadBalancer(Listen(), () => [one.Port, two.Port]);
        var answers = new List<string>();
        for (var i = 0; i < 10; i++)
        {
            answers.Add(await AskAsync(balancer.Port, "who"));
        }

        Assert.Equal(5, answers.Count(a => a.StartsWith("one", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Without_a_replica_the_client_is_told_at_once()
    {
        await using var balancer = new LoadBalancer(Listen(), () => []);
        using var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        var reset = await Assert.ThrowsAsync<SocketException>(async () =>
        {
            await client.ConnectAsync(IPAddress.Loopback, balancer.Port, Token);
            await client.ReceiveAsync(new byte[1], Token);
        });
        Assert.Equal(SocketError.ConnectionReset, reset.SocketErrorCode);
    }

    [Fact]
    public async Task Many_open_connections_each_get_through()
    {
        using var one = new Replica("one");
        using var two = new Replica("two");
        await using var balancer = new LoadBalancer(Listen(), () => [one.Port, two.Port]);
        var clients = new List<TcpClient>();
        try
        {
            for (var i = 0; i < 500; i++)
            {
                var client = new TcpClient();
                clients.Add(client);
                await client.ConnectAsync(IPAddress.Loopback, balancer.Port, Token);
            }

            var answers = await Task.WhenAll(clients.Select((client, i) => FinishAsync(client, $"{i}")));
            Assert.All(answers.Index(), a => Assert.EndsWith($": {a.Index}", a.Item));
        }
        finally
        {
            clients.ForEach(c => c.Dispose());
        }
    }

    [Fact]
    public async Task Much_data_arrives_whole()
    {
        using var replica = new Replica("echo");
        await using var balancer = new LoadBalancer(Listen(), () => [replica.Port]);
        var text = string.Concat(Enumerable.Range(0, 200_000).Select(i => $"{i} "));
        Assert.Equal("echo: " + text, await AskAsync(balancer.Port, text));
    }

    private static Socket Listen()
    {
        using var port = LoopbackPort.ReserveAny();
        var number = port.Number;
        port.Dispose();
        return LoopbackPort.TryListen(number, backlog: 512)!;
    }

    private static async Task<string> AskAsync(int port, string question)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, port, Token);
        return await FinishAsync(client, question);
    }

    // Sends all, says so with a half-close, and reads until the other side closes too.
    private static async Task<string> FinishAsync(TcpClient client, string question)
    {
        var stream = client.GetStream();
        await stream.WriteAsync(Encoding.UTF8.GetBytes(question), Token);
        client.Client.Shutdown(SocketShutdown.Send);
        using var reader = new StreamReader(stream);
        return await reader.ReadToEndAsync(Token);
    }

    /// <summary>Answers, once its client has finished speaking, with its name and what was said.</summary>
    private sealed class Replica : IDisposable
    {
        private readonly TcpListener _listener = new(IPAddress.Loopback, 0);

        public Replica(string name)
        {
            _listener.Start(512);
            _ = AcceptAsync(name);
        }

        public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

        public void Dispose() => _listener.Dispose();

        private async Task AcceptAsync(string name)
        {
            try
            {
                while (true)
                {
                    _ = AnswerAsync(await _listener.AcceptTcpClientAsync(), name);
                }
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                // The test is over.
            }
        }

        private static async Task AnswerAsync(TcpClient client, string name)
        {
            using (client)
            {
                using var reader = new StreamReader(client.GetStream(), leaveOpen: true);
                var said = await reader.ReadToEndAsync();
                await client.GetStream().WriteAsync(Encoding.UTF8.GetBytes($"{name}: {said}"));
            }
        }
    }
}
