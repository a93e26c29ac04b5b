using ChatSphere.Api.Answering;
using ChatSphere.Api.Http;
using ChatSphere.Contracts;
using ChatSphere.Data;
using ChatSphere.Data.Budgets;
using ChatSphere.Data.Conversations;
using ChatSphere.Data.Plans;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace ChatSphere.Api.Modules.Conversations;

internal static class ContinueAnswer
{
    // AnswerWriter ends an answer far before this; what is longer came from elsewhere.
    private const int LongestText = 150_000;

    public static async Task<IResult> HandleAsync(
        Guid conversationId, Guid messageId, HttpRequest http, CurrentUser user, ChatSphereDb db, IUsageGate gate, AnswerBudget budget, TurnRunner runner, TurnReader reader, IOptions<TurnOptions> options, TimeProvider time,
        CancellationToken cancellationToken)
    {
        var (found, refusal) = await TalkOf.MessageAsync(db, user, conversationId, messageId, cancellationToken);
        if (found is null)
        {
            return refusal!;
        }

        var answer = found.Message;
        if (answer.State is MessageState.Generating)
        {
            return CreateTurn.InProgress();
        }

        // What was said after it was said with this text in view.
        if (answer.Author is not MessageAuthor.Assistant || answer.Text.Length is 0 or > LongestText || await db.Messages.AnyAsync(m => m.ConversationId == conversationId && m.ParentId == messageId, cancellationToken)
            || await db.QuestionOfAsync(answer, cancellationToken) is not { } question)
        {
            return Problems.Conflict(ErrorCodes.NotContinuable, "Only an answer with a text, at the end of its branch, can go on.");
        }

        if (runner.IsFull)
        {
            return CreateTurn.Full(http);
        }

        var shown = answer.Text;
        if (found.Conversation.Continue(answer, question.Id, runner.Node, time.GetUtcNow(), options.Value.Lease) is not { } turn)
        {
            return CreateTurn.InProgress();
        }

        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        if (await budget.ReserveAsync(turn.Id, SpendingKind.Turn, user.AccountId, found.Bot, question.Text, answer.RequestedModel, conversationId, cancellationToken, shown) is { } tooMuch)
        {
            return tooMuch.ToProblem();
        }

        await using var room = await gate.ForMessageAsync(user.AccountId, answer.RequestedModel ?? found.Bot.Model, cancellationToken);
        if (room.Refusal is { } noRoom)
        {
            return noRoom.ToProblem();
        }

        db.Add(turn);
        try
        {
            await db.SaveChangesAsync(cancellationToken);
            await transaction.CommitAsync(cancellationToken);
        }
        catch (DbUpdateConcurrencyException)
        {
            return CreateTurn.InProgress();
        }

        runner.Start(turn, found.Bot, question.Text, question.Seq, answer.RequestedModel, shown);
        return CreateTurn.Respond(http, [turn], reader, time);
    }
}
