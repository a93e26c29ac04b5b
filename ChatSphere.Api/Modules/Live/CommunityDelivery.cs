using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Text.Json;
using System.Threading.Channels;
using ChatSphere.Api.Responses;
using ChatSphere.Contracts.Live;
using ChatSphere.Data;
using ChatSphere.Data.Communities;
using ChatSphere.Messaging.Live;
using Npgsql;

namespace ChatSphere.Api.Modules.Live;

/// <summary>
/// Brings what happens in servers and channels to the connections of this node. Each event is made into its wire form once and offered to the bounded queue of everybody who may
/// see it; nothing here waits for a reader. Rights are those of the database, at most <see cref="RightsFreshness"/> old, whatever else was or was not heard: whoever lost a
/// right is sent nothing after that, and while the database cannot say, nothing is sent at all. Changes of one channel go out in the order of their numbers: one that comes too
/// early waits a moment for those before it, and what does not come is read from the database.
/// </summary>
/// <remarks>All that concerns one server is done by one of a few workers, one thing after the other, so their state needs no locks.</remarks>
internal sealed partial class CommunityDelivery(
    CommunityFeed feed, ServerSnapshots snapshots, NpgsqlDataSource source, ChannelHistory history, TimeProvider time, ILogger<CommunityDelivery> logger) : BackgroundService
{
    public static readonly TimeSpan RightsFreshness = TimeSpan.FromMilliseconds(500);
    private const int Workers = 4;

    // Beyond this, events are dropped and everybody concerned is told to resync.
    private const int MostWaiting = 20_000;

    // Two nodes publish in no common order; what comes late comes within this.
    private static readonly TimeSpan WaitForEarlier = TimeSpan.FromMilliseconds(50);
    private static readonly LiveMessage ResyncMessage = new(LiveFeed.Resync, "{}");
    private readonly ConcurrentDictionary<Guid, ImmutableArray<Seat>> _seats = new();
    private readonly Lane[] _lanes = [.. Enumerable.Range(0, Workers).Select(_ => new Lane())];

    /// <summary>One connection that is told things, until it is disposed of.</summary>
    public sealed class Seat(CommunityDelivery delivery, Guid accountId, LiveFeed.Subscription subscription) : IDisposable
    {
        private ImmutableHashSet<Guid> _looking = [];

        /// <summary>Told to the client, by which it says what it looks at.</summary>
        public Guid Id { get; } = Guid.NewGuid();
        public Guid AccountId => accountId;
        internal ImmutableArray<Guid> Servers { get; set; } = [];

        /// <summary>The channels that are on this connection's screen.</summary>
        public void LookAt(IEnumerable<Guid> channels) => _looking = [.. channels];

        public bool LooksAt(Guid channelId) => _looking.Contains(channelId);

        public void Dispose() => delivery.Leave(this);

        internal void Offer(LiveMessage message) => subscription.Offer(message);
    }

    private sealed class Lane
    {
        public System.Threading.Channels.Channel<Func<CancellationToken, ValueTask>> Work { get; } = System.Threading.Channels.Channel.CreateUnbounded<Func<CancellationToken, ValueTask>>(new UnboundedChannelOptions { SingleReader = true });
        public Dictionary<Guid, ServerHere> Servers { get; } = [];
        public Dictionary<Guid, Progress> Channels { get; } = [];
        public Dictionary<Guid, (IReadOnlyList<Guid> Accounts, long AsOf)> Participants { get; } = [];
        public bool Overflowed { get; set; }
        public int Waiting;
    }

    /// <summary>A server with members connected here.</summary>
    private sealed class ServerHere
    {
        public Dictionary<Guid, (MemberFacts Facts, List<Seat> Seats)> Members { get; } = [];
        public ServerSnapshot? Snapshot { get; set; }
        public long? CheckedAt { get; set; }

        /// <summary>Who may see a channel, as long as neither rights nor connections change.</summary>
        public Dictionary<Guid, Seat[]> Audiences { get; } = [];
    }

    /// <summary>How far a channel has been told.</summary>
    private sealed class Progress
    {
        public long Last { get; set; }

        /// <summary>The first that this node heard of. What came before may still be under way from other nodes.</summary>
        public required long First { get; init; }
        public SortedDictionary<long, CommunityEvent> Early { get; } = [];
        public CommunityEvent? Latest { get; set; }
    }

    /// <summary>From now on the subscription is offered what its account may see.</summary>
    public async Task<Seat> EnterAsync(Guid accountId, LiveFeed.Subscription subscription, CancellationToken cancellationToken)
    {
        var seat = new Seat(this, accountId, subscription);
        _seats.AddOrUpdate(accountId, [seat], (_, seats) => seats.Add(seat));
        try
        {
            await RefreshAsync(accountId, tell: false, cancellationToken);
        }
        catch (Exception e) when (DatabaseFaults.IsAway(e))
        {
            // It joins when the database is back: see CheckAsync.
            seat.Offer(ResyncMessage);
            LogHeldBack(logger, e.GetType().Name);
        }
        catch
        {
            seat.Dispose();
            throw;
        }

        return seat;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        feed.Subscribe(Receive, () =>
        {
            // Anything may have been missed, also that somebody joined.
            foreach (var lane in _lanes)
            {
                Enqueue(lane, _ =>
                {
                    lane.Channels.Clear();
                    return ValueTask.CompletedTask;
                });
            }

            foreach (var account in _seats.Keys)
            {
                _ = RefreshQuietlyAsync(account, stoppingToken);
            }
        });
        await Task.WhenAll(_lanes.Select(lane => RunAsync(lane, stoppingToken)).Append(CheckAsync(stoppingToken)));
    }

    private async Task RunAsync(Lane lane, CancellationToken stopping)
    {
        try
        {
            await foreach (var work in lane.Work.Reader.ReadAllAsync(stopping))
            {
                Interlocked.Decrement(ref lane.Waiting);
                try
                {
                    await work(stopping);
                }
                catch (Exception e) when (!stopping.IsCancellationRequested)
                {
                    // One thing that goes wrong must not end the lane; whoever missed it is told so.
                    LogFailed(logger, e);
                    ResyncAll(lane);
                }
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
        }
    }

    /// <summary>Asks at an interval whether rights have changed in any server with people here, heard of or not.</summary>
    private async Task CheckAsync(CancellationToken stopping)
    {
        using var timer = new PeriodicTimer(RightsFreshness, time);
        while (await timer.WaitForNextTickAsync(stopping).AsTask().ContinueWith(t => t is { IsCompletedSuccessfully: true, Result: true }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default))
        {
            foreach (var lane in _lanes)
            {
                Enqueue(lane, async token =>
                {
                    if (lane.Overflowed)
                    {
                        lane.Overflowed = false;
                        ResyncAll(lane);
                    }

                    await CheckRightsAsync(lane, lane.Servers.Keys.ToArray(), token);
                });
            }
        }
    }

    private void Receive(CommunityEvent happened)
    {
        if (happened.Type == CommunityEvent.Memberships)
        {
            foreach (var account in happened.Accounts ?? [])
            {
                if (_seats.ContainsKey(account))
                {
                    _ = RefreshQuietlyAsync(account, CancellationToken.None);
                }
            }

            return;
        }

        if (happened.Type == CommunityEvent.Looking)
        {
            if (happened.Accounts is [var looking] && _seats.TryGetValue(looking, out var seats) && JsonSerializer.Deserialize<LookingRequest>(happened.Data, JsonSerializerOptions.Web) is { } at)
            {
                foreach (var seat in seats.Where(s => s.Id == at.ConnectionId))
                {
                    seat.LookAt(at.ChannelIds);
                }
            }

            return;
        }

        var lane = LaneOf(happened.ServerId ?? happened.ChannelId ?? Guid.Empty);
        if (Volatile.Read(ref lane.Waiting) > MostWaiting)
        {
            lane.Overflowed = true;
            return;
        }

        Enqueue(lane, token => HandleAsync(lane, happened, token));
    }

    private async ValueTask HandleAsync(Lane lane, CommunityEvent happened, CancellationToken cancellationToken)
    {
        if (happened.ServerId is { } serverId && !lane.Servers.ContainsKey(serverId))
        {
            // Nobody of it is here, and how far its channels are is of no interest until somebody comes.
            if (happened.ChannelId is { } unseen)
            {
                lane.Channels.Remove(unseen);
            }

            return;
        }

        if (happened is not { Change: { } change, ChannelId: { } channelId })
        {
            await DeliverAsync(lane, happened, happened.Data, cancellationToken);
            return;
        }

        var isHint = happened.Type == CommunityEvent.Advanced;
        if (!lane.Channels.TryGetValue(channelId, out var progress))
        {
            // Also of a hint: whoever stored it may have died before this node heard of the channel at all. Who has it already sees the number.
            lane.Channels[channelId] = progress = new Progress { First = change, Last = change - 1 };
        }

        if (change <= progress.Last)
        {
            if (change < progress.First && !isHint)
            {
                await DeliverAsync(lane, happened, Numbered(happened, change, change - 1, happened.Data), cancellationToken);
            }

            return;
        }

        progress.Latest = happened;
        if (isHint || change > progress.Last + 1)
        {
            progress.Early[change] = happened;
            _ = Task.Delay(WaitForEarlier, time, cancellationToken).ContinueWith(
                _ => Enqueue(lane, token => CatchUpAsync(lane, channelId, token)), cancellationToken, TaskContinuationOptions.OnlyOnRanToCompletion, TaskScheduler.Default);
            return;
        }

        await TellAsync(lane, progress, happened, change, happened.Data, cancellationToken);
        while (progress.Early.Count > 0 && progress.Early.First() is var (next, early) && next <= progress.Last + 1)
        {
            if (next == progress.Last + 1 && early.Type == CommunityEvent.Advanced)
            {
                // Known to be there, not yet what it is.
                break;
            }

            progress.Early.Remove(next);
            if (next > progress.Last)
            {
                await TellAsync(lane, progress, early, next, early.Data, cancellationToken);
            }
        }
    }

    /// <summary>What has not come by now is read from the database.</summary>
    private async ValueTask CatchUpAsync(Lane lane, Guid channelId, CancellationToken cancellationToken)
    {
        if (!lane.Channels.TryGetValue(channelId, out var progress) || progress.Early.Count == 0)
        {
            return;
        }

        var happened = progress.Latest!;
        var upTo = progress.Early.Keys.Max();
        progress.Early.Clear();
        if (upTo <= progress.Last)
        {
            return;
        }

        var (messages, complete) = await history.ChangesAsync(channelId, progress.Last, upTo, cancellationToken);
        if (!complete)
        {
            progress.Last = upTo;
            foreach (var seat in await AudienceAsync(lane, happened, cancellationToken))
            {
                seat.Offer(ResyncMessage);
            }

            return;
        }

        foreach (var message in messages)
        {
            await TellAsync(lane, progress, happened with { Type = LiveEventTypes.ChannelMessage, Accounts = null, Needs = 0 }, message.Change, history.ToJson(message), cancellationToken);
        }

        // What was changed again since has a later number, with which it comes.
        progress.Last = Math.Max(progress.Last, upTo);
    }

    private async ValueTask TellAsync(Lane lane, Progress progress, CommunityEvent happened, long change, string message, CancellationToken cancellationToken)
    {
        var after = progress.Last;
        progress.Last = change;
        await DeliverAsync(lane, happened, Numbered(happened, change, after, message), cancellationToken);
    }

    private static string Numbered(CommunityEvent happened, long change, long after, string message) =>
        string.Create(System.Globalization.CultureInfo.InvariantCulture, $$"""{"channelId":"{{happened.ChannelId}}","change":{{change}},"after":{{after}},"message":{{message}}}""");

    private async ValueTask DeliverAsync(Lane lane, CommunityEvent happened, string data, CancellationToken cancellationToken)
    {
        var audience = await AudienceAsync(lane, happened, cancellationToken);
        if (audience.Count == 0)
        {
            return;
        }

        var message = new LiveMessage(happened.Type, data, JsonElement.Parse(data));
        foreach (var seat in audience)
        {
            if ((happened.Accounts is null || happened.Accounts.Contains(seat.AccountId)) && (!happened.OnlyLooking || seat.LooksAt(happened.ChannelId!.Value)))
            {
                seat.Offer(message);
            }
        }
    }

    /// <summary>Who of those here may see it now.</summary>
    private async ValueTask<IReadOnlyList<Seat>> AudienceAsync(Lane lane, CommunityEvent happened, CancellationToken cancellationToken)
    {
        if (happened.ServerId is not { } serverId)
        {
            var accounts = happened.ChannelId is { } direct ? await ParticipantsAsync(lane, direct, cancellationToken) : happened.Accounts ?? [];
            return [.. accounts.SelectMany(a => _seats.TryGetValue(a, out var seats) ? seats : [])];
        }

        if (!lane.Servers.TryGetValue(serverId, out var server))
        {
            return [];
        }

        if (server.CheckedAt is not { } checkedAt || time.GetElapsedTime(checkedAt) > RightsFreshness)
        {
            await CheckRightsAsync(lane, [serverId], cancellationToken);
        }

        if (server.Snapshot is not { } snapshot)
        {
            return [];
        }

        if (happened.RightsChannelId is not { } channelId)
        {
            return [.. server.Members.Values.Where(m => Has(PermissionRules.InServer(snapshot, m.Facts, time.GetUtcNow()), happened.Needs)).SelectMany(m => m.Seats)];
        }

        if (happened.Needs != 0)
        {
            return [.. server.Members.Values.Where(m => Has(InChannel(m.Facts), happened.Needs | (long)ServerPermissions.ViewChannel)).SelectMany(m => m.Seats)];
        }

        if (!server.Audiences.TryGetValue(channelId, out var audience))
        {
            server.Audiences[channelId] = audience = [.. server.Members.Values.Where(m => Has(InChannel(m.Facts), (long)ServerPermissions.ViewChannel)).SelectMany(m => m.Seats)];
        }

        return audience;

        ServerPermissions InChannel(MemberFacts member) => PermissionRules.InChannel(snapshot, member, channelId, inThread: channelId != happened.ChannelId, time.GetUtcNow());

        static bool Has(ServerPermissions held, long needed) => ((long)held & needed) == needed;
    }

    private async ValueTask<IReadOnlyList<Guid>> ParticipantsAsync(Lane lane, Guid channelId, CancellationToken cancellationToken)
    {
        if (lane.Participants.TryGetValue(channelId, out var known) && time.GetElapsedTime(known.AsOf) < RightsFreshness)
        {
            return known.Accounts;
        }

        var asOf = time.GetTimestamp();
        await using var command = source.CreateCommand("select m.account_id from communities.channel_members m join communities.channels c on c.id = m.channel_id where c.id = $1 and c.server_id is null and c.deleted_at is null");
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = channelId });
        var accounts = new List<Guid>();
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            accounts.Add(reader.GetGuid(0));
        }

        if (lane.Participants.Count > 10_000)
        {
            lane.Participants.Clear();
        }

        lane.Participants[channelId] = (accounts, asOf);
        return accounts;
    }

    /// <summary>Looks at the versions of these servers' rights, and anew at the rights and members of those that have changed.</summary>
    private async ValueTask CheckRightsAsync(Lane lane, Guid[] serverIds, CancellationToken cancellationToken)
    {
        if (serverIds.Length == 0)
        {
            return;
        }

        try
        {
            var asOf = time.GetTimestamp();
            var versions = new Dictionary<Guid, long>();
            await using (var command = source.CreateCommand("select id, rights_version from communities.servers where id = any($1) and delete_after is null"))
            {
                command.Parameters.Add(new NpgsqlParameter<Guid[]> { TypedValue = serverIds });
                await using var reader = await command.ExecuteReaderAsync(cancellationToken);
                while (await reader.ReadAsync(cancellationToken))
                {
                    versions[reader.GetGuid(0)] = reader.GetInt64(1);
                }
            }

            foreach (var id in serverIds)
            {
                var server = lane.Servers[id];
                if (!versions.TryGetValue(id, out var version))
                {
                    lane.Servers.Remove(id);
                    Tell(server.Members.Values.SelectMany(m => m.Seats), LiveEventTypes.ServerLeft, id);
                    continue;
                }

                if (server.Snapshot?.Version != version)
                {
                    await LookAnewAsync(lane, id, server, version, cancellationToken);
                }

                server.CheckedAt = asOf;
            }
        }
        catch (Exception e) when (DatabaseFaults.IsAway(e))
        {
            // Nobody is sent anything on rights that cannot be confirmed. Once they can, everybody looks for what was missed.
            foreach (var id in serverIds)
            {
                var server = lane.Servers[id];
                if (server.Snapshot is not null)
                {
                    server.Snapshot = null;
                    server.Audiences.Clear();
                    foreach (var seat in server.Members.Values.SelectMany(m => m.Seats))
                    {
                        seat.Offer(ResyncMessage);
                    }
                }
            }

            LogHeldBack(logger, e.GetType().Name);
        }
    }

    private async Task LookAnewAsync(Lane lane, Guid serverId, ServerHere server, long version, CancellationToken cancellationToken)
    {
        var wasKnown = server.Snapshot is not null;
        var facts = await MembersAsync(serverId, [.. server.Members.Keys], cancellationToken);
        server.Snapshot = await snapshots.GetAsync(serverId, version, cancellationToken);
        server.Audiences.Clear();
        foreach (var (accountId, (_, seats)) in server.Members.ToList())
        {
            if (facts.TryGetValue(accountId, out var now))
            {
                server.Members[accountId] = (now, seats);
            }
            else
            {
                server.Members.Remove(accountId);
                Tell(seats, LiveEventTypes.ServerLeft, serverId);
            }
        }

        if (server.Members.Count == 0)
        {
            lane.Servers.Remove(serverId);
        }
        else if (wasKnown)
        {
            Tell(server.Members.Values.SelectMany(m => m.Seats), LiveEventTypes.ServerChanged, serverId);
        }
    }

    private async Task<Dictionary<Guid, MemberFacts>> MembersAsync(Guid serverId, Guid[] accounts, CancellationToken cancellationToken)
    {
        await using var command = source.CreateCommand("""
            select m.member_id, m.timed_out_until, array(select r.role_id from communities.member_roles r where r.server_id = m.server_id and r.member_id = m.member_id)
            from communities.server_members m where m.server_id = $1 and m.member_id = any($2)
            """);
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = serverId });
        command.Parameters.Add(new NpgsqlParameter<Guid[]> { TypedValue = accounts });
        var found = new Dictionary<Guid, MemberFacts>();
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            found[reader.GetGuid(0)] = new MemberFacts(reader.GetGuid(0), reader.GetFieldValue<Guid[]>(2), reader.IsDBNull(1) ? null : reader.GetFieldValue<DateTimeOffset>(1));
        }

        return found;
    }

    private async Task RefreshQuietlyAsync(Guid accountId, CancellationToken cancellationToken)
    {
        try
        {
            await RefreshAsync(accountId, tell: true, cancellationToken);
        }
        catch (Exception e) when (DatabaseFaults.IsAway(e))
        {
            LogHeldBack(logger, e.GetType().Name);
            foreach (var seat in _seats.TryGetValue(accountId, out var seats) ? seats : [])
            {
                seat.Offer(ResyncMessage);
            }
        }
    }

    /// <summary>Puts an account's connections where it is a member now. What it may see there, the server's lane finds out before it tells it anything.</summary>
    /// <param name="tell">Says so to connections that were not in one of the servers before.</param>
    private async Task RefreshAsync(Guid accountId, bool tell, CancellationToken cancellationToken)
    {
        var memberships = new List<(Guid ServerId, long Version, MemberFacts Facts)>();
        await using (var command = source.CreateCommand("""
            select m.server_id, m.timed_out_until, array(select r.role_id from communities.member_roles r where r.server_id = m.server_id and r.member_id = m.member_id), s.rights_version
            from communities.server_members m join communities.servers s on s.id = m.server_id where m.member_id = $1 and s.delete_after is null
            """))
        {
            command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = accountId });
            await using var reader = await command.ExecuteReaderAsync(cancellationToken);
            while (await reader.ReadAsync(cancellationToken))
            {
                memberships.Add((reader.GetGuid(0), reader.GetInt64(3), new MemberFacts(accountId, reader.GetFieldValue<Guid[]>(2), reader.IsDBNull(1) ? null : reader.GetFieldValue<DateTimeOffset>(1))));
            }
        }

        if (!_seats.TryGetValue(accountId, out var seats))
        {
            return;
        }

        // First, so that who leaves in this moment leaves all of them.
        foreach (var seat in seats)
        {
            seat.Servers = [.. memberships.Select(m => m.ServerId)];
        }

        foreach (var (serverId, version, facts) in memberships)
        {
            var lane = LaneOf(serverId);
            Enqueue(lane, token =>
            {
                if (lane.Servers.TryGetValue(serverId, out var server) && server.Snapshot?.Version > version)
                {
                    // The rights have changed since the roles were read.
                    _ = RefreshQuietlyAsync(accountId, token);
                    return ValueTask.CompletedTask;
                }

                // Those that have gone in the meantime stay out.
                var here = _seats.TryGetValue(accountId, out var now) ? now : [];
                if (!here.IsEmpty)
                {
                    lane.Servers[serverId] = server ??= new ServerHere();
                    if (tell && !server.Members.ContainsKey(accountId))
                    {
                        Tell(here, LiveEventTypes.ServerChanged, serverId);
                    }

                    server.Members[accountId] = (facts, [.. here]);
                    server.Audiences.Clear();
                }

                return ValueTask.CompletedTask;
            });
        }
    }

    private void Leave(Seat seat)
    {
        // Replace, or remove with the last: retried when another connection of the account came or went meanwhile.
        while (_seats.TryGetValue(seat.AccountId, out var seats))
        {
            var left = seats.Remove(seat);
            if (left.IsEmpty ? _seats.TryRemove(new(seat.AccountId, seats)) : _seats.TryUpdate(seat.AccountId, left, seats))
            {
                break;
            }
        }

        foreach (var serverId in seat.Servers)
        {
            var lane = LaneOf(serverId);
            Enqueue(lane, _ =>
            {
                if (lane.Servers.TryGetValue(serverId, out var server) && server.Members.TryGetValue(seat.AccountId, out var member) && member.Seats.Remove(seat))
                {
                    server.Audiences.Clear();
                    if (member.Seats.Count == 0)
                    {
                        server.Members.Remove(seat.AccountId);
                        if (server.Members.Count == 0)
                        {
                            lane.Servers.Remove(serverId);
                        }
                    }
                }

                return ValueTask.CompletedTask;
            });
        }
    }

    private static void Tell(IEnumerable<Seat> seats, string type, Guid serverId)
    {
        var data = $$"""{"serverId":"{{serverId}}"}""";
        var message = new LiveMessage(type, data, JsonElement.Parse(data));
        foreach (var seat in seats)
        {
            seat.Offer(message);
        }
    }

    private static void ResyncAll(Lane lane)
    {
        lane.Channels.Clear();
        foreach (var seat in lane.Servers.Values.SelectMany(s => s.Members.Values).SelectMany(m => m.Seats).Distinct())
        {
            seat.Offer(ResyncMessage);
        }
    }

    private Lane LaneOf(Guid id) => _lanes[(uint)id.GetHashCode() % Workers];

    private static void Enqueue(Lane lane, Func<CancellationToken, ValueTask> work)
    {
        Interlocked.Increment(ref lane.Waiting);
        lane.Work.Writer.TryWrite(work);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Live updates of communities are held back, since the database does not answer: {Kind}")]
    private static partial void LogHeldBack(ILogger logger, string kind);

    [LoggerMessage(Level = LogLevel.Error, Message = "A live update of a community failed")]
    private static partial void LogFailed(ILogger logger, Exception exception);
}
