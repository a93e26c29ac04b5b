using System.Runtime.CompilerServices;
using System.Text;
using ChatSphere.AI.Chat;
using ChatSphere.AI.Chat.Citations;
using ChatSphere.Api.Http;
using ChatSphere.Data;
using ChatSphere.Data.Budgets;
using ChatSphere.Data.Conversations;
using ChatSphere.Data.Plans;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ChatSphere.Api.Answering;

/// <summary>
/// Answers that are kept nowhere, of bots and of models asked directly: given room and settled like those of conversations, and those of bots prepared like them, in the steps
/// that modules register.
/// </summary>
internal sealed class UnkeptAnswers(AnswerPreparation preparation, AnswerWriter answers, ModelCosts costs, IServiceScopeFactory scopes, TimeProvider time)
{
    /// <summary>
    /// Room in the budgets and for a message of the asker's plan, both or neither. Null: there is room, and asking follows, which gives back what is not used. Else why not.
    /// </summary>
    /// <param name="model">The model that the plan must have; null: the default.</param>
    public async Task<ProblemHttpResult?> EnterAsync(Guid askerId, string? model, Func<AnswerBudget, Task<SpendingRefusal?>> reserve, CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        await using var transaction = await scope.ServiceProvider.GetRequiredService<ChatSphereDb>().Database.BeginTransactionAsync(cancellationToken);
        if (await reserve(scope.ServiceProvider.GetRequiredService<AnswerBudget>()) is { } tooMuch)
        {
            return tooMuch.ToProblem();
        }

        await using var room = await scope.ServiceProvider.GetRequiredService<IUsageGate>().ForMessageAsync(askerId, model, cancellationToken);
        if (room.Refusal is { } full)
        {
            return full.ToProblem();
        }

        await transaction.CommitAsync(cancellationToken);
        return null;
    }

    /// <summary>As <see cref="AnswerWriter.WriteAsync"/>, after <see cref="EnterAsync"/>. What it cost is settled when it ends, also when the caller goes away.</summary>
    public IAsyncEnumerable<AnswerEvent> AskAsync(AnswerDraft draft, CancellationToken cancellationToken)
    {
        return WatchAsync(draft.AskerId, WriteAsync(cancellationToken), (finished, _, hasWorked, took) =>
        {
            var state = finished is { } f ? f is AnswerFinished ? MessageState.Complete : MessageState.Failed : MessageState.Stopped;
            return SettleAsync(new EndedAnswer(draft, null, state, finished as AnswerFinished, hasWorked, took));
        }, cancellationToken);

        async IAsyncEnumerable<AnswerEvent> WriteAsync([EnumeratorCancellation] CancellationToken token)
        {
            await preparation.PrepareAsync(draft, token);
            await foreach (var e in answers.WriteAsync(draft.ToRequest(), token))
            {
                yield return e;
            }
        }
    }

    /// <summary>The same for a model that is asked directly.</summary>
    public IAsyncEnumerable<AnswerEvent> AskAsync(AnswerRequest direct, CancellationToken cancellationToken)
    {
        var request = direct with { Route = new RouteLog() };
        return WatchAsync(direct.AskerId!.Value, answers.WriteAsync(request, cancellationToken), async (ended, seen, hasWorked, _) =>
        {
            var spent = costs.SpentOn(request.Route.Steps, ended as AnswerFinished, hasWorked ? costs.FirstOf(request.Model, request.Fallback) : null, seen);
            await using var scope = scopes.CreateAsyncScope();
            await scope.ServiceProvider.GetRequiredService<IBudgets>().SettleAsync(request.TurnId, spent, CancellationToken.None);
        }, cancellationToken);
    }

    /// <summary>The citations of a text that stand where they say, and the text without the markers of the others.</summary>
    public async Task<(string Text, List<Citation> Citations)> CheckAsync(AnswerDraft draft, string text)
    {
        var answer = CitationResolver.Check(text, draft.Passages);
        await using var scope = scopes.CreateAsyncScope();
        var citations = await VerifiedCitations.OfAsync(scope.ServiceProvider.GetRequiredService<ChatSphereDb>(), answer.Citations);
        return (citations.Count == answer.Citations.Count ? answer.Text : CitationMarkers.RemoveUnknown(answer.Text, citations.Select(c => c.Number)), citations);
    }

    /// <summary>The whole answer at once.</summary>
    public async Task<(string Text, List<Citation> Citations, AnswerFinished? Finished, AnswerFailed? Failed)> AskWholeAsync(AnswerDraft draft, CancellationToken cancellationToken)
    {
        var text = new StringBuilder();
        AnswerFinished? finished = null;
        AnswerFailed? failed = null;
        await foreach (var e in AskAsync(draft, cancellationToken))
        {
            text.Append((e as AnswerDelta)?.Text);
            finished = e as AnswerFinished ?? finished;
            failed = e as AnswerFailed ?? failed;
        }

        var (checkedText, citations) = await CheckAsync(draft, text.ToString());
        return (checkedText, citations, finished, failed);
    }

    /// <param name="settle">How it ended (null: the caller went away), what came of it, and whether a model has done something for it.</param>
    private async IAsyncEnumerable<AnswerEvent> WatchAsync(
        Guid askerId, IAsyncEnumerable<AnswerEvent> events, Func<AnswerEvent?, string, bool, TimeSpan, Task> settle, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var (began, started) = (time.GetUtcNow(), time.GetTimestamp());
        var (ended, hasWorked, seen) = ((AnswerEvent?)null, false, new StringBuilder());
        try
        {
            await foreach (var e in events.WithCancellation(cancellationToken))
            {
                hasWorked |= e is AnswerDelta or AnswerToolCall or AnswerFinished;
                ended = e is AnswerFinished or AnswerFailed ? e : ended;
                seen.Append((e as AnswerDelta)?.Text);
                yield return e;
            }
        }
        finally
        {
            await settle(ended, seen.ToString(), hasWorked, time.GetElapsedTime(started));

            // Who goes away before the first word has made a model work all the same.
            if (!hasWorked && (ended is AnswerFailed || !cancellationToken.IsCancellationRequested))
            {
                await using var scope = scopes.CreateAsyncScope();
                await scope.ServiceProvider.GetRequiredService<IUsageGate>().GiveBackMessageAsync(askerId, began, CancellationToken.None);
            }
        }
    }

    private async Task SettleAsync(EndedAnswer ended)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<ChatSphereDb>();
        await using var transaction = await db.Database.BeginTransactionAsync();
        foreach (var step in scope.ServiceProvider.GetServices<IFinishAnswer>())
        {
            await step.FinishAsync(db, ended, CancellationToken.None);
        }

        await db.SaveChangesAsync();
        await transaction.CommitAsync();
    }
}
