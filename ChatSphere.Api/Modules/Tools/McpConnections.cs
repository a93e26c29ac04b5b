using System.Collections.Concurrent;
using System.Net;
using System.Text;
using System.Text.Json;
using ChatSphere.AI.Chat.Tools;
using ChatSphere.Data.Secrets;
using ChatSphere.Data.Tools;
using ChatSphere.ServiceDefaults.Outbound;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using ModelContextProtocol;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;

namespace ChatSphere.Api.Modules.Tools;

/// <summary>What a server says of one of its tools.</summary>
internal sealed record RemoteTool(string Name, string Description, string Schema, bool IsReadOnly);

/// <summary>
/// Connections to MCP servers: one for each server and answer, opened by the first call and closed with the answer, so that what a server remembers of a session never
/// reaches somebody else. Everything has limits of time and size; a server over HTTP is reached through <see cref="UntrustedHttp"/> alone, a program gets no environment of ours.
/// </summary>
internal sealed partial class McpConnections(UntrustedHttp http, SecretBox box, IOptions<ToolOptions> options, TimeProvider time, ILogger<McpConnections> logger) : BackgroundService
{
    public const string Purpose = "tools.server";

    private const int MaxTools = 100;
    private const int MaxPages = 10;

    // An answer that nobody finished has no claim on a process for ever.
    private static readonly TimeSpan MaxIdle = TimeSpan.FromMinutes(5);
    private readonly ConcurrentDictionary<(Guid Answer, Guid Server), Connection> _open = new();
    private readonly SemaphoreSlim _programs = new(options.Value.MaxPrograms);

    public byte[]? Seal(IReadOnlyDictionary<string, string> values) => values.Count == 0 ? null : box.Protect(Purpose, JsonSerializer.SerializeToUtf8Bytes(values));

    public ChatTool Create(BotTool tool, ToolServer server, Guid answerId) => new(tool.Name, tool.Description, JsonDocument.Parse(tool.Schema).RootElement)
    {
        Id = tool.Id,
        Reach = ToolReach.FixedPeer,
        HasEffects = tool.HasEffects,
        AlwaysAsks = tool.NeedsApproval,
        Peer = $"mcp:{server.Id}",
        ChangedAt = tool.UpdatedAt,
        MaxResultLength = tool.MaxResultLength,
        Target = _ => $"{tool.RemoteName} on {server.Name}{(server.Address is { } address ? $" ({address})" : "")}",
        Run = (arguments, token) => CallAsync(server, answerId, tool.RemoteName!, !tool.HasEffects, arguments, token),
    };

    /// <summary>Closes what an answer had open. Returns at once.</summary>
    public void Release(Guid answerId)
    {
        foreach (var key in _open.Keys.Where(k => k.Answer == answerId))
        {
            Close(key);
        }
    }

