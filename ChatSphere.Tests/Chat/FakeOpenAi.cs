using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace ChatSphere.Tests.Chat;

/// <summary>OpenAI's wire on a loopback port, as hostile as a test wants it.</summary>
internal sealed class FakeOpenAi : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentQueue<Func<HttpContext, Task>> _answers = new();

    private FakeOpenAi(WebApplication app) => _app = app;

    public ConcurrentQueue<(JsonNode Body, string? Authorization)> Requests { get; } = new();

    public Func<HttpContext, Task> Models { get; set; } = context => context.Response.WriteAsync("""{"object":"list","data":[{"id":"m"},{"id":"other"},{"id":7},{}]}""");

    public string Endpoint => _app.Urls.Single() + "/v1";

    public static async Task<FakeOpenAi> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        var fake = new FakeOpenAi(app);
        app.MapGet("/v1/models", context => fake.Models(context));
        app.MapPost("/v1/chat/completions", async context =>
        {
            fake.Requests.Enqueue(((await JsonNode.ParseAsync(context.Request.Body))!, context.Request.Headers.Authorization));
            await (fake._answers.TryDequeue(out var answer) ? answer(context) : Status(500)(context));
        });
        await app.StartAsync();
        return fake;
    }

    public FakeOpenAi Then(Func<HttpContext, Task> answer)
    {
        _answers.Enqueue(answer);
        return this;
    }

    public FakeOpenAi ThenStream(params string[] chunks) => Then(context => StreamAsync(context, chunks));

    public FakeOpenAi ThenSay(params string[] pieces) => ThenStream([.. pieces.Select(Text), Finish("stop"), Usage(12, 3), "[DONE]"]);

    public static Func<HttpContext, Task> Status(int status, string? retryAfter = null) => context =>
    {
        context.Response.StatusCode = status;
        if (retryAfter is not null)
        {
            context.Response.Headers.RetryAfter = retryAfter;
        }

        return context.Response.WriteAsJsonAsync(new { error = new { message = "The key sk-test is wrong.", type = "invalid_request_error" } });
    };

    public static async Task StreamAsync(HttpContext context, params string[] chunks)
    {
        context.Response.ContentType = "text/event-stream";
        await ContinueAsync(context, chunks);
    }

    public static async Task ContinueAsync(HttpContext context, params string[] chunks)
    {
        foreach (var chunk in chunks)
        {
            await context.Response.WriteAsync($"data: {chunk}\n\n");
            await context.Response.Body.FlushAsync();
        }
    }

    /// <summary>The connection dies once the reader has what was sent: what is still under way dies with it.</summary>
    public static Func<HttpContext, Task> Cut(Task received, params string[] chunks) => async context =>
    {
        await StreamAsync(context, chunks);
        await received;
        context.Abort();
    };

    public static string Chunk(object delta, string? finish = null) =>
        JsonSerializer.Serialize(new { id = "c1", @object = "chat.completion.chunk", created = 1, model = "m-0613", choices = new object[] { new { index = 0, delta, finish_reason = finish } } });

    public static string Text(string text) => Chunk(new { content = text });

    public static string Finish(string reason) => Chunk(new { }, reason);

    public static string Tool(int index, string? id, string? name, string arguments) =>
        Chunk(new { tool_calls = new object[] { new { index, id, type = id is null ? null : "function", function = new { name, arguments } } } });

    public static string Usage(int input, int output) => JsonSerializer.Serialize(new
    {
        id = "c1", @object = "chat.completion.chunk", created = 1, model = "m-0613", choices = Array.Empty<object>(),
        usage = new { prompt_tokens = input, completion_tokens = output, total_tokens = input + output },
    });

    public ValueTask DisposeAsync() => _app.DisposeAsync();
}
