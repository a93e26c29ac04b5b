using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json.Nodes;
using ChatSphere.AI.Knowledge;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace ChatSphere.Tests.Knowledge;

/// <summary>A provider that embeds, on a loopback port: the number at the end of a model's name is how long its vectors are. Keeps what each model was given.</summary>
internal sealed class FakeEmbeddings : IAsyncDisposable
{
    private readonly WebApplication _app;

    private FakeEmbeddings(WebApplication app) => _app = app;

    public string Address => _app.Urls.Single() + "/v1";

    /// <summary>Each text each time, with its model.</summary>
    public ConcurrentQueue<(string Model, string Text)> Embedded { get; } = new();

    /// <summary>Runs before an answer; true: it has answered.</summary>
    public Func<HttpContext, string, IReadOnlyList<string>, Task<bool>> Before { get; set; } = (_, _, _) => Task.FromResult(false);

    public static async Task<FakeEmbeddings> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        var fake = new FakeEmbeddings(app);
        app.MapGet("/v1/models", () => new { data = new[] { new { id = "embed-64" }, new { id = "embed-32" }, new { id = "talks" } } });
        app.MapPost("/v1/embeddings", fake.EmbedAsync);
        await app.StartAsync();
        return fake;
    }

    public static async Task<bool> RefuseAsync(HttpContext context, int status, string? retryAfter = null)
    {
        context.Response.StatusCode = status;
        context.Response.Headers.RetryAfter = retryAfter;
        await context.Response.WriteAsync("""{"error":{"message":"Not sk-secret."}}""");
        return true;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task EmbedAsync(HttpContext context)
    {
        var body = (await JsonNode.ParseAsync(context.Request.Body))!;
        var model = (string)body["model"]!;
        var texts = body["input"]!.AsArray().Select(t => (string)t!).ToList();
        if (await Before(context, model, texts))
        {
            return;
        }

        var dimensions = int.Parse(model.AsSpan(model.LastIndexOf('-') + 1), CultureInfo.InvariantCulture);
        texts.ForEach(t => Embedded.Enqueue((model, t)));
        await context.Response.WriteAsJsonAsync(new
        {
            data = texts.Select((t, index) => new { index, embedding = VectorOf(t, dimensions) }),
            usage = new { prompt_tokens = texts.Sum(t => t.Length / 4) },
        });
    }

    private static float[] VectorOf(string text, int dimensions)
    {
        var local = new float[LocalEmbedder.Dimensions];
        LocalEmbedder.Embed(text, local);
        var folded = new float[dimensions];
        for (var i = 0; i < local.Length; i++)
        {
            folded[i % dimensions] += local[i];
        }

        folded[0] += 0.01f;
        return folded;
    }
}
