using ChatSphere.Api.Http;
using ChatSphere.Contracts.Privacy;
using ChatSphere.Data;
using ChatSphere.Data.Audit;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace ChatSphere.Api.Modules.Privacy;

internal static class OwnRetentionRoutes
{
    public static async Task<Ok<OwnRetentionResponse>> GetAsync(CurrentUser user, ChatSphereDb db, CancellationToken cancellationToken) =>
        TypedResults.Ok(new OwnRetentionResponse(await db.OwnRetentions.Where(r => r.AccountId == user.AccountId).Select(r => r.DeleteConversationsAfterDays).SingleOrDefaultAsync(cancellationToken)));

    public static async Task<Ok<OwnRetentionResponse>> SetAsync(SetOwnRetentionRequest request, CurrentUser user, ChatSphereDb db, AuditTrail audit, CancellationToken cancellationToken)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        await db.Database.ExecuteSqlAsync(
            $"""
            insert into privacy.own_retention (account_id, delete_conversations_after_days) values ({user.AccountId}, {request.DeleteConversationsAfterDays})
            on conflict (account_id) do update set delete_conversations_after_days = excluded.delete_conversations_after_days
            """, cancellationToken);
        audit.Record(AuditActions.OwnRetentionChanged, "account", user.AccountId, new { days = request.DeleteConversationsAfterDays });
        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return TypedResults.Ok(new OwnRetentionResponse(request.DeleteConversationsAfterDays));
    }
}
