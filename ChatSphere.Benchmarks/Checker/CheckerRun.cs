using System.Collections.Concurrent;
using System.Data.Common;
using System.Net;
using System.Net.Http.Headers;
using System.Net.ServerSentEvents;
using System.Text.Json;
using ChatSphere.Contracts.Communities;
using ChatSphere.Contracts.Live;

namespace ChatSphere.Benchmarks.Checker;

/// <summary>A member of the channel that is checked.</summary>
/// <param name="Token">The access token to use now.</param>
internal sealed record CheckedMember(string Name, HttpClient Client, Func<CancellationToken, Task<string>> Token);

/// <summary>
/// Several clients write, edit and delete in one channel and keep a log of what they were told, while others listen and catch up as clients are meant to; meanwhile somebody
/// breaks things. The seed decides who does what; when, the system decides.
/// </summary>
internal sealed class CheckerRun(Guid channelId, IReadOnlyList<CheckedMember> writers, IReadOnlyList<CheckedMember> listeners, int seed)
{
    /// <summary>Listens too, until the right is taken away halfway.</summary>
    public (CheckedMember Who, Func<CancellationToken, Task> RevokeAsync)? Leaving { get; init; }

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(6);
    private readonly ConcurrentQueue<Deed> _deeds = new();
    private readonly string _path = $"v1/channels/{channelId}";
    private int _refused;

    public int Deeds => _deeds.Count;

    /// <summary>Answers that said neither yes nor no, or no answer: there is no fault in a run without any.</summary>
    public int Unanswered => _refused;

    /// <param name="breaking">Breaks things and mends them until it is told to stop.</param>
    /// <returns>What is wrong.</returns>
    public async Task<IReadOnlyList<string>> RunAsync(TimeSpan duration, Func<CancellationToken, Task> breaking, CancellationToken cancellationToken)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var silent = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var hearing = listeners.Select(l => new Ear(this, l)).ToList();
        var leaving = Leaving is { } one ? new Ear(this, one.Who) : null;
        var listening = hearing.Append(leaving).OfType<Ear>().Select(e => e.ListenAsync(silent.Token)).ToList();
        over.CancelAfter(duration);
        var writing = writers.Select((w, i) => WriteAsync(i, w, over.Token)).ToList();
        var revoking = RevokeAsync(duration / 2, cancellationToken);
        await breaking(over.Token);
        await Task.WhenAll(writing);
        var revokedAt = await revoking;

        // Everything runs again. A request that nobody waits for any more may still be under way.
        var stored = await EventuallyAsync(() => HistoryAsync(writers[0], cancellationToken), cancellationToken);
        for (IReadOnlyList<ChannelMessageResponse> before = []; before.Count != stored.Count || before.Zip(stored).Any(m => m.First.Change != m.Second.Change);)
        {
            before = stored;
            await Task.Delay(TimeSpan.FromSeconds(2), cancellationToken);
            stored = await EventuallyAsync(() => HistoryAsync(writers[0], cancellationToken), cancellationToken);
        }

