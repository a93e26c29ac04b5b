using System.Security.Cryptography;
using System.Text;
using ChatSphere.AI.Chat;
using ChatSphere.Api.Answering;
using ChatSphere.Api.Http;
using ChatSphere.Contracts;
using ChatSphere.Contracts.Conversations;
using ChatSphere.Data;
using ChatSphere.Data.Bots;
using ChatSphere.Data.Budgets;
using ChatSphere.Data.Conversations;
using ChatSphere.Data.Plans;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Npgsql;

namespace ChatSphere.Api.Modules.Conversations;

internal static class CreateTurn
{
    private const int MaxKeyLength = 200;

    public static async Task<IResult> HandleAsync(
        Guid conversationId, CreateTurnRequest request, [FromHeader(Name = "Idempotency-Key")] string? clientKey, HttpRequest http, CurrentUser user, ChatSphereDb db, IUsageGate gate, AnswerBudget budget, ModelCatalogue models, TurnRunner runner, TurnReader reader,
        IOptions<TurnOptions> options, TimeProvider time, CancellationToken cancellationToken)
    {
        if (TextRules.HasUnstorable(request.Text) || string.IsNullOrWhiteSpace(request.Text))
        {
            return Problems.Invalid("text", "It must hold something, and no NUL characters or broken surrogates.");
        }

        if (clientKey is { Length: 0 or > MaxKeyLength } || (clientKey is not null && clientKey.Any(char.IsControl)))
        {
            return Problems.Invalid("Idempotency-Key", $"1 to {MaxKeyLength} characters, no control characters.");
        }

        var found = await db.Conversations.VisibleTo(user.AccountId).Where(c => c.Id == conversationId)
            .Select(c => new { Conversation = c, Bot = db.Bots.UsableBy(db, user.AccountId).SingleOrDefault(b => b.Id == c.BotId), IsDeleted = db.Bots.Any(b => b.Id == c.BotId && b.DeletedAt != null) }).SingleOrDefaultAsync(cancellationToken);
        if (found is null)
        {
            return Problems.NotFound();
        }

        if (request is { ParentId: not null, Edits: not null })
        {
            return Problems.Invalid("edits", "Either edits or parentId: a new wording stands where the old one stands.");
        }

        var hash = SHA256.HashData(Encoding.UTF8.GetBytes(WhatIsAsked(request)));
        if (clientKey is not null && await EarlierAsync(db, conversationId, clientKey, hash, cancellationToken) is { } earlier)
        {
            return earlier.Refusal ?? Respond(http, earlier.Turns, reader, time);
        }

        if (found.Bot is null)
        {
            return BotGone(found.IsDeleted);
        }

        if (runner.IsFull)
        {
            return Full(http);
        }

        if (await ModelChoice.RefuseAsync(request.Models, models, cancellationToken) is { } unknown)
        {
            return unknown;
        }

        var conversation = found.Conversation;
        if (conversation.CurrentAsOf != conversation.LastSeq)
        {
            await db.FillParentsAsync(conversationId, cancellationToken);
        }

        var (parent, nowhere) = await ParentAsync(request, conversation, db, cancellationToken);
        if (nowhere is not null)
        {
            return nowhere;
        }

        var wanted = ModelChoice.Wanted(request.Models);
        if (conversation.Ask(parent, request.Text, clientKey, clientKey is null ? null : hash, wanted, runner.Node, time.GetUtcNow(), options.Value.Lease) is not { } asked)
        {
            return InProgress();
        }

        var (attached, unfit) = await TurnAttachments.FindAsync(db, conversation, [.. wanted.Select(m => m ?? found.Bot.Model)], request.Attachments, request.Edits, models, cancellationToken);
        if (unfit is not null)
        {
            return unfit;
        }

        TurnAttachments.Send(asked.Question, attached);

        // All of it or nothing: a savepoint would only be two more round trips.
        db.Database.AutoSavepointsEnabled = false;
        await using (var transaction = await db.Database.BeginTransactionAsync(cancellationToken))
        {
            // Room for all of the answers or for none.
            foreach (var (model, turn) in wanted.Zip(asked.Turns))
            {
                if (await budget.ReserveAsync(turn.Id, SpendingKind.Turn, user.AccountId, found.Bot, request.Text, model, conversationId, cancellationToken) is { } tooMuch)
                {
                    await transaction.DisposeAsync();
                    return clientKey is not null && await EarlierAsync(db, conversationId, clientKey, hash, cancellationToken) is { } before
                        ? before.Refusal ?? Respond(http, before.Turns, reader, time)
                        : tooMuch.ToProblem();
                }
            }

            foreach (var model in wanted)
            {
                await using var room = await gate.ForMessageAsync(user.AccountId, model ?? found.Bot.Model, cancellationToken);
                if (room.Refusal is { } refusal)
                {
                    // The same request may have been here a moment ago and used the last message.
                    await transaction.DisposeAsync();
                    return clientKey is not null && await EarlierAsync(db, conversationId, clientKey, hash, cancellationToken) is { } first
                        ? first.Refusal ?? Respond(http, first.Turns, reader, time)
                        : refusal.ToProblem();
                }
            }

            db.AddRange(asked.Turns);
            db.Add(asked.Question);
            db.AddRange(asked.Answers);
            try
            {
                await db.SaveChangesAsync(cancellationToken);
                await transaction.CommitAsync(cancellationToken);
            }
            catch (Exception e) when (e is DbUpdateConcurrencyException || e is DbUpdateException { InnerException: PostgresException { SqlState: PostgresErrorCodes.UniqueViolation } })
            {
                // Another request was faster: the same one sent twice, or another turn of this conversation.
                await transaction.DisposeAsync();
                db.ChangeTracker.Clear();
                return clientKey is not null && await EarlierAsync(db, conversationId, clientKey, hash, cancellationToken) is { } twin
                    ? twin.Refusal ?? Respond(http, twin.Turns, reader, time)
                    : InProgress();
            }
        }

        Start(runner, asked, found.Bot);
        return Respond(http, asked.Turns, reader, time);
    }

