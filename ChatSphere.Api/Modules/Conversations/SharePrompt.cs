using ChatSphere.Api.Http;
using ChatSphere.Api.Responses;
using ChatSphere.Api.Sharing;
using ChatSphere.Contracts.Conversations;
using ChatSphere.Contracts.Sharing;
using ChatSphere.Data;
using ChatSphere.Data.Audit;
using ChatSphere.Data.Sharing;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace ChatSphere.Api.Modules.Conversations;

/// <summary>Who else uses a prompt of one's own, and who may change it.</summary>
internal static class SharePrompt
{
    private const int Most = 200;

    public static async Task<Results<Ok<List<PromptShareResponse>>, ProblemHttpResult>> ListAsync(Guid promptId, CurrentUser user, ChatSphereDb db, CancellationToken cancellationToken) =>
        await IsMineAsync(db, promptId, user, cancellationToken) ? TypedResults.Ok(await ShowAsync(db, promptId, cancellationToken)) : await Refusals.OfPromptAsync(db, promptId, user, cancellationToken);

    /// <summary>One more share, or another right for who has one.</summary>
    public static async Task<Results<Ok<List<PromptShareResponse>>, ProblemHttpResult>> HandleAsync(
        Guid promptId, SharePromptRequest request, CurrentUser user, ChatSphereDb db, AuditTrail audit, TimeProvider time, CancellationToken cancellationToken)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);

        // One at a time, and not while it is being deleted.
        await db.Database.ExecuteSqlAsync($"select 1 from conversations.prompts where id = {promptId} and owner_id = {user.AccountId} for update", cancellationToken);
        if (!await IsMineAsync(db, promptId, user, cancellationToken))
        {
            return await Refusals.OfPromptAsync(db, promptId, user, cancellationToken);
        }

        if (request is not ({ Right: SharedRight.Use } or { Right: SharedRight.Edit, Grantee.Kind: not SharedWith.Everyone }))
        {
            return Problems.Invalid("right", request.Right is SharedRight.Edit ? "Not everyone can be let edit; share it with a group instead." : "Share it to use or to edit.");
        }

        var before = await db.Shares.Where(s => s.ResourceId == promptId).ToListAsync(cancellationToken);
        var (kind, granteeId, problem) = await Grantees.FindAsync(db, request.Grantee, user, [.. before.Select(s => s.GranteeId)], cancellationToken);
        if (problem is not null)
        {
            return Problems.Invalid("grantee", problem);
        }

        var now = time.GetUtcNow();
        var right = request.Right is SharedRight.Edit ? ShareRight.Edit : ShareRight.Use;
        if (before.Find(s => s.GranteeId == granteeId) is not { } share)
        {
            if (before.Count >= Most)
            {
                return Problems.Invalid("grantee", $"A prompt has at most {Most} shares. Share it with a group instead.");
            }

            share = new Share { Id = Guid.CreateVersion7(now), ResourceKind = ShareOf.Prompt, ResourceId = promptId, GranteeKind = kind, GranteeId = granteeId, Right = right, CreatedAt = now };
            db.Shares.Add(share);
            audit.Record(AuditActions.PromptShared, "prompt", promptId, Grantees.Details(share));
        }
        else if (share.Right != right)
        {
            share.Right = right;
            audit.Record(AuditActions.PromptShared, "prompt", promptId, Grantees.Details(share));
        }

        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return TypedResults.Ok(await ShowAsync(db, promptId, cancellationToken));
    }

    public static async Task<Results<NoContent, ProblemHttpResult>> RemoveAsync(Guid promptId, Guid shareId, CurrentUser user, ChatSphereDb db, AuditTrail audit, CancellationToken cancellationToken)
    {
        if (!await IsMineAsync(db, promptId, user, cancellationToken))
        {
            return await Refusals.OfPromptAsync(db, promptId, user, cancellationToken);
        }

        if (await db.Shares.SingleOrDefaultAsync(s => s.Id == shareId && s.ResourceId == promptId, cancellationToken) is not { } share)
        {
            return Problems.NotFound();
        }

        db.Shares.Remove(share);
        audit.Record(AuditActions.PromptUnshared, "prompt", promptId, Grantees.Details(share));
        try
        {
            await db.SaveChangesAsync(cancellationToken);
        }
        catch (DbUpdateConcurrencyException)
        {
            // Taken away by another request at the same moment.
        }

        return TypedResults.NoContent();
    }

    private static Task<bool> IsMineAsync(ChatSphereDb db, Guid promptId, CurrentUser user, CancellationToken cancellationToken) =>
        db.Prompts.AnyAsync(p => p.Id == promptId && p.OwnerId == user.AccountId, cancellationToken);

    private static async Task<List<PromptShareResponse>> ShowAsync(ChatSphereDb db, Guid promptId, CancellationToken cancellationToken) =>
        [.. (await Grantees.OfAsync(db, promptId, cancellationToken)).Select(s => new PromptShareResponse(s.Share.Id, s.Grantee, s.Share.Right is ShareRight.Edit ? SharedRight.Edit : SharedRight.Use, s.Share.CreatedAt))];
}
