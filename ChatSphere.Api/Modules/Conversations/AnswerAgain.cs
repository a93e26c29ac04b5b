using ChatSphere.AI.Chat;
using ChatSphere.Api.Answering;
using ChatSphere.Api.Http;
using ChatSphere.Contracts.Conversations;
using ChatSphere.Data;
using ChatSphere.Data.Bots;
using ChatSphere.Data.Budgets;
using ChatSphere.Data.Conversations;
using ChatSphere.Data.Plans;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.ModelBinding;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Npgsql;

namespace ChatSphere.Api.Modules.Conversations;

/// <summary>One more answer to a question, or several at once, beside those that there are.</summary>
internal static class AnswerAgain
{
    /// <summary>By the turn that answered.</summary>
    public static async Task<IResult> OfTurnAsync(
        Guid turnId, [FromBody(EmptyBodyBehavior = EmptyBodyBehavior.Allow)] AnswerAgainRequest? request, HttpRequest http, CurrentUser user, ChatSphereDb db, IUsageGate gate, AnswerBudget budget, ModelCatalogue models, TurnRunner runner, TurnReader reader,
        IOptions<TurnOptions> options, TimeProvider time, CancellationToken cancellationToken)
    {
        var turn = await db.Turns.AsNoTracking().VisibleTo(user.AccountId).Where(t => t.Id == turnId).Select(t => new { t.ConversationId, t.QuestionId }).SingleOrDefaultAsync(cancellationToken);
        return turn is null ? Problems.NotFound() : await HandleAsync(turn.ConversationId, turn.QuestionId, request, http, user, db, gate, budget, models, runner, reader, options, time, cancellationToken);
    }

    /// <summary>By the question, or by any of its answers.</summary>
    public static async Task<IResult> HandleAsync(
        Guid conversationId, Guid messageId, [FromBody(EmptyBodyBehavior = EmptyBodyBehavior.Allow)] AnswerAgainRequest? request, HttpRequest http, CurrentUser user, ChatSphereDb db, IUsageGate gate, AnswerBudget budget, ModelCatalogue models, TurnRunner runner,
        TurnReader reader, IOptions<TurnOptions> options, TimeProvider time, CancellationToken cancellationToken)
    {
        var (found, refusal) = await TalkOf.MessageAsync(db, user, conversationId, messageId, cancellationToken);
        if (found is null)
        {
            return refusal!;
        }

        if (await ModelChoice.RefuseAsync(request?.Models, models, cancellationToken) is { } unknown)
        {
            return unknown;
        }

        if (runner.IsFull)
        {
            return CreateTurn.Full(http);
        }

        var question = await db.QuestionOfAsync(found.Message, cancellationToken);
        if (question is null)
        {
            return Problems.Invalid("messageId", "It is no answer to anything.");
        }

        var wanted = ModelChoice.Wanted(request?.Models);
        if (found.Conversation.AnswerAgain(question, wanted, runner.Node, time.GetUtcNow(), options.Value.Lease) is not { } asked)
        {
            return CreateTurn.InProgress();
        }

        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        foreach (var (model, turn) in wanted.Zip(asked.Turns))
        {
            if (await budget.ReserveAsync(turn.Id, SpendingKind.Turn, user.AccountId, found.Bot, question.Text, model, conversationId, cancellationToken) is { } tooMuch)
            {
                return tooMuch.ToProblem();
            }
        }

        foreach (var model in wanted)
        {
            await using var room = await gate.ForMessageAsync(user.AccountId, model ?? found.Bot.Model, cancellationToken);
            if (room.Refusal is { } noRoom)
            {
                return noRoom.ToProblem();
            }
        }

        db.AddRange(asked.Turns);
        db.AddRange(asked.Answers);
        try
        {
            await db.SaveChangesAsync(cancellationToken);
            await transaction.CommitAsync(cancellationToken);
        }
        catch (Exception e) when (e is DbUpdateConcurrencyException || e is DbUpdateException { InnerException: PostgresException { SqlState: PostgresErrorCodes.UniqueViolation } })
        {
            // Another request was faster, and has the numbers.
            return CreateTurn.InProgress();
        }

        CreateTurn.Start(runner, asked, found.Bot);
        return CreateTurn.Respond(http, asked.Turns, reader, time);
    }
}
