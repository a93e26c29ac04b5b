using System.Globalization;
using ChatSphere.Api.Http;
using ChatSphere.Api.Responses;
using ChatSphere.Api.Sharing;
using ChatSphere.Contracts.Sharing;
using ChatSphere.Data;
using ChatSphere.Data.Audit;
using ChatSphere.Data.Bots;
using ChatSphere.Data.Sharing;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace ChatSphere.Api.Modules.Bots;

/// <summary>All shares of a bot as they shall be, or none of it: one that is refused leaves the others as they were.</summary>
internal static class ReplaceShares
{
    public const int Most = 200;

    public static async Task<Results<Ok<IReadOnlyList<ShareResponse>>, ProblemHttpResult>> HandleAsync(
        Guid botId, ReplaceSharesRequest request, CurrentUser user, ChatSphereDb db, AuditTrail audit, TimeProvider time, CancellationToken cancellationToken)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);

        if (await LockAsync(db, botId, user, cancellationToken) is { } refusal)
        {
            return refusal;
        }

        var before = await db.Shares.Where(s => s.ResourceId == botId).ToDictionaryAsync(s => (s.ResourceKind, s.GranteeId), cancellationToken);
        var wanted = new Dictionary<(ShareOf, Guid), (GranteeKind Kind, ShareRight Right)>();
        for (var i = 0; i < request.Shares.Count; i++)
        {
            var share = request.Shares[i];
            var field = string.Create(CultureInfo.InvariantCulture, $"shares[{i}]");
            if (RefuseRight(share) is { } wrong)
            {
                return Problems.Invalid($"{field}.right", wrong);
            }

            var (kind, id, problem) = await Grantees.FindAsync(db, share.Grantee, user, before.Keys.Select(k => k.GranteeId).ToHashSet(), cancellationToken);
            if (problem is not null)
            {
                return Problems.Invalid($"{field}.grantee", problem);
            }

            if (!wanted.TryAdd((OfWire(share.Of!.Value), id), (kind, OfWire(share.Right!.Value))))
            {
                return Problems.Invalid($"{field}.grantee", "It is in the list already; give one right for each.");
            }
        }

        var now = time.GetUtcNow();
        foreach (var (key, share) in before.Where(b => !wanted.ContainsKey(b.Key)))
        {
            db.Shares.Remove(share);
            audit.Record(AuditActions.BotUnshared, "bot", botId, Grantees.Details(share));
        }

        foreach (var ((of, granteeId), (kind, right)) in wanted)
        {
            if (!before.TryGetValue((of, granteeId), out var share))
            {
                share = new Share { Id = Guid.CreateVersion7(now), ResourceKind = of, ResourceId = botId, GranteeKind = kind, GranteeId = granteeId, Right = right, CreatedAt = now };
                db.Shares.Add(share);
            }
            else if (share.Right == right)
            {
                continue;
            }

            share.Right = right;
            audit.Record(AuditActions.BotShared, "bot", botId, Grantees.Details(share));
        }

        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return TypedResults.Ok(await ShareResponses.OfBotAsync(db, botId, cancellationToken));
    }

    /// <summary>One at a time for a bot, so that what is compared with is what is changed. Null when the caller owns it and the lock is held until the transaction ends.</summary>
    public static async Task<ProblemHttpResult?> LockAsync(ChatSphereDb db, Guid botId, CurrentUser user, CancellationToken cancellationToken)
    {
        await db.Database.ExecuteSqlAsync($"select 1 from bots.bots where id = {botId} and owner_id = {user.AccountId} for update", cancellationToken);
        return await db.Bots.OwnedBy(user.AccountId).AnyAsync(b => b.Id == botId, cancellationToken) ? null : await Refusals.OfBotAsync(db, botId, user, cancellationToken);
    }

    public static string? RefuseRight(ShareRequest share) => share switch
    {
        { Right: SharedRight.Owner } => "A bot has one owner; share it to view, to use or to edit.",
        { Right: SharedRight.Edit, Grantee.Kind: SharedWith.Everyone } => "Not everyone can be let edit; share it with a group instead.",
        _ => null,
    };

    public static ShareOf OfWire(SharedThing thing) => thing == SharedThing.Bot ? ShareOf.Bot : ShareOf.Knowledge;

    public static ShareRight OfWire(SharedRight right) => right switch { SharedRight.Edit => ShareRight.Edit, SharedRight.Use => ShareRight.Use, _ => ShareRight.View };
}
