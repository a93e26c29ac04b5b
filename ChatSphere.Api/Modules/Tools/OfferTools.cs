using ChatSphere.AI.Chat;
using ChatSphere.Api.Answering;
using ChatSphere.Data;
using ChatSphere.Data.Tools;
using Microsoft.EntityFrameworkCore;

namespace ChatSphere.Api.Modules.Tools;

/// <summary>What the bot's models may call. Nothing is fetched for it: a server that is away costs only the calls that need it.</summary>
internal sealed class OfferTools(ChatSphereDb db, BuiltInTools builtIn, OutsideTools outside, ApprovalDesk desk, ModelCatalogue models) : IPrepareAnswer
{
    public PreparationStage Stage => PreparationStage.Tools;

    public async Task PrepareAsync(AnswerDraft draft, CancellationToken cancellationToken)
    {
        if (!draft.Facts.HasTools || models.ChainFor(draft.Model, draft.Fallback) is [ModelCatalogue.Extractive, ..])
        {
            return;
        }

        var tools = await db.BotTools.AsNoTracking().Where(t => t.BotId == draft.Bot.Id && t.Enabled).OrderBy(t => t.Id).ToListAsync(cancellationToken);
        foreach (var tool in tools)
        {
            if ((tool.Kind == ToolKind.BuiltIn ? builtIn.Create(tool, draft) : await outside.CreateAsync(db, tool, draft.Id, cancellationToken)) is { } made)
            {
                draft.Tools.Add(made);
            }
        }

        if (draft.Tools.Count > 0 && draft.ConversationId is { } conversationId)
        {
            draft.Approvals = desk.For(draft.Id, conversationId);
        }
    }
}
