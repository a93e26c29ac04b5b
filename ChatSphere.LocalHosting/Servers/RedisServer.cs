using System.Net;
using System.Net.Sockets;
using System.Text;
using Aspire.Hosting.ApplicationModel;
using ChatSphere.LocalHosting.Processes;
using ChatSphere.LocalHosting.Resources;
using ChatSphere.LocalHosting.Running;

namespace ChatSphere.LocalHosting.Servers;

internal sealed class RedisServer(RedisResource redis, RunFolders folders, LocalSettings settings) : Recipe(redis)
{
    private readonly bool _keep = redis.Annotations.OfType<DataVolume>().Any() && !settings.TemporaryData;

    public override async Task<LaunchPlan> PrepareAsync(int replica, CancellationToken cancellationToken)
    {
        var folder = folders.DataOf(redis.Name, _keep);
        RunFolders.CreatePrivate(folder);
        var persistence = redis.Annotations.OfType<RedisPersistence>().LastOrDefault();
        // A file and not arguments, which every user of the machine can read.
        var configuration = Path.Combine(folder, "redis.conf");
        PrivateFile.Write(configuration, $"""
            bind 127.0.0.1
            protected-mode yes
            port {Endpoint("tcp").ReplicaPorts[0]}
            requirepass "{await redis.PasswordParameter!.GetValueAsync(cancellationToken)}"
            dir "{folder}"
            daemonize no
            supervised no
            loglevel notice
            logfile ""
            save {(persistence is null ? "\"\"" : $"{(long)Math.Max(1, persistence.Interval.TotalSeconds)} {persistence.KeysChanged}")}
            appendonly {(persistence is null ? "no" : "yes")}

            """);
        return new LaunchPlan(Toolbox.Redis, [configuration], folder) { CleanEnvironment = true };
    }

    public override IReadOnlyList<Probe> Probes(int replica) =>
    [
        new($"{redis.Name}_check", async cancellationToken =>
        {
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            await socket.ConnectAsync(IPAddress.Loopback, Endpoint("tcp").ReplicaPorts[0], cancellationToken);
            var password = await redis.PasswordParameter!.GetValueAsync(cancellationToken);
            await socket.SendAsync(Encoding.UTF8.GetBytes($"*2\r\n$4\r\nAUTH\r\n${Encoding.UTF8.GetByteCount(password!)}\r\n{password}\r\n*1\r\n$4\r\nPING\r\n"), cancellationToken);
            var answer = "";
            var buffer = new byte[512];
            while (answer.Count(c => c == '\n') < 2 && await socket.ReceiveAsync(buffer, cancellationToken) is > 0 and var count)
            {
                answer += Encoding.UTF8.GetString(buffer, 0, count);
            }

            if (answer != "+OK\r\n+PONG\r\n")
            {
                throw new InvalidOperationException($"Redis answers {answer.ReplaceLineEndings(" ").Trim()}");
            }
        }),
    ];
}
