using System.ClientModel;
using System.ClientModel.Primitives;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using ChatSphere.AI.Knowledge;
using ChatSphere.Contracts;
using ChatSphere.Contracts.Accounts;
using ChatSphere.Tests.Infrastructure;
using OpenAI;
using OpenAI.Chat;

namespace ChatSphere.Tests.OpenAi;

/// <summary>OpenAI's own client against the Api, unchanged but for its address and key.</summary>
public sealed class SpeakingOpenAiTests(ChatSphereApp app)
{
    private const string Fact = "The lighthouse of Skagen was lit on the first of November 1858. It stands forty-six metres tall.";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_model_streams_with_usage_and_without()
    {
        var chat = (await ClientAsync(await KeyAsync())).GetChatClient("mock-ttft5-itl1-len30");
        ChatCompletion whole = await chat.CompleteChatAsync([new SystemChatMessage("Be brief."), new UserChatMessage("Tell me something.")], cancellationToken: Token);
        Assert.Equal(ChatFinishReason.Stop, whole.FinishReason);
        Assert.Equal("mock-ttft5-itl1-len30", whole.Model);
        Assert.True(whole.Usage.InputTokenCount > 0 && whole.Usage.OutputTokenCount > 0);

        var (text, usage, pieces) = ("", (ChatTokenUsage?)null, 0);
        await foreach (var update in chat.CompleteChatStreamingAsync([new SystemChatMessage("Be brief."), new UserChatMessage("Tell me something.")], cancellationToken: Token))
        {
            text += string.Concat(update.ContentUpdate.Select(p => p.Text));
            usage = update.Usage ?? usage;
            pieces++;
        }

        Assert.Equal(whole.Content[0].Text, text);
        Assert.Equal(whole.Usage.OutputTokenCount, usage!.OutputTokenCount);
        Assert.True(pieces > 10);
    }

    [Fact]
    public async Task The_caller_runs_its_own_tools()
    {
        var chat = (await ClientAsync(await KeyAsync())).GetChatClient("mock-tool");
        var options = new ChatCompletionOptions
        {
            Tools = { ChatTool.CreateFunctionTool("get_weather", "The weather of a city", BinaryData.FromString("""{"type":"object","properties":{"city":{"type":"string"}},"required":["city"]}""")) },
        };
        List<ChatMessage> messages = [new UserChatMessage("Paris")];
        ChatCompletion asked = await chat.CompleteChatAsync(messages, options, Token);
        Assert.Equal(ChatFinishReason.ToolCalls, asked.FinishReason);
        var call = Assert.Single(asked.ToolCalls);
        Assert.Equal("get_weather", call.FunctionName);
        Assert.True(JsonDocument.Parse(call.FunctionArguments).RootElement.TryGetProperty("city", out _));

        messages.Add(new AssistantChatMessage(asked));
        messages.Add(new ToolChatMessage(call.Id, "21 degrees and sunny"));
        ChatCompletion answered = await chat.CompleteChatAsync(messages, options, Token);
        Assert.Equal(ChatFinishReason.Stop, answered.FinishReason);
        Assert.Contains("21 degrees and sunny", answered.Content[0].Text, StringComparison.Ordinal);

        var streamed = new Dictionary<int, string>();
        ChatFinishReason? reason = null;
        await foreach (var update in chat.CompleteChatStreamingAsync([new UserChatMessage("Paris")], options, Token))
        {
            foreach (var piece in update.ToolCallUpdates)
            {
                streamed[piece.Index] = streamed.GetValueOrDefault(piece.Index) + piece.FunctionArgumentsUpdate;
            }

            reason = update.FinishReason ?? reason;
        }

        Assert.Equal(ChatFinishReason.ToolCalls, reason);
        Assert.Equal(call.FunctionArguments.ToString(), Assert.Single(streamed).Value);
    }

