using System.Runtime.CompilerServices;
using System.Text.Json;
using ChatSphere.Api.Http;
using ChatSphere.Contracts.Live;
using Microsoft.AspNetCore.SignalR;

namespace ChatSphere.Api.Modules.Live;

/// <summary>
/// Live events over SignalR: a client calls the stream <c>Events</c> once. Each connection pulls from a bounded queue of its own, so one that stops reading delays
/// nobody; it finds a <c>resync</c> when it reads again. A connection begins a few streams at most, and is then to be made anew.
/// </summary>
internal sealed class LiveHub(LiveReader reader) : Hub
{
    private const string SeatKey = "seat";
    private const string StreamsKey = "streams";
    private const int MostStreams = 10;
    private const int MostLookedAt = 20;

    /// <summary>Which channels are on the screen: some events are only for those.</summary>
    public void LookAt(IReadOnlyList<Guid> channelIds)
    {
        if (channelIds is { Count: <= MostLookedAt } && Context.Items[SeatKey] is CommunityDelivery.Seat seat)
        {
            seat.LookAt(channelIds);
        }
    }

    public async IAsyncEnumerable<LiveEvent> Events([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (Context.Items.TryGetValue(StreamsKey, out var before) && (int)before! >= MostStreams)
        {
            throw new HubException("This connection has had its streams.");
        }

        // One invocation begins at a time.
        Context.Items[StreamsKey] = (before as int? ?? 0) + 1;
        var user = CurrentUser.From(Context.User!)!;
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, Context.ConnectionAborted);
        await foreach (var e in reader.ReadStreamedAsync(user, ended.Token, seat => Context.Items[SeatKey] = seat))
        {
            yield return new LiveEvent(e.Name, e.Parsed ?? JsonElement.Parse(e.Data));
        }
    }
}
