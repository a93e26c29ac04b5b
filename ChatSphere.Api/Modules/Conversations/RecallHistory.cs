using ChatSphere.AI.Chat;
using ChatSphere.Api.Answering;
using ChatSphere.Data;
using ChatSphere.Data.Conversations;
using Microsoft.Extensions.Options;

namespace ChatSphere.Api.Modules.Conversations;

/// <summary>What was said on the question's branch before it.</summary>
internal sealed class RecallHistory(ChatSphereDb db, IOptions<TurnOptions> options) : IPrepareAnswer
{
    public PreparationStage Stage => PreparationStage.Memory;

    public async Task PrepareAsync(AnswerDraft draft, CancellationToken cancellationToken)
    {
        // Their choice for this one answer stands above what the settings say.
        draft.Model = draft.ChosenModel ?? draft.Model;
        if (draft.ConversationId is not { } conversationId || draft.QuestionId is not { } questionId)
        {
            return;
        }

        // The question's own branch, whatever else was said in the conversation.
        var past = await db.PathAsync(conversationId, questionId, draft.QuestionSeq, options.Value.History, cancellationToken);
        past.RemoveAll(m => m.State is MessageState.Failed or MessageState.Generating);
        past.Reverse();
        draft.History.AddRange(past.Select(m => new PastMessage(m.Author == MessageAuthor.User ? PastRole.User : PastRole.Assistant, m.Text) { Id = m.Id, Seq = m.Seq }));
    }
}