    [Fact]
    public async Task A_bot_answers_from_its_documents_and_brings_checked_citations()
    {
        var ann = await app.SomebodyAsync();
        var bot = await ann.HasBotAsync("mock-ttft5-itl1-cite");
        var document = await ann.HasDocumentAsync(bot.Id, "skagen.md", Fact);
        var key = await ann.HasKeyAsync(Permissions.ModelsUse, Permissions.BotsRead);
        var client = await ClientAsync(key);
        Assert.Contains((await client.GetOpenAIModelClient().GetModelsAsync(Token)).Value, m => m.Id == $"bot:{bot.Id}");

        var chat = client.GetChatClient($"bot:{bot.Id}");
        ClientResult<ChatCompletion> answered = await chat.CompleteChatAsync([new UserChatMessage("Hello"), new AssistantChatMessage("Hello."), new UserChatMessage("When was the lighthouse lit?")], cancellationToken: Token);
        using var json = JsonDocument.Parse(answered.GetRawResponse().Content);
        var citations = json.RootElement.GetProperty("choices")[0].GetProperty("message").GetProperty("citations");
        Assert.True(citations.GetArrayLength() > 0);
        Assert.Equal(document.Id, citations[0].GetProperty("documentId").GetGuid());
        Assert.Contains(citations[0].GetProperty("quote").GetString()!, Fact, StringComparison.Ordinal);
        Assert.Contains($"[{citations[0].GetProperty("number").GetInt32()}]", answered.Value.Content[0].Text, StringComparison.Ordinal);

        // The same in a stream: with the last piece.
        using var response = await key.SendAsync(HttpMethod.Post, "/v1/chat/completions", new { model = $"bot:{bot.Id}", stream = true, messages = new[] { new { role = "user", content = "When was the lighthouse lit?" } } });
        var lines = (await response.Content.ReadAsStringAsync(Token)).Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(l => l.StartsWith("data: ", StringComparison.Ordinal)).Select(l => l[6..]).ToList();
        Assert.Equal("[DONE]", lines[^1]);
        var last = JsonDocument.Parse(lines[^2]).RootElement.GetProperty("choices")[0];
        Assert.Equal("stop", last.GetProperty("finish_reason").GetString());
        Assert.True(last.GetProperty("delta").GetProperty("citations").GetArrayLength() > 0);

        // Somebody else's bot is no model.
        var bob = await (await app.SomebodyAsync()).HasKeyAsync(Permissions.ModelsUse);
        await bob.PostAsync("/v1/chat/completions", new { model = $"bot:{bot.Id}", messages = new[] { new { role = "user", content = "When?" } } }).RefusedAsync(HttpStatusCode.NotFound, ErrorCodes.ModelUnknown);
    }

    [Fact]
    public async Task Errors_have_the_shape_that_its_clients_read()
    {
        var key = await KeyAsync();
        var client = await ClientAsync(key);
        var refused = await Assert.ThrowsAsync<ClientResultException>(() => client.GetChatClient("no-such-model").CompleteChatAsync([new UserChatMessage("Hi")], cancellationToken: Token));
        Assert.Equal(404, refused.Status);
        Assert.Contains("model_unknown", refused.Message, StringComparison.Ordinal);

        var failing = await Assert.ThrowsAsync<ClientResultException>(() => client.GetChatClient("mock-fail503").CompleteChatAsync([new UserChatMessage("Hi")], cancellationToken: Token));
        Assert.Equal(503, failing.Status);

        var unknown = await Assert.ThrowsAsync<ClientResultException>(() => ClientOf("nonsense", key.Client.BaseAddress!).GetChatClient("mock").CompleteChatAsync([new UserChatMessage("Hi")], cancellationToken: Token));
        Assert.Equal(401, unknown.Status);
        using var bare = await key.Client.PostAsync("/v1/chat/completions", JsonContent.Create(new { model = "mock" }), Token);
        Assert.Equal("authentication_error", JsonDocument.Parse(await bare.Content.ReadAsStringAsync(Token)).RootElement.GetProperty("error").GetProperty("type").GetString());

        using var wrong = await key.SendAsync(HttpMethod.Post, "/v1/chat/completions", new { model = "mock", messages = new[] { new { role = "user", content = "Hi" } }, n = 3 });
        var error = JsonDocument.Parse(await wrong.Content.ReadAsStringAsync(Token)).RootElement.GetProperty("error");
        Assert.Equal(("n", "invalid_request_error"), (error.GetProperty("param").GetString(), error.GetProperty("type").GetString()));

        var without = await (await app.SomebodyAsync()).HasKeyAsync(Permissions.BotsRead);
        await without.PostAsync("/v1/chat/completions", new { model = "mock", messages = new[] { new { role = "user", content = "Hi" } } }).RefusedAsync(HttpStatusCode.Forbidden, ErrorCodes.PermissionMissing);
    }

