using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace ChatSphere.Benchmarks.MockModels;

/// <summary>
/// OpenAI-compatible chat and embeddings for load tests, fault tests and demos. The name of a model says how it behaves (<see cref="MockBehaviour"/>);
/// any key, or none, is accepted. <c>GET /mock/requests</c> shows the last 200 chat requests, oldest first; <c>DELETE</c> forgets them.
/// </summary>
internal static class MockModelServer
{
    /// <summary>Names that show what there is; every other combination works as well.</summary>
    private static readonly string[] Examples =
    [
        "mock", "mock-ttft50-itl15-len100", "mock-ttft200-itl50-len400", "mock-ttft300-itl15-len150", "mock-cite", "mock-badcite", "mock-echo", "mock-inject", "mock-tool", "mock-obey",
        "mock-fail503", "mock-fail429", "mock-failonce503", "mock-break20", "mock-stall20", "mock-empty", "mock-garbage", "mock-embed-256",
    ];

    public static async Task<int> RunAsync(string[] args)
    {
        await using var app = Build(args);
        await app.RunAsync();
        return 0;
    }

    public static WebApplication Build(string[] args)
    {
        var builder = WebApplication.CreateSlimBuilder(args);
        builder.Logging.SetMinimumLevel(LogLevel.Warning).AddFilter("Microsoft.Hosting.Lifetime", LogLevel.Information);
        builder.Services.Configure<KestrelServerOptions>(kestrel =>
        {
            kestrel.Limits.MaxRequestBodySize = null;
            kestrel.AddServerHeader = false;
        });
        // Stalled streams never end by themselves.
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(1));
        builder.Services.AddSingleton<Pacer>().AddSingleton<RequestJournal>().AddSingleton<FirstCalls>();
        var app = builder.Build();

        app.MapGet("/health", () => "Healthy");
        app.MapGet("/mock/requests", (RequestJournal journal) => Results.Json(journal.List()));
        app.MapDelete("/mock/requests", (RequestJournal journal, FirstCalls first) =>
        {
            journal.Clear();
            first.Clear();
            return Results.NoContent();
        });

        // The second is where Azure OpenAI has the same API.
        foreach (var root in new[] { "/v1", "/openai/v1" })
        {
            app.MapGet(root + "/models", () => Results.Json(new { @object = "list", data = Examples.Select(Model) }));
            app.MapGet(root + "/models/{model}", (string model) => MockBehaviour.TryParse(model, out _, out var problem) ? Results.Json(Model(model)) : Unknown(model, problem));
            app.MapPost(root + "/chat/completions", ChatAsync);
            app.MapPost(root + "/embeddings", EmbedAsync);
        }

        return app;

