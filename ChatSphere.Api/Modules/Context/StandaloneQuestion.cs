using ChatSphere.AI.Chat;
using ChatSphere.Api.Answering;
using ChatSphere.Data;
using Microsoft.EntityFrameworkCore;

namespace ChatSphere.Api.Modules.Context;

/// <summary>What a follow-up asks for on its own, for the search. A question that stands alone costs nothing here, and neither does one for which there is nothing to search.</summary>
internal sealed class StandaloneQuestion(ChatSphereDb db, SideQuestions side) : IPrepareAnswer
{
    public const string Rule = "rule";

    public PreparationStage Stage => PreparationStage.Question;

    public async Task PrepareAsync(AnswerDraft draft, CancellationToken cancellationToken)
    {
        if (draft.History.Count == 0 || FollowUp.StandsAlone(draft.Question) || !(draft.HasFiles || await db.Documents.AnyAsync(d => d.BotId == draft.Bot.Id, cancellationToken)))
        {
            return;
        }

        if (side.CanAsk(draft.Model)
            && await side.AskAsync(FollowUp.Ask(draft.Question, draft.History) with { AskerId = draft.AskerId, BotId = draft.Bot.Id, Model = draft.Model, Fallback = draft.Fallback }, cancellationToken) is { } written
            && FollowUp.Accept(written.Text, draft.Question, draft.History) is { } standing)
        {
            (draft.SearchText, draft.SearchTextBy) = (standing, written.Model);
            return;
        }

        var ruled = FollowUp.ByRule(draft.Question, draft.History);
        (draft.SearchText, draft.SearchTextBy) = (ruled, ruled == draft.Question ? null : Rule);
    }
}
