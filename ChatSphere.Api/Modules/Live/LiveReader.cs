using System.Runtime.CompilerServices;
using System.Text.Json;
using ChatSphere.Api.Http;
using ChatSphere.Api.Responses;
using ChatSphere.Api.Modules.Accounts;
using ChatSphere.Contracts.Accounts;
using ChatSphere.Contracts.Live;
using ChatSphere.Contracts.People;
using ChatSphere.Data;
using ChatSphere.Data.Conversations;
using ChatSphere.Data.Knowledge;
using ChatSphere.Data.People;
using ChatSphere.Messaging.Live;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace ChatSphere.Api.Modules.Live;

/// <summary>One reader's live events: what changed, looked up as the reader at the moment of delivery, and no longer once the session has ended.</summary>
internal sealed class LiveReader(
    LiveFeed feed, CommunityDelivery communities, LiveAccess access, IServiceScopeFactory scopes, IOptions<Microsoft.AspNetCore.Http.Json.JsonOptions> json, TimeProvider time)
{
    // Changes that come in this time are looked up together.
    private static readonly TimeSpan Gather = TimeSpan.FromMilliseconds(100);
    // With LiveAccess.Freshness before it, an ended session is noticed within four seconds.
    private static readonly TimeSpan CheckSession = TimeSpan.FromSeconds(1);

    /// <param name="seated">Is handed the connection's seat before the first event.</param>
    public async IAsyncEnumerable<StreamedEvent> ReadStreamedAsync(CurrentUser user, [EnumeratorCancellation] CancellationToken cancellationToken, Action<CommunityDelivery.Seat>? seated = null)
    {
        using var subscription = feed.Subscribe(user.AccountId);
        using var seat = user.Permissions.Contains(Permissions.CommunitiesRead.Name) ? await communities.EnterAsync(user.AccountId, subscription, cancellationToken) : null;
        if (seat is not null)
        {
            seated?.Invoke(seat);
        }

        yield return Event(LiveEventTypes.Ready, new ReadyEvent(seat?.Id));
        var arrival = subscription.Reader.WaitToReadAsync(cancellationToken).AsTask();
        var changes = new Dictionary<(string Type, Guid Id), LiveReference>();
        long? gathered = null;
        while (await MayReadAsync(user, cancellationToken))
        {
            var wait = gathered is { } since ? Gather - time.GetElapsedTime(since) : CheckSession;
            if (wait > TimeSpan.Zero)
            {
                await ((Task)arrival).WaitAsync(wait, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                cancellationToken.ThrowIfCancellationRequested();
            }

            // Before what is left in the queue: that is older than what the reader gets when it asks anew. Also when nothing has come since: what was dropped may have been the last.
            if (subscription.TakeMissed())
            {
                yield return new StreamedEvent(null, LiveEventTypes.Resync, "{}");
            }

            if (arrival.IsCompleted)
            {
                if (!await arrival)
                {
                    yield break;
                }

                while (subscription.Reader.TryRead(out var message))
                {
                    if (message.Parsed is { } parsed)
                    {
                        yield return new StreamedEvent(null, message.Type, message.Data, parsed);
                    }
                    else if (message.Type == LiveFeed.Resync)
                    {
                        yield return new StreamedEvent(null, LiveEventTypes.Resync, "{}");
                    }
                    else if (JsonSerializer.Deserialize<LiveReference>(message.Data, JsonSerializerOptions.Web) is { } reference)
                    {
                        changes[(message.Type, reference.Id)] = reference;
                        gathered ??= time.GetTimestamp();
                    }
                }

                arrival = subscription.Reader.WaitToReadAsync(cancellationToken).AsTask();
            }

            if (gathered is null || time.GetElapsedTime(gathered.Value) < Gather)
            {
                continue;
            }

            List<StreamedEvent> found;
            try
            {
                found = await LookUpAsync(user, changes, cancellationToken);
            }
            catch (Exception e) when (DatabaseFaults.IsAway(e))
            {
                found = [new StreamedEvent(null, LiveEventTypes.Resync, "{}")];
            }

            changes.Clear();
            gathered = null;
            foreach (var e in found)
            {
                yield return e;
            }
        }
    }

    /// <summary>Whether the session goes on. While the database cannot say, nothing is sent and it is asked again.</summary>
    private async Task<bool> MayReadAsync(CurrentUser user, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                return await access.OfAsync(user.Credential, cancellationToken) is { } now && now.Permissions.Contains(Permissions.ConversationsRead.Name);
            }
            catch (Exception e) when (DatabaseFaults.IsAway(e))
            {
                await Task.Delay(CheckSession, time, cancellationToken);
            }
        }
    }

    private async Task<List<StreamedEvent>> LookUpAsync(CurrentUser user, Dictionary<(string Type, Guid Id), LiveReference> changes, CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<ChatSphereDb>();
        var found = new List<StreamedEvent>();
        foreach (var deleted in changes.Where(c => c.Key.Type == LiveEventTypes.DocumentDeleted))
        {
            found.Add(Event(LiveEventTypes.DocumentDeleted, new DocumentDeletedEvent(deleted.Value.Id, deleted.Value.ParentId ?? Guid.Empty)));
        }

        foreach (var deleted in changes.Where(c => c.Key.Type == LiveEventTypes.ConversationDeleted))
        {
            found.Add(Event(LiveEventTypes.ConversationDeleted, new ConversationDeletedEvent(deleted.Value.Id)));
        }

        if (Ids(LiveEventTypes.FoldersChanged).Length > 0)
        {
            found.Add(new StreamedEvent(null, LiveEventTypes.FoldersChanged, "{}"));
        }

        if (Ids(LiveEventTypes.DocumentChanged) is { Length: > 0 } documents)
        {
            var now = time.GetUtcNow();
            foreach (var d in await db.Documents.AsNoTracking().VisibleTo(db, user.AccountId).Where(d => documents.Contains(d.Id)).ToListAsync(cancellationToken))
            {
                found.Add(Event(LiveEventTypes.DocumentChanged, DocumentResponses.From(d, now)));
            }
        }

        if (Ids(LiveEventTypes.ConversationChanged) is { Length: > 0 } conversations)
        {
            foreach (var c in await db.Conversations.AsNoTracking().VisibleTo(user.AccountId).Where(c => conversations.Contains(c.Id)).Select(ConversationResponses.Projection(db)).ToListAsync(cancellationToken))
            {
                found.Add(Event(LiveEventTypes.ConversationChanged, c));
            }
        }

        if (Ids(LiveEventTypes.MessageChanged) is { Length: > 0 } messages)
        {
            var ratings = await db.MessageRatings.AsNoTracking().Where(r => messages.Contains(r.MessageId)).ToDictionaryAsync(r => r.MessageId, cancellationToken);
            foreach (var m in await db.Messages.AsNoTracking().Where(m => messages.Contains(m.Id) && db.Conversations.VisibleTo(user.AccountId).Any(c => c.Id == m.ConversationId)).OrderBy(m => m.Seq).ToListAsync(cancellationToken))
            {
                found.Add(Event(LiveEventTypes.MessageChanged, ConversationResponses.From(m) with { Rating = ratings.TryGetValue(m.Id, out var rating) ? ConversationResponses.From(rating) : null }));
            }
        }

        if (Ids(LiveEventTypes.MemoryAdded) is { Length: > 0 } memories)
        {
            foreach (var m in await db.Memories.AsNoTracking().Where(m => m.AccountId == user.AccountId && memories.Contains(m.Id)).ToListAsync(cancellationToken))
            {
                found.Add(Event(LiveEventTypes.MemoryAdded, MemoryResponses.From(m)));
            }
        }

        if (Ids(LiveEventTypes.RelationshipChanged) is { Length: > 0 } others)
        {
            var now = await db.Relationships.AsNoTracking().Of(user.AccountId).Where(r => others.Contains(r.LowId) || others.Contains(r.HighId)).ToListAsync(cancellationToken);
            foreach (var other in others)
            {
                var kind = now.Find(r => r.OtherThan(user.AccountId) == other) switch
                {
                    null => (RelationshipKind?)null,
                    { AcceptedAt: not null } => RelationshipKind.Friends,
                    var asked => asked.RequestedBy == user.AccountId ? RelationshipKind.Outgoing : RelationshipKind.Incoming,
                };
                found.Add(Event(LiveEventTypes.RelationshipChanged, new RelationshipChangedEvent(other, kind)));
            }
        }

        return found;

        Guid[] Ids(string type) => [.. changes.Keys.Where(k => k.Type == type).Select(k => k.Id)];
    }

    private StreamedEvent Event<T>(string type, T data) => new(null, type, JsonSerializer.Serialize(data, json.Value.SerializerOptions));
}