    [Theory]
    [InlineData("""{"model":"mock","messages":[]}""", "messages")]
    [InlineData("""{"model":"mock","messages":[null]}""", "messages[0]")]
    [InlineData("""{"model":"mock","messages":[{"role":"king","content":"x"}]}""", "messages[0]")]
    [InlineData("""{"model":"mock","messages":[{"role":"user","content":{"a":1}}]}""", "messages[0]")]
    [InlineData("""{"model":"mock","messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"http://169.254.169.254/latest"}}]}]}""", "messages[0]")]
    [InlineData("""{"model":"mock","messages":[{"role":"tool","content":"x"}]}""", "messages[0]")]
    [InlineData("""{"model":"mock","messages":[{"role":"user","content":"x"}],"temperature":9}""", "temperature")]
    [InlineData("""{"model":"mock","messages":[{"role":"user","content":"x"}],"tools":[{"type":"function","function":{"name":"a b"}}]}""", "tools")]
    [InlineData("""{"model":"mock","messages":[{"role":"user","content":"x"}],"tool_choice":"perhaps"}""", "tool_choice")]
    [InlineData("""{"model":"mock","messages":[{"role":"user","content":"x"}],"response_format":{"type":"json_schema"}}""", "response_format")]
    [InlineData("""{"model":"mock","messages":[{"role":"user","content":"x"}],"stop":[1]}""", "stop")]
    [InlineData("""{"model":"mock","messages":[{"role":"user","content":"\ud800"}]}""", "messages[0]")]
    [InlineData("""{"model":7}""", "$.model")]
    [InlineData("nonsense", "$")]
    public async Task What_is_not_of_the_documented_shape_is_refused_by_name(string body, string field)
    {
        var key = await KeyAsync();
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/chat/completions") { Content = new StringContent(body, System.Text.Encoding.UTF8, "application/json"), Headers = { Authorization = new("Bearer", key.Tokens.AccessToken) } };
        using var response = await key.Client.SendAsync(request, Token);
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Equal(field, JsonDocument.Parse(await response.Content.ReadAsStringAsync(Token)).RootElement.GetProperty("error").GetProperty("param").GetString());
    }

    [Fact]
    public async Task Embeddings_are_those_that_the_search_uses()
    {
        var client = await ClientAsync(await KeyAsync());
        var embeddings = client.GetEmbeddingClient(LocalEmbedder.Model);
        var made = (await embeddings.GenerateEmbeddingsAsync(["a lighthouse", "a lighthouse", "a harbour"], cancellationToken: Token)).Value;
        Assert.Equal(3, made.Count);
        Assert.Equal(LocalEmbedder.Dimensions, made[0].ToFloats().Length);
        Assert.Equal(made[0].ToFloats().ToArray(), made[1].ToFloats().ToArray());
        Assert.NotEqual(made[0].ToFloats().ToArray(), made[2].ToFloats().ToArray());
        Assert.Equal(404, (await Assert.ThrowsAsync<ClientResultException>(() => client.GetEmbeddingClient("other").GenerateEmbeddingAsync("x", cancellationToken: Token))).Status);
    }

