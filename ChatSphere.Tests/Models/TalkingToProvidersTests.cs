using ChatSphere.AI.Chat;
using ChatSphere.AI.Chat.Providers;
using ChatSphere.Data.Models;
using ChatSphere.Tests.Chat;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.AI;

namespace ChatSphere.Tests.Models;

/// <summary>Each protocol as it goes over the wire: headers, body, events, tools, pictures, usage, failures.</summary>
public sealed class TalkingToProvidersTests : IAsyncLifetime
{
    private static readonly AITool Weather = AIFunctionFactory.Create((string city) => $"{city}: 21", "weather", "The weather of a city");

    private readonly ManualTime _time = new();
    private FakeProvider _server = null!;
    private ModelHttp _http = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _server = await FakeProvider.StartAsync();
        _http = new(_time, _server.Root);
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _server.DisposeAsync();
    }

    private IChatProvider Provider(ProviderKind kind, string path = "", string? version = null, string? tenant = null, string? client = null, params string[] models) =>
        new ProviderFactory(_http).Open(new(kind, "test", new Uri(_server.Address + path), version, tenant, client) { Models = models }, "sk-test");

    private static List<ChatMessage> Question(string text = "Hi?") => [new(ChatRole.System, "Be kind."), new(ChatRole.User, text)];

    private static async Task<ChatResponse> AskAsync(IChatClient client, IEnumerable<ChatMessage> messages, ChatOptions? options = null)
    {
        var updates = new List<ChatResponseUpdate>();
        await foreach (var update in client.GetStreamingResponseAsync(messages, options ?? new() { MaxOutputTokens = 100, Temperature = 1.5f }, Token))
        {
            updates.Add(update);
        }

        return updates.ToChatResponse();
    }

    private static string AnthropicEvent(string type, string rest) => $$"""
        event: {{type}}
        data: {"type":"{{type}}"{{(rest.Length > 0 ? "," : "")}}{{rest}}}
        """;

    private static string[] AnthropicAnswer(string stop, params string[] middle) =>
    [
        AnthropicEvent("message_start", """ "message":{"id":"msg_1","model":"claude-x-1","usage":{"input_tokens":20,"cache_read_input_tokens":5,"output_tokens":1}}"""), AnthropicEvent("ping", ""), .. middle,
        AnthropicEvent("message_delta", $$""" "delta":{"stop_reason":"{{stop}}"},"usage":{"output_tokens":7}"""), AnthropicEvent("message_stop", ""),
    ];

    private static string AnthropicText(string text) => AnthropicEvent("content_block_delta", $$""" "index":0,"delta":{"type":"text_delta","text":"{{text}}"}""");

    [Fact]
    public async Task Anthropic_is_asked_as_it_wants_and_its_text_and_usage_arrive()
    {
        _server.Then(FakeProvider.Events(AnthropicAnswer("end_turn", AnthropicEvent("content_block_start", """ "index":0,"content_block":{"type":"text","text":""}"""), AnthropicText("Hello"), AnthropicText(" there"))));

        var answer = await AskAsync(Provider(ProviderKind.Anthropic, "/v1").Open("claude-x"), Question());

        Assert.Equal("Hello there", answer.Text);
        Assert.Equal(ChatFinishReason.Stop, answer.FinishReason);
        Assert.Equal(25, answer.Messages.SelectMany(m => m.Contents).OfType<UsageContent>().Max(u => u.Details.InputTokenCount) ?? answer.Usage?.InputTokenCount);
        var request = Assert.Single(_server.Requests);
        Assert.Equal(("POST", "/v1/messages"), (request.Method, request.Path));
        Assert.Equal(("sk-test", "2023-06-01"), (request.Headers["x-api-key"], request.Headers["anthropic-version"]));
        Assert.False(request.Headers.ContainsKey("Authorization"));
        Assert.Equal(("claude-x", "Be kind.", 100, 1d, true), ((string?)request.Body!["model"], (string?)request.Body["system"], (int?)request.Body["max_tokens"], (double?)request.Body["temperature"], (bool?)request.Body["stream"]));
        Assert.Equal(["user"], request.Body["messages"]!.AsArray().Select(m => (string?)m!["role"]));
        Assert.Null(request.Body["tools"]);
    }

    [Fact]
    public async Task Anthropic_calls_tools_and_gets_pictures_and_results()
    {
        _server.Then(FakeProvider.Events(AnthropicAnswer(
            "tool_use",
            AnthropicText("Let me see."),
            AnthropicEvent("content_block_start", """ "index":1,"content_block":{"type":"tool_use","id":"toolu_1","name":"weather","input":{}}"""),
            AnthropicEvent("content_block_delta", """ "index":1,"delta":{"type":"input_json_delta","partial_json":"{\"city\":"}"""),
            AnthropicEvent("content_block_delta", """ "index":1,"delta":{"type":"input_json_delta","partial_json":"\"Paris\"}"}"""))));
        var client = Provider(ProviderKind.Anthropic, "/v1").Open("claude-x");
        var options = new ChatOptions { Tools = [Weather] };
        var question = new ChatMessage(ChatRole.User, [new TextContent("Where is it warm?"), new DataContent(new byte[] { 1, 2, 3 }, "image/png")]);

        var answer = await AskAsync(client, [question], options);
        var call = Assert.Single(answer.Messages.SelectMany(m => m.Contents).OfType<FunctionCallContent>());
        Assert.Equal(("toolu_1", "weather", "Paris"), (call.CallId, call.Name, call.Arguments!["city"]!.ToString()));
        Assert.Equal(ChatFinishReason.ToolCalls, answer.FinishReason);

        _server.Then(FakeProvider.Events(AnthropicAnswer("end_turn", AnthropicText("21"))));
        await AskAsync(client, [question, new(ChatRole.Assistant, [new TextContent("Let me see."), call]), new(ChatRole.Tool, [new FunctionResultContent("toolu_1", "Paris: 21")])], options);

        var body = _server.Requests.Last().Body!;
        Assert.Equal("weather", (string?)body["tools"]![0]!["name"]);
        Assert.Equal("object", (string?)body["tools"]![0]!["input_schema"]!["type"]);
        var messages = body["messages"]!.AsArray();
        Assert.Equal(["user", "assistant", "user"], messages.Select(m => (string?)m!["role"]));
        Assert.Equal(("base64", "image/png", "AQID"), ((string?)messages[0]!["content"]![1]!["source"]!["type"], (string?)messages[0]!["content"]![1]!["source"]!["media_type"], (string?)messages[0]!["content"]![1]!["source"]!["data"]));
        Assert.Equal(("tool_use", "toolu_1", "Paris"), ((string?)messages[1]!["content"]![1]!["type"], (string?)messages[1]!["content"]![1]!["id"], (string?)messages[1]!["content"]![1]!["input"]!["city"]));
        Assert.Equal(("tool_result", "toolu_1", "Paris: 21"), ((string?)messages[2]!["content"]![0]!["type"], (string?)messages[2]!["content"]![0]!["tool_use_id"], (string?)messages[2]!["content"]![0]!["content"]));
    }

    [Fact]
    public async Task Anthropic_breaking_off_or_ending_early_is_a_failure()
    {
        var client = Provider(ProviderKind.Anthropic, "/v1").Open("claude-x");
        _server.Then(FakeProvider.Events(AnthropicText("Half"), AnthropicEvent("error", """ "error":{"type":"overloaded_error","message":"sk-test"}""")));
        Assert.Equal(529, (await Assert.ThrowsAsync<ProviderException>(() => AskAsync(client, Question()))).Status);

        _server.Then(FakeProvider.Events(AnthropicText("Half")));
        Assert.Null((await Assert.ThrowsAsync<ProviderException>(() => AskAsync(client, Question()))).Status);

        _server.Then(FakeProvider.Events("data: <html>"));
        await Assert.ThrowsAsync<ProviderException>(() => AskAsync(client, Question()));

        _server.Then(FakeProvider.Events(AnthropicAnswer("refusal", AnthropicText(""))));
        Assert.Equal(ChatFinishReason.ContentFilter, (await AskAsync(client, Question())).FinishReason);
    }

    [Theory]
    [InlineData(ProviderKind.Anthropic)]
    [InlineData(ProviderKind.Gemini)]
    [InlineData(ProviderKind.OpenAiCompatible)]
    [InlineData(ProviderKind.AzureOpenAi)]
    public async Task A_failure_has_its_status_and_how_long_to_wait_and_nothing_of_what_the_provider_said(ProviderKind kind)
    {
        _server.Then(FakeProvider.Status(429, "7"));

        var failure = await Assert.ThrowsAsync<ProviderException>(() => AskAsync(Provider(kind, "/v1", models: "m").Open("m"), Question()));

        Assert.Equal((429, TimeSpan.FromSeconds(7)), (failure.Status, failure.RetryAfter));
        Assert.DoesNotContain("sk-test", failure.Message, StringComparison.Ordinal);
        Assert.Single(_server.Requests);
    }

    [Fact]
    public async Task Gemini_is_asked_as_it_wants_and_its_text_and_usage_arrive()
    {
        _server.Then(FakeProvider.Events(
            """data: {"candidates":[{"content":{"role":"model","parts":[{"text":"Thinking it over","thought":true},{"text":"Hello"}]}}],"responseId":"r1","modelVersion":"gemini-x-1"}""",
            """data: {"candidates":[{"content":{"role":"model","parts":[{"text":" there"}]},"finishReason":"STOP"}],"usageMetadata":{"promptTokenCount":9,"candidatesTokenCount":4,"thoughtsTokenCount":6}}"""));

        var answer = await AskAsync(Provider(ProviderKind.Gemini, "/v1beta").Open("gemini-x"), [.. Question(), new(ChatRole.Assistant, "Hm"), new(ChatRole.User, [new DataContent(new byte[] { 1 }, "image/png")])]);

        Assert.Equal("Hello there", answer.Text);
        Assert.Equal((9L, 10L), (answer.Usage!.InputTokenCount, answer.Usage.OutputTokenCount));
        var request = Assert.Single(_server.Requests);
        Assert.Equal("/v1beta/models/gemini-x:streamGenerateContent?alt=sse", request.Path);
        Assert.Equal("sk-test", request.Headers["x-goog-api-key"]);
        Assert.False(request.Headers.ContainsKey("Authorization"));
        Assert.Equal("Be kind.", (string?)request.Body!["systemInstruction"]!["parts"]![0]!["text"]);
        Assert.Equal(["user", "model", "user"], request.Body["contents"]!.AsArray().Select(c => (string?)c!["role"]));
        Assert.Equal(("image/png", "AQ=="), ((string?)request.Body["contents"]![2]!["parts"]![0]!["inlineData"]!["mimeType"], (string?)request.Body["contents"]![2]!["parts"]![0]!["inlineData"]!["data"]));
        Assert.Equal((100, 1.5), ((int?)request.Body["generationConfig"]!["maxOutputTokens"], (double?)request.Body["generationConfig"]!["temperature"]));
    }

    [Fact]
    public async Task Gemini_gets_the_signature_of_its_thought_back_with_the_result()
    {
        _server.Then(FakeProvider.Events(
            """data: {"candidates":[{"content":{"parts":[{"functionCall":{"name":"weather","args":{"city":"Paris"}},"thoughtSignature":"c2ln"}]},"finishReason":"STOP"}]}"""));
        var client = Provider(ProviderKind.Gemini, "/v1beta").Open("gemini-x");
        var options = new ChatOptions { Tools = [Weather] };

        var answer = await AskAsync(client, Question(), options);
        var call = Assert.Single(answer.Messages.SelectMany(m => m.Contents).OfType<FunctionCallContent>());
        Assert.Equal(ChatFinishReason.ToolCalls, answer.FinishReason);

        _server.Then(FakeProvider.Events("""data: {"candidates":[{"content":{"parts":[{"text":"21"}]},"finishReason":"STOP"}]}"""));
        await AskAsync(client, [.. Question(), new(ChatRole.Assistant, [call]), new(ChatRole.Tool, [new FunctionResultContent(call.CallId, "Paris: 21")])], options);

        var body = _server.Requests.Last().Body!;
        Assert.Equal("weather", (string?)body["tools"]![0]!["functionDeclarations"]![0]!["name"]);
        Assert.Equal(("c2ln", "Paris"), ((string?)body["contents"]![1]!["parts"]![0]!["thoughtSignature"], (string?)body["contents"]![1]!["parts"]![0]!["functionCall"]!["args"]!["city"]));
        Assert.Equal(("weather", "Paris: 21"), ((string?)body["contents"]![2]!["parts"]![0]!["functionResponse"]!["name"], (string?)body["contents"]![2]!["parts"]![0]!["functionResponse"]!["response"]!["result"]));
    }

    [Fact]
    public async Task Gemini_withholding_breaking_off_and_asking_for_time_are_understood()
    {
        var client = Provider(ProviderKind.Gemini, "/v1beta").Open("gemini-x");
        _server.Then(FakeProvider.Events("""data: {"promptFeedback":{"blockReason":"SAFETY"}}"""));
        Assert.Equal(ChatFinishReason.ContentFilter, (await AskAsync(client, Question())).FinishReason);

        _server.Then(FakeProvider.Events("""data: {"candidates":[{"content":{"parts":[{"text":"Half"}]}}]}"""));
        Assert.Null((await Assert.ThrowsAsync<ProviderException>(() => AskAsync(client, Question()))).Status);

        _server.Then(FakeProvider.Events("""data: {"error":{"code":503,"status":"UNAVAILABLE"}}"""));
        Assert.Equal(503, (await Assert.ThrowsAsync<ProviderException>(() => AskAsync(client, Question()))).Status);

        _server.Then(FakeProvider.Status(429, body: """{"error":{"code":429,"details":[{"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"13.5s"}]}}"""));
        Assert.Equal(TimeSpan.FromSeconds(13.5), (await Assert.ThrowsAsync<ProviderException>(() => AskAsync(client, Question()))).RetryAfter);
    }

    [Theory]
    [InlineData("", null, "/openai/v1/chat/completions")]
    [InlineData("/openai/v1/", null, "/openai/v1/chat/completions")]
    [InlineData("", "2024-10-21", "/openai/deployments/my-gpt/chat/completions?api-version=2024-10-21")]
    public async Task Azure_is_asked_at_its_new_and_its_old_address(string path, string? version, string expected)
    {
        _server.Then(FakeProvider.OpenAi("Hello"));

        Assert.Equal("Hello", (await AskAsync(Provider(ProviderKind.AzureOpenAi, path, version, models: "my-gpt").Open("my-gpt"), Question())).Text);

        var request = Assert.Single(_server.Requests);
        Assert.Equal((expected, "sk-test", "my-gpt"), (request.Path, request.Headers["api-key"], (string?)request.Body!["model"]));
        Assert.False(request.Headers.ContainsKey("Authorization"));
        Assert.Equal(100, (int?)request.Body["max_completion_tokens"]);
    }

    [Fact]
    public async Task Azure_with_Entra_gets_one_token_for_many_calls_and_a_new_one_before_it_ends()
    {
        _server.Otherwise = context => context.Request.Path.Value!.Contains("/oauth2/", StringComparison.Ordinal)
            ? context.Response.WriteAsJsonAsync(new { access_token = $"token-{_server.Requests.Count(r => r.Path.Contains("/oauth2/", StringComparison.Ordinal))}", expires_in = 3600, token_type = "Bearer" })
            : FakeProvider.OpenAi("Hello")(context);
        var client = Provider(ProviderKind.AzureOpenAi, tenant: "contoso.example", client: "app-1", models: "my-gpt").Open("my-gpt");

        await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => AskAsync(client, Question())));
        var issued = Assert.Single(_server.Requests, r => r.Path.Contains("/oauth2/", StringComparison.Ordinal));
        Assert.Equal("/contoso.example/oauth2/v2.0/token", issued.Path);
        Assert.Equal("grant_type=client_credentials&client_id=app-1&client_secret=sk-test&scope=https%3A%2F%2Fcognitiveservices.azure.com%2F.default", issued.Text);
        Assert.All(_server.Requests.Where(r => r != issued), r => Assert.Equal("Bearer token-1", r.Headers["Authorization"]));
        Assert.DoesNotContain(_server.Requests, r => r.Headers.ContainsKey("api-key"));

        _time.Advance(TimeSpan.FromMinutes(56));
        await AskAsync(client, Question());
        Assert.Equal("Bearer token-2", _server.Requests.Last().Headers["Authorization"]);
    }

    [Fact]
    public async Task An_application_that_Entra_does_not_know_is_a_refused_key()
    {
        _server.Then(FakeProvider.Status(400));
        var client = Provider(ProviderKind.AzureOpenAi, tenant: "contoso.example", client: "app-1", models: "my-gpt").Open("my-gpt");
        Assert.Equal(401, (await Assert.ThrowsAsync<ProviderException>(() => AskAsync(client, Question()))).Status);
    }

    [Fact]
    public async Task Each_lists_its_models_at_its_own_place()
    {
        _server.Then(FakeProvider.Json(new { data = new[] { new { id = "claude-x" } } })).Then(FakeProvider.Json(new { models = new[] { new { name = "models/gemini-x" } } })).Then(FakeProvider.Json(new { data = new[] { new { id = "llama3.1" } } }));

        Assert.Equal(["claude-x"], await Provider(ProviderKind.Anthropic, "/v1").ListAsync(Token));
        Assert.Equal(["gemini-x"], await Provider(ProviderKind.Gemini, "/v1beta").ListAsync(Token));
        Assert.Equal(["llama3.1"], await Provider(ProviderKind.OpenAiCompatible, "/v1").ListAsync(Token));
        Assert.Equal(["my-gpt"], await Provider(ProviderKind.AzureOpenAi, models: "my-gpt").ListAsync(Token));
        Assert.Equal(["/v1/models?limit=1000", "/v1beta/models?pageSize=1000", "/v1/models"], _server.Requests.Select(r => r.Path));
    }

    [Fact]
    public async Task Texts_are_embedded_in_order_by_those_that_embed()
    {
        _server.Then(FakeProvider.Json(new { data = new[] { new { index = 1, embedding = new[] { 0f, 2f } }, new { index = 0, embedding = new[] { 1f, 0f } } }, usage = new { prompt_tokens = 4 } }));
        var made = await ((IEmbeddingProvider)Provider(ProviderKind.OpenAiCompatible, "/v1")).EmbedAsync("embed", ["a", "b"], Token);
        Assert.Equal([1f, 0f], made.Vectors[0]);
        Assert.Equal([0f, 2f], made.Vectors[1]);
        Assert.Equal(4, made.InputTokens);
        Assert.Equal("/v1/embeddings", _server.Requests.Last().Path);

        _server.Then(FakeProvider.Json(new { embeddings = new[] { new { values = new[] { 3f } }, new { values = new[] { 4f } } } }));
        made = await ((IEmbeddingProvider)Provider(ProviderKind.Gemini, "/v1beta")).EmbedAsync("gemini-embedding-001", ["a", "b"], Token);
        Assert.Equal([3f, 4f], made.Vectors.Select(v => v[0]));
        Assert.Equal("/v1beta/models/gemini-embedding-001:batchEmbedContents", _server.Requests.Last().Path);
        Assert.Equal("b", (string?)_server.Requests.Last().Body!["requests"]![1]!["content"]!["parts"]![0]!["text"]);

        _server.Then(FakeProvider.Json(new { data = Array.Empty<object>() }));
        await Assert.ThrowsAsync<ProviderException>(() => ((IEmbeddingProvider)Provider(ProviderKind.OpenAiCompatible, "/v1")).EmbedAsync("embed", ["a"], Token));
    }

    [Fact]
    public async Task An_answer_without_end_is_cut_off()
    {
        var line = new string('x', 1_000_000);
        _server.Then(async context =>
        {
            context.Response.ContentType = "text/event-stream";
            await context.Response.WriteAsync("data: ");
            try
            {
                for (var i = 0; i < 100; i++)
                {
                    await context.Response.WriteAsync(line, context.RequestAborted);
                }
            }
            catch (OperationCanceledException)
            {
                // As it should be.
            }
        });

        await Assert.ThrowsAsync<IOException>(() => AskAsync(Provider(ProviderKind.Anthropic, "/v1").Open("claude-x"), Question()));
    }
}
