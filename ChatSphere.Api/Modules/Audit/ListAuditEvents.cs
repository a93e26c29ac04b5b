using System.Text.Json;
using ChatSphere.Api.Http;
using ChatSphere.Contracts;
using ChatSphere.Contracts.Audit;
using ChatSphere.Data;
using ChatSphere.Data.Audit;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace ChatSphere.Api.Modules.Audit;

internal static class ListAuditEvents
{
    public static async Task<Results<Ok<Page<AuditEventResponse>>, ProblemHttpResult>> HandleAsync(
        [AsParameters] AuditFilter filter, ChatSphereDb db, CancellationToken cancellationToken, string? cursor = null, int? limit = null)
    {
        if (filter.Problem() is { } refusal)
        {
            return refusal;
        }

        if (!Cursor.TryRead(cursor, out Guid? before))
        {
            return Problems.BadRequest(ErrorCodes.CursorInvalid, "The cursor is not one that this list gave out.");
        }

        var take = Cursor.Limit(limit);
        var found = await filter.Apply(db.AuditEvents.AsNoTracking()).Where(e => before == null || e.Id < before).OrderByDescending(e => e.Id).Take(take + 1)
            .Select(e => new { Event = e, Seq = db.AuditLinks.Where(l => l.EventId == e.Id).Select(l => (long?)l.Seq).SingleOrDefault() }).ToListAsync(cancellationToken);
        var ids = found.SelectMany(f => new[] { f.Event.ActorId, f.Event.TargetId }).OfType<Guid>().Distinct().ToList();
        var names = await db.Users.Where(a => ids.Contains(a.Id)).Select(a => new { a.Id, Name = a.DisplayName })
            .Concat(db.Roles.Where(r => ids.Contains(r.Id)).Select(r => new { r.Id, Name = r.Name! }))
            .Concat(db.Groups.Where(g => ids.Contains(g.Id)).Select(g => new { g.Id, Name = EF.Functions.Collate(g.Name, "default") }))
            .ToDictionaryAsync(n => n.Id, n => n.Name, cancellationToken);
        var page = Pages.Of(found, take, f => Cursor.Of(f.Event.Id));
        return TypedResults.Ok(new Page<AuditEventResponse>([.. page.Items.Select(f => ToResponse(f.Event, f.Seq))], page.Next));

        AuditEventResponse ToResponse(AuditEvent e, long? seq) => new(
            e.Id, e.At, e.Action, new AuditActorResponse(KindOf(e.ActorKind), e.ActorId, NameOf(e.ActorId)), e.CredentialId, e.Network,
            e.TargetKind, e.TargetId, NameOf(e.TargetId), e.Reason, e.Details is null ? null : JsonSerializer.Deserialize<JsonElement>(e.Details), seq);

        string? NameOf(Guid? id) => id is { } known ? names.GetValueOrDefault(known) : null;
    }

    private static AuditActorKind KindOf(ActorKind kind) => kind switch
    {
        ActorKind.Person => AuditActorKind.Person,
        ActorKind.ApiKey => AuditActorKind.ApiKey,
        ActorKind.System => AuditActorKind.System,
        _ => AuditActorKind.Anonymous,
    };
}
