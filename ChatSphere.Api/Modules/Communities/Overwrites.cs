using System.Collections.Frozen;
using ChatSphere.Api.Http;
using ChatSphere.Api.Responses;
using ChatSphere.Contracts;
using ChatSphere.Contracts.Communities;
using ChatSphere.Data;
using ChatSphere.Data.Communities;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using ChannelKind = ChatSphere.Data.Communities.ChannelKind;

namespace ChatSphere.Api.Modules.Communities;

/// <summary>
/// What channels allow and deny roles and members beyond the roles of the server. A category's are copied to the channels in it that had the same as the category before; those
/// with their own keep them.
/// </summary>
internal static class Overwrites
{
    private const int Most = 300;

    public static ChannelOverwrite CopyTo(Guid channelId, ChannelOverwrite o) => new() { ChannelId = channelId, TargetId = o.TargetId, Target = o.Target, Allow = o.Allow, Deny = o.Deny };

    public static async Task<Results<Ok<ChannelOverwritesResponse>, ProblemHttpResult>> ListAsync(Guid channelId, CurrentUser user, ChatSphereDb db, Seats seats, ServerChanges changes, CancellationToken cancellationToken)
    {
        if (await changes.ServerOfAsync(channelId, cancellationToken) is not { } serverId || await seats.InServerAsync(user.AccountId, serverId, cancellationToken) is not { } seat
            || !seats.VisibleChannels(seat).TryGetValue(channelId, out var may))
        {
            return Problems.NotFound();
        }

        return may.HasFlag(ServerPermissions.ManageRoles) ? TypedResults.Ok(await ResponseAsync(db, channelId, cancellationToken)) : ServerResponses.Missing(ServerPermissions.ManageRoles);
    }

    public static async Task<Results<Ok<ChannelOverwritesResponse>, ProblemHttpResult>> PutAsync(
        Guid channelId, Guid targetId, PutOverwriteRequest request, CurrentUser user, ChatSphereDb db, ServerChanges changes, CommunitySignals signals, CancellationToken cancellationToken)
    {
        if (!ServerPermissionNames.TryParse(request.Allow, out var allow))
        {
            return Problems.Invalid("allow", "A decimal number of bits that exist: GET /v1/server-permissions.");
        }

        if (!ServerPermissionNames.TryParse(request.Deny, out var deny) || (allow & deny) != 0)
        {
            return Problems.Invalid("deny", "A decimal number of bits that exist, none of which is allowed too.");
        }

        await using var change = await ChangeChannels.BeginAsync(changes, user, channelId, cancellationToken);
        var (target, refused) = await TargetAsync(change, db, channelId, targetId, request.Target == OverwriteKind.Member ? OverwriteTarget.Member : OverwriteTarget.Role, cancellationToken);
        if (change is null || target is null)
        {
            return refused!;
        }

        return await SetAsync(change, db, signals, channelId, targetId, target.Value, allow, deny, cancellationToken);
    }

    public static async Task<Results<Ok<ChannelOverwritesResponse>, ProblemHttpResult>> DeleteAsync(
        Guid channelId, Guid targetId, CurrentUser user, ChatSphereDb db, ServerChanges changes, CommunitySignals signals, CancellationToken cancellationToken)
    {
        await using var change = await ChangeChannels.BeginAsync(changes, user, channelId, cancellationToken);
        var there = await db.ChannelOverwrites.AsNoTracking().SingleOrDefaultAsync(o => o.ChannelId == channelId && o.TargetId == targetId, cancellationToken);
        var (target, refused) = await TargetAsync(change, db, channelId, targetId, there?.Target, cancellationToken);
        if (change is null || target is null)
        {
            return refused!;
        }

        return await SetAsync(change, db, signals, channelId, targetId, target.Value, 0, 0, cancellationToken);
    }

