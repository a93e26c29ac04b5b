using ChatSphere.Api.Http;
using ChatSphere.Contracts;
using ChatSphere.Contracts.Privacy;
using ChatSphere.Data;
using ChatSphere.Data.Privacy;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace ChatSphere.Api.Modules.Privacy;

internal static class ListErasures
{
    public static async Task<Results<Ok<Page<ErasureResponse>>, ProblemHttpResult>> HandleAsync(ChatSphereDb db, CancellationToken cancellationToken, string? cursor = null, int? limit = null)
    {
        if (!Cursor.TryRead(cursor, out Guid? before))
        {
            return Problems.BadRequest(ErrorCodes.CursorInvalid, "The cursor is not one that this list gave out.");
        }

        var take = Cursor.Limit(limit);
        var found = await db.Erasures.AsNoTracking().Where(e => before == null || e.Id < before).OrderByDescending(e => e.Id).Take(take + 1)
            .Select(e => new { Erasure = e, OnHold = e.State == ErasureState.Waiting && db.HeldAccounts().Contains(e.AccountId) }).ToListAsync(cancellationToken);
        return TypedResults.Ok(Pages.Of([.. found.Select(e => ToResponse(e.Erasure, e.OnHold))], take, e => Cursor.Of(e.Id)));
    }

    public static ErasureResponse ToResponse(Erasure e, bool onHold) =>
        new(e.Id, e.AccountId, (ErasureStatus)e.State, e.RequestedBy, e.Reason, e.RequestedAt, e.DueAt, onHold, e.DoneAt, e.DoneSections);
}
