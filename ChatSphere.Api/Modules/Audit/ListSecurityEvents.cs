using ChatSphere.Api.Http;
using ChatSphere.Contracts;
using ChatSphere.Contracts.Audit;
using ChatSphere.Data;
using ChatSphere.Data.Audit;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace ChatSphere.Api.Modules.Audit;

internal static class ListSecurityEvents
{
    public static async Task<Results<Ok<Page<SecurityEventResponse>>, ProblemHttpResult>> HandleAsync(
        CurrentUser user, ChatSphereDb db, CancellationToken cancellationToken, string? cursor = null, int? limit = null)
    {
        if (!Cursor.TryRead(cursor, out Guid? before))
        {
            return Problems.BadRequest(ErrorCodes.CursorInvalid, "The cursor is not one that this list gave out.");
        }

        // What one did, and what others did to one's account. Who they were and from where is not one's own.
        var take = Cursor.Limit(limit);
        var found = await db.AuditEvents.AsNoTracking().Where(e => (e.ActorId == user.AccountId || (e.TargetKind == "account" && e.TargetId == user.AccountId)) && (before == null || e.Id < before))
            .OrderByDescending(e => e.Id).Take(take + 1).ToListAsync(cancellationToken);
        var page = Pages.Of(found, take, e => Cursor.Of(e.Id));
        return TypedResults.Ok(new Page<SecurityEventResponse>([.. page.Items.Select(e => ToResponse(e, user.AccountId))], page.Next));
    }

    private static SecurityEventResponse ToResponse(AuditEvent e, Guid me)
    {
        var by = e.ActorId == me ? "me" : e.ActorKind switch { ActorKind.Anonymous => "nobody", ActorKind.System => "system", _ => "somebody_else" };
        return new SecurityEventResponse(e.Id, e.At, e.Action, by, by is "me" or "nobody" ? e.Network : null);
    }
}