    [Fact]
    public async Task Responses_say_the_same_whole_and_in_events()
    {
        var ann = await app.SomebodyAsync();
        var bot = await ann.HasBotAsync("mock-ttft5-itl1-cite");
        await ann.HasDocumentAsync(bot.Id, "skagen.md", Fact);
        var key = await ann.HasKeyAsync(Permissions.ModelsUse, Permissions.BotsRead);
        var whole = JsonDocument.Parse(await (await key.PostAsync("/v1/responses", new { model = $"bot:{bot.Id}", input = "When was the lighthouse lit?" })).Content.ReadAsStringAsync(Token)).RootElement;
        Assert.Equal(("response", "completed"), (whole.GetProperty("object").GetString(), whole.GetProperty("status").GetString()));
        var content = whole.GetProperty("output")[0].GetProperty("content")[0];
        Assert.Contains("1858", content.GetProperty("text").GetString(), StringComparison.Ordinal);
        Assert.True(content.GetProperty("citations").GetArrayLength() > 0);
        Assert.True(whole.GetProperty("usage").GetProperty("output_tokens").GetInt32() > 0);

        var tools = new[] { new { type = "function", name = "get_weather", parameters = new { type = "object", properties = new { city = new { type = "string" } } } } };
        using var response = await key.PostAsync("/v1/responses", new { model = "mock-tool", stream = true, tools, input = new object[] { new { role = "user", content = new[] { new { type = "input_text", text = "Paris" } } } } });
        var events = (await response.Content.ReadAsStringAsync(Token)).Split('\n').Where(l => l.StartsWith("data: ", StringComparison.Ordinal)).Select(l => JsonDocument.Parse(l[6..]).RootElement).ToList();
        Assert.Equal(Enumerable.Range(0, events.Count), events.Select(e => e.GetProperty("sequence_number").GetInt32()));
        Assert.Equal("response.created", events[0].GetProperty("type").GetString());
        var call = Assert.Single(events[^1].GetProperty("response").GetProperty("output").EnumerateArray());
        Assert.Equal(("response.completed", "function_call"), (events[^1].GetProperty("type").GetString(), call.GetProperty("type").GetString()));

        var answered = JsonDocument.Parse(await (await key.PostAsync("/v1/responses", new
        {
            model = "mock-tool",
            tools,
            input = new object[]
            {
                new { role = "user", content = "Paris" },
                new { type = "function_call", call_id = call.GetProperty("call_id").GetString(), name = "get_weather", arguments = call.GetProperty("arguments").GetString() },
                new { type = "function_call_output", call_id = call.GetProperty("call_id").GetString(), output = "21 degrees" },
            },
        })).Content.ReadAsStringAsync(Token)).RootElement;
        Assert.Contains("21 degrees", answered.GetProperty("output")[0].GetProperty("content")[0].GetProperty("text").GetString(), StringComparison.Ordinal);

        await key.PostAsync("/v1/responses", new { model = "mock", input = "Hi", previous_response_id = "resp_1" }).RefusedAsync(HttpStatusCode.BadRequest, ErrorCodes.RequestInvalid);
        await key.PostAsync("/v1/responses", new { model = "mock", input = new[] { new { type = "web_search_call" } } }).RefusedAsync(HttpStatusCode.BadRequest, ErrorCodes.RequestInvalid);
    }

    private async Task<Person> KeyAsync() => await (await app.SomebodyAsync()).HasKeyAsync(Permissions.ModelsUse, Permissions.BotsRead);

    private static Task<OpenAIClient> ClientAsync(Person key) => Task.FromResult(ClientOf(key.Tokens.AccessToken, key.Client.BaseAddress!));

    private static OpenAIClient ClientOf(string key, Uri api) => new(new ApiKeyCredential(key), new OpenAIClientOptions { Endpoint = new Uri(api, "/v1"), RetryPolicy = new ClientRetryPolicy(0) });
}
