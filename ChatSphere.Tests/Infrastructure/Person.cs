using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using ChatSphere.Contracts;
using ChatSphere.Contracts.Accounts;
using ChatSphere.Contracts.Bots;
using ChatSphere.Contracts.Conversations;
using ChatSphere.Contracts.Knowledge;
using ChatSphere.Contracts.Live;

namespace ChatSphere.Tests.Infrastructure;

/// <param name="Id">Null when the server sent none.</param>
public sealed record StreamEvent(int? Id, string Name, string Data)
{
    public T As<T>() => JsonSerializer.Deserialize<T>(Data, JsonSerializerOptions.Web)!;
}

/// <summary>Somebody signed in, and what they do with the API.</summary>
public sealed class Person(HttpClient client, AccountResponse account, TokenResponse tokens)
{
    public const string Password = "three green bicycles 47";

    public HttpClient Client { get; } = client;

    public AccountResponse Account { get; } = account;

    public TokenResponse Tokens { get; private set; } = tokens;

    public Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, object? body = null, Action<HttpRequestMessage>? configure = null, HttpCompletionOption completion = HttpCompletionOption.ResponseContentRead)
    {
        var request = new HttpRequestMessage(method, path);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", Tokens.AccessToken);
        request.Content = body switch
        {
            null => null,
            HttpContent content => content,
            _ => JsonContent.Create(body, body.GetType(), options: JsonSerializerOptions.Web),
        };
        configure?.Invoke(request);
        return Client.SendAsync(request, completion);
    }

    public Task<HttpResponseMessage> GetAsync(string path) => SendAsync(HttpMethod.Get, path);

    public Task<HttpResponseMessage> PostAsync(string path, object? body = null) => SendAsync(HttpMethod.Post, path, body);

    public async Task<T> GetAsync<T>(string path) => await (await GetAsync(path)).ReadAsync<T>();

    public async Task<BotResponse> HasBotAsync(string? model = "extractive", string instructions = "Answer from the documents.") =>
        await (await PostAsync("/v1/bots", new CreateBotRequest("Librarian", instructions, model))).ReadAsync<BotResponse>();

    public Task<HttpResponseMessage> UploadAsync(Guid botId, params (string Name, byte[] Bytes)[] files)
    {
        var form = new MultipartFormDataContent();
        foreach (var (name, bytes) in files)
        {
            form.Add(new ByteArrayContent(bytes), "file", name);
        }

        return PostAsync($"/v1/bots/{botId}/documents", form);
    }

    /// <summary>Gives the bot a text and waits until it has read it.</summary>
    public async Task<DocumentResponse> HasDocumentAsync(Guid botId, string name, string text) => await HasDocumentAsync(botId, name, Encoding.UTF8.GetBytes(text));

    public async Task<DocumentResponse> HasDocumentAsync(Guid botId, string name, byte[] bytes)
    {
        var uploaded = await (await UploadAsync(botId, (name, bytes))).ReadAsync<UploadDocumentsResponse>();
        var document = await SettledAsync(uploaded.Documents[0].Id);
        Assert.True(document.Status == DocumentStatus.Ready, $"{document.Status}: {document.FailureCode} {document.Reason}");
        return document;
    }

    /// <summary>The document once it has come to an end, whichever.</summary>
    public Task<DocumentResponse> SettledAsync(Guid documentId) => EventuallyAsync(
        () => GetAsync<DocumentResponse>($"/v1/documents/{documentId}"), d => d.Status is DocumentStatus.Ready or DocumentStatus.Failed or DocumentStatus.Cancelled);

    public async Task<ConversationResponse> TalksWithAsync(Guid botId) =>
        await (await PostAsync("/v1/conversations", new CreateConversationRequest(botId))).ReadAsync<ConversationResponse>();

    public async Task<TurnResponse> AskAsync(Guid conversationId, string text, string? key = null) =>
        await (await SendAsync(HttpMethod.Post, $"/v1/conversations/{conversationId}/turns", new CreateTurnRequest(text), r => WithKey(r, key))).ReadAsync<TurnResponse>();

    /// <summary>Asks, reads the answer to its end, and gives all events.</summary>
    public async Task<IReadOnlyList<StreamEvent>> AnswerAsync(Guid conversationId, string text)
    {
        var turn = await AskAsync(conversationId, text);
        return await EventsAsync(turn.Id);
    }

    public async Task<IReadOnlyList<StreamEvent>> EventsAsync(Guid turnId, int? after = null)
    {
        var events = new List<StreamEvent>();
        await foreach (var e in StreamAsync($"/v1/turns/{turnId}/events", after))
        {
            events.Add(e);
        }

        return events;
    }

    public async IAsyncEnumerable<StreamEvent> StreamAsync(string path, int? after = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(TimeSpan.FromSeconds(90));
        using var response = await SendAsync(HttpMethod.Get, path, configure: r =>
        {
            if (after is { } id)
            {
                r.Headers.Add("Last-Event-ID", id.ToString(System.Globalization.CultureInfo.InvariantCulture));
            }
        }, completion: HttpCompletionOption.ResponseHeadersRead);
        Assert.True(response.IsSuccessStatusCode, $"{path} answered {(int)response.StatusCode}");
        Assert.Equal("text/event-stream", response.Content.Headers.ContentType?.MediaType);
        await foreach (var e in ReadAsync(await response.Content.ReadAsStreamAsync(limit.Token), limit.Token))
        {
            yield return e;
        }
    }

    public static async IAsyncEnumerable<StreamEvent> ReadAsync(Stream stream, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await foreach (var item in SseParser.Create(stream).EnumerateAsync(cancellationToken))
        {
            yield return new StreamEvent(int.TryParse(item.EventId, out var id) ? id : null, item.EventType, item.Data);
        }
    }

    public async Task<IReadOnlyList<MessageResponse>> MessagesAsync(Guid conversationId)
    {
        var page = await GetAsync<Page<MessageResponse>>($"/v1/conversations/{conversationId}/messages");
        return [.. page.Items.Reverse()];
    }

    /// <summary>A new session with the password.</summary>
    public async Task SignInAgainAsync() =>
        Tokens = await (await Client.PostAsJsonAsync("/v1/accounts/sign-in", new SignInRequest(Account.Email, Password))).ReadAsync<TokenResponse>();

    public async Task RefreshAsync() =>
        Tokens = await (await Client.PostAsJsonAsync("/v1/accounts/refresh", new RefreshRequest(Tokens.RefreshToken))).ReadAsync<TokenResponse>();

    /// <summary>Looks until it is so. For what another process does; the limit is far above what it takes.</summary>
    public static async Task<T> EventuallyAsync<T>(Func<Task<T>> look, Func<T, bool> isSo, int seconds = 90)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(seconds));
        while (true)
        {
            var seen = await look();
            if (isSo(seen))
            {
                return seen;
            }

            if (limit.IsCancellationRequested)
            {
                Assert.Fail($"After {seconds} s it is still {JsonSerializer.Serialize(seen)}");
            }

            await Task.Delay(100, CancellationToken.None);
        }
    }

    private static void WithKey(HttpRequestMessage request, string? key)
    {
        if (key is not null)
        {
            request.Headers.Add("Idempotency-Key", key);
        }
    }
}

internal static class TurnEvents
{
    public static IEnumerable<string> Names(this IEnumerable<StreamEvent> events) => events.Select(e => e.Name);

    /// <summary>The text as a reader puts it together.</summary>
    public static string Text(this IEnumerable<StreamEvent> events)
    {
        var text = new StringBuilder();
        foreach (var delta in events.Where(e => e.Name == TurnEventNames.Delta).Select(e => e.As<DeltaEvent>()))
        {
            text.Length = Math.Min(text.Length, delta.Offset);
            text.Append(delta.Text);
        }

        return text.ToString();
    }

    /// <summary>The finished message.</summary>
    public static MessageResponse Message(this IReadOnlyList<StreamEvent> events) =>
        events[^1].Name == TurnEventNames.Done ? events[^1].As<DoneEvent>().Message : events[^1].As<FailedEvent>().Message;

    public static LiveEvent Live(this StreamEvent e) => new(e.Name, JsonDocument.Parse(e.Data).RootElement);
}
