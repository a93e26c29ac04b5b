using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace ChatSphere.LocalHosting.Servers;

/// <summary>Signs in over AMQP 0-9-1, opens the default virtual host, and leaves politely: what every client does first.</summary>
internal static class AmqpHandshake
{
    private const ushort Connection = 10;
    private const ushort Start = 10, StartOk = 11, Tune = 30, TuneOk = 31, Open = 40, OpenOk = 41, Close = 50, CloseOk = 51;

    public static async Task TryAsync(int port, string user, string password, CancellationToken cancellationToken)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(IPAddress.Loopback, port, cancellationToken);
        await using var stream = new NetworkStream(socket);
        await stream.WriteAsync("AMQP\0\0\x09\x01"u8.ToArray(), cancellationToken);
        await ExpectAsync(stream, Start, cancellationToken);
        await SendAsync(stream, StartOk, [0, 0, 0, 0, .. Short("PLAIN"), .. Long($"\0{user}\0{password}"), .. Short("en_US")], cancellationToken);
        var tune = await ExpectAsync(stream, Tune, cancellationToken);
        await SendAsync(stream, TuneOk, tune.AsSpan(0, 8).ToArray(), cancellationToken);
        await SendAsync(stream, Open, [.. Short("/"), 0, 0], cancellationToken);
        await ExpectAsync(stream, OpenOk, cancellationToken);
        await SendAsync(stream, Close, [0, 200, .. Short("OK"), 0, 0, 0, 0], cancellationToken);
        await ExpectAsync(stream, CloseOk, cancellationToken);
    }

    private static byte[] Short(string text) => [(byte)Encoding.UTF8.GetByteCount(text), .. Encoding.UTF8.GetBytes(text)];

    private static byte[] Long(string text)
    {
        var length = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(length, Encoding.UTF8.GetByteCount(text));
        return [.. length, .. Encoding.UTF8.GetBytes(text)];
    }

    // A frame: type 1 (method), channel 0, length, class, method, arguments, 0xCE.
    private static async Task SendAsync(NetworkStream stream, ushort method, byte[] arguments, CancellationToken cancellationToken)
    {
        var frame = new byte[12 + arguments.Length];
        frame[0] = 1;
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(3), 4 + arguments.Length);
        BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(7), Connection);
        BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(9), method);
        arguments.CopyTo(frame, 11);
        frame[^1] = 0xCE;
        await stream.WriteAsync(frame, cancellationToken);
    }

    private static async Task<byte[]> ExpectAsync(NetworkStream stream, ushort expected, CancellationToken cancellationToken)
    {
        var head = new byte[7];
        await stream.ReadExactlyAsync(head, cancellationToken);
        var body = new byte[BinaryPrimitives.ReadInt32BigEndian(head.AsSpan(3)) + 1];
        await stream.ReadExactlyAsync(body, cancellationToken);
        var method = BinaryPrimitives.ReadUInt16BigEndian(body.AsSpan(2));
        if (method == expected)
        {
            return body[4..^1];
        }

        // connection.close: reply code, reply text.
        throw new InvalidOperationException(method == Close ? $"RabbitMQ answers: {Encoding.UTF8.GetString(body, 7, body[6])}" : $"RabbitMQ sent method {method} instead of {expected}.");
    }
}
