using ChatSphere.Api.Http;
using ChatSphere.Contracts;
using ChatSphere.Data;
using ChatSphere.Data.Bots;
using ChatSphere.Data.Conversations;
using ChatSphere.Data.Plans;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace ChatSphere.Api.Modules.Conversations;

internal static class RegenerateTurn
{
    public static async Task<IResult> HandleAsync(
        Guid turnId, HttpRequest http, CurrentUser user, ChatSphereDb db, IUsageGate gate, TurnRunner runner, TurnReader reader, IOptions<TurnOptions> options, TimeProvider time, CancellationToken cancellationToken)
    {
        var found = await db.Turns.VisibleTo(user.AccountId).Where(t => t.Id == turnId).Select(t => new
        {
            Turn = t,
            Conversation = db.Conversations.Single(c => c.Id == t.ConversationId),
            Answer = db.Messages.Single(m => m.Id == t.AnswerId),
            Question = db.Messages.Where(m => m.Id == t.QuestionId).Select(m => new { m.Text, m.Seq }).Single(),
            Bot = db.Bots.UsableBy(db, user.AccountId).SingleOrDefault(b => b.Id == db.Conversations.Single(c => c.Id == t.ConversationId).BotId),
            IsDeleted = db.Bots.Any(b => b.Id == db.Conversations.Single(c => c.Id == t.ConversationId).BotId && b.DeletedAt != null),
        }).SingleOrDefaultAsync(cancellationToken);
        if (found is null)
        {
            return Problems.NotFound();
        }

        if (found.Bot is null)
        {
            return CreateTurn.BotGone(found.IsDeleted);
        }

        // What came later was said with the old answer in view.
        if (found.Answer.Seq != found.Conversation.LastSeq || found.Answer.TurnId != turnId)
        {
            return Problems.Conflict(ErrorCodes.TurnInProgress, "Only the last answer of a conversation can be made anew.");
        }

        if (found.Conversation.AskAgain(found.Turn, found.Answer, runner.Node, time.GetUtcNow(), options.Value.Lease) is not { } again)
        {
            return CreateTurn.InProgress();
        }

        await using var room = await gate.ForMessageAsync(user.AccountId, found.Bot.Model, cancellationToken);
        if (room.Refusal is { } refusal)
        {
            return refusal.ToProblem();
        }

        db.Add(again);
        try
        {
            await db.SaveChangesAsync(cancellationToken);
            await room.KeepAsync(cancellationToken);
        }
        catch (DbUpdateConcurrencyException)
        {
            return CreateTurn.InProgress();
        }

        runner.Start(again, found.Bot, found.Question.Text, found.Question.Seq);
        return CreateTurn.Respond(http, again, reader, time);
    }
}
