using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace ChatSphere.Tests.Infrastructure;

/// <summary>A mail server of our own on a loopback port (RFC 5321, the few commands that a client needs). It refuses for good, or not yet, when told so.</summary>
public sealed class SmtpListener : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly ConcurrentQueue<string> _taken = new();

    public SmtpListener()
    {
        _listener.Start();
        _ = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>How many of the next mails are answered with "try again later".</summary>
    public int NotYet { get; set; }

    public int Attempts { get; private set; }

    public IReadOnlyList<Mail> Mails => [.. _taken.Select(Mail.Parse)];

    public void Dispose() => _listener.Dispose();

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                _ = ServeAsync(await _listener.AcceptTcpClientAsync());
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using (client)
        {
            try
            {
                using var reader = new StreamReader(client.GetStream(), Encoding.Latin1);
                await using var writer = new StreamWriter(client.GetStream(), Encoding.Latin1) { NewLine = "\r\n", AutoFlush = true };
                await writer.WriteLineAsync("220 tests");
                while (await reader.ReadLineAsync() is { } line)
                {
                    var command = line.Split(' ', ':')[0].ToUpperInvariant();
                    switch (command)
                    {
                        case "EHLO" or "HELO":
                            await writer.WriteLineAsync("250 tests");
                            break;
                        case "DATA":
                            await writer.WriteLineAsync("354 go on");
                            var text = new StringBuilder();
                            while (await reader.ReadLineAsync() is { } data && data != ".")
                            {
                                text.Append(data.StartsWith("..", StringComparison.Ordinal) ? data[1..] : data).Append("\r\n");
                            }

                            Attempts++;
                            if (NotYet > 0)
                            {
                                NotYet--;
                                await writer.WriteLineAsync("451 try again later");
                                break;
                            }

                            _taken.Enqueue(text.ToString());
                            await writer.WriteLineAsync("250 taken");
                            break;
                        case "QUIT":
                            await writer.WriteLineAsync("221 bye");
                            return;
                        default:
                            await writer.WriteLineAsync("250 ok");
                            break;
                    }
                }
            }
            catch (IOException)
            {
            }
        }
    }
}
