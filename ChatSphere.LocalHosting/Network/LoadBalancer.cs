using System.Buffers;
using System.Net;
using System.Net.Sockets;

namespace ChatSphere.LocalHosting.Network;

/// <summary>
/// The one port of a resource with several replicas: each connection goes to the next replica that accepts it. Idle connections, of which there are
/// thousands when answers stream, hold no buffer: one is rented when bytes have arrived and returned when they are passed on.
/// </summary>
internal sealed class LoadBalancer : IAsyncDisposable
{
    private const int BufferSize = 16 * 1024;
    private readonly Socket _listener;
    private readonly Func<IReadOnlyList<int>> _targets;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _accepting;
    private uint _next;

    /// <param name="targets">Ports of the replicas that may take connections now, asked for each connection.</param>
    public LoadBalancer(Socket listener, Func<IReadOnlyList<int>> targets)
    {
        _listener = listener;
        _targets = targets;
        Port = ((IPEndPoint)listener.LocalEndPoint!).Port;
        _accepting = AcceptAsync();
    }

    public int Port { get; }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Dispose();
        await _accepting;
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                _ = ServeAsync(await _listener.AcceptAsync(_stop.Token));
            }
            catch (OperationCanceledException)
            {
                return;
            }
            catch (SocketException)
            {
                // Out of file descriptors, or the peer was gone before it was accepted: the others still count.
                await Task.Delay(10);
            }
            catch (ObjectDisposedException)
            {
                return;
            }
        }
    }

    private async Task ServeAsync(Socket client)
    {
        using (client)
        {
            client.NoDelay = true;
            using var replica = await ConnectAsync();
            if (replica is null)
            {
                // Closing with a reset tells the client at once that nobody is there, instead of an empty answer.
                client.LingerState = new LingerOption(enable: true, seconds: 0);
                return;
            }

            var up = PumpAsync(client, replica);
            var down = PumpAsync(replica, client);
            await Task.WhenAll(up, down);
        }
    }

    private async Task<Socket?> ConnectAsync()
    {
        var targets = _targets();
        var start = Interlocked.Increment(ref _next);
        for (var i = 0; i < targets.Count; i++)
        {
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            try
            {
                await socket.ConnectAsync(IPAddress.Loopback, targets[(int)((start + (uint)i) % (uint)targets.Count)], _stop.Token);
                return socket;
            }
            catch (Exception e) when (e is SocketException or OperationCanceledException)
            {
                socket.Dispose();
            }
        }

        return null;
    }

    // One direction. Its end is passed on as a half-close, so that a client that has sent everything still gets its answer; an error ends both.
    private async Task PumpAsync(Socket from, Socket to)
    {
        try
        {
            while (true)
            {
                await from.ReceiveAsync(Memory<byte>.Empty, _stop.Token);
                var buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
                try
                {
                    var count = await from.ReceiveAsync(buffer.AsMemory(0, BufferSize), _stop.Token);
                    if (count == 0)
                    {
                        to.Shutdown(SocketShutdown.Send);
                        return;
                    }

                    for (var sent = 0; sent < count;)
                    {
                        sent += await to.SendAsync(buffer.AsMemory(sent, count - sent), _stop.Token);
                    }
                }
                finally
                {
                    ArrayPool<byte>.Shared.Return(buffer);
                }
            }
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException or ObjectDisposedException)
        {
            from.Dispose();
            to.Dispose();
        }
    }
}
