using ChatSphere.AI.Knowledge;
using ChatSphere.Api.Answering;
using ChatSphere.Data.Knowledge;
using Microsoft.Extensions.Options;

namespace ChatSphere.Api.Modules.Conversations;

/// <summary>The passages on the question: the bot's, and those of files of this conversation.</summary>
internal sealed class RetrieveKnowledge(KnowledgeRetriever retriever, IOptions<TurnOptions> options) : IPrepareAnswer
{
    public PreparationStage Stage => PreparationStage.Retrieval;

    public async Task PrepareAsync(AnswerDraft draft, CancellationToken cancellationToken) =>
        draft.Passages = await retriever.SearchAsync(draft.Bot.KnowledgeScope(draft.HasFiles ? draft.ConversationId : null), draft.SearchText, options.Value.Passages, draft.Retrieval, cancellationToken);
}