    public static void Start(TurnRunner runner, Asked asked, Bot bot)
    {
        foreach (var (turn, answer) in asked.Turns.Zip(asked.Answers))
        {
            runner.Start(turn, bot, asked.Question.Text, asked.Question.Seq, answer.RequestedModel);
        }
    }

    /// <summary>What it is to stand behind.</summary>
    private static async Task<(Guid Parent, IResult? Refusal)> ParentAsync(CreateTurnRequest request, Conversation conversation, ChatSphereDb db, CancellationToken cancellationToken)
    {
        if (request.Edits is { } edited)
        {
            var old = await db.Messages.AsNoTracking().Where(m => m.ConversationId == conversation.Id && m.Id == edited && m.Author == MessageAuthor.User).Select(m => new { m.ParentId }).SingleOrDefaultAsync(cancellationToken);
            return old is null ? (default, Problems.Invalid("edits", "It is no question of this conversation.")) : (old.ParentId ?? Message.NoParent, null);
        }

        if (request.ParentId is { } wanted && wanted != Message.NoParent)
        {
            return await db.Messages.AnyAsync(m => m.ConversationId == conversation.Id && m.Id == wanted, cancellationToken)
                ? (wanted, null)
                : (default, Problems.Invalid("parentId", "It is no message of this conversation."));
        }

        return (request.ParentId ?? await db.CurrentOfAsync(conversation, cancellationToken) ?? Message.NoParent, null);
    }

    /// <summary>The text alone where nothing else is said, as it has always been.</summary>
    private static string WhatIsAsked(CreateTurnRequest request) =>
        (request is { ParentId: null, Edits: null, Models: null or { Count: 0 } } ? request.Text : $"{request.Text}\0{request.ParentId}\0{request.Edits}\0{string.Join('\0', request.Models ?? [])}")
        + (request.Attachments is { Count: > 0 } attachments ? $"\0\0{string.Join(',', attachments)}" : "");

    public static IResult Respond(HttpRequest http, IReadOnlyList<Turn> turns, TurnReader reader, TimeProvider time)
    {
        var response = Response(turns[0]) with { Others = [.. turns.Skip(1).Select(Response)] };
        if (http.GetTypedHeaders().Accept.Any(a => a.MediaType.Equals("text/event-stream", StringComparison.OrdinalIgnoreCase)))
        {
            http.HttpContext.Response.Headers.ContentLocation = response.Events;
            return new EventStream(reader.ReadAsync(turns[0].Id, after: 0, default), time);
        }

        return TypedResults.Accepted(response.Events, response);
    }

    private static TurnResponse Response(Turn turn) => new(turn.Id, turn.ConversationId, turn.QuestionId, turn.AnswerId, $"/v1/turns/{turn.Id}/events");

    public static IResult Full(HttpRequest http)
    {
        http.HttpContext.Response.Headers.RetryAfter = "2";
        return Problems.Of(StatusCodes.Status503ServiceUnavailable, ErrorCodes.DependencyUnavailable, "Too many answers are being written; nothing was stored; try again.");
    }

    public static IResult BotGone(bool isDeleted) => isDeleted
        ? Problems.Conflict(ErrorCodes.BotDeleted, "The bot was deleted; the conversation can be read but not continued.")
        : Problems.Conflict(ErrorCodes.BotUnavailable, "The bot was put away, or is not shared with you any more; the conversation can be read but not continued.");

    public static IResult InProgress() => Problems.Conflict(ErrorCodes.TurnInProgress, "The last question is still being answered; wait for it or stop it.");

    /// <summary>The turns that the same key began, or why the key may not be used for this; null when the key is new.</summary>
    private static async Task<(IReadOnlyList<Turn> Turns, IResult? Refusal)?> EarlierAsync(ChatSphereDb db, Guid conversationId, string clientKey, byte[] hash, CancellationToken cancellationToken)
    {
        var earlier = await db.Messages.AsNoTracking().Where(m => m.ConversationId == conversationId && m.ClientKey == clientKey).Select(m => new { m.Id, m.TurnId, m.RequestHash }).SingleOrDefaultAsync(cancellationToken);
        if (earlier is null)
        {
            return null;
        }

        if (!earlier.RequestHash!.AsSpan().SequenceEqual(hash))
        {
            return ([], Problems.Of(StatusCodes.Status409Conflict, ErrorCodes.IdempotencyKeyReused, "This Idempotency-Key was used with another text."));
        }

        // Those of the same moment: later ones were asked for by themselves.
        var turns = await db.Turns.AsNoTracking().Where(t => t.QuestionId == earlier.Id && t.CreatedAt == db.Turns.Single(first => first.Id == earlier.TurnId).CreatedAt && t.ConversationId == conversationId).ToListAsync(cancellationToken);
        return ([.. turns.OrderBy(t => t.Id != earlier.TurnId)], null);
    }
}
