using ChatSphere.AI.Chat;
using ChatSphere.Api.Answering;
using ChatSphere.Data;
using ChatSphere.Data.Conversations;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace ChatSphere.Api.Modules.Conversations;

/// <summary>What was said in the conversation before the question.</summary>
internal sealed class RecallHistory(ChatSphereDb db, IOptions<TurnOptions> options) : IPrepareAnswer
{
    public PreparationStage Stage => PreparationStage.Memory;

    public async Task PrepareAsync(AnswerDraft draft, CancellationToken cancellationToken)
    {
        if (draft.ConversationId is not { } conversationId)
        {
            return;
        }

        var past = await db.Messages.AsNoTracking().Where(m => m.ConversationId == conversationId && m.Seq < draft.QuestionSeq && m.State != MessageState.Failed)
            .OrderByDescending(m => m.Seq).Take(options.Value.History).Select(m => new { m.Id, m.Seq, m.Author, m.Text }).ToListAsync(cancellationToken);
        past.Reverse();
        draft.History.AddRange(past.Select(m => new PastMessage(m.Author == MessageAuthor.User ? PastRole.User : PastRole.Assistant, m.Text) { Id = m.Id, Seq = m.Seq }));
    }
}
