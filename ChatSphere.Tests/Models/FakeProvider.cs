using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace ChatSphere.Tests.Models;

/// <param name="Path">With its query.</param>
internal sealed record SeenRequest(string Method, string Path, IReadOnlyDictionary<string, string> Headers, JsonNode? Body, string Text);

/// <summary>Any provider on a loopback port: answers what a test says, and keeps what it was asked.</summary>
internal sealed class FakeProvider : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentQueue<Func<HttpContext, Task>> _answers = new();

    private FakeProvider(WebApplication app) => _app = app;

    public ConcurrentQueue<SeenRequest> Requests { get; } = new();

    /// <summary>For what no <see cref="Then"/> is left.</summary>
    public Func<HttpContext, Task> Otherwise { get; set; } = Status(500);

    public string Address => _app.Urls.Single();

    public Uri Root => new(Address);

    public static async Task<FakeProvider> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        var fake = new FakeProvider(app);
        app.Run(async context =>
        {
            using var reader = new StreamReader(context.Request.Body);
            var text = await reader.ReadToEndAsync();
            JsonNode? body = null;
            try
            {
                body = text.Length > 0 ? JsonNode.Parse(text) : null;
            }
            catch (JsonException)
            {
                // A form.
            }

            fake.Requests.Enqueue(new(
                context.Request.Method, context.Request.Path + context.Request.QueryString.Value, context.Request.Headers.ToDictionary(h => h.Key, h => h.Value.ToString(), StringComparer.OrdinalIgnoreCase), body, text));
            await (fake._answers.TryDequeue(out var answer) ? answer : fake.Otherwise)(context);
        });
        await app.StartAsync();
        return fake;
    }

    public FakeProvider Then(Func<HttpContext, Task> answer)
    {
        _answers.Enqueue(answer);
        return this;
    }

    public static Func<HttpContext, Task> Status(int status, string? retryAfter = null, string body = """{"error":{"message":"The key sk-test is wrong.","type":"x"}}""") => context =>
    {
        context.Response.StatusCode = status;
        if (retryAfter is not null)
        {
            context.Response.Headers.RetryAfter = retryAfter;
        }

        context.Response.ContentType = "application/json";
        return context.Response.WriteAsync(body);
    };

    public static Func<HttpContext, Task> Json(object body) => context => context.Response.WriteAsJsonAsync(body);

    /// <summary>Server-sent events, each the given lines.</summary>
    public static Func<HttpContext, Task> Events(params string[] events) => async context =>
    {
        context.Response.ContentType = "text/event-stream";
        foreach (var e in events)
        {
            await context.Response.WriteAsync(e + "\n\n");
            await context.Response.Body.FlushAsync();
        }
    };

    /// <summary>An answer as OpenAI streams it.</summary>
    public static Func<HttpContext, Task> OpenAi(params string[] pieces) => Events(
    [
        .. pieces.Select(p => "data: " + Chat.FakeOpenAi.Text(p)), "data: " + Chat.FakeOpenAi.Finish("stop"), "data: " + Chat.FakeOpenAi.Usage(12, 3), "data: [DONE]",
    ]);

    /// <summary>Lists these models and answers every question with the same words.</summary>
    public Func<HttpContext, Task> Serving(string words, params string[] models) => context =>
        context.Request.Path.Value!.EndsWith("/models", StringComparison.Ordinal) ? context.Response.WriteAsJsonAsync(new { data = models.Select(id => new { id }) })
        : OpenAi(words)(context);

    public ValueTask DisposeAsync() => _app.DisposeAsync();
}
