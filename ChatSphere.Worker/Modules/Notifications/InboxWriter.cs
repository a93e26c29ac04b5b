using ChatSphere.Data;
using ChatSphere.Data.Accounts;
using ChatSphere.Data.Communities;
using ChatSphere.Data.Notifications;
using Microsoft.EntityFrameworkCore;

namespace ChatSphere.Worker.Modules.Notifications;

/// <summary>
/// Who is to hear of a message, and why: the strongest reason of each. Nobody of their own, nobody by whom or for whom the author is blocked, nobody who may not read it or does
/// not want to hear of it. In the transaction of a handler, so once.
/// </summary>
internal sealed class InboxWriter(ChatSphereDb db, ServerSnapshots snapshots, TimeProvider time)
{
    private sealed record Member(Guid Id, DateTimeOffset? TimedOutUntil, Guid[] RoleIds);

    public async Task AddAsync(Guid messageId, CancellationToken cancellationToken)
    {
        var message = await db.ChannelMessages.AsNoTracking().SingleOrDefaultAsync(m => m.Id == messageId, cancellationToken);
        if (message is not { DeletedAt: null, Kind: ChannelMessageKind.Text } || message.AuthorKind == AuthorKind.Imported
            || await db.Channels.AsNoTracking().SingleOrDefaultAsync(c => c.Id == message.ChannelId && c.DeletedAt == null, cancellationToken) is not { } channel)
        {
            return;
        }

        var why = await ReasonsAsync(message, channel, cancellationToken);
        why.Remove(message.AuthorId);
        if (why.Count == 0)
        {
            return;
        }

        var added = await EntriesAsync(message, channel, message.AuthorId, why, cancellationToken);
        if (added.Count > 0)
        {
            added[0].SayAdded();
            db.Notifications.AddRange(added);
            await db.SaveChangesAsync(cancellationToken);
        }
    }

    /// <summary>That somebody reacted to a message, for its author; null: not wanted, or not to be known. The caller adds it.</summary>
    public async Task<Notification?> ReactionAsync(ChannelMessage message, Guid actorId, CancellationToken cancellationToken)
    {
        if (await db.Channels.AsNoTracking().SingleOrDefaultAsync(c => c.Id == message.ChannelId && c.DeletedAt == null, cancellationToken) is not { } channel)
        {
            return null;
        }

        var entries = await EntriesAsync(message, channel, actorId, new() { [message.AuthorId] = [NotificationKind.Reaction] }, cancellationToken);
        return entries.SingleOrDefault();
    }

    private async Task<List<Notification>> EntriesAsync(ChannelMessage message, Channel channel, Guid actorId, Dictionary<Guid, SortedSet<NotificationKind>> why, CancellationToken cancellationToken)
    {
        var audience = await AudienceAsync(message, channel, actorId, [.. why.Keys], cancellationToken);
        var preferences = await db.NotificationPreferences.AsNoTracking().Where(p => audience.Contains(p.AccountId)).ToDictionaryAsync(p => p.AccountId, cancellationToken);
        var zones = await db.Profiles.AsNoTracking().Where(p => audience.Contains(p.AccountId) && p.TimeZone != null).ToDictionaryAsync(p => p.AccountId, p => p.TimeZone, cancellationToken);
        Guid[] around = [channel.Id, .. new[] { channel.ParentId, await CategoryAsync(channel, cancellationToken), channel.ServerId }.OfType<Guid>()];
        var places = (await db.PlacePreferences.AsNoTracking().Where(p => audience.Contains(p.AccountId) && around.Contains(p.PlaceId)).ToListAsync(cancellationToken)).ToLookup(p => p.AccountId);
        var read = await db.ReadStates.AsNoTracking().Where(r => r.ChannelId == channel.Id && audience.Contains(r.AccountId) && r.LastReadSeq >= message.Seq).Select(r => r.AccountId).ToHashSetAsync(cancellationToken);
        var now = time.GetUtcNow();
        var added = new List<Notification>();
        foreach (var account in audience)
        {
            var wishes = places[account].OrderBy(p => Array.IndexOf(around, p.PlaceId)).Select(p => new PlaceWish(p.Level, p.MutedUntil)).ToList();
            if (channel.ServerId is null)
            {
                // What is written to a person concerns them, unless they said otherwise.
                wishes.Add(new PlaceWish(NotificationLevel.All, null));
            }

            var mine = preferences.GetValueOrDefault(account);
            var quiet = mine is { QuietFrom: { } from, QuietUntil: { } until } ? (from, until) : ((int, int)?)null;
            var zone = NotificationRules.ZoneOf(mine?.TimeZone ?? zones.GetValueOrDefault(account));
            foreach (var kind in why[account].Order())
            {
                if (NotificationRules.Decide(kind, wishes, mine?.KindsOff ?? [], quiet, zone, now) is not Telling.Nothing and var telling)
                {
                    added.Add(Entry(message, channel, account, actorId, kind, telling, kind != NotificationKind.Reaction && read.Contains(account) ? now : null, now));
                    break;
                }
            }
        }

        return added;
    }

    private static Notification Entry(ChannelMessage message, Channel channel, Guid account, Guid actorId, NotificationKind kind, Telling telling, DateTimeOffset? readAt, DateTimeOffset now) => new()
    {
        Id = Guid.CreateVersion7(now),
        AccountId = account,
        Kind = kind,
        ServerId = message.ServerId,
        ChannelId = channel.Id,
        RightsChannelId = channel.Kind == ChannelKind.Thread ? channel.ParentId!.Value : channel.Id,
        MessageId = message.Id,
        Seq = message.Seq,
        ActorId = actorId,
        CreatedAt = now,
        ReadAt = readAt,
        MayInterrupt = telling == Telling.Fully,
    };

