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

        var question = await db.Messages.AsNoTracking().Where(m => m.Id == draft.QuestionId).Select(m => m.Attachments).SingleOrDefaultAsync(cancellationToken) ?? [];
        var ids = question.Select(a => a.Id).ToArray();
        var sent = await db.Attachments.AsNoTracking().Where(a => a.ConversationId == conversationId && a.DocumentId != null && a.MessageId != null)
            .OrderByDescending(a => a.Id).Select(a => new { a.Id, DocumentId = a.DocumentId!.Value }).ToListAsync(cancellationToken);
        var found = draft.Passages.Select(p => p.DocumentId).ToHashSet();
        var own = sent.Where(a => ids.Contains(a.Id)).Select(a => a.DocumentId).Distinct().ToList();
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
