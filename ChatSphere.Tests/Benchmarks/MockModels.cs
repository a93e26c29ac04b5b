using System.Net.Http.Json;
using System.Text.Json;
using ChatSphere.Benchmarks.MockModels;
using Microsoft.AspNetCore.Builder;

namespace ChatSphere.Tests.Benchmarks;

/// <summary>The mock model server in this process, on a port of its choice.</summary>
internal sealed class MockModels : IAsyncDisposable
{
    private readonly WebApplication app;

    private MockModels(WebApplication app)
    {
        this.app = app;
        Client = new HttpClient { BaseAddress = new Uri(app.Urls.Single()) };
    }

    public HttpClient Client { get; }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static async Task<MockModels> StartAsync()
    {
        var app = MockModelServer.Build(["--urls", "http://127.0.0.1:0"]);
        await app.StartAsync(Token);
        return new MockModels(app);
    }

    public static object User(string content) => new { role = "user", content };

    public static object System(string content) => new { role = "system", content };

    public Task<HttpResponseMessage> AskAsync(string model, bool stream, object[] messages, object[]? tools = null)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, "/v1/chat/completions") { Content = JsonContent.Create(new { model, stream, messages, tools }) };
        return Client.SendAsync(request, stream ? HttpCompletionOption.ResponseHeadersRead : HttpCompletionOption.ResponseContentRead, Token);
    }

    public async Task<string> TextAsync(string model, params object[] messages)
    {
        using var response = await AskAsync(model, false, messages);
        var body = await response.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<JsonElement>(Token);
        return body.GetProperty("choices")[0].GetProperty("message").GetProperty("content").GetString()!;
    }

    /// <summary>The data of each event, read one by one until the stream ends, however it ends.</summary>
    public async IAsyncEnumerable<string> StreamAsync(string model, string text, object[]? tools = null)
    {
        using var response = await AskAsync(model, true, [User(text)], tools);
        Assert.Equal("text/event-stream", response.Content.Headers.ContentType?.MediaType);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(Token));
        while (await reader.ReadLineAsync(Token) is { } line)
        {
            if (line.Length == 0)
            {
                continue;
            }

            Assert.StartsWith("data: ", line, StringComparison.Ordinal);
            yield return line["data: ".Length..];
        }
    }

    public async Task<float[][]> EmbedAsync(string model, params string[] input)
    {
        using var response = await Client.PostAsJsonAsync("/v1/embeddings", new { model, input }, Token);
        var body = await response.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<JsonElement>(Token);
        return [.. body.GetProperty("data").EnumerateArray().Select(item => item.GetProperty("embedding").Deserialize<float[]>()!)];
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await app.DisposeAsync();
    }
}
