using System.Net;
using System.Net.Sockets;
using Aspire.Hosting;

namespace ChatSphere.LocalHosting.Network;

/// <summary>A port on 127.0.0.1, held by listening on it until the process it is meant for starts.</summary>
internal sealed class LoopbackPort : IDisposable
{
    // Below the range from which kernels pick ports for outgoing connections, so that none of those takes a port between its release and the server's bind.
    private const int First = 20_000;
    private const int Last = 32_700;
    private readonly Socket _socket;

    private LoopbackPort(Socket socket, int number)
    {
        _socket = socket;
        Number = number;
    }

    public int Number { get; }

    public static LoopbackPort? TryReserve(int number) => TryListen(number, backlog: 1) is { } socket ? new(socket, number) : null;

    public static LoopbackPort ReserveAny()
    {
        for (var attempt = 0; attempt < 200; attempt++)
        {
            if (TryReserve(Random.Shared.Next(First, Last)) is { } port)
            {
                return port;
            }
        }

        throw new DistributedApplicationException($"No free port was found on 127.0.0.1 between {First} and {Last}.");
    }

    public static Socket? TryListen(int number, int backlog)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            // SO_REUSEADDR alone: connections of the last run that linger in TIME_WAIT do not count as "in use", another listener does.
            // The framework's own option for it adds SO_REUSEPORT, with which two listeners would share the port.
            var (level, name) = OperatingSystem.IsLinux() ? (1, 2) : (0xffff, 4);
            socket.SetRawSocketOption(level, name, BitConverter.GetBytes(1));
            socket.Bind(new IPEndPoint(IPAddress.Loopback, number));
            socket.Listen(backlog);
            return socket;
        }
        catch (SocketException)
        {
            socket.Dispose();
            return null;
        }
    }

    public void Dispose() => _socket.Dispose();
}
