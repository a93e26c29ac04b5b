using ChatSphere.Api.Http;
using ChatSphere.Contracts.Privacy;
using ChatSphere.Data;
using ChatSphere.Data.Audit;
using ChatSphere.Data.Privacy;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace ChatSphere.Api.Modules.Privacy;

internal static class Retention
{
    private const int MaxDays = 36_500;

    public static async Task<Ok<List<RetentionRuleResponse>>> ListAsync(ChatSphereDb db, CancellationToken cancellationToken) => TypedResults.Ok(await InForceAsync(db, cancellationToken));

    public static async Task<Results<Ok<List<RetentionRuleResponse>>, ProblemHttpResult>> SetAsync(
        SetRetentionRequest request, CurrentUser user, ChatSphereDb db, AuditTrail audit, TimeProvider time, CancellationToken cancellationToken)
    {
        var kind = (RetentionKind)request.Kind;
        if (await RefuseGroupAsync(kind, request.GroupId, db, cancellationToken) is { } refusal)
        {
            return refusal;
        }

        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        if (request is { GroupId: { } group, Days: null })
        {
            await db.RetentionRules.Where(r => r.Kind == kind && r.GroupId == group).ExecuteDeleteAsync(cancellationToken);
        }
        else
        {
            var now = time.GetUtcNow();
            await db.Database.ExecuteSqlAsync(
                $"""
                insert into privacy.retention_rules (id, kind, group_id, days, changed_at, changed_by) values ({Guid.CreateVersion7(now)}, {kind.ToString()}, {request.GroupId}, {request.Days}, {now}, {user.AccountId})
                on conflict (kind, group_id) do update set days = excluded.days, changed_at = excluded.changed_at, changed_by = excluded.changed_by
                """, cancellationToken);
        }

        audit.Record(AuditActions.RetentionChanged, "retention", request.GroupId, new { kind = kind.ToString(), groupId = request.GroupId, days = request.Days });
        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return TypedResults.Ok(await InForceAsync(db, cancellationToken));
    }

    /// <param name="kind">As in the rules: <c>conversations</c>, <c>ended_sessions</c> …</param>
    /// <param name="days">From 1.</param>
    /// <param name="groupId">Of its members only.</param>
    public static async Task<Results<Ok<RetentionPreviewResponse>, ProblemHttpResult>> PreviewAsync(
        string kind, int days, ChatSphereDb db, TimeProvider time, CancellationToken cancellationToken, Guid? groupId = null)
    {
        if (Enum.GetValues<RetentionKind>().Cast<RetentionKind?>().FirstOrDefault(k => string.Equals(k.ToString(), kind.Replace("_", "", StringComparison.Ordinal), StringComparison.OrdinalIgnoreCase)) is not { } wanted)
        {
            return Problems.Invalid("kind", "There is no such kind.");
        }

        if (days is < 1 or > MaxDays)
        {
            return Problems.Invalid("days", $"From 1 to {MaxDays}.");
        }

        if (await RefuseGroupAsync(wanted, groupId, db, cancellationToken) is { } refusal)
        {
            return refusal;
        }

        var (count, held) = await db.CountAsync(wanted, time.GetUtcNow().AddDays(-days), groupId, cancellationToken);
        return TypedResults.Ok(new RetentionPreviewResponse((RetainedKind)wanted, groupId, days, count, held));
    }

    private static async Task<List<RetentionRuleResponse>> InForceAsync(ChatSphereDb db, CancellationToken cancellationToken) =>
        [.. (await db.RetentionInForceAsync(cancellationToken)).Select(r => new RetentionRuleResponse((RetainedKind)r.Kind, r.GroupId, r.Days, r.ChangedAt is null, r.ChangedAt))];

    private static async Task<ProblemHttpResult?> RefuseGroupAsync(RetentionKind kind, Guid? groupId, ChatSphereDb db, CancellationToken cancellationToken) =>
        groupId is null ? null
        : !kind.CanBeForGroup() ? Problems.Invalid("groupId", "Only conversations and documents can have a rule for a group.")
        : await db.Groups.AnyAsync(g => g.Id == groupId, cancellationToken) ? null
        : Problems.Invalid("groupId", "There is no such group.");
}