    /// <summary>The tools of a server, over a connection of its own; or why they cannot be had, in a sentence for whoever set it up.</summary>
    public async Task<(IReadOnlyList<RemoteTool>? Tools, string? Problem)> ListAsync(ToolServer server, CancellationToken cancellationToken)
    {
        var key = (Guid.NewGuid(), server.Id);
        using var limit = new CancellationTokenSource(options.Value.CallTimeout, time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            var client = await OpenAsync(key, server, linked.Token);
            var tools = new List<RemoteTool>();
            string? cursor = null;
            for (var page = 0; page < MaxPages && tools.Count < MaxTools; page++)
            {
                var listed = await client.ListToolsAsync(new ListToolsRequestParams { Cursor = cursor }, linked.Token);
                tools.AddRange(listed.Tools.Select(t => new RemoteTool(t.Name, t.Description ?? t.Title ?? "", t.InputSchema.GetRawText(), t.Annotations?.ReadOnlyHint == true)));
                if ((cursor = listed.NextCursor) is null)
                {
                    break;
                }
            }

            return (tools.Take(MaxTools).ToList(), null);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested && IsTheirs(e))
        {
            LogFailed(logger, server.Id, e.GetType().Name);
            return (null, Sentence(e, server.IsProgram));
        }
        finally
        {
            Close(key);
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(MaxIdle / 5, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                foreach (var (key, connection) in _open.Where(o => time.GetElapsedTime(o.Value.LastUsed) > MaxIdle))
                {
                    Close(key);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // Shutting down.
        }

        await Task.WhenAll(_open.Keys.Select(CloseAsync));
    }

    private async Task<ToolOutput> CallAsync(ToolServer server, Guid answerId, string tool, bool mayRepeat, JsonElement arguments, CancellationToken cancellationToken)
    {
        var key = (answerId, server.Id);
        using var limit = new CancellationTokenSource(options.Value.CallTimeout, time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        for (var wasOpen = _open.ContainsKey(key); ; wasOpen = false)
        {
            try
            {
                var client = await OpenAsync(key, server, linked.Token);
                var result = await client.CallToolAsync(
                    new CallToolRequestParams { Name = tool, Arguments = arguments.EnumerateObject().ToDictionary(a => a.Name, a => a.Value) }, linked.Token);
                return new ToolOutput(result.IsError == true ? "error: " + Text(result) : Text(result), result.IsError == true);
            }
            catch (Exception e) when (!cancellationToken.IsCancellationRequested && IsTheirs(e))
            {
                LogFailed(logger, server.Id, e.GetType().Name);
                Close(key);

                // A session that had ended meanwhile. Of a call that changes something nobody knows whether it got there.
                if (!wasOpen || !mayRepeat || limit.IsCancellationRequested)
                {
                    return ToolOutput.Error(Sentence(e, server.IsProgram));
                }
            }
        }
    }

    private async Task<McpClient> OpenAsync((Guid Answer, Guid Server) key, ToolServer server, CancellationToken cancellationToken)
    {
        var connection = _open.GetOrAdd(key, static _ => new Connection());
        connection.LastUsed = time.GetTimestamp();
        await connection.Opening.WaitAsync(cancellationToken);
        try
        {
            return connection.Client ??= await ConnectAsync(connection, server, cancellationToken);
        }
        finally
        {
            connection.Opening.Release();
        }
    }

    private async Task<McpClient> ConnectAsync(Connection connection, ToolServer server, CancellationToken cancellationToken)
    {
        var values = server.SealedValues is { } kept ? JsonSerializer.Deserialize<Dictionary<string, string>>(box.Unprotect(Purpose, kept))! : [];
        IClientTransport transport;
        if (server.IsProgram)
        {
            if (!options.Value.AllowPrograms || !await _programs.WaitAsync(TimeSpan.Zero, cancellationToken))
            {
                throw new McpException(options.Value.AllowPrograms ? "Too many programs are running." : "This deployment starts no programs.");
            }

            connection.IsProgram = true;
            var environment = StdioClientTransportOptions.GetDefaultEnvironmentVariables();
            foreach (var (name, value) in values)
            {
                environment[name] = value;
            }

            transport = new StdioClientTransport(
                new StdioClientTransportOptions
                {
                    Name = server.Name,
                    Command = server.Command!,
                    Arguments = server.Arguments,
                    WorkingDirectory = Path.GetTempPath(),

                    // Ours holds the keys to everything.
                    InheritEnvironmentVariables = false,
                    EnvironmentVariables = environment,
                    ShutdownTimeout = TimeSpan.FromSeconds(2),
                },
                NullLoggerFactory.Instance);
        }
        else
        {
            var client = new HttpClient(new Handler(http, options.Value)) { Timeout = Timeout.InfiniteTimeSpan };
            transport = new HttpClientTransport(
                new HttpClientTransportOptions
                {
                    Name = server.Name,
                    Endpoint = new Uri(server.Address!),
                    TransportMode = HttpTransportMode.StreamableHttp,
                    AdditionalHeaders = values,
                    EnableStandaloneGetStream = false,
                    MaxReconnectionAttempts = 0,
                    ConnectionTimeout = options.Value.CallTimeout,
                },
                client, NullLoggerFactory.Instance, ownsHttpClient: true);
        }

        return await McpClient.CreateAsync(
            transport, new McpClientOptions { ClientInfo = new Implementation { Name = "ChatSphere", Version = "1" }, InitializationTimeout = options.Value.CallTimeout }, NullLoggerFactory.Instance, cancellationToken);
    }

    private void Close((Guid, Guid) key) => _ = CloseAsync(key);

    private async Task CloseAsync((Guid Answer, Guid Server) key)
    {
        if (!_open.TryRemove(key, out var connection))
        {
            return;
        }

        try
        {
            // Whoever is connecting just now finishes first, and is closed then.
            await connection.Opening.WaitAsync();
            if (connection.Client is { } client)
            {
                await client.DisposeAsync();
            }
        }
        catch (Exception e) when (IsTheirs(e))
        {
            LogFailed(logger, key.Server, e.GetType().Name);
        }
        finally
        {
            if (connection.IsProgram)
            {
                _programs.Release();
            }
        }
    }

    /// <summary>What the other side, or the way to it, can bring about.</summary>
    private static bool IsTheirs(Exception e) =>
        e is McpException or HttpRequestException or IOException or OperationCanceledException or InvalidOperationException or JsonException or System.ComponentModel.Win32Exception or ObjectDisposedException
            or ArgumentException or UnauthorizedAccessException or TimeoutException or NotSupportedException;

    private static string Sentence(Exception e, bool isProgram) => e switch
    {
        OperationCanceledException or TimeoutException => isProgram ? "The program took too long." : "The server took too long.",
        Refused refused => refused.Message,
        { InnerException: { } inner } => Sentence(inner, isProgram),
        McpProtocolException protocol => $"The server refuses: {Cut(protocol.Message)}",
        _ => isProgram ? "The program cannot be started, or ended, or does not speak MCP." : "The server cannot be reached, or does not speak MCP.",
    };

    private static string Text(CallToolResult result)
    {
        var text = new StringBuilder();
        foreach (var block in result.Content ?? [])
        {
            text.Append(text.Length > 0 ? "\n" : "").Append(block switch
            {
                TextContentBlock words => words.Text,
                EmbeddedResourceBlock { Resource: TextResourceContents resource } => resource.Text,
                _ => $"[{block.Type}]",
            });
        }

        return text.Length > 0 ? text.ToString() : result.StructuredContent is { } structured ? structured.GetRawText() : "The tool gave nothing back.";
    }

    private static string Cut(string text) => text.Length <= 300 ? text : text[..300];

    private sealed class Connection
    {
        public SemaphoreSlim Opening { get; } = new(1);

        public McpClient? Client { get; set; }

        public bool IsProgram { get; set; }

        public long LastUsed { get; set; }
    }

    private sealed class Refused(string message) : HttpRequestException(message);

    /// <summary>HTTP as the protocol uses it, made of whole answers: each has its limits, and goes where <see cref="UntrustedHttp"/> lets it.</summary>
    private sealed class Handler(UntrustedHttp http, ToolOptions options) : HttpMessageHandler
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            if (request.Method == HttpMethod.Get)
            {
                // The stream for what a server has to say unasked; it is free to be refused, and we have nothing to do with it.
                return new HttpResponseMessage(HttpStatusCode.MethodNotAllowed) { RequestMessage = request, Content = new ByteArrayContent([]) };
            }

            var result = await http.SendAsync(
                request.RequestUri!.AbsoluteUri,
                new OutboundRequest
                {
                    Method = request.Method,
                    Body = request.Content is null ? null : await request.Content.ReadAsByteArrayAsync(cancellationToken),
                    BodyType = request.Content?.Headers.ContentType?.ToString(),
                    Headers = request.Headers.Where(h => !h.Key.Equals("User-Agent", StringComparison.OrdinalIgnoreCase)).ToDictionary(h => h.Key, h => string.Join(", ", h.Value)),
                    MaxBytes = options.MaxBytes,
                    Timeout = options.CallTimeout,
                },
                cancellationToken);
            if (result is not OutboundResult.Fetched fetched)
            {
                throw new Refused(BuiltInTools.Why(((OutboundResult.Refused)result).Reason));
            }

            var response = new HttpResponseMessage(fetched.Status) { RequestMessage = request, Content = new ByteArrayContent(fetched.Body) };
            response.Content.Headers.ContentType = fetched.ContentType;
            foreach (var (name, value) in fetched.Headers)
            {
                response.Headers.TryAddWithoutValidation(name, value);
            }

            return response;
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "MCP server {ServerId}: {Error}")]
    private static partial void LogFailed(ILogger logger, Guid serverId, string error);
}
