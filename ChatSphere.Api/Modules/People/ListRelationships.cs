using System.ComponentModel.DataAnnotations;
using ChatSphere.Api.Pictures;
using ChatSphere.Api.Http;
using ChatSphere.Contracts;
using ChatSphere.Contracts.People;
using ChatSphere.Data;
using ChatSphere.Data.People;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace ChatSphere.Api.Modules.People;

internal static class ListRelationships
{
    public static async Task<Results<Ok<Page<RelationshipResponse>>, ProblemHttpResult>> HandleAsync(
        [Required] string kind, CurrentUser user, ChatSphereDb db, CancellationToken cancellationToken, string? cursor = null, int? limit = null)
    {
        if (!Cursor.TryRead(cursor, out (DateTimeOffset Time, Guid Id)? before))
        {
            return Problems.BadRequest(ErrorCodes.CursorInvalid, "The cursor is not one that this list gave out.");
        }

        if (Kind(kind) is not { } wanted)
        {
            return Problems.Invalid("kind", "One of friends, incoming, outgoing and blocked.");
        }

        var me = user.AccountId;
        var pairs = wanted switch
        {
            RelationshipKind.Blocked => db.Blocks.Where(b => b.BlockerId == me).Select(b => new Pair { Other = b.BlockedId, Since = b.CreatedAt }),
            RelationshipKind.Friends => db.Relationships.Of(me).Where(r => r.AcceptedAt != null).Select(r => new Pair { Other = r.LowId == me ? r.HighId : r.LowId, Since = r.Since }),
            RelationshipKind.Incoming => db.Relationships.Of(me).Where(r => r.AcceptedAt == null && r.RequestedBy != me).Select(r => new Pair { Other = r.RequestedBy, Since = r.Since }),
            _ => db.Relationships.Where(r => r.AcceptedAt == null && r.RequestedBy == me && (r.LowId == me || r.HighId == me))
                .Select(r => new Pair { Other = r.LowId == me ? r.HighId : r.LowId, Since = r.Since }),
        };
        if (before is { } b4)
        {
            var (time, id) = (b4.Time, b4.Id);
            pairs = pairs.Where(p => p.Since < time || (p.Since == time && p.Other < id));
        }

        var take = Cursor.Limit(limit);
        var found = await pairs.OrderByDescending(p => p.Since).ThenByDescending(p => p.Other).Take(take + 1)
            .Select(p => new RelationshipResponse(
                p.Other,
                db.Users.Where(a => a.Id == p.Other).Select(a => a.DisplayName).FirstOrDefault() ?? "",
                db.Profiles.Where(x => x.AccountId == p.Other).Select(x => x.Handle).FirstOrDefault(),
                db.Profiles.Where(x => x.AccountId == p.Other && x.AvatarSha256 != null).Select(x => x.AvatarSha256!.Substring(0, AvatarImage.VersionLength)).FirstOrDefault(),
                wanted,
                p.Since)).ToListAsync(cancellationToken);
        return TypedResults.Ok(Pages.Of(found, take, r => Cursor.Of(r.Since, r.AccountId)));
    }

    // Enums bind from a query by their C# names only.
    private static RelationshipKind? Kind(string kind) => kind switch
    {
        "friends" => RelationshipKind.Friends,
        "incoming" => RelationshipKind.Incoming,
        "outgoing" => RelationshipKind.Outgoing,
        "blocked" => RelationshipKind.Blocked,
        _ => null,
    };

    private sealed class Pair
    {
        public Guid Other { get; init; }

        public DateTimeOffset Since { get; init; }
    }
}
