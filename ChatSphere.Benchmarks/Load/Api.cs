using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using ChatSphere.Contracts.Accounts;
using ChatSphere.Contracts.Bots;
using ChatSphere.Contracts.Conversations;
using ChatSphere.Contracts.Knowledge;

namespace ChatSphere.Benchmarks.Load;

/// <summary>
/// One signed-in user of the Api. Where it is told to slow down it waits as long as it is told, counts that, and goes on: refusals must show in the
/// result, not as an exception in the middle.
/// </summary>
internal sealed class Api : IDisposable
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    private readonly HttpClient http;
    private readonly string email = $"load-{Guid.NewGuid():N}@example.com";
    private readonly string password = $"load {Guid.NewGuid():N}";
    private readonly SemaphoreSlim signingIn = new(1);
    private string? token;
    private long renewAt;
    private int refusals;

    private Api(Uri address) => http = new HttpClient(new SocketsHttpHandler { PooledConnectionIdleTimeout = TimeSpan.FromMinutes(2) })
    {
        BaseAddress = address,
        Timeout = Timeout.InfiniteTimeSpan,
    };

    /// <summary>How often the Api answered 429.</summary>
    public int Refusals => refusals;

    /// <summary>Registers a user of its own.</summary>
    public static async Task<Api> RegisterAsync(Uri address, CancellationToken cancellationToken)
    {
        var api = new Api(address);
        using var response = await api.SendAsync(
            () => new(HttpMethod.Post, "v1/accounts/register") { Content = JsonContent.Create(new RegisterRequest(api.email, api.password, "Load")) }, false, cancellationToken);
        await EnsureAsync(response, cancellationToken);
        return api;
    }

    public async Task<BotResponse> CreateBotAsync(string? model, CancellationToken cancellationToken) =>
        await PostAsync<CreateBotRequest, BotResponse>("v1/bots", new("Load", "Answer briefly.", model), cancellationToken);

    public async Task<ConversationResponse> CreateConversationAsync(Guid bot, CancellationToken cancellationToken) =>
        await PostAsync<CreateConversationRequest, ConversationResponse>("v1/conversations", new(bot, "Load"), cancellationToken);

    public async Task<SearchResponse> SearchAsync(Guid bot, string query, CancellationToken cancellationToken) =>
        await PostAsync<SearchRequest, SearchResponse>($"v1/bots/{bot}/search", new(query), cancellationToken);

    /// <summary>Ids in the order of the files.</summary>
    public async Task<IReadOnlyList<Guid>> UploadAsync(Guid bot, IReadOnlyList<(string Name, byte[] Content)> files, CancellationToken cancellationToken)
    {
        using var response = await SendAsync(
            () =>
            {
                var form = new MultipartFormDataContent();
                foreach (var (name, content) in files)
                {
                    form.Add(new ByteArrayContent(content), "file", name);
                }

                return new(HttpMethod.Post, $"v1/bots/{bot}/documents") { Content = form };
            },
            true,
            cancellationToken);
        await EnsureAsync(response, cancellationToken);
        var uploaded = await response.Content.ReadFromJsonAsync<UploadDocumentsResponse>(Json, cancellationToken);
        return [.. uploaded!.Documents.Select(document => document.Id)];
    }

    /// <summary>Waits until the document is at an end, whichever.</summary>
    /// <exception cref="InvalidOperationException">It did not move for <see cref="Patience"/>: no worker runs, say.</exception>
    public async Task<DocumentResponse> FinishedAsync(Guid document, TimeSpan pollEvery, CancellationToken cancellationToken)
    {
        var (seen, since) = ((DocumentResponse?)null, Environment.TickCount64);
        while (true)
        {
            using var response = await SendAsync(() => new(HttpMethod.Get, $"v1/documents/{document}"), true, cancellationToken);
            await EnsureAsync(response, cancellationToken);
            var found = (await response.Content.ReadFromJsonAsync<DocumentResponse>(Json, cancellationToken))!;
            if (found.Status is DocumentStatus.Ready or DocumentStatus.Failed or DocumentStatus.Cancelled)
            {
                return found;
            }

            if (found != seen)
            {
                (seen, since) = (found, Environment.TickCount64);
            }
            else if (Environment.TickCount64 - since > Patience.TotalMilliseconds)
            {
                throw new InvalidOperationException($"{found.Name} has been {found.Status} at {found.Progress:P0} for {Patience.TotalMinutes:0} minutes.");
            }

            await Task.Delay(pollEvery, cancellationToken);
        }
    }

    /// <summary>Hands in conversations from elsewhere, as a file that is made while it is sent.</summary>
    public async Task<ImportResponse> ImportAsync(Guid bot, Func<HttpContent> file, CancellationToken cancellationToken)
    {
        using var response = await SendAsync(() => new(HttpMethod.Post, $"v1/imports?botId={bot}") { Content = new MultipartFormDataContent { { file(), "file", "conversations.json" } } }, true, cancellationToken);
        await EnsureAsync(response, cancellationToken);
        return (await response.Content.ReadFromJsonAsync<ImportResponse>(Json, cancellationToken))!;
    }

    public async Task<ImportResponse> ImportAsync(Guid import, CancellationToken cancellationToken)
    {
        using var response = await SendAsync(() => new(HttpMethod.Get, $"v1/imports/{import}"), true, cancellationToken);
        await EnsureAsync(response, cancellationToken);
        return (await response.Content.ReadFromJsonAsync<ImportResponse>(Json, cancellationToken))!;
    }

    public async Task<FoundMessagesResponse> FindAsync(string words, CancellationToken cancellationToken)
    {
        using var response = await SendAsync(() => new(HttpMethod.Get, $"v1/conversations/search?q={Uri.EscapeDataString(words)}"), true, cancellationToken);
        await EnsureAsync(response, cancellationToken);
        return (await response.Content.ReadFromJsonAsync<FoundMessagesResponse>(Json, cancellationToken))!;
    }

    /// <summary>Says something and reads the answer's stream to its end.</summary>
    public async Task<TurnOutcome> TurnAsync(Guid conversation, string text, CancellationToken cancellationToken)
    {
        var outcome = new TurnOutcome();
        using var response = await SendAsync(
            () =>
            {
                outcome.Start();
                var request = new HttpRequestMessage(HttpMethod.Post, $"v1/conversations/{conversation}/turns") { Content = JsonContent.Create(new CreateTurnRequest(text)) };
                request.Headers.Accept.Add(new("text/event-stream"));
                return request;
            },
            true,
            cancellationToken);
        if (!response.IsSuccessStatusCode)
        {
            outcome.Failure = await ReasonAsync(response, cancellationToken);
            return outcome;
        }

        await using var body = await response.Content.ReadAsStreamAsync(cancellationToken);
        await outcome.ReadAsync(body, cancellationToken);
        return outcome;
    }

    public void Dispose()
    {
        http.Dispose();
        signingIn.Dispose();
    }

    private static async Task EnsureAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        if (!response.IsSuccessStatusCode)
        {
            throw new HttpRequestException($"{response.RequestMessage!.Method} {response.RequestMessage.RequestUri}: {await ReasonAsync(response, cancellationToken)}");
        }
    }

    private static async Task<string> ReasonAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        var body = await response.Content.ReadAsStringAsync(cancellationToken);
        return $"{(int)response.StatusCode} {body[..Math.Min(body.Length, 300)]}";
    }

    private async Task<TResponse> PostAsync<TRequest, TResponse>(string path, TRequest body, CancellationToken cancellationToken)
    {
        using var response = await SendAsync(() => new(HttpMethod.Post, path) { Content = JsonContent.Create(body) }, true, cancellationToken);
        await EnsureAsync(response, cancellationToken);
        return (await response.Content.ReadFromJsonAsync<TResponse>(Json, cancellationToken))!;
    }

    private async Task<HttpResponseMessage> SendAsync(Func<HttpRequestMessage> create, bool signedIn, CancellationToken cancellationToken)
    {
        while (true)
        {
            // Before the request is made: some are timed from their making on.
            var bearer = signedIn ? await TokenAsync(cancellationToken) : null;
            using var request = create();
            request.Headers.Authorization = bearer is null ? null : new AuthenticationHeaderValue("Bearer", bearer);
            var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
            if (response.StatusCode != HttpStatusCode.TooManyRequests)
            {
                return response;
            }

            Interlocked.Increment(ref refusals);
            var wait = response.Headers.RetryAfter?.Delta ?? TimeSpan.FromSeconds(1);
            response.Dispose();
            await Task.Delay(wait, cancellationToken);
        }
    }

    private async Task<string> TokenAsync(CancellationToken cancellationToken)
    {
        if (token is { } valid && Environment.TickCount64 < renewAt)
        {
            return valid;
        }

        await signingIn.WaitAsync(cancellationToken);
        try
        {
            if (token is null || Environment.TickCount64 >= renewAt)
            {
                using var response = await SendAsync(
                    () => new(HttpMethod.Post, "v1/accounts/sign-in") { Content = JsonContent.Create(new SignInRequest(email, password)) }, false, cancellationToken);
                await EnsureAsync(response, cancellationToken);
                var tokens = (await response.Content.ReadFromJsonAsync<TokenResponse>(Json, cancellationToken))!;
                renewAt = Environment.TickCount64 + tokens.ExpiresIn * 500L;
                token = tokens.AccessToken;
            }

            return token;
        }
        finally
        {
            signingIn.Release();
        }
    }
}
