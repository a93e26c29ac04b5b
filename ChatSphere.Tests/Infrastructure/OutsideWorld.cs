using System.Collections.Concurrent;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

namespace ChatSphere.Tests.Infrastructure;

/// <param name="Path">Within the room, with its query.</param>
public sealed record OutsideCall(string Method, string Path, string? Authorization, string Body);

/// <summary>A part of the outside world that one test has for itself.</summary>
public sealed class OutsideRoom(Uri address)
{
    private readonly ConcurrentQueue<OutsideCall> _calls = new();

    /// <summary>Ends with a slash.</summary>
    public Uri Address { get; } = address;

    /// <summary>What there was to hear, in order.</summary>
    public IReadOnlyList<OutsideCall> Calls => [.. _calls];

    /// <summary>What <c>page</c> says.</summary>
    public string Page { get; set; } = "<html><head><title>News</title><script>x()</script></head><body><nav>menu</nav><main><h1>Opening hours</h1><p>The museum opens at nine.</p></main></body></html>";

    public string OpenApi { get; set; } = "{}";

    /// <summary>What the MCP tool <c>add</c> says it does.</summary>
    public string AddsBy { get; set; } = "Adds two numbers";

    /// <summary>As it is written: a template keeps its braces.</summary>
    public string At(string path) => Address.AbsoluteUri + path;

    /// <summary>What there is besides: asked first, and by null leaves the answer to the room.</summary>
    public Func<OutsideCall, IResult?>? Answers { get; set; }

    internal void Heard(OutsideCall call) => _calls.Enqueue(call);
}

/// <summary>A web server that tools may reach: a page, an API that answers with what it was sent, and an MCP server; in as many rooms as there are tests.</summary>
public sealed class OutsideWorld : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentDictionary<string, OutsideRoom> _rooms = new();

    private OutsideWorld(WebApplication app) => _app = app;

    public IEnumerable<(string Resource, string Variable, string Value)> Settings =>
    [
        ("api", "Outbound__AllowedNetworks__0", "127.0.0.1/32"),
        ("api", "Outbound__Ports__0", new Uri(_app.Urls.First()).Port.ToString(System.Globalization.CultureInfo.InvariantCulture)),
        ("api", "Outbound__Ports__1", "80"),
        ("api", "Outbound__Ports__2", "443"),
    ];

    public static async Task<OutsideWorld> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder(["--urls", "http://127.0.0.1:0"]);
        builder.Logging.ClearProviders();
        var app = builder.Build();
        var world = new OutsideWorld(app);
        app.Map("/{room}/mcp", world.McpAsync);
        app.Map("/{room}/{**path}", world.AnswerAsync);
        await app.StartAsync();
        return world;
    }

    public OutsideRoom Room()
    {
        var name = Guid.NewGuid().ToString("n");
        return _rooms[name] = new OutsideRoom(new Uri($"{_app.Urls.First().TrimEnd('/')}/{name}/"));
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task<IResult> AnswerAsync(HttpContext context, string room, string? path)
    {
        if (!_rooms.TryGetValue(room, out var here))
        {
            return Results.NotFound();
        }

        using var reader = new StreamReader(context.Request.Body);
        var raw = context.Features.Get<Microsoft.AspNetCore.Http.Features.IHttpRequestFeature>()!.RawTarget;
        var call = new OutsideCall(context.Request.Method, raw[(raw.IndexOf(room, StringComparison.Ordinal) + room.Length)..], context.Request.Headers.Authorization, await reader.ReadToEndAsync());
        here.Heard(call);
        return here.Answers?.Invoke(call) ?? path switch
        {
            "page" => Results.Content(here.Page, "text/html"),
            "openapi.json" => Results.Content(here.OpenApi, "application/json"),
            "inside" => Results.Redirect("http://127.0.0.2/"),
            "large" => Results.Text(new string('x', 3_000_000)),
            "bytes" => Results.Bytes([0, 1, 2, 255], "application/octet-stream"),
            "missing" => Results.NotFound(new { error = "no such thing" }),
            _ => Results.Json(call),
        };
    }

    private async Task McpAsync(HttpContext context, string room)
    {
        if (!_rooms.TryGetValue(room, out var here) || context.Request.Method != "POST")
        {
            context.Response.StatusCode = here is null ? 404 : 405;
            return;
        }

        var message = await JsonSerializer.DeserializeAsync<JsonRpcMessage>(context.Request.Body, ModelContextProtocol.McpJsonUtilities.DefaultOptions, context.RequestAborted);
        await using var transport = new StreamableHttpServerTransport { Stateless = true };
        await using var server = McpServer.Create(transport, new McpServerOptions
        {
            ServerInfo = new() { Name = "outside", Version = "1" },
            ToolCollection =
            [
                McpServerTool.Create((int a, int b) => a + b, new() { Name = "add", Description = here.AddsBy, ReadOnly = true }),
                McpServerTool.Create((string text) => { here.Heard(new("MCP", "note", context.Request.Headers.Authorization, text)); return "noted"; }, new() { Name = "note", Description = "Writes a note" }),
                McpServerTool.Create(string () => throw new ModelContextProtocol.McpException("The ledger is closed."), new() { Name = "fail", Description = "Fails", ReadOnly = true }),
            ],
        });
        using var over = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted);
        var running = server.RunAsync(over.Token);
        context.Response.ContentType = "text/event-stream";
        if (!await transport.HandlePostRequestAsync(message!, context.Response.Body, context.RequestAborted))
        {
            context.Response.ContentType = null;
            context.Response.StatusCode = 202;
        }

        await over.CancelAsync();
        await running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }
}
