using System.Net;
using System.Net.Http.Json;
using System.Text.Json;

namespace ChatSphere.Tests.Benchmarks;

public sealed class AskingAMockModelTests
{
    private static readonly object[] Weather =
    [
        new
        {
            type = "function",
            function = new
            {
                name = "get_weather",
                parameters = JsonDocument.Parse("""
                    {"type":"object","properties":{"city":{"type":"string"},"days":{"type":"integer","minimum":3},"unit":{"enum":["C","F"]},"more":{"type":"array","items":{"type":"boolean"}}}}
                    """).RootElement,
            },
        },
    ];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Stream_opens_with_the_role_and_closes_with_reason_usage_and_mark()
    {
        await using var mock = await MockModels.StartAsync();

        var events = await mock.StreamAsync("mock-ttft1-itl1-len7", "hello").ToListAsync(Token);

        Assert.Equal(11, events.Count);
        Assert.Equal("[DONE]", events[^1]);
        var chunks = events[..^1].Select(text => JsonDocument.Parse(text).RootElement).ToList();
        Assert.Equal("assistant", Delta(chunks[0]).GetProperty("role").GetString());
        Assert.All(chunks[1..8], chunk => Assert.NotEqual("", Delta(chunk).GetProperty("content").GetString()));
        Assert.Equal("stop", chunks[8].GetProperty("choices")[0].GetProperty("finish_reason").GetString());
        Assert.Equal(0, chunks[9].GetProperty("choices").GetArrayLength());
        Assert.Equal(7, chunks[9].GetProperty("usage").GetProperty("completion_tokens").GetInt32());
        Assert.Single(chunks.Select(chunk => chunk.GetProperty("id").GetString()).Distinct());
    }

    [Fact]
    public async Task Same_question_gets_the_same_text_streamed_or_not()
    {
        await using var mock = await MockModels.StartAsync();

        var whole = await mock.TextAsync("mock-len30", MockModels.User("why?"));
        var streamed = await TextAsync(mock.StreamAsync("mock-len30", "why?"));

        Assert.Equal(whole, streamed);
        Assert.Equal(30, whole.Split(' ').Length);
        Assert.NotEqual(whole, await mock.TextAsync("mock-len30", MockModels.User("how?")));
    }

    [Fact]
    public async Task Broken_stream_ends_without_a_mark_after_the_tokens_promised()
    {
        await using var mock = await MockModels.StartAsync();
        var events = new List<string>();

        await Assert.ThrowsAnyAsync<IOException>(async () =>
        {
            await foreach (var data in mock.StreamAsync("mock-break3-len10", "hello"))
            {
                events.Add(data);
            }
        });

        Assert.Equal(4, events.Count);
    }

    [Fact]
    public async Task Stalled_stream_sends_its_tokens_and_stays_open()
    {
        await using var mock = await MockModels.StartAsync();
        await using var events = mock.StreamAsync("mock-stall2", "hello").GetAsyncEnumerator(Token);
        for (var i = 0; i < 3; i++)
        {
            Assert.True(await events.MoveNextAsync());
        }

        // The next read does not end by itself: it is still waiting when another call has been answered.
        var next = events.MoveNextAsync().AsTask();
        await mock.TextAsync("mock", MockModels.User("meanwhile"));
        Assert.False(next.IsCompleted);
        await mock.DisposeAsync();
        await Assert.ThrowsAnyAsync<Exception>(() => next);
    }

    [Fact]
    public async Task Empty_and_garbage_streams_are_what_they_say()
    {
        await using var mock = await MockModels.StartAsync();

        Assert.Empty(await mock.StreamAsync("mock-empty", "hello").ToListAsync(Token));
        var garbage = await mock.StreamAsync("mock-garbage", "hello").ToListAsync(Token);
        Assert.ThrowsAny<JsonException>(() => JsonDocument.Parse(garbage[0]));
    }

    [Theory]
    [InlineData("mock-fail503", HttpStatusCode.ServiceUnavailable)]
    [InlineData("mock-fail401", HttpStatusCode.Unauthorized)]
    [InlineData("gpt-4", HttpStatusCode.NotFound)]
    [InlineData("mock-lenn5", HttpStatusCode.BadRequest)]
    public async Task Failing_and_unknown_models_answer_an_error_of_the_right_shape(string model, HttpStatusCode expected)
    {
        await using var mock = await MockModels.StartAsync();

        using var response = await mock.AskAsync(model, true, [MockModels.User("hello")]);

        Assert.Equal(expected, response.StatusCode);
        var error = (await response.Content.ReadFromJsonAsync<JsonElement>(Token)).GetProperty("error");
        Assert.False(string.IsNullOrEmpty(error.GetProperty("message").GetString()));
        Assert.False(string.IsNullOrEmpty(error.GetProperty("type").GetString()));
    }

    [Fact]
    public async Task Too_many_requests_say_when_to_come_back()
    {
        await using var mock = await MockModels.StartAsync();

        using var response = await mock.AskAsync("mock-fail429", true, [MockModels.User("hello")]);

        Assert.Equal(HttpStatusCode.TooManyRequests, response.StatusCode);
        Assert.Equal(TimeSpan.FromSeconds(1), response.Headers.RetryAfter?.Delta);
    }

    [Fact]
    public async Task Model_that_fails_once_works_the_second_time_for_each_question()
    {
        await using var mock = await MockModels.StartAsync();

        HttpStatusCode[] statuses = [await StatusAsync("a"), await StatusAsync("a"), await StatusAsync("b"), await StatusAsync("a")];

        Assert.Equal([HttpStatusCode.ServiceUnavailable, HttpStatusCode.OK, HttpStatusCode.ServiceUnavailable, HttpStatusCode.OK], statuses);

        async Task<HttpStatusCode> StatusAsync(string text)
        {
            using var response = await mock.AskAsync("mock-failonce503", false, [MockModels.User(text)]);
            return response.StatusCode;
        }
    }