    /// <summary>The channel gets what its category has, and follows it from now on.</summary>
    public static async Task<Results<Ok<ChannelOverwritesResponse>, ProblemHttpResult>> SyncAsync(
        Guid channelId, CurrentUser user, ChatSphereDb db, ServerChanges changes, CommunitySignals signals, CancellationToken cancellationToken)
    {
        await using var change = await ChangeChannels.BeginAsync(changes, user, channelId, cancellationToken);
        if (change is null)
        {
            return Problems.NotFound();
        }

        if (Refusal(change, channelId) is { } refused)
        {
            return refused;
        }

        var channel = change.Seat.Server.Channels[channelId];
        if (channel.ParentId is not { } category)
        {
            return Problems.Conflict(ErrorCodes.OrderStale, "The channel is in no category.");
        }

        var wanted = await db.ChannelOverwrites.AsNoTracking().Where(o => o.ChannelId == category).ToListAsync(cancellationToken);
        var there = await db.ChannelOverwrites.Where(o => o.ChannelId == channelId).ToListAsync(cancellationToken);
        var changed = 0L;
        foreach (var id in wanted.Concat(there).Select(o => o.TargetId).Distinct())
        {
            var (from, to) = (there.Find(o => o.TargetId == id), wanted.Find(o => o.TargetId == id));
            changed |= ((from?.Allow ?? 0) ^ (to?.Allow ?? 0)) | ((from?.Deny ?? 0) ^ (to?.Deny ?? 0));
        }

        // What one does not hold in the channel or in its category is not one's to give or take.
        if (((ServerPermissions)changed & ~(change.InChannel(channelId) | change.InChannel(category))) != 0)
        {
            return ServerChange.Exceeds();
        }

        var after = wanted.ConvertAll(o => new OverwriteFacts(o.TargetId, o.Target, (ServerPermissions)o.Allow, (ServerPermissions)o.Deny));
        if (LocksOut(change, channelId, after))
        {
            return LockedOut();
        }

        if (changed != 0)
        {
            await ReplaceAsync(db, channelId, wanted, cancellationToken);
            change.Record(ServerActions.ChannelSynced, ServerLogTarget.Channel, channelId);
            await change.CommitAsync(cancellationToken);
            signals.ServerChanged(change.Server.Id);
        }

        return TypedResults.Ok(await ResponseAsync(db, channelId, cancellationToken));
    }

    private static ProblemHttpResult? Refusal(ServerChange change, Guid channelId)
    {
        var may = change.InChannel(channelId);
        return !may.HasFlag(ServerPermissions.ViewChannel) ? Problems.NotFound() : may.HasFlag(ServerPermissions.ManageRoles) ? null : ServerResponses.Missing(ServerPermissions.ManageRoles);
    }

    /// <summary>Whose overwrite it is to be, if the actor may change it.</summary>
    private static async Task<(OverwriteTarget? Target, ProblemHttpResult? Refused)> TargetAsync(
        ServerChange? change, ChatSphereDb db, Guid channelId, Guid targetId, OverwriteTarget? target, CancellationToken cancellationToken)
    {
        if (change is null || target is null)
        {
            return (null, Problems.NotFound());
        }

        if (Refusal(change, channelId) is { } refused)
        {
            return (null, refused);
        }

        if (target == OverwriteTarget.Role)
        {
            return !change.Seat.Server.Roles.ContainsKey(targetId) ? (null, Problems.NotFound())
                : targetId == change.Server.Id || change.StandsAbove(targetId) ? (target, null) : (null, ServerChange.RankTooLow());
        }

        if (await change.MemberAsync(targetId, cancellationToken) is not { } member)
        {
            // Somebody who has left: what is still there about them may be taken away.
            return await db.ChannelOverwrites.AnyAsync(o => o.ChannelId == channelId && o.TargetId == targetId, cancellationToken) ? (target, null) : (null, Problems.NotFound());
        }

        return targetId == change.Seat.Member.MemberId || change.OutRanks(member.Facts) ? (target, null) : (null, ServerChange.RankTooLow());
    }

    private static async Task<Results<Ok<ChannelOverwritesResponse>, ProblemHttpResult>> SetAsync(
        ServerChange change, ChatSphereDb db, CommunitySignals signals, Guid channelId, Guid targetId, OverwriteTarget target, ServerPermissions allow, ServerPermissions deny, CancellationToken cancellationToken)
    {
        var overwrites = await db.ChannelOverwrites.AsNoTracking().Where(o => o.ChannelId == channelId).ToListAsync(cancellationToken);
        var before = overwrites.Find(o => o.TargetId == targetId);
        var changed = ((ServerPermissions)(before?.Allow ?? 0) ^ allow) | ((ServerPermissions)(before?.Deny ?? 0) ^ deny);
        if ((changed & ~change.InChannel(channelId)) != 0)
        {
            return ServerChange.Exceeds();
        }

        if (((allow | deny) & ~ListServerPermissions.InChannels) is var foreign && foreign != 0)
        {
            return Problems.Invalid("allow", $"{string.Join(", ", ServerResponses.May(foreign))}: only roles of the server give this.");
        }

        if (changed == 0)
        {
            return TypedResults.Ok(await ResponseAsync(db, channelId, cancellationToken));
        }

        var after = overwrites.FindAll(o => o.TargetId != targetId);
        if ((allow | deny) != 0)
        {
            after.Add(new ChannelOverwrite { ChannelId = channelId, TargetId = targetId, Target = target, Allow = (long)allow, Deny = (long)deny });
        }

        if (after.Count > Most)
        {
            return Problems.Conflict(ErrorCodes.TooMany, $"A channel has at most {Most} of these.");
        }

        if (LocksOut(change, channelId, after.ConvertAll(o => new OverwriteFacts(o.TargetId, o.Target, (ServerPermissions)o.Allow, (ServerPermissions)o.Deny))))
        {
            return LockedOut();
        }

        // Those that are as the category was before.
        var channels = change.Seat.Server.Channels;
        var key = KeyOf(channels[channelId].Overwrites);
        var followers = channels[channelId].Kind == ChannelKind.Category ? channels.Values.Where(c => c.ParentId == channelId && KeyOf(c.Overwrites) == key).Select(c => c.Id).ToList() : [];
        foreach (var id in followers.Append(channelId))
        {
            await db.ChannelOverwrites.Where(o => o.ChannelId == id && o.TargetId == targetId).ExecuteDeleteAsync(cancellationToken);
            if ((allow | deny) != 0)
            {
                db.Add(new ChannelOverwrite { ChannelId = id, TargetId = targetId, Target = target, Allow = (long)allow, Deny = (long)deny });
            }
        }

        change.Record((allow | deny) == 0 ? ServerActions.OverwriteRemoved : ServerActions.OverwriteSet, ServerLogTarget.Channel, channelId, details: new
        {
            targetId,
            target = target.ToString(),
            allow = ServerResponses.May(allow),
            deny = ServerResponses.May(deny),
            followers = followers.Count,
        });
        await change.CommitAsync(cancellationToken);
        signals.ServerChanged(change.Server.Id);
        return TypedResults.Ok(await ResponseAsync(db, channelId, cancellationToken));
    }

