using System.Collections.Concurrent;
using ChatSphere.AI.Chat;
using ChatSphere.Api.Answering;
using ChatSphere.Data;
using ChatSphere.Data.Bots;
using ChatSphere.Data.Budgets;
using ChatSphere.Data.Conversations;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace ChatSphere.Api.Modules.Bots;

/// <summary>
/// Puts golden questions to bots, in the background. The run's row says who works on it and until when that may be believed; answers are kept one by one, so when a node dies another goes
/// on with what is missing. Each answer counts as a message of whoever started the run, and in their budgets.
/// </summary>
internal sealed partial class GoldenRunner(UnkeptAnswers answers, IServiceScopeFactory scopes, TimeProvider time, ILogger<GoldenRunner> logger) : BackgroundService
{
    private const int RunsAtOnce = 2;
    private const int AnswersAtOnce = 2;
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(60);

    private readonly string _node = $"{Environment.MachineName[..Math.Min(40, Environment.MachineName.Length)]}/{Guid.NewGuid():n}";
    private readonly SemaphoreSlim _wake = new(0);
    private readonly ConcurrentDictionary<Guid, Task> _running = new();

    /// <summary>A run was saved.</summary>
    public void Wake() => _wake.Release();

    public override void Dispose()
    {
        _wake.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                while (_running.Count < RunsAtOnce && await TakeAsync(stoppingToken) is { } run)
                {
                    _running[run.Id] = Task.Run(() => WorkAsync(run, stoppingToken), CancellationToken.None);
                }

                await _wake.WaitAsync(LookEvery, stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                break;
            }
            catch (Exception e) when (e is NpgsqlException or DbUpdateException or TimeoutException or InvalidOperationException)
            {
                LogFailed(logger, e);
                await Task.Delay(LookEvery, time, stoppingToken).ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
            }
        }

