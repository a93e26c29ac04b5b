using ChatSphere.Api.Http;
using ChatSphere.Contracts;
using ChatSphere.Contracts.Bots;
using ChatSphere.Data;
using ChatSphere.Data.Audit;
using ChatSphere.Data.Bots;
using ChatSphere.Data.Plans;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;

namespace ChatSphere.Api.Modules.Bots;

/// <summary>
/// Makes a draft the version in effect, or gives it to a share of the conversations first. A bot with golden questions is published only when a run of them tells of exactly this draft,
/// and the draft fails nothing that the version in effect passes, unless somebody answers for it.
/// </summary>
internal static class PublishBot
{
    public static async Task<Results<Ok<BotResponse>, ProblemHttpResult>> HandleAsync(
        Guid botId, PublishBotRequest request, [FromHeader(Name = "If-Match")] string? ifMatch, HttpResponse http, CurrentUser user, ChatSphereDb db, IUsageGate gate, AuditTrail audit, TimeProvider time,
        CancellationToken cancellationToken)
    {
        if (BotRules.RefuseTexts(null, null, null, request.Note) is { } unfit)
        {
            return unfit;
        }

        if (request.Override && (string.IsNullOrWhiteSpace(request.Reason) || TextRules.HasUnstorable(request.Reason)))
        {
            return Problems.Invalid("reason", "Say why it is published although its tests do not speak for it.");
        }

        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var (bot, refused) = await BotEditing.OpenAsync(db, botId, user, ifMatch, cancellationToken);
        if (bot is null)
        {
            return refused!;
        }

        if (bot.Draft is null)
        {
            return Problems.Conflict(ErrorCodes.DraftMissing, "There is nothing to publish: no change waits.");
        }

        var draft = bot.Edited();
        var verdict = await GoldenVerdict.OfAsync(db, bot, draft, cancellationToken);
        if (verdict.Refusal is { } blocked && !request.Override)
        {
            return blocked;
        }

        if (await gate.RefuseModelAsync(user.AccountId, draft.Model, cancellationToken) is { } beyondPlan)
        {
            return beyondPlan.ToProblem();
        }

        var now = time.GetUtcNow();
        await db.EnsureVersionAsync(bot, now, cancellationToken);
        db.BotVersions.Add(request.Percent is { } percent
            ? bot.TryOut(draft, percent, user.AccountId, request.Note, now)
            : bot.MakeLive(draft, user.AccountId, request.Note, BotVersionOrigin.Published, now));
        if (request.Percent is null && bot.CanaryVersion is not null)
        {
            // What everybody gets now leaves nothing to compare the trial with.
            bot.WithdrawCanary(null, now);
        }

        if (verdict.Refusal is not null)
        {
            audit.Record(AuditActions.BotPublishForced, "bot", botId, new { version = bot.LastVersion, regressions = verdict.Regressions, percent = request.Percent }, request.Reason);
        }

        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return await BotEditing.ShowAsync(db, botId, user, http, cancellationToken);
    }
}

/// <summary>What the last run says about publishing a draft.</summary>
/// <param name="Refusal">Null: nothing against it.</param>
internal sealed record GoldenVerdict(ProblemHttpResult? Refusal, IReadOnlyList<Guid> Regressions)
{
    public static async Task<GoldenVerdict> OfAsync(ChatSphereDb db, Bot bot, BotSettings draft, CancellationToken cancellationToken)
    {
        var questions = await db.GoldenQuestions.AsNoTracking().Where(q => q.BotId == bot.Id).OrderBy(q => q.Id).ToListAsync(cancellationToken);
        if (questions.Count == 0)
        {
            return new(null, []);
        }

        var (draftPrint, asked) = (draft.Fingerprint(), GoldenQuestions.FingerprintOf(questions));
        var run = await db.GoldenRuns.AsNoTracking()
            .Where(r => r.BotId == bot.Id && r.State == GoldenRunState.Finished && r.LiveVersion == bot.Version && r.DraftFingerprint == draftPrint && r.QuestionsFingerprint == asked)
            .OrderByDescending(r => r.Id).FirstOrDefaultAsync(cancellationToken);
        if (run is null)
        {
            return new(Problems.Conflict(ErrorCodes.TestsRequired, "Its golden questions have not been put to this draft, or something changed since. Run the tests first."), []);
        }

        var results = await db.GoldenResults.AsNoTracking().Where(r => r.RunId == run.Id).Select(r => new { r.QuestionId, r.IsDraft, r.Passed }).ToListAsync(cancellationToken);
        var regressions = GoldenQuestions.Regressions(results.Select(r => (r.QuestionId, r.IsDraft, r.Passed)));
        if (regressions.Count == 0)
        {
            return new(null, []);
        }

        var texts = questions.Where(q => regressions.Contains(q.Id)).Select(q => new { id = q.Id, question = q.Question }).ToArray();
        return new(
            TypedResults.Problem(
                $"{(regressions.Count == 1 ? "One question that is" : $"{regressions.Count} questions that are")} answered well now would not be any more.",
                statusCode: StatusCodes.Status409Conflict, type: Problems.TypeOf(ErrorCodes.PublishBlocked),
                extensions: new Dictionary<string, object?> { ["code"] = ErrorCodes.PublishBlocked, ["runId"] = run.Id, ["regressions"] = texts }),
            regressions);
    }
}