    /// <summary>Whether the actor could not undo it afterwards. Owners and administrators always can.</summary>
    private static bool LocksOut(ServerChange change, Guid channelId, IReadOnlyList<OverwriteFacts> after)
    {
        const ServerPermissions Needed = ServerPermissions.ViewChannel | ServerPermissions.ManageRoles;
        var server = change.Seat.Server;
        var changed = server with { Channels = server.Channels.Values.Where(c => c.Id == channelId).Select(c => c with { Overwrites = after }).ToFrozenDictionary(c => c.Id) };
        return (PermissionRules.InChannel(changed, change.Seat.Member, channelId, inThread: false, change.Now) & Needed) != Needed;
    }

    private static ProblemHttpResult LockedOut() => Problems.Conflict(ErrorCodes.WouldLockOut, "After this you could not see or manage this channel yourself. Allow it to yourself or one of your roles first.");

    private static async Task ReplaceAsync(ChatSphereDb db, Guid channelId, IEnumerable<ChannelOverwrite> wanted, CancellationToken cancellationToken)
    {
        db.ChangeTracker.Entries<ChannelOverwrite>().ToList().ForEach(e => e.State = EntityState.Detached);
        await db.ChannelOverwrites.Where(o => o.ChannelId == channelId).ExecuteDeleteAsync(cancellationToken);
        db.AddRange(wanted.Select(o => CopyTo(channelId, o)));
    }

    private static string KeyOf(IEnumerable<OverwriteFacts> overwrites) => string.Join(';', overwrites.Where(o => (o.Allow | o.Deny) != 0).OrderBy(o => o.TargetId).Select(o => $"{o.TargetId}:{(long)o.Allow}:{(long)o.Deny}"));

    private static async Task<ChannelOverwritesResponse> ResponseAsync(ChatSphereDb db, Guid channelId, CancellationToken cancellationToken)
    {
        var parent = await db.Channels.Where(c => c.Id == channelId).Select(c => c.ParentId).SingleOrDefaultAsync(cancellationToken);
        var found = await db.ChannelOverwrites.AsNoTracking().Where(o => o.ChannelId == channelId || o.ChannelId == parent).Select(o => new
        {
            Overwrite = o,
            Name = o.Target == OverwriteTarget.Role
                ? db.ServerRoles.Where(r => r.Id == o.TargetId).Select(r => r.Name).FirstOrDefault()
                : db.Users.Where(a => a.Id == o.TargetId).Select(a => a.DisplayName).FirstOrDefault() ?? db.Bots.Where(b => b.Id == o.TargetId).Select(b => b.Name).FirstOrDefault(),
        }).ToListAsync(cancellationToken);
        var (own, categorys) = (found.FindAll(o => o.Overwrite.ChannelId == channelId), found.FindAll(o => o.Overwrite.ChannelId == parent));
        return new ChannelOverwritesResponse(
            [.. own.OrderBy(o => o.Overwrite.Target).ThenBy(o => o.Name, StringComparer.OrdinalIgnoreCase).ThenBy(o => o.Overwrite.TargetId).Select(o => new OverwriteResponse(
                o.Overwrite.TargetId, o.Overwrite.Target == OverwriteTarget.Member ? OverwriteKind.Member : OverwriteKind.Role, o.Name ?? "",
                ((ServerPermissions)o.Overwrite.Allow).ToWire(), ((ServerPermissions)o.Overwrite.Deny).ToWire()))],
            parent is null ? null : KeyOf(own.Select(o => Facts(o.Overwrite))) == KeyOf(categorys.Select(o => Facts(o.Overwrite))));

        static OverwriteFacts Facts(ChannelOverwrite o) => new(o.TargetId, o.Target, (ServerPermissions)o.Allow, (ServerPermissions)o.Deny);
    }
}