        await Task.WhenAll(_running.Values);
    }

    /// <summary>One that nobody works on; null: there is none.</summary>
    private async Task<GoldenRun?> TakeAsync(CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<ChatSphereDb>();
        var now = time.GetUtcNow();
        await db.GoldenRuns.Where(r => r.State == GoldenRunState.Running && r.LeasedUntil < now && r.Attempts >= GoldenRun.MaxAttempts).ExecuteUpdateAsync(r => r
            .SetProperty(x => x.State, GoldenRunState.Interrupted).SetProperty(x => x.Reason, "The servers that worked on it were restarted too often.").SetProperty(x => x.FinishedAt, now), cancellationToken);
        foreach (var id in await db.GoldenRuns.Where(r => r.State == GoldenRunState.Running && (r.LeasedUntil == null || r.LeasedUntil < now)).OrderBy(r => r.Id).Select(r => r.Id).Take(10).ToListAsync(cancellationToken))
        {
            // Several nodes look at the same time; the row decides.
            if (!_running.ContainsKey(id) && await db.GoldenRuns.Where(r => r.Id == id && r.State == GoldenRunState.Running && (r.LeasedUntil == null || r.LeasedUntil < now)).ExecuteUpdateAsync(r => r
                .SetProperty(x => x.LeasedBy, _node).SetProperty(x => x.LeasedUntil, now + Lease).SetProperty(x => x.Attempts, x => x.Attempts + 1), cancellationToken) == 1)
            {
                return await db.GoldenRuns.AsNoTracking().SingleOrDefaultAsync(r => r.Id == id, cancellationToken);
            }
        }

        return null;
    }

    private async Task WorkAsync(GoldenRun run, CancellationToken stopping)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        var keeping = KeepLeaseAsync(run.Id, ended);
        string? interrupted = null;
        try
        {
            interrupted = await AskAllAsync(run, ended.Token);
        }
        catch (OperationCanceledException) when (ended.IsCancellationRequested)
        {
            if (stopping.IsCancellationRequested)
            {
                // Another node goes on at once.
                await EndAsync(run.Id, r => r.SetProperty(x => x.LeasedUntil, (DateTimeOffset?)null).SetProperty(x => x.LeasedBy, (string?)null).SetProperty(x => x.Attempts, x => x.Attempts - 1));
            }

            return;
        }
        catch (Exception e)
        {
            LogRunFailed(logger, e, run.Id);
            interrupted = "Something went wrong on our side.";
        }
        finally
        {
            await ended.CancelAsync();
            await keeping;
            _running.TryRemove(run.Id, out _);
            Wake();
        }

        var now = time.GetUtcNow();
        await EndAsync(run.Id, r => r.SetProperty(x => x.State, interrupted is null ? GoldenRunState.Finished : GoldenRunState.Interrupted).SetProperty(x => x.Reason, interrupted).SetProperty(x => x.FinishedAt, now));
    }

    private async Task EndAsync(Guid runId, Action<Microsoft.EntityFrameworkCore.Query.UpdateSettersBuilder<GoldenRun>> change)
    {
        try
        {
            await using var scope = scopes.CreateAsyncScope();
            var db = scope.ServiceProvider.GetRequiredService<ChatSphereDb>();
            await db.GoldenRuns.Where(r => r.Id == runId && r.State == GoldenRunState.Running && r.LeasedBy == _node).ExecuteUpdateAsync(change, CancellationToken.None);
        }
        catch (Exception e) when (e is NpgsqlException or DbUpdateException or TimeoutException or InvalidOperationException)
        {
            // The lease runs out, and somebody finds that only the end is missing.
            LogRunFailed(logger, e, runId);
        }
    }

    /// <summary>Says that this node is alive, and hears that the run was cancelled or taken away.</summary>
    private async Task KeepLeaseAsync(Guid runId, CancellationTokenSource ended)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(2), time);
        var renewed = time.GetUtcNow();
        try
        {
            while (await timer.WaitForNextTickAsync(ended.Token))
            {
                try
                {
                    await using var scope = scopes.CreateAsyncScope();
                    var db = scope.ServiceProvider.GetRequiredService<ChatSphereDb>();
                    var now = time.GetUtcNow();
                    var mine = db.GoldenRuns.Where(r => r.Id == runId && r.State == GoldenRunState.Running && r.LeasedBy == _node);
                    if (now - renewed < Lease / 4 ? await mine.AnyAsync(ended.Token) : await mine.ExecuteUpdateAsync(r => r.SetProperty(x => x.LeasedUntil, now + Lease), ended.Token) == 1)
                    {
                        renewed = now - renewed < Lease / 4 ? renewed : now;
                        continue;
                    }

                    await ended.CancelAsync();
                    return;
                }
                catch (Exception e) when (e is NpgsqlException or TimeoutException or InvalidOperationException)
                {
                    LogFailed(logger, e);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // Over.
        }
    }

    /// <summary>Why it was interrupted; null: every question has its answers.</summary>
    private async Task<string?> AskAllAsync(GoldenRun run, CancellationToken cancellationToken)
    {
        List<GoldenQuestion> questions;
        HashSet<(Guid, bool)> done;
        await using (var scope = scopes.CreateAsyncScope())
        {
            var db = scope.ServiceProvider.GetRequiredService<ChatSphereDb>();
            questions = await db.GoldenQuestions.AsNoTracking().Where(q => q.BotId == run.BotId).OrderBy(q => q.Id).ToListAsync(cancellationToken);
            done = [.. (await db.GoldenResults.AsNoTracking().Where(r => r.RunId == run.Id).Select(r => new { r.QuestionId, r.IsDraft }).ToListAsync(cancellationToken)).Select(r => (r.QuestionId, r.IsDraft))];
        }

        var live = BotSettings.FromJson(run.LiveSettings);
        var draft = run.DraftSettings is null ? null : BotSettings.FromJson(run.DraftSettings);
        var missing = questions.SelectMany(q => new[] { (Question: q, IsDraft: false), (Question: q, IsDraft: true) })
            .Where(m => (!m.IsDraft || draft is not null) && !done.Contains((m.Question.Id, m.IsDraft)));
        string? interrupted = null;
        await Parallel.ForEachAsync(missing, new ParallelOptions { MaxDegreeOfParallelism = AnswersAtOnce, CancellationToken = cancellationToken }, async (next, token) =>
        {
            if (interrupted is null && await AskAsync(run, next.Question, next.IsDraft, next.IsDraft ? draft! : live, token) is { } why)
            {
                interrupted = why;
            }
        });
        return interrupted;
    }

    /// <summary>Asks one question and keeps the result. Not null: why no further one can be asked.</summary>
    private async Task<string?> AskAsync(GoldenRun run, GoldenQuestion question, bool isDraft, BotSettings settings, CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<ChatSphereDb>();
        if (run.StartedBy is not { } asker || await db.Bots.AsNoTracking().EditableBy(db, asker).SingleOrDefaultAsync(b => b.Id == run.BotId, cancellationToken) is not { } bot)
        {
            return "Whoever started it may not change the bot any more.";
        }

        var began = time.GetUtcNow();
        var draft = AnswerDraft.For(Guid.CreateVersion7(began), asker, bot.With(settings), question.Question);
        if (await answers.EnterAsync(
            asker, settings.Model, budget => budget.ReserveAsync(draft.Id, SpendingKind.Background, asker, draft.Bot, question.Question, null, null, cancellationToken), cancellationToken) is { } full)
        {
            return full.ProblemDetails.Detail ?? "There is no room for it.";
        }

        draft.IsTrial = true;
        var started = time.GetTimestamp();
        var (text, citations, finished, failed) = ("", new List<Citation>(), (AnswerFinished?)null, (AnswerFailed?)null);
        try
        {
            (text, citations, finished, failed) = await answers.AskWholeAsync(draft, cancellationToken);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            LogRunFailed(logger, e, run.Id);
            failed = new AnswerFailed("answer_failed", "Something went wrong on our side.");
        }

        var cited = citations.Select(c => (c.DocumentId, c.Page)).Distinct().Select(c => new ExpectedSource { DocumentId = c.DocumentId, Page = c.Page }).ToList();
        var failures = failed is null ? GoldenJudgement.Failures(question, text, cited) : [$"answer_failed: {failed.Code}"];
        db.GoldenResults.Add(new GoldenResult
        {
            Id = Guid.CreateVersion7(began),
            RunId = run.Id,
            QuestionId = question.Id,
            IsDraft = isDraft,
            Question = question.Question,
            Answer = text,
            Passed = failures.Count == 0,
            Failures = failures,
            Cited = cited,
            Model = finished?.Model,
            InputTokens = finished?.InputTokens ?? 0,
            OutputTokens = finished?.OutputTokens ?? 0,
            Milliseconds = (int)time.GetElapsedTime(started).TotalMilliseconds,
        });
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        try
        {
            await db.SaveChangesAsync(cancellationToken);
            await db.GoldenRuns.Where(r => r.Id == run.Id).ExecuteUpdateAsync(r => r.SetProperty(x => x.Done, x => x.Done + 1), cancellationToken);
            await transaction.CommitAsync(cancellationToken);
        }
        catch (DbUpdateException e) when (e.InnerException is PostgresException { SqlState: PostgresErrorCodes.UniqueViolation or PostgresErrorCodes.ForeignKeyViolation })
        {
            // Another node was given the run meanwhile, or it was deleted with its bot.
        }

        return null;
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Golden runs could not be looked after; trying again.")]
    private static partial void LogFailed(ILogger logger, Exception exception);

    [LoggerMessage(Level = LogLevel.Error, Message = "Golden run {RunId} failed.")]
    private static partial void LogRunFailed(ILogger logger, Exception exception, Guid runId);
}
