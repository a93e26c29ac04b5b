using ChatSphere.Api.Http;
using ChatSphere.Contracts.Plans;
using ChatSphere.Data;
using ChatSphere.Data.Plans;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace ChatSphere.Api.Modules.Plans;

internal static class ListSeats
{
    private const int Most = 1_000;

    public static async Task<Ok<SeatResponse[]>> HandleAsync(CurrentUser user, ChatSphereDb db, CancellationToken cancellationToken)
    {
        var own = await db.OwnPlanOf(user.AccountId).SingleOrDefaultAsync(cancellationToken);
        var active = own is null ? 0 : own.Seats ?? int.MaxValue;
        var seats = await db.SubscriptionSeats.AsNoTracking().Where(s => s.OwnerId == user.AccountId).OrderBy(s => s.AddedAt).ThenBy(s => s.AccountId).Take(Most)
            .Select(s => new { s.AccountId, db.Users.Single(a => a.Id == s.AccountId).DisplayName, s.AddedAt }).ToListAsync(cancellationToken);
        return TypedResults.Ok(seats.Select((s, i) => new SeatResponse(s.AccountId, s.DisplayName, s.AddedAt, i < active)).ToArray());
    }
}
