using ChatSphere.Tests.Infrastructure;

namespace ChatSphere.Tests.Sharing;

/// <summary>Somebody's live events as they come.</summary>
internal sealed class Listener
{
    private readonly List<StreamEvent> _seen = [];
    private readonly TaskCompletionSource _connected = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Listener(Person person, CancellationToken cancellationToken) => Ended = ListenAsync(person, cancellationToken);

    public Task Connected => _connected.Task;

    public Task Ended { get; }

    public IReadOnlyList<StreamEvent> Seen
    {
        get
        {
            lock (_seen)
            {
                return [.. _seen];
            }
        }
    }

    public async Task UntilAsync(Func<StreamEvent, bool> isIt) => await Person.EventuallyAsync(() => Task.FromResult(Seen), s => s.Any(isIt), seconds: 60);

    private async Task ListenAsync(Person person, CancellationToken cancellationToken)
    {
        using var response = await person.SendAsync(HttpMethod.Get, "/v1/events", completion: HttpCompletionOption.ResponseHeadersRead);
        var stream = await response.Content.ReadAsStreamAsync(cancellationToken);

        // The first byte is the comment that says that the subscription stands.
        await stream.ReadExactlyAsync(new byte[1], cancellationToken);
        _connected.TrySetResult();
        try
        {
            await foreach (var e in Person.ReadAsync(stream, cancellationToken))
            {
                lock (_seen)
                {
                    _seen.Add(e);
                }
            }
        }
        catch (OperationCanceledException)
        {
        }
    }
}
