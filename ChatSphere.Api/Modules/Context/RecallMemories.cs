using ChatSphere.Api.Answering;
using ChatSphere.AI.Chat;
using ChatSphere.Data;
using ChatSphere.Data.Context;
using Microsoft.EntityFrameworkCore;

namespace ChatSphere.Api.Modules.Context;

/// <summary>What the person let be remembered, in conversations with bots that may know it. Not where a program asks in the person's name, and not in temporary ones.</summary>
internal sealed class RecallMemories(ChatSphereDb db) : IPrepareAnswer
{
    private const int Most = 60;
    private const int MaxTokens = 600;

    public PreparationStage Stage => PreparationStage.Memory;

    public async Task PrepareAsync(AnswerDraft draft, CancellationToken cancellationToken)
    {
        if (draft.ConversationId is null || !draft.Bot.UsesMemory || draft.Facts.HasMemoryOff || draft.Facts.IsTemporary)
        {
            return;
        }

        var known = await db.Memories.AsNoTracking().Where(m => m.AccountId == draft.AskerId && m.State == MemoryState.Kept).OrderByDescending(m => m.UpdatedAt).Take(Most).ToListAsync(cancellationToken);
        if (known.Count > 0)
        {
            draft.Notes.Add(new PromptNote("the person, as they let be remembered", string.Join('\n', known.Select(m => "- " + m.Text)), MaxTokens));
        }
    }
}
