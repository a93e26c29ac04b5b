using System.Globalization;
using ChatSphere.Api.Http;
using ChatSphere.Contracts;
using ChatSphere.Contracts.People;
using ChatSphere.Data;
using ChatSphere.Data.Accounts;
using ChatSphere.Data.People;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace ChatSphere.Api.Modules.People;

internal static class RequestFriendship
{
    // Requests of one account in an hour, whatever became of them.
    private const int MostInAnHour = 30;

    public static async Task<Results<Ok<PersonResponse>, ProblemHttpResult>> HandleAsync(
        RequestFriendshipRequest request, HttpContext http, CurrentUser user, ChatSphereDb db, TimeProvider time, CancellationToken cancellationToken)
    {
        if (request.AccountId is null == string.IsNullOrWhiteSpace(request.Handle))
        {
            return Problems.Invalid("handle", "Give either the account's id or the handle.");
        }

        if (request.Handle is not null && TextRules.HasUnstorable(request.Handle))
        {
            return Problems.Invalid("handle", "It must not contain NUL characters or broken surrogates.");
        }

        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var me = user.AccountId;
        var now = time.GetUtcNow();

        // Counted first and kept whatever the answer, so that asking is no cheap way to find out who is there. The row's lock makes parallel requests count one by one.
        await db.ProfileOfAsync(me, cancellationToken);
        var hourAgo = now.AddHours(-1);
        if (await db.Profiles.Where(p => p.AccountId == me && (p.RequestsSince <= hourAgo || p.Requests < MostInAnHour))
            .ExecuteUpdateAsync(
                p => p.SetProperty(x => x.Requests, x => x.RequestsSince <= hourAgo ? 1 : x.Requests + 1).SetProperty(x => x.RequestsSince, x => x.RequestsSince <= hourAgo ? now : x.RequestsSince),
                cancellationToken) == 0)
        {
            var since = await db.Profiles.Where(p => p.AccountId == me).Select(p => p.RequestsSince).SingleAsync(cancellationToken);
            http.Response.Headers.RetryAfter = Math.Max(1, (int)(since.AddHours(1) - now).TotalSeconds).ToString(CultureInfo.InvariantCulture);
            return Problems.Of(StatusCodes.Status429TooManyRequests, ErrorCodes.RateLimited, "That were many requests. Wait a while before you ask more people.");
        }

        var handle = request.Handle is null ? null : Handles.Fold(request.Handle);
        var to = await Askable(db, me).Where(a => request.AccountId != null ? a.Id == request.AccountId : db.Profiles.Any(p => p.AccountId == a.Id && p.Handle == handle))
            .Select(a => (Guid?)a.Id).SingleOrDefaultAsync(cancellationToken);
        if (to is not { } other)
        {
            // Not there, does not want to be asked, blocks: all the same answer.
            await transaction.CommitAsync(cancellationToken);
            return Problems.Of(StatusCodes.Status404NotFound, ErrorCodes.NotFound, "There is nobody by this name whom you could ask.");
        }

        await db.LockPairAsync(me, other, cancellationToken);
        if (!await Askable(db, me).AnyAsync(a => a.Id == other, cancellationToken))
        {
            await transaction.CommitAsync(cancellationToken);
            return Problems.Of(StatusCodes.Status404NotFound, ErrorCodes.NotFound, "There is nobody by this name whom you could ask.");
        }

        var there = await db.Relationships.Between(me, other).SingleOrDefaultAsync(cancellationToken);
        if (there is null)
        {
            db.Relationships.Add(Relationship.Request(me, other, now));
        }
        else if (there.AcceptedAt is null && there.RequestedBy != me)
        {
            // Each asked the other: that is an answer.
            there.Accept(now);
        }

        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return TypedResults.Ok(await db.Users.AsNoTracking().Where(a => a.Id == other).Select(PersonResponses.Projection(db, me)).SingleAsync(cancellationToken));
    }

    /// <summary>Who lets this account ask. Whoever asked it may always be asked back.</summary>
    private static IQueryable<Account> Askable(ChatSphereDb db, Guid me) => db.ProfilesVisibleTo(me).Where(a => a.Id != me && (
        !db.Profiles.Any(p => p.AccountId == a.Id && p.WhoCanAskFriendship != Audience.Everyone)
        || (db.Profiles.Any(p => p.AccountId == a.Id && p.WhoCanAskFriendship == Audience.Friends)
            && db.Relationships.Any(r => r.AcceptedAt != null && ((r.LowId == a.Id && db.FriendsOf(me).Contains(r.HighId)) || (r.HighId == a.Id && db.FriendsOf(me).Contains(r.LowId)))))
        || db.Relationships.Any(r => (r.LowId == a.Id && r.HighId == me) || (r.LowId == me && r.HighId == a.Id))));
}
