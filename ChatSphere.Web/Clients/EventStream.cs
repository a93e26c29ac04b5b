using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;

namespace ChatSphere.Web.Clients;

/// <summary>A server-sent event stream that is opened again, from the last event seen, for as long as the reader wants it.</summary>
public static class EventStream
{
    // The API sends a comment every few seconds, which the parser keeps to itself. Opening a healthy but silent stream again costs nothing:
    // it goes on from the last event.
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(90);

    /// <summary>Yields what happens: an event, <see cref="StreamState.Opened"/>, <see cref="StreamState.Lost"/>, or at the very end a problem that trying again cannot mend.</summary>
    public static async IAsyncEnumerable<StreamItem> ReadAsync(
        ApiTransport transport, string sessionId, string path, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        string? last = null;
        var failures = 0;
        while (true)
        {
            var opened = await transport.OpenAsync(ApiTransport.StreamClientName, sessionId, Request, cancellationToken);
            if (!opened.Succeeded && !opened.Problem.MayPass && opened.Problem.Status < 500)
            {
                yield return new(StreamState.Refused, null, opened.Problem);
                yield break;
            }

            if (opened.Succeeded)
            {
                using var response = opened.Value;
                yield return new(StreamState.Opened, null, null);
                using var silence = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
                var parser = SseParser.Create(await response.Content.ReadAsStreamAsync(cancellationToken));
                await using var events = parser.EnumerateAsync(silence.Token).GetAsyncEnumerator(silence.Token);
                while (true)
                {
                    silence.CancelAfter(Silence);
                    bool more;
                    try
                    {
                        more = await events.MoveNextAsync();
                    }
                    catch (Exception e) when (ApiTransport.IsUnreachable(e))
                    {
                        cancellationToken.ThrowIfCancellationRequested();
                        more = false;
                    }

                    if (!more)
                    {
                        break;
                    }

                    failures = 0;
                    last = events.Current.EventId ?? last;
                    yield return new(StreamState.Event, events.Current, null);
                }
            }

            yield return new(StreamState.Lost, null, null);
            var delay = Math.Min(8_000, 250 * Math.Pow(2, failures++)) * (0.75 + (Random.Shared.NextDouble() / 2));
            await Task.Delay(opened.Problem?.RetryAfter ?? TimeSpan.FromMilliseconds(delay), cancellationToken);
        }

        HttpRequestMessage Request()
        {
            var request = new HttpRequestMessage(HttpMethod.Get, ApiCalls.Address(path)) { Headers = { Accept = { new("text/event-stream") } } };
            if (last is { Length: > 0 })
            {
                request.Headers.TryAddWithoutValidation("Last-Event-ID", last);
            }

            return request;
        }
    }
}

public enum StreamState
{
    Opened,
    Event,
    Lost,
    Refused,
}

public readonly record struct StreamItem(StreamState State, SseItem<string>? Event, ApiProblem? Problem);
