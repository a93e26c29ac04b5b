using System.Runtime.CompilerServices;
using System.Text.Json;
using ChatSphere.Api.Http;
using ChatSphere.Contracts.Live;
using Microsoft.AspNetCore.SignalR;

namespace ChatSphere.Api.Modules.Live;

/// <summary>
/// Live events over SignalR: a client calls the stream <c>Events</c> once. Each connection pulls from a bounded queue of its own, so one that stops reading delays
/// nobody; it finds a <c>resync</c> when it reads again.
/// </summary>
internal sealed class LiveHub(LiveReader reader) : Hub
{
    public async IAsyncEnumerable<LiveEvent> Events([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var user = CurrentUser.From(Context.User!)!;
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, Context.ConnectionAborted);
        await foreach (var e in reader.ReadStreamedAsync(user, ended.Token))
        {
            yield return new LiveEvent(e.Name, e.Parsed ?? JsonElement.Parse(e.Data));
        }
    }
}