    [Fact]
    public async Task Tool_is_called_once_with_arguments_of_its_schema_and_its_result_is_used()
    {
        await using var mock = await MockModels.StartAsync();

        var events = await mock.StreamAsync("mock-tool", "Paris", Weather).ToListAsync(Token);
        var chunks = events[..^1].Select(text => JsonDocument.Parse(text).RootElement).ToList();
        var calls = chunks.Where(c => c.GetProperty("choices").GetArrayLength() > 0 && Delta(c).TryGetProperty("tool_calls", out _))
            .Select(c => Delta(c).GetProperty("tool_calls")[0]).ToList();
        var arguments = JsonDocument.Parse(string.Concat(calls.Select(c => c.GetProperty("function").GetProperty("arguments").GetString()))).RootElement;

        Assert.Equal("get_weather", calls[0].GetProperty("function").GetProperty("name").GetString());
        Assert.Equal("""{"city":"Paris","days":3,"unit":"C","more":[true]}""", JsonSerializer.Serialize(arguments));
        Assert.Contains(chunks, c => c.GetProperty("choices").GetArrayLength() > 0 && c.GetProperty("choices")[0].GetProperty("finish_reason").GetString() == "tool_calls");

        using var response = await mock.AskAsync("mock-tool", false, [MockModels.User("Paris"), new { role = "tool", tool_call_id = "x", content = "21 degrees" }], Weather);
        var message = (await response.Content.ReadFromJsonAsync<JsonElement>(Token)).GetProperty("choices")[0].GetProperty("message");
        Assert.Contains("21 degrees", message.GetProperty("content").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Sources_in_the_prompt_are_quoted_with_their_numbers()
    {
        await using var mock = await MockModels.StartAsync();
        var system = MockModels.System("""
            <source id="1" document="a">Cats sleep all day. Nothing wakes them.</source>
            <source id="2" document="b">Most dogs are quiet. Some dogs bark loudly at midnight &amp; later.</source>
            """);

        var text = await mock.TextAsync("mock", system, MockModels.User("When do dogs bark?"));

        Assert.Equal("Some dogs bark loudly at midnight & later. [2]", text);
        Assert.EndsWith("[99].", await mock.TextAsync("mock-badcite", system, MockModels.User("When do dogs bark?")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Echo_repeats_and_injection_is_hostile()
    {
        await using var mock = await MockModels.StartAsync();

        Assert.Equal("say \"this\" ☃", await mock.TextAsync("mock-echo", MockModels.User("say \"this\" ☃")));
        Assert.Equal("say \"this\" ☃", await TextAsync(mock.StreamAsync("mock-echo", "say \"this\" ☃")));
        Assert.Contains("<script>", await mock.TextAsync("mock-inject", MockModels.User("x")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Requests_can_be_looked_at_and_forgotten()
    {
        await using var mock = await MockModels.StartAsync();
        await mock.TextAsync("mock-len1", MockModels.System("be brief"), MockModels.User("hello"));

        var entries = await mock.Client.GetFromJsonAsync<JsonElement>("/mock/requests", Token);

        var entry = Assert.Single(entries.EnumerateArray());
        Assert.Equal("mock-len1", entry.GetProperty("model").GetString());
        Assert.Equal("be brief", entry.GetProperty("messages")[0].GetProperty("content").GetString());
        (await mock.Client.DeleteAsync("/mock/requests", Token)).Dispose();
        Assert.Empty((await mock.Client.GetFromJsonAsync<JsonElement>("/mock/requests", Token)).EnumerateArray());
    }

    [Fact]
    public async Task Texts_alike_have_embeddings_alike()
    {
        await using var mock = await MockModels.StartAsync();

        var v = await mock.EmbedAsync("mock-embed-512", "the dog barks at night", "dogs barking in the night", "quarterly tax report figures");

        Assert.All(v, x => Assert.Equal(512, x.Length));
        Assert.Equal(1, Dot(v[0], v[0]), 4);
        Assert.True(Dot(v[0], v[1]) > Dot(v[0], v[2]) + 0.2);
        Assert.Equal(v[0], (await mock.EmbedAsync("mock-embed-512", "the dog barks at night"))[0]);
    }

    [Fact]
    public async Task Embeddings_come_as_base64_when_asked_for()
    {
        await using var mock = await MockModels.StartAsync();

        using var response = await mock.Client.PostAsJsonAsync("/v1/embeddings", new { model = "mock", input = "hello", encoding_format = "base64" }, Token);
        var text = (await response.Content.ReadFromJsonAsync<JsonElement>(Token)).GetProperty("data")[0].GetProperty("embedding").GetString()!;

        var vector = new float[256];
        Buffer.BlockCopy(Convert.FromBase64String(text), 0, vector, 0, 1024);
        Assert.Equal((await mock.EmbedAsync("mock", "hello"))[0], vector);
    }

    private static JsonElement Delta(JsonElement chunk) => chunk.GetProperty("choices")[0].GetProperty("delta");

    private static float Dot(float[] a, float[] b) => a.Zip(b, (x, y) => x * y).Sum();

    private static async Task<string> TextAsync(IAsyncEnumerable<string> events)
    {
        var text = "";
        await foreach (var data in events)
        {
            if (data != "[DONE]" && JsonDocument.Parse(data).RootElement.GetProperty("choices") is { } choices && choices.GetArrayLength() > 0
                && choices[0].GetProperty("delta").TryGetProperty("content", out var content))
            {
                text += content.GetString();
            }
        }

        return text;
    }
}
