using ChatSphere.Api.Http;
using ChatSphere.Api.Pictures;
using ChatSphere.Api.Responses;
using ChatSphere.Contracts;
using ChatSphere.Contracts.Communities;
using ChatSphere.Data;
using ChatSphere.Data.Accounts;
using ChatSphere.Data.Communities;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace ChatSphere.Api.Modules.Communities;

/// <summary>Keeping accounts out, whether they are in or not. By account, so that no other name, invite or door lets them back in.</summary>
internal static class Bans
{
    public static async Task<Results<NoContent, ProblemHttpResult>> PutAsync(
        Guid serverId, Guid accountId, BanMemberRequest request, CurrentUser user, ChatSphereDb db, ServerChanges changes, CommunitySignals signals, CancellationToken cancellationToken)
    {
        if (request.Reason is { } reason && TextRules.HasUnstorable(reason))
        {
            return MemberActs.Unstorable();
        }

        var wasMember = false;
        await using (var change = await changes.BeginAsync(user.AccountId, serverId, cancellationToken))
        {
            if (change is null)
            {
                return Problems.NotFound();
            }

            if (!change.Seat.May(ServerPermissions.BanMembers))
            {
                return ServerResponses.Missing(ServerPermissions.BanMembers);
            }

            await change.LockMemberAsync(accountId, cancellationToken);
            if (accountId == user.AccountId || accountId == change.Server.OwnerId)
            {
                return ServerChange.RankTooLow();
            }

            if (await change.MemberAsync(accountId, cancellationToken) is { } member)
            {
                if (!change.OutRanks(member.Facts))
                {
                    return ServerChange.RankTooLow();
                }

                db.Remove(member.Row);
                wasMember = true;
            }

            if (!await db.Users.AnyAsync(a => a.Id == accountId && a.Kind == AccountKind.Person && a.ErasedAt == null, cancellationToken))
            {
                return Problems.NotFound();
            }

            if (!await db.ServerBans.AnyAsync(b => b.ServerId == serverId && b.AccountId == accountId, cancellationToken))
            {
                db.Add(new ServerBan { ServerId = serverId, AccountId = accountId, BannedBy = user.AccountId, Reason = request.Reason?.Trim() ?? "", CreatedAt = change.Now });
                change.Server.Left(accountId, ServerLeaving.Banned, request.DeleteMessagesMinutes > 0 ? change.Now.AddMinutes(-request.DeleteMessagesMinutes) : null);
                change.Record(ServerActions.MemberBanned, ServerLogTarget.Member, accountId, request.Reason, new { request.DeleteMessagesMinutes });
                await change.CommitAsync(cancellationToken);
            }
        }

        if (wasMember)
        {
            signals.MembershipsChanged(serverId, accountId);
        }

        return TypedResults.NoContent();
    }

    public static async Task<Results<NoContent, ProblemHttpResult>> LiftAsync(Guid serverId, Guid accountId, CurrentUser user, ChatSphereDb db, ServerChanges changes, CancellationToken cancellationToken)
    {
        await using var change = await changes.BeginAsync(user.AccountId, serverId, cancellationToken);
        if (change is null)
        {
            return Problems.NotFound();
        }

        if (!change.Seat.May(ServerPermissions.BanMembers))
        {
            return ServerResponses.Missing(ServerPermissions.BanMembers);
        }

        if (await db.ServerBans.SingleOrDefaultAsync(b => b.ServerId == serverId && b.AccountId == accountId, cancellationToken) is not { } ban)
        {
            return Problems.NotFound();
        }

        db.Remove(ban);
        change.Record(ServerActions.MemberUnbanned, ServerLogTarget.Member, accountId);
        await change.CommitAsync(cancellationToken);
        return TypedResults.NoContent();
    }

    public static async Task<Results<Ok<Page<ServerBanResponse>>, ProblemHttpResult>> ListAsync(
        Guid serverId, CurrentUser user, ChatSphereDb db, Seats seats, CancellationToken cancellationToken, string? cursor = null, int? limit = null)
    {
        if (await seats.InServerAsync(user.AccountId, serverId, cancellationToken) is not { } seat)
        {
            return Problems.NotFound();
        }

        if (!seat.May(ServerPermissions.BanMembers))
        {
            return ServerResponses.Missing(ServerPermissions.BanMembers);
        }

        if (!Cursor.TryRead(cursor, out (DateTimeOffset Time, Guid Id)? before))
        {
            return Problems.BadRequest(ErrorCodes.CursorInvalid, "The cursor is not one that this list gave out.");
        }

        var bans = db.ServerBans.AsNoTracking().Where(b => b.ServerId == serverId);
        if (before is { } key)
        {
            bans = bans.Where(b => b.CreatedAt < key.Time || (b.CreatedAt == key.Time && b.AccountId < key.Id));
        }

        var take = Cursor.Limit(limit);
        var found = await bans.OrderByDescending(b => b.CreatedAt).ThenByDescending(b => b.AccountId).Take(take + 1).Select(b => new ServerBanResponse(
            b.AccountId,
            db.Users.Where(a => a.Id == b.AccountId).Select(a => a.DisplayName).FirstOrDefault() ?? "",
            db.Profiles.Where(p => p.AccountId == b.AccountId && p.AvatarSha256 != null).Select(p => p.AvatarSha256!.Substring(0, AvatarImage.VersionLength)).FirstOrDefault(),
            b.BannedBy,
            db.Users.Where(a => a.Id == b.BannedBy).Select(a => a.DisplayName).FirstOrDefault() ?? "",
            b.Reason,
            b.CreatedAt)).ToListAsync(cancellationToken);
        return TypedResults.Ok(Pages.Of(found, take, b => Cursor.Of(b.CreatedAt, b.AccountId)));
    }
}
