using ChatSphere.Api.Http;
using ChatSphere.Contracts;
using ChatSphere.Data;
using ChatSphere.Data.Audit;
using ChatSphere.Data.Plans;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace ChatSphere.Api.Modules.Plans;

internal static class GiveSeat
{
    public static async Task<Results<NoContent, ProblemHttpResult>> HandleAsync(
        Guid accountId, CurrentUser user, ChatSphereDb db, IUsageGate gate, AuditTrail audit, TimeProvider time, CancellationToken cancellationToken)
    {
        // Who has no seats to give learns nothing about who is here.
        var mayGive = await db.OwnPlanOf(user.AccountId).AnyAsync(p => p.Seats == null || p.Seats > 0, cancellationToken);
        if (!mayGive || !await db.Users.AnyAsync(a => a.Id == accountId && a.DisabledAt == null, cancellationToken))
        {
            return Problems.NotFound();
        }

        if (accountId == user.AccountId)
        {
            return Problems.BadRequest(ErrorCodes.RequestInvalid, "You use your plan already; seats are for others.");
        }

        if (await TakenAsync(db, accountId, user.AccountId, cancellationToken) is { } earlier)
        {
            return earlier;
        }

        await using var room = await gate.ForSeatAsync(user.AccountId, cancellationToken);
        if (room.Refusal is { } refusal)
        {
            // The same request may have been here a moment ago and taken the last seat.
            return await TakenAsync(db, accountId, user.AccountId, cancellationToken) ?? refusal.ToProblem();
        }

        db.SubscriptionSeats.Add(new SubscriptionSeat { AccountId = accountId, OwnerId = user.AccountId, AddedAt = time.GetUtcNow() });
        audit.Record(AuditActions.SeatGiven, "account", accountId);
        try
        {
            await db.SaveChangesAsync(cancellationToken);
            await room.KeepAsync(cancellationToken);
        }
        catch (DbUpdateException e) when (e.InnerException is PostgresException { SqlState: PostgresErrorCodes.UniqueViolation })
        {
            await room.DisposeAsync();
            db.ChangeTracker.Clear();
            return await TakenAsync(db, accountId, user.AccountId, cancellationToken) ?? Elsewhere();
        }

        return TypedResults.NoContent();
    }

    /// <summary>The answer for somebody who has a seat already; null for who has none.</summary>
    private static async Task<Results<NoContent, ProblemHttpResult>?> TakenAsync(ChatSphereDb db, Guid accountId, Guid ownerId, CancellationToken cancellationToken) =>
        await db.SubscriptionSeats.Where(s => s.AccountId == accountId).Select(s => (Guid?)s.OwnerId).SingleOrDefaultAsync(cancellationToken) switch
        {
            null => null,
            { } owner when owner == ownerId => TypedResults.NoContent(),
            _ => Elsewhere(),
        };

    private static ProblemHttpResult Elsewhere() => Problems.Conflict(ErrorCodes.SeatTakenElsewhere, "This person uses somebody else’s plan. They can leave it in their settings.");
}