    /// <summary>The category that a channel, or a thread's channel, is in.</summary>
    private async Task<Guid?> CategoryAsync(Channel channel, CancellationToken cancellationToken) =>
        channel.Kind != ChannelKind.Thread ? null : await db.Channels.Where(c => c.Id == channel.ParentId).Select(c => c.ParentId).SingleOrDefaultAsync(cancellationToken);

    /// <summary>Before anybody's rights and wishes.</summary>
    private async Task<Dictionary<Guid, SortedSet<NotificationKind>>> ReasonsAsync(ChannelMessage message, Channel channel, CancellationToken cancellationToken)
    {
        var why = new Dictionary<Guid, SortedSet<NotificationKind>>();
        Add(message.MentionedAccounts, NotificationKind.Mention);
        if (message.MentionedRoles.Count > 0)
        {
            Add(await db.MemberRoles.Where(r => r.ServerId == message.ServerId && message.MentionedRoles.Contains(r.RoleId)).Select(r => r.MemberId).Distinct().ToListAsync(cancellationToken), NotificationKind.Mention);
        }

        if (message is { MentionsEveryone: true, ServerId: { } everyone })
        {
            Add(await db.ServerMembers.Where(m => m.ServerId == everyone && m.Kind == MemberKind.Person).Select(m => m.MemberId).ToListAsync(cancellationToken), NotificationKind.Mention);
        }

        if (message.ReplyToId is { } replied)
        {
            Add(await db.ChannelMessages.Where(m => m.Id == replied && m.AuthorKind == AuthorKind.Person).Select(m => m.AuthorId).ToListAsync(cancellationToken), NotificationKind.Reply);
        }

        if (channel.ServerId is null || channel.Kind == ChannelKind.Thread)
        {
            Add(await db.ChannelMembers.Where(m => m.ChannelId == channel.Id).Select(m => m.AccountId).ToListAsync(cancellationToken), channel.ServerId is null ? NotificationKind.Direct : NotificationKind.Thread);
        }

        if (message.ServerId is { } serverId)
        {
            var wanted = await db.NotificationPreferences.AsNoTracking().Where(p => p.Keywords.Count > 0 && db.ServerMembers.Any(m => m.ServerId == serverId && m.MemberId == p.AccountId))
                .Select(p => new { p.AccountId, p.Keywords }).ToListAsync(cancellationToken);
            Add(wanted.Where(w => NotificationRules.HasKeyword(message.Content, w.Keywords)).Select(w => w.AccountId), NotificationKind.Keyword);
            Guid[] places = [channel.Id, channel.ParentId ?? channel.Id, serverId];
            Add(await db.PlacePreferences.Where(p => places.Contains(p.PlaceId) && p.Level == NotificationLevel.All).Select(p => p.AccountId).Distinct().ToListAsync(cancellationToken), NotificationKind.Message);
        }

        return why;

        void Add(IEnumerable<Guid> accounts, NotificationKind kind)
        {
            foreach (var account in accounts)
            {
                (why.TryGetValue(account, out var kinds) ? kinds : why[account] = []).Add(kind);
            }
        }
    }

    /// <summary>People who may read it now and are not kept apart from its author.</summary>
    private async Task<List<Guid>> AudienceAsync(ChannelMessage message, Channel channel, Guid author, Guid[] accounts, CancellationToken cancellationToken)
    {
        var people = await db.Users.Where(a => accounts.Contains(a.Id) && a.Kind == AccountKind.Person && a.DisabledAt == null
                && !db.Blocks.Any(b => (b.BlockerId == a.Id && b.BlockedId == author) || (b.BlockedId == a.Id && b.BlockerId == author)))
            .Select(a => a.Id).ToListAsync(cancellationToken);
        if (message.ServerId is not { } serverId)
        {
            return await db.ChannelMembers.Where(m => m.ChannelId == channel.Id && people.Contains(m.AccountId)).Select(m => m.AccountId).ToListAsync(cancellationToken);
        }

        if (await db.Servers.Where(s => s.Id == serverId && s.DeleteAfter == null).Select(s => (long?)s.RightsVersion).SingleOrDefaultAsync(cancellationToken) is not { } version
            || await snapshots.GetAsync(serverId, version, cancellationToken) is not { } server)
        {
            return [];
        }

        var members = await db.Database.SqlQuery<Member>($"""
            select m.member_id as "Id", m.timed_out_until as "TimedOutUntil",
                array(select r.role_id from communities.member_roles r where r.server_id = m.server_id and r.member_id = m.member_id) as "RoleIds"
            from communities.server_members m where m.server_id = {serverId} and m.member_id = any({people.ToArray()})
            """).ToListAsync(cancellationToken);
        var (rights, now) = (channel.Kind == ChannelKind.Thread ? channel.ParentId!.Value : channel.Id, time.GetUtcNow());
        return [.. members.Where(m => ChannelsInSight.MayRead(PermissionRules.InChannel(server, new MemberFacts(m.Id, m.RoleIds, m.TimedOutUntil), rights, inThread: false, now))).Select(m => m.Id)];
    }
}
