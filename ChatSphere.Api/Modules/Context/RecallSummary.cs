using ChatSphere.AI.Chat;
using ChatSphere.Api.Answering;
using ChatSphere.Data;
using Microsoft.EntityFrameworkCore;

namespace ChatSphere.Api.Modules.Context;

/// <summary>The latest summary that reaches up to a message of this very branch. After <c>RecallHistory</c>.</summary>
internal sealed class RecallSummary(ChatSphereDb db) : IPrepareAnswer
{
    public PreparationStage Stage => PreparationStage.Memory;

    public async Task PrepareAsync(AnswerDraft draft, CancellationToken cancellationToken)
    {
        var ids = draft.History.Select(m => m.Id).OfType<Guid>().ToArray();
        if (draft.ConversationId is not { } conversationId || ids.Length == 0 || !draft.Facts.HasSummary)
        {
            return;
        }

        var summary = await db.ConversationSummaries.AsNoTracking().Where(s => s.ConversationId == conversationId && ids.Contains(s.UpToMessageId))
            .OrderByDescending(s => s.UpToSeq).FirstOrDefaultAsync(cancellationToken);
        if (summary is null)
        {
            return;
        }

        var covers = draft.History.TakeWhile(m => m.Seq <= summary.UpToSeq).Select(m => m.Id).OfType<Guid>().ToHashSet();
        draft.Summary = new PastSummary(summary.Text, covers, Beyond: draft.History[0].Seq > 1);
    }
}
