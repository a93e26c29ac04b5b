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
        var place = new RetentionPlace(request.GroupId, request.BotId);
        if (await RefusePlaceAsync(kind, place, db, cancellationToken) is { } refusal)
        {
            return refusal;
        }

        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var now = time.GetUtcNow();
        if (request is { GroupId: { } group, Days: null })
        {
            await db.RetentionRules.Where(r => r.Kind == kind && r.GroupId == group).ExecuteDeleteAsync(cancellationToken);
        }
        else if (request is { BotId: { } bot, Days: null })
        {
            await db.BotRetentionRules.Where(r => r.Kind == kind && r.BotId == bot).ExecuteDeleteAsync(cancellationToken);
        }
        else if (request.BotId is not null)
        {
            await db.Database.ExecuteSqlAsync(
                $"""
                insert into privacy.bot_retention_rules (bot_id, kind, days, changed_at, changed_by) values ({request.BotId}, {kind.ToString()}, {request.Days}, {now}, {user.AccountId})
                on conflict (bot_id, kind) do update set days = excluded.days, changed_at = excluded.changed_at, changed_by = excluded.changed_by
                """, cancellationToken);
        }
        else
        {
            await db.Database.ExecuteSqlAsync(
                $"""
                insert into privacy.retention_rules (id, kind, group_id, days, changed_at, changed_by) values ({Guid.CreateVersion7(now)}, {kind.ToString()}, {request.GroupId}, {request.Days}, {now}, {user.AccountId})
                on conflict (kind, group_id) do update set days = excluded.days, changed_at = excluded.changed_at, changed_by = excluded.changed_by
                """, cancellationToken);
        }

        audit.Record(AuditActions.RetentionChanged, "retention", place.Id, new { kind = kind.ToString(), groupId = place.GroupId, botId = place.BotId, days = request.Days });
        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return TypedResults.Ok(await InForceAsync(db, cancellationToken));
    }

    /// <param name="kind">As in the rules: <c>conversations</c>, <c>ended_sessions</c> …</param>
    /// <param name="days">From 1.</param>
    /// <param name="groupId">Of its members only.</param>
    /// <param name="botId">Of this bot only.</param>
    public static async Task<Results<Ok<RetentionPreviewResponse>, ProblemHttpResult>> PreviewAsync(
        string kind, int days, ChatSphereDb db, TimeProvider time, CancellationToken cancellationToken, Guid? groupId = null, Guid? botId = null)
    {
        if (Enum.GetValues<RetentionKind>().Cast<RetentionKind?>().FirstOrDefault(k => string.Equals(k.ToString(), kind.Replace("_", "", StringComparison.Ordinal), StringComparison.OrdinalIgnoreCase)) is not { } wanted)
        {
            return Problems.Invalid("kind", "There is no such kind.");
        }

        if (days is < 1 or > MaxDays)
        {
            return Problems.Invalid("days", $"From 1 to {MaxDays}.");
        }

        var place = new RetentionPlace(groupId, botId);
        if (await RefusePlaceAsync(wanted, place, db, cancellationToken) is { } refusal)
        {
            return refusal;
        }

        var (count, held) = await db.CountAsync(wanted, time.GetUtcNow().AddDays(-days), place, cancellationToken);
        return TypedResults.Ok(new RetentionPreviewResponse((RetainedKind)wanted, groupId, days, count, held, botId));
    }

    private static async Task<List<RetentionRuleResponse>> InForceAsync(ChatSphereDb db, CancellationToken cancellationToken)
    {
        var rules = await db.RetentionInForceAsync(cancellationToken);
        var ids = rules.Select(r => r.Place.Id).OfType<Guid>().ToList();
        var names = await db.Groups.Where(g => ids.Contains(g.Id)).Select(g => new { g.Id, g.Name }).Concat(db.Bots.Where(b => ids.Contains(b.Id)).Select(b => new { b.Id, b.Name }))
            .ToDictionaryAsync(p => p.Id, p => p.Name, cancellationToken);
        return [.. rules.Select(r => new RetentionRuleResponse((RetainedKind)r.Kind, r.Place.GroupId, r.Days, r.ChangedAt is null, r.ChangedAt, r.Place.BotId, r.Place.Id is { } id ? names.GetValueOrDefault(id) : null))];
    }

    private static async Task<ProblemHttpResult?> RefusePlaceAsync(RetentionKind kind, RetentionPlace place, ChatSphereDb db, CancellationToken cancellationToken) =>
        place.Id is null ? null
        : !kind.CanHavePlace() ? Problems.Invalid(place.GroupId is null ? "botId" : "groupId", "Only conversations and documents can have a rule for a group or a bot.")
        : place is { GroupId: not null, BotId: not null } ? Problems.Invalid("botId", "A rule is for a group or for a bot, not for both.")
        : place.GroupId is { } group ? await db.Groups.AnyAsync(g => g.Id == group, cancellationToken) ? null : Problems.Invalid("groupId", "There is no such group.")
        : await db.Bots.AnyAsync(b => b.Id == place.BotId, cancellationToken) ? null : Problems.Invalid("botId", "There is no such bot.");
}
