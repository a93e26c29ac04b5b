using ChatSphere.Api.Http;
using ChatSphere.Api.Sharing;
using ChatSphere.Contracts.Sharing;
using ChatSphere.Data;
using ChatSphere.Data.Audit;
using ChatSphere.Data.Sharing;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace ChatSphere.Api.Modules.Bots;

/// <summary>One more share, or another right for who has one; the others stay.</summary>
internal static class ShareBot
{
    public static async Task<Results<Ok<IReadOnlyList<ShareResponse>>, ProblemHttpResult>> HandleAsync(
        Guid botId, ShareRequest request, CurrentUser user, ChatSphereDb db, AuditTrail audit, TimeProvider time, CancellationToken cancellationToken)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        if (await ReplaceShares.LockAsync(db, botId, user, cancellationToken) is { } refusal)
        {
            return refusal;
        }

        var before = await db.Shares.Where(s => s.ResourceId == botId).ToListAsync(cancellationToken);
        if (ReplaceShares.RefuseRight(request) is { } wrong)
        {
            return Problems.Invalid("right", wrong);
        }

        var (kind, granteeId, problem) = await Grantees.FindAsync(db, request.Grantee, user, [.. before.Select(s => s.GranteeId)], cancellationToken);
        if (problem is not null)
        {
            return Problems.Invalid("grantee", problem);
        }

        var now = time.GetUtcNow();
        var of = ReplaceShares.OfWire(request.Of!.Value);
        var right = ReplaceShares.OfWire(request.Right!.Value);
        var share = before.Find(s => s.ResourceKind == of && s.GranteeId == granteeId);
        if (share is null)
        {
            if (before.Count >= ReplaceShares.Most)
            {
                return Problems.Invalid("grantee", $"A bot has at most {ReplaceShares.Most} shares. Share it with a group instead.");
            }

            share = new Share { Id = Guid.CreateVersion7(now), ResourceKind = of, ResourceId = botId, GranteeKind = kind, GranteeId = granteeId, Right = right, CreatedAt = now };
            db.Shares.Add(share);
            audit.Record(AuditActions.BotShared, "bot", botId, Grantees.Details(share));
        }
        else if (share.Right != right)
        {
            share.Right = right;
            audit.Record(AuditActions.BotShared, "bot", botId, Grantees.Details(share));
        }

        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return TypedResults.Ok(await ShareResponses.OfBotAsync(db, botId, cancellationToken));
    }
}