        var last = stored.Count == 0 ? 0 : stored.Max(m => m.Change);
        using (var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60)))
        {
            while (hearing.Exists(e => e.Last < last) && !patience.IsCancellationRequested)
            {
                await Task.Delay(100, cancellationToken);
            }
        }

        await silent.CancelAsync();
        await Task.WhenAll(listening);
        var readers = new List<Reader>();
        foreach (var (listener, i) in listeners.Select((l, i) => (l, i)))
        {
            var read = stored.Count * (i + 1L) / (listeners.Count + 1);
            await EventuallyAsync(() => SendAsync<object?>(listener, HttpMethod.Put, $"{_path}/read", new MarkReadRequest(read), cancellationToken), cancellationToken);
            var says = await EventuallyAsync(() => SendAsync<ChannelResponse>(listener, HttpMethod.Get, _path, null, cancellationToken), cancellationToken);
            readers.Add(new Reader(listener.Name, read, says.LastReadSeq, says.LastSeq));
        }

        return CheckedHistory.Check([.. _deeds], stored, [.. hearing.Select(e => e.Heard()), .. leaving is null ? Array.Empty<Listener>() : [leaving.Heard() with { RevokedAt = revokedAt }]], readers);
    }

    /// <returns>When it was done.</returns>
    private async Task<DateTimeOffset?> RevokeAsync(TimeSpan after, CancellationToken cancellationToken)
    {
        if (Leaving is not { } leaving)
        {
            return null;
        }

        await Task.Delay(after, cancellationToken);
        await EventuallyAsync(
            async () =>
            {
                await leaving.RevokeAsync(cancellationToken);
                return true;
            },
            cancellationToken);
        return TimeProvider.System.GetUtcNow();
    }

    private async Task WriteAsync(int index, CheckedMember writer, CancellationToken cancellationToken)
    {
        var random = new Random(HashCode.Combine(seed, index));
        var mine = new List<(Guid Id, string Content)>();
        for (var i = 0; !cancellationToken.IsCancellationRequested; i++)
        {
            var dice = random.Next(100);
            if (dice < 70 || mine.Count == 0)
            {
                var nonce = $"{seed}-{index}-{i}";
                var content = $"Message {i} of {index}";
                for (var tries = 0; tries < (random.Next(2) == 0 ? 1 : 40); tries++)
                {
                    var (outcome, message) = await TryAsync<ChannelMessageResponse>(writer, HttpMethod.Post, $"{_path}/messages", new PostMessageRequest(content, nonce));
                    _deeds.Enqueue(new Deed(index, Did.Send, outcome, nonce, message?.Id, content, message?.Seq ?? 0, message?.Change ?? 0));
                    if (message is not null)
                    {
                        mine.Add((message.Id, content));
                    }

                    if (outcome != Came.Unknown || cancellationToken.IsCancellationRequested)
                    {
                        break;
                    }
                }
            }
            else if (dice < 88)
            {
                var at = random.Next(mine.Count);
                var content = $"{mine[at].Content}, edit {i}";
                var (outcome, message) = await TryAsync<ChannelMessageResponse>(writer, HttpMethod.Patch, $"{_path}/messages/{mine[at].Id}", new EditMessageRequest(content));
                _deeds.Enqueue(new Deed(index, Did.Edit, outcome, null, mine[at].Id, content, 0, message?.Change ?? 0));
            }
            else
            {
                var at = random.Next(mine.Count);
                var (outcome, _) = await TryAsync<object?>(writer, HttpMethod.Delete, $"{_path}/messages/{mine[at].Id}", null);
                _deeds.Enqueue(new Deed(index, Did.Delete, outcome, null, mine[at].Id, "", 0, 0));
                mine.RemoveAt(at);
            }

            // As people do, and so that a minute is not a million messages.
            await Task.Delay(random.Next(5, 60), CancellationToken.None);
        }
    }

    /// <summary>A refusal that names a reason is a failure; that something is away, or silence, leaves it open.</summary>
    private async Task<(Came Outcome, T? Answer)> TryAsync<T>(CheckedMember who, HttpMethod method, string path, object? body)
    {
        using var patience = new CancellationTokenSource(Patience);
        try
        {
            using var response = await RequestAsync(who, method, path, body, patience.Token);
            if (response.IsSuccessStatusCode)
            {
                return (Came.Ok, response.StatusCode == HttpStatusCode.NoContent ? default : await response.Content.ReadFromJsonAsync<T>(JsonSerializerOptions.Web, patience.Token));
            }

            if (response.StatusCode is HttpStatusCode.BadRequest or HttpStatusCode.Forbidden or HttpStatusCode.NotFound or HttpStatusCode.Conflict or HttpStatusCode.TooManyRequests)
            {
                return (Came.Failed, default);
            }
        }
        catch (Exception e) when (e is HttpRequestException or IOException or OperationCanceledException or JsonException)
        {
        }

        Interlocked.Increment(ref _refused);
        await Task.Delay(200, CancellationToken.None);
        return (Came.Unknown, default);
    }

    private async Task<IReadOnlyList<ChannelMessageResponse>> HistoryAsync(CheckedMember who, CancellationToken cancellationToken)
    {
        var all = new List<ChannelMessageResponse>();
        while (true)
        {
            var page = await SendAsync<List<ChannelMessageResponse>>(who, HttpMethod.Get, $"{_path}/messages?after={all.Count}&limit=200", null, cancellationToken);
            all.AddRange(page);
            if (page.Count < 200)
            {
                return all;
            }
        }
    }

    private static async Task<T> EventuallyAsync<T>(Func<Task<T>> ask, CancellationToken cancellationToken)
    {
        for (var tries = 0; ; tries++)
        {
            try
            {
                return await ask();
            }
            catch (Exception e) when (e is HttpRequestException or IOException or TaskCanceledException or DbException && tries < 120 && !cancellationToken.IsCancellationRequested)
            {
                await Task.Delay(500, cancellationToken);
            }
        }
    }

    private async Task<T> SendAsync<T>(CheckedMember who, HttpMethod method, string path, object? body, CancellationToken cancellationToken)
    {
        using var response = await RequestAsync(who, method, path, body, cancellationToken);
        response.EnsureSuccessStatusCode();
        return response.StatusCode == HttpStatusCode.NoContent ? default! : (await response.Content.ReadFromJsonAsync<T>(JsonSerializerOptions.Web, cancellationToken))!;
    }

    private static async Task<HttpResponseMessage> RequestAsync(CheckedMember who, HttpMethod method, string path, object? body, CancellationToken cancellationToken, bool streamed = false)
    {
        using var request = new HttpRequestMessage(method, path) { Content = body is null ? null : JsonContent.Create(body, body.GetType(), options: JsonSerializerOptions.Web) };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", await who.Token(cancellationToken));
        return await who.Client.SendAsync(request, streamed ? HttpCompletionOption.ResponseHeadersRead : HttpCompletionOption.ResponseContentRead, cancellationToken);
    }

    /// <summary>Listens as a client should: takes in what follows what it has, asks when something is missing, and starts again when it is told to.</summary>
    private sealed class Ear(CheckerRun run, CheckedMember who)
    {
        private readonly List<Heard> _heard = [];
        private readonly Dictionary<Guid, ChannelMessageResponse> _view = [];
        private long _last;

        public long Last => Volatile.Read(ref _last);

        public Listener Heard() => new(who.Name, _heard, _view);

        public async Task ListenAsync(CancellationToken cancellationToken)
        {
            while (!cancellationToken.IsCancellationRequested)
            {
                try
                {
                    using var response = await RequestAsync(who, HttpMethod.Get, "v1/events", null, cancellationToken, streamed: true);
                    response.EnsureSuccessStatusCode();
                    await using var stream = await response.Content.ReadAsStreamAsync(cancellationToken);
                    await foreach (var e in SseParser.Create(stream).EnumerateAsync(cancellationToken))
                    {
                        if (e.EventType is LiveEventTypes.Ready or LiveEventTypes.Resync)
                        {
                            await CatchUpAsync(cancellationToken);
                        }
                        else if (e.EventType == LiveEventTypes.ChannelMessage && JsonSerializer.Deserialize<ChannelMessageEvent>(e.Data, JsonSerializerOptions.Web) is { } told && told.Change > _last)
                        {
                            if (told.After > _last)
                            {
                                await CatchUpAsync(cancellationToken);
                            }

                            Take(told.Message);
                        }
                    }
                }
                catch (Exception e) when (e is HttpRequestException or IOException or JsonException or OperationCanceledException)
                {
                    await Task.Delay(300, CancellationToken.None);
                }
            }
        }

        private async Task CatchUpAsync(CancellationToken cancellationToken)
        {
            var changes = await run.SendAsync<ChannelChangesResponse>(who, HttpMethod.Get, $"{run._path}/changes?after={_last}", null, cancellationToken);
            foreach (var message in changes.Resync ? (await run.HistoryAsync(who, cancellationToken)).OrderBy(m => m.Change) : changes.Messages.AsEnumerable())
            {
                Take(message);
            }

            // Numbers in between belong to messages that have been changed again since.
            Volatile.Write(ref _last, Math.Max(_last, changes.LastChange));
        }

        private void Take(ChannelMessageResponse message)
        {
            if (message.Change <= _last)
            {
                return;
            }

            _heard.Add(new Heard(message.Change, message.Id, message.Seq, message.Content, message.DeletedAt is not null, message.DeletedAt ?? message.EditedAt ?? message.CreatedAt));
            _view[message.Id] = message;
            Volatile.Write(ref _last, message.Change);
        }
    }
}
