using ChatSphere.AI.Knowledge;
using ChatSphere.Api.Answering;
using ChatSphere.Data;
using ChatSphere.Data.Knowledge;
using Microsoft.EntityFrameworkCore;

namespace ChatSphere.Api.Modules.Context;

/// <summary>"Sum this up" has no word of the file in it. Where a search found nothing of the files that came with the question, it is their beginnings that are read.</summary>
internal sealed class ReadAttachedFiles(ChatSphereDb db, KnowledgeRetriever retriever) : IPrepareAnswer
{
    private const int Beginnings = 6;

    public PreparationStage Stage => PreparationStage.Retrieval;

    public async Task PrepareAsync(AnswerDraft draft, CancellationToken cancellationToken)
    {
        if (!draft.HasFiles || draft.ConversationId is not { } conversationId)
        {
            return;
        }

        var sent = await db.Attachments.AsNoTracking().Where(a => a.ConversationId == conversationId && a.DocumentId != null && a.MessageId != null)
            .OrderByDescending(a => a.MessageId == draft.QuestionId).ThenByDescending(a => a.Id).Select(a => new { DocumentId = a.DocumentId!.Value, a.MessageId }).ToListAsync(cancellationToken);
        var found = draft.Passages.Select(p => p.DocumentId).ToHashSet();
        var own = sent.Where(a => a.MessageId == draft.QuestionId).Select(a => a.DocumentId).ToList();
        var wanted = own.Count > 0 ? own.Where(d => !found.Contains(d)).ToArray()
            : draft.Passages.Count == 0 ? [.. sent.Select(a => a.DocumentId).Take(1)]
            : [];
        if (wanted.Length == 0)
        {
            return;
        }

        var beginnings = await retriever.BeginningsAsync(draft.Bot.KnowledgeScope(conversationId), wanted, Math.Max(1, Beginnings / wanted.Length), cancellationToken);
        draft.Passages = [.. beginnings.Take(Beginnings * 2), .. draft.Passages];
    }
}
