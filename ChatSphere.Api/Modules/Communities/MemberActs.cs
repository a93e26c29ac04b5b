using ChatSphere.Api.Http;
using ChatSphere.Api.Posting;
using ChatSphere.Api.Responses;
using ChatSphere.Contracts.Communities;
using ChatSphere.Data;
using ChatSphere.Data.Communities;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ChatSphere.Api.Modules.Communities;

/// <summary>What is done to one member: a nickname, removing, a time-out.</summary>
internal static class MemberActs
{
    public static readonly TimeSpan LongestTimeOut = TimeSpan.FromDays(28);

    public static async Task<Results<Ok<ServerMemberResponse>, ProblemHttpResult>> RenameAsync(
        Guid serverId, Guid memberId, UpdateMemberRequest request, CurrentUser user, ChatSphereDb db, Seats seats, ServerChanges changes, IEnumerable<IContentScreen> screens, CommunitySignals signals,
        CancellationToken cancellationToken)
    {
        if (await seats.InServerAsync(user.AccountId, serverId, cancellationToken) is not { } now)
        {
            return Problems.NotFound();
        }

        var nickname = request.Nickname.Trim();
        if (nickname.Length > 0 && (TextRules.Problem(nickname) ?? ReservedNames.Problem(nickname)) is { } unfit)
        {
            return Problems.Invalid("nickname", unfit);
        }

        // Before the lock: a screen may take its time.
        foreach (var screen in nickname.Length == 0 ? [] : screens)
        {
            if (await screen.ScreenAsync(new WrittenContent(ContentPlace.Nickname, serverId, null, user.AccountId, now.Permissions, nickname), cancellationToken) is { } refused)
            {
                return refused;
            }
        }

        await using var change = await changes.BeginAsync(user.AccountId, serverId, cancellationToken);
        if (change is null || await change.MemberAsync(memberId, cancellationToken) is not { } member)
        {
            return Problems.NotFound();
        }

        var own = memberId == user.AccountId;
        var needed = own ? ServerPermissions.ChangeNickname : ServerPermissions.ManageNicknames;
        if (!change.Seat.May(needed) && !(own && change.Seat.May(ServerPermissions.ManageNicknames)))
        {
            return ServerResponses.Missing(needed);
        }

        if (!own && !change.OutRanks(member.Facts))
        {
            return ServerChange.RankTooLow();
        }

        if (member.Row.Nickname != nickname)
        {
            change.Record(ServerActions.MemberRenamed, ServerLogTarget.Member, memberId, details: new { from = member.Row.Nickname, to = nickname });
            member.Row.Nickname = nickname;
            await change.CommitAsync(cancellationToken);
            signals.ServerChanged(serverId);
        }

        return TypedResults.Ok((await ListMembers.FindAsync(db, serverId, memberId, cancellationToken))!);
    }

    public static async Task<Results<NoContent, ProblemHttpResult>> RemoveAsync(
        Guid serverId, Guid memberId, RemoveMemberRequest request, CurrentUser user, ChatSphereDb db, ServerChanges changes, CommunitySignals signals, CancellationToken cancellationToken)
    {
        if (request.Reason is { } reason && TextRules.HasUnstorable(reason))
        {
            return Unstorable();
        }

        await using var change = await changes.BeginAsync(user.AccountId, serverId, cancellationToken);
        if (change is null)
        {
            return Problems.NotFound();
        }

        var (member, refused) = await LowerAsync(change, memberId, ServerPermissions.KickMembers, cancellationToken);
        if (member is null)
        {
            return refused!;
        }

        db.Remove(member);
        change.Server.Left(memberId, ServerLeaving.Removed);
        change.Record(ServerActions.MemberRemoved, ServerLogTarget.Member, memberId, request.Reason);
        await change.CommitAsync(cancellationToken);
        signals.MembershipsChanged(serverId, memberId);
        return TypedResults.NoContent();
    }

    public static async Task<Results<Ok<ServerMemberResponse>, ProblemHttpResult>> TimeOutAsync(
        Guid serverId, Guid memberId, TimeOutMemberRequest request, CurrentUser user, ChatSphereDb db, ServerChanges changes, CommunitySignals signals, CancellationToken cancellationToken)
    {
        if (request.Reason is { } reason && TextRules.HasUnstorable(reason))
        {
            return Unstorable();
        }

        await using var change = await changes.BeginAsync(user.AccountId, serverId, cancellationToken);
        if (change is null)
        {
            return Problems.NotFound();
        }

        var (member, refused) = await LowerAsync(change, memberId, ServerPermissions.ModerateMembers, cancellationToken);
        if (member is null)
        {
            return refused!;
        }

        if (request.Until <= change.Now || request.Until > change.Now + LongestTimeOut + TimeSpan.FromMinutes(1))
        {
            return Problems.Invalid("until", $"Later than now, and at most {LongestTimeOut.TotalDays} days from now.");
        }

        member.TimedOutUntil = request.Until.ToUniversalTime();
        change.Record(ServerActions.MemberTimedOut, ServerLogTarget.Member, memberId, request.Reason, new { until = member.TimedOutUntil });
        await change.CommitAsync(cancellationToken);
        signals.ServerChanged(serverId);
        return TypedResults.Ok((await ListMembers.FindAsync(db, serverId, memberId, cancellationToken))!);
    }

    public static async Task<Results<NoContent, ProblemHttpResult>> EndTimeOutAsync(
        Guid serverId, Guid memberId, CurrentUser user, ServerChanges changes, CommunitySignals signals, CancellationToken cancellationToken)
    {
        await using var change = await changes.BeginAsync(user.AccountId, serverId, cancellationToken);
        if (change is null)
        {
            return Problems.NotFound();
        }

        var (member, refused) = await LowerAsync(change, memberId, ServerPermissions.ModerateMembers, cancellationToken);
        if (member is null)
        {
            return refused!;
        }

        if (member.TimedOutUntil is not null)
        {
            member.TimedOutUntil = null;
            change.Record(ServerActions.MemberTimeoutEnded, ServerLogTarget.Member, memberId);
            await change.CommitAsync(cancellationToken);
            signals.ServerChanged(serverId);
        }

        return TypedResults.NoContent();
    }

    internal static ProblemHttpResult Unstorable() => Problems.Invalid("reason", "It must not contain NUL characters or broken surrogates.");

    /// <summary>A member on whom the actor may act so.</summary>
    private static async Task<(ServerMember? Member, ProblemHttpResult? Refused)> LowerAsync(ServerChange change, Guid memberId, ServerPermissions needed, CancellationToken cancellationToken)
    {
        if (!change.Seat.May(needed))
        {
            return (null, ServerResponses.Missing(needed));
        }

        if (await change.MemberAsync(memberId, cancellationToken) is not { } member)
        {
            return (null, Problems.NotFound());
        }

        return change.OutRanks(member.Facts) ? (member.Row, null) : (null, ServerChange.RankTooLow());
    }
}
