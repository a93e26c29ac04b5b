using System.IO.Pipelines;
using System.Net;
using System.Net.WebSockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.SignalR.Client;
using Microsoft.Extensions.DependencyInjection;

namespace ChatSphere.Tests.Infrastructure;

/// <summary>A SignalR client over a WebSocket without negotiation: the package with the usual transports is not in every feed.</summary>
internal static class HubClient
{
    public static async Task<HubConnection> ConnectAsync(Uri api, string? token)
    {
        var builder = new HubConnectionBuilder();
        builder.Services.AddSingleton<IConnectionFactory>(new WebSocketConnectionFactory(token));
        builder.Services.AddSingleton<EndPoint>(new UriEndPoint(new UriBuilder(new Uri(api, "/hubs/live")) { Scheme = "ws" }.Uri));
        var connection = builder.Build();
        await connection.StartAsync();
        return connection;
    }

    private sealed class WebSocketConnectionFactory(string? token) : IConnectionFactory
    {
        public async ValueTask<ConnectionContext> ConnectAsync(EndPoint endpoint, CancellationToken cancellationToken = default)
        {
            var socket = new ClientWebSocket();
            if (token is not null)
            {
                socket.Options.SetRequestHeader("Authorization", $"Bearer {token}");
            }

            await socket.ConnectAsync(((UriEndPoint)endpoint).Uri, cancellationToken);
            return new WebSocketConnection(socket, endpoint);
        }
    }

    private sealed class WebSocketConnection : ConnectionContext
    {
        private readonly ClientWebSocket _socket;
        private readonly CancellationTokenSource _closed = new();
        private readonly Task _pumping;

        public WebSocketConnection(ClientWebSocket socket, EndPoint endpoint)
        {
            (_socket, RemoteEndPoint, ConnectionId, ConnectionClosed) = (socket, endpoint, Guid.NewGuid().ToString("n"), _closed.Token);
            Pipe input = new(), output = new();
            Transport = new Duplex(input.Reader, output.Writer);
            _pumping = Task.WhenAll(ReceiveAsync(input.Writer), SendAsync(output.Reader));
        }

        public override IDuplexPipe Transport { get; set; }

        public override string ConnectionId { get; set; }

        public override IFeatureCollection Features { get; } = new FeatureCollection();

        public override IDictionary<object, object?> Items { get; set; } = new Dictionary<object, object?>();

        public override async ValueTask DisposeAsync()
        {
            await Transport.Output.CompleteAsync();
            await Transport.Input.CompleteAsync();
            await _pumping.WaitAsync(TimeSpan.FromSeconds(2)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            _socket.Dispose();
            _closed.Dispose();
            await base.DisposeAsync();
        }

        private async Task ReceiveAsync(PipeWriter writer)
        {
            Exception? error = null;
            try
            {
                while (true)
                {
                    var received = await _socket.ReceiveAsync(writer.GetMemory(4096), CancellationToken.None);
                    if (received.MessageType == WebSocketMessageType.Close)
                    {
                        break;
                    }

                    writer.Advance(received.Count);
                    if ((await writer.FlushAsync()).IsCompleted)
                    {
                        break;
                    }
                }
            }
            catch (Exception e)
            {
                error = e;
            }

            await writer.CompleteAsync(error);
            await _closed.CancelAsync();
        }

        private async Task SendAsync(PipeReader reader)
        {
            try
            {
                while (true)
                {
                    var result = await reader.ReadAsync();
                    foreach (var segment in result.Buffer)
                    {
                        await _socket.SendAsync(segment, WebSocketMessageType.Text, true, CancellationToken.None);
                    }

                    reader.AdvanceTo(result.Buffer.End);
                    if (result.IsCompleted)
                    {
                        break;
                    }
                }

                if (_socket.State is WebSocketState.Open or WebSocketState.CloseReceived)
                {
                    await _socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, CancellationToken.None);
                }
            }
            catch (WebSocketException)
            {
            }

            await reader.CompleteAsync();
        }

        private sealed record Duplex(PipeReader Input, PipeWriter Output) : IDuplexPipe;
    }
}