        static object Model(string id) => new { id, @object = "model", created = 1700000000, owned_by = "mock" };
    }

    private static async Task ChatAsync(HttpContext context, RequestJournal journal, FirstCalls first, Pacer pacer)
    {
        using var document = await ReadAsync(context);
        if (document is null)
        {
            return;
        }

        var call = new ChatCall(document.RootElement);
        if (!MockBehaviour.TryParse(call.Model, out var behaviour, out var problem))
        {
            await Unknown(call.Model, problem).ExecuteAsync(context);
            return;
        }

        journal.Add(call, document.RootElement);
        if (behaviour.Fail is { } status || (behaviour.FailOnce is { } once && first.IsFirst(call) && (status = once) > 0))
        {
            await FailAsync(context, status);
            return;
        }

        var answer = MockAnswer.To(call, behaviour);
        var stream = new AnswerStream(context, call, behaviour, answer, pacer.CreateBeat());
        await (call.Stream ? stream.WriteAsync() : stream.WriteWholeAsync());
    }

    private static async Task EmbedAsync(HttpContext context)
    {
        using var document = await ReadAsync(context);
        if (document is null)
        {
            return;
        }

        var body = document.RootElement;
        var model = body.TryGetProperty("model", out var named) && named.ValueKind == JsonValueKind.String ? named.GetString()! : "";
        if (!MockBehaviour.TryParse(model, out var behaviour, out var problem))
        {
            await Unknown(model, problem).ExecuteAsync(context);
            return;
        }

        if (behaviour.Fail is { } status)
        {
            await FailAsync(context, status);
            return;
        }

        var dimensions = body.TryGetProperty("dimensions", out var asked) && asked.TryGetInt32(out var d) && d is > 0 and <= 8192 ? d : behaviour.Dimensions;
        var base64 = body.TryGetProperty("encoding_format", out var format) && format.ValueEquals("base64");
        string[] inputs = body.TryGetProperty("input", out var input) ? [.. Inputs(input)] : [];
        if (inputs.Length == 0)
        {
            await Error(StatusCodes.Status400BadRequest, "invalid_request_error", null, "input is missing or empty").ExecuteAsync(context);
            return;
        }

        if (behaviour.FirstTokenDelay > 0)
        {
            await Task.Delay(behaviour.FirstTokenDelay, context.RequestAborted);
        }

        var data = inputs.Select((text, index) =>
        {
            var vector = HashedEmbedding.Of(text, dimensions);
            object embedding = base64 ? Convert.ToBase64String(System.Runtime.InteropServices.MemoryMarshal.AsBytes<float>(vector)) : vector;
            return new { @object = "embedding", index, embedding };
        });
        var tokens = inputs.Sum(text => text.Length) / 4;
        await context.Response.WriteAsJsonAsync(new { @object = "list", model, data, usage = new { prompt_tokens = tokens, total_tokens = tokens } }, context.RequestAborted);
    }

    /// <summary>A text, several, or texts given as token numbers.</summary>
    private static IEnumerable<string> Inputs(JsonElement input) => input.ValueKind switch
    {
        JsonValueKind.String => [input.GetString()!],
        JsonValueKind.Array when input.GetArrayLength() > 0 && input[0].ValueKind == JsonValueKind.Number => [input.GetRawText()],
        JsonValueKind.Array => input.EnumerateArray().Select(item => item.ValueKind == JsonValueKind.String ? item.GetString()! : item.GetRawText()),
        _ => [],
    };

    private static async Task<JsonDocument?> ReadAsync(HttpContext context)
    {
        try
        {
            var document = await JsonDocument.ParseAsync(context.Request.Body, cancellationToken: context.RequestAborted);
            if (document.RootElement.ValueKind == JsonValueKind.Object)
            {
                return document;
            }

            document.Dispose();
        }
        catch (JsonException)
        {
        }

        await Error(StatusCodes.Status400BadRequest, "invalid_request_error", null, "The body is no JSON object.").ExecuteAsync(context);
        return null;
    }

    private static Task FailAsync(HttpContext context, int status)
    {
        if (status == StatusCodes.Status429TooManyRequests)
        {
            context.Response.Headers.RetryAfter = "1";
        }

        var (type, code) = status switch
        {
            401 => ("authentication_error", "invalid_api_key"),
            429 => ("rate_limit_error", "rate_limit_exceeded"),
            < 500 => ("invalid_request_error", null),
            _ => ("server_error", (string?)null),
        };
        return Error(status, type, code, $"This model always answers {status}.").ExecuteAsync(context);
    }

    private static IResult Unknown(string model, string? problem) => problem is null
        ? Error(StatusCodes.Status404NotFound, "invalid_request_error", "model_not_found", $"The model '{model}' does not exist; the names of mock models start with 'mock'.")
        : Error(StatusCodes.Status400BadRequest, "invalid_request_error", "model_not_found", problem);

    private static IResult Error(int status, string type, string? code, string message) =>
        Results.Json(new JsonObject { ["error"] = new JsonObject { ["message"] = message, ["type"] = type, ["param"] = null, ["code"] = code } }, statusCode: status);
}
