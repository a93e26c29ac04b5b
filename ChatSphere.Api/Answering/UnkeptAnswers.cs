using System.Runtime.CompilerServices;
using System.Text;
using ChatSphere.AI.Chat;
using ChatSphere.AI.Chat.Citations;
using ChatSphere.Data;
using ChatSphere.Data.Conversations;

namespace ChatSphere.Api.Answering;

/// <summary>A bot's answer that is kept nowhere: prepared and settled like those of conversations, in the steps that modules register.</summary>
internal sealed class UnkeptAnswers(AnswerPreparation preparation, AnswerWriter answers, IServiceScopeFactory scopes, TimeProvider time)
{
    /// <summary>As <see cref="AnswerWriter.WriteAsync"/>. What it cost is settled when it ends, also when the caller goes away.</summary>
    public async IAsyncEnumerable<AnswerEvent> AskAsync(AnswerDraft draft, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        AnswerFinished? finished = null;
        var (state, hasWorked) = (MessageState.Stopped, false);
        try
        {
            await preparation.PrepareAsync(draft, cancellationToken);
            await foreach (var e in answers.WriteAsync(draft.ToRequest(), cancellationToken))
            {
                hasWorked |= e is AnswerDelta or AnswerToolCall or AnswerFinished;
                if (e is AnswerFinished f)
                {
                    (finished, state) = (f, MessageState.Complete);
                }
                else if (e is AnswerFailed)
                {
                    state = MessageState.Failed;
                }

                yield return e;
            }
        }
        finally
        {
            await SettleAsync(new EndedAnswer(draft, null, state, finished, hasWorked, time.GetElapsedTime(started)));
        }
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
