using ChatSphere.Api.Http;
using ChatSphere.Api.Responses;
using ChatSphere.Contracts;
using ChatSphere.Contracts.Bots;
using ChatSphere.Data;
using ChatSphere.Data.Bots;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace ChatSphere.Api.Modules.Bots;

/// <summary>Having the golden questions answered, by the draft and by what is in effect.</summary>
internal static class GoldenRuns
{
    /// <summary>Of one bot; older ones go when a new one begins.</summary>
    private const int Kept = 20;

    public static async Task<Results<Accepted<GoldenRunResponse>, ProblemHttpResult>> StartAsync(Guid botId, CurrentUser user, ChatSphereDb db, GoldenRunner runner, TimeProvider time, CancellationToken cancellationToken)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var (bot, refused) = await BotEditing.OpenAsync(db, botId, user, null, cancellationToken);
        if (bot is null)
        {
            return refused!;
        }

        var questions = await db.GoldenQuestions.AsNoTracking().Where(q => q.BotId == botId).OrderBy(q => q.Id).ToListAsync(cancellationToken);
        if (questions.Count == 0)
        {
            return Problems.Conflict(ErrorCodes.GoldenQuestionsMissing, "It has no golden questions yet.");
        }

        if (await db.GoldenRuns.AnyAsync(r => r.BotId == botId && r.State == GoldenRunState.Running, cancellationToken))
        {
            return Problems.Conflict(ErrorCodes.TestsRunning, "Its tests are running already.");
        }

