namespace ChatSphere.Tests.Infrastructure;

/// <summary>Somebody's live events as they come.</summary>
public sealed class LiveListening
{
    private readonly List<StreamEvent> _seen = [];
    private readonly TaskCompletionSource _connected = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public LiveListening(Person person, CancellationToken cancellationToken) => Ended = ListenAsync(person, cancellationToken);

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

        try
        {
            await foreach (var e in Person.ReadAsync(stream, cancellationToken))
            {
                lock (_seen)
                {
                    _seen.Add(e);
                }

                _connected.TrySetResult();
            }
        }
        catch (OperationCanceledException)
        {
        }
    }
}