        var now = time.GetUtcNow();
        var run = new GoldenRun
        {
            Id = Guid.CreateVersion7(now),
            BotId = botId,
            StartedBy = user.AccountId,
            State = GoldenRunState.Running,
            LiveVersion = bot.Version,
            LiveSettings = BotSettings.Of(bot).ToJson(),
            DraftSettings = bot.Draft,
            DraftFingerprint = bot.Draft is null ? null : bot.Edited().Fingerprint(),
            QuestionsFingerprint = GoldenQuestions.FingerprintOf(questions),
            Total = questions.Count * (bot.Draft is null ? 1 : 2),
            CreatedAt = now,
        };
        db.GoldenRuns.Add(run);
        await db.SaveChangesAsync(cancellationToken);
        var kept = db.GoldenRuns.Where(r => r.BotId == botId).OrderByDescending(r => r.Id).Select(r => r.Id).Take(Kept);
        await db.GoldenRuns.Where(r => r.BotId == botId && !kept.Contains(r.Id)).ExecuteDeleteAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        runner.Wake();
        return TypedResults.Accepted($"/v1/bots/{botId}/golden-runs/{run.Id}", (await ReadAsync(db, bot, [run], withResults: false, cancellationToken))[0]);
    }

    public static async Task<Results<Ok<IReadOnlyList<GoldenRunResponse>>, ProblemHttpResult>> ListAsync(Guid botId, CurrentUser user, ChatSphereDb db, CancellationToken cancellationToken)
    {
        if (await db.Bots.AsNoTracking().EditableBy(db, user.AccountId).SingleOrDefaultAsync(b => b.Id == botId, cancellationToken) is not { } bot)
        {
            return await Refusals.OfBotAsync(db, botId, user, cancellationToken);
        }

        var runs = await db.GoldenRuns.AsNoTracking().Where(r => r.BotId == botId).OrderByDescending(r => r.Id).Take(Kept).ToListAsync(cancellationToken);
        return TypedResults.Ok<IReadOnlyList<GoldenRunResponse>>(await ReadAsync(db, bot, runs, withResults: false, cancellationToken));
    }

    public static async Task<Results<Ok<GoldenRunResponse>, ProblemHttpResult>> GetAsync(Guid botId, Guid runId, CurrentUser user, ChatSphereDb db, CancellationToken cancellationToken)
    {
        if (await db.Bots.AsNoTracking().EditableBy(db, user.AccountId).SingleOrDefaultAsync(b => b.Id == botId, cancellationToken) is not { } bot)
        {
            return await Refusals.OfBotAsync(db, botId, user, cancellationToken);
        }

        return await db.GoldenRuns.AsNoTracking().SingleOrDefaultAsync(r => r.Id == runId && r.BotId == botId, cancellationToken) is { } run
            ? TypedResults.Ok((await ReadAsync(db, bot, [run], withResults: true, cancellationToken))[0])
            : Problems.NotFound();
    }

    public static async Task<Results<NoContent, ProblemHttpResult>> CancelAsync(Guid botId, Guid runId, CurrentUser user, ChatSphereDb db, TimeProvider time, CancellationToken cancellationToken)
    {
        if (!await db.Bots.EditableBy(db, user.AccountId).AnyAsync(b => b.Id == botId, cancellationToken))
        {
            return await Refusals.OfBotAsync(db, botId, user, cancellationToken);
        }

        var now = time.GetUtcNow();
        var runs = db.GoldenRuns.Where(r => r.Id == runId && r.BotId == botId);
        return await runs.Where(r => r.State == GoldenRunState.Running).ExecuteUpdateAsync(r => r.SetProperty(x => x.State, GoldenRunState.Cancelled).SetProperty(x => x.FinishedAt, now), cancellationToken) == 1
            || await runs.AnyAsync(cancellationToken) ? TypedResults.NoContent() : Problems.NotFound();
    }

    private static async Task<List<GoldenRunResponse>> ReadAsync(ChatSphereDb db, Bot bot, IReadOnlyList<GoldenRun> runs, bool withResults, CancellationToken cancellationToken)
    {
        var asked = GoldenQuestions.FingerprintOf(await db.GoldenQuestions.AsNoTracking().Where(q => q.BotId == bot.Id).ToListAsync(cancellationToken));
        var draft = bot.Draft is null ? null : bot.Edited().Fingerprint();
        var ids = runs.Select(r => r.Id).ToArray();
        var marks = (await db.GoldenResults.AsNoTracking().Where(r => ids.Contains(r.RunId)).Select(r => new { r.RunId, r.QuestionId, r.IsDraft, r.Passed }).ToListAsync(cancellationToken)).ToLookup(r => r.RunId);
        var responses = new List<GoldenRunResponse>();
        foreach (var run in runs)
        {
            var mine = marks[run.Id].ToList();
            responses.Add(new GoldenRunResponse(
                run.Id, Enum.Parse<GoldenRunStatus>(run.State.ToString()), run.LiveVersion, run.DraftSettings is not null,
                run.LiveVersion == bot.Version && run.DraftFingerprint == draft && run.QuestionsFingerprint == asked, run.Total, run.Done, run.Reason, run.CreatedAt, run.FinishedAt,
                Tally(false), run.DraftSettings is null ? null : Tally(true), GoldenQuestions.Regressions(mine.Select(m => (m.QuestionId, m.IsDraft, m.Passed))),
                withResults ? await ComparisonsAsync(db, bot.Id, run.Id, cancellationToken) : null));

            GoldenTally Tally(bool isDraft) => new(mine.Count(m => m.IsDraft == isDraft && m.Passed), mine.Count(m => m.IsDraft == isDraft && !m.Passed));
        }

        return responses;
    }

    private static async Task<IReadOnlyList<GoldenComparison>> ComparisonsAsync(ChatSphereDb db, Guid botId, Guid runId, CancellationToken cancellationToken)
    {
        var results = await db.GoldenResults.AsNoTracking().Where(r => r.RunId == runId).OrderBy(r => r.QuestionId).ToListAsync(cancellationToken);
        var names = await GoldenQuestions.NamesAsync(db, botId, results.SelectMany(r => r.Cited), cancellationToken);
        return [.. results.GroupBy(r => r.QuestionId).Select(g => new GoldenComparison(g.Key, g.First().Question, Answer(g.FirstOrDefault(r => !r.IsDraft)), Answer(g.FirstOrDefault(r => r.IsDraft))))];

        GoldenAnswer? Answer(GoldenResult? r) => r is null ? null
            : new(r.Passed, r.Failures, r.Answer, [.. r.Cited.Select(c => GoldenQuestions.From(c, names))], r.Model, r.InputTokens, r.OutputTokens, r.Milliseconds);
    }
}
