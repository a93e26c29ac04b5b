using System.Security.Cryptography;
using System.Text;
using ChatSphere.AI.Chat;
using ChatSphere.Api.Answering;
using ChatSphere.Api.Http;
using ChatSphere.Contracts;
using ChatSphere.Contracts.Conversations;
using ChatSphere.Data;
using ChatSphere.Data.Bots;
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
        Guid conversationId, CreateTurnRequest request, [FromHeader(Name = "Idempotency-Key")] string? clientKey, HttpRequest http, CurrentUser user, ChatSphereDb db, IUsageGate gate, ModelCatalogue catalogue, TurnRunner runner, TurnReader reader,
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

        var hash = SHA256.HashData(Encoding.UTF8.GetBytes(TurnAttachments.Identity(request.Text, request.Attachments)));
        if (clientKey is not null && await EarlierAsync(db, conversationId, clientKey, hash, cancellationToken) is { } earlier)
        {
            return earlier.Refusal ?? Respond(http, earlier.Turn!, reader, time);
        }

        if (found.Bot is null)
        {
            return BotGone(found.IsDeleted);
        }

        if (runner.IsFull)
        {
            http.HttpContext.Response.Headers.RetryAfter = "2";
            return Problems.Of(StatusCodes.Status503ServiceUnavailable, ErrorCodes.DependencyUnavailable, "Too many answers are being written; nothing was stored; try again.");
        }

        if (found.Conversation.Ask(request.Text, clientKey, clientKey is null ? null : hash, runner.Node, time.GetUtcNow(), options.Value.Lease) is not { } asked)
        {
            return InProgress();
        }

        var (attached, unfit) = await TurnAttachments.FindAsync(db, found.Conversation, found.Bot, null, request.Attachments, catalogue, cancellationToken);
        if (unfit is not null)
        {
            return unfit;
        }

        TurnAttachments.Send(asked.Question, attached);
        await using var room = await gate.ForMessageAsync(user.AccountId, found.Bot.Model, cancellationToken);
        if (room.Refusal is { } refusal)
        {
            // The same request may have been here a moment ago and used the last message.
            return clientKey is not null && await EarlierAsync(db, conversationId, clientKey, hash, cancellationToken) is { } first
                ? first.Refusal ?? Respond(http, first.Turn!, reader, time)
                : refusal.ToProblem();
        }

        db.Add(asked.Turn);
        db.AddRange(asked.Question, asked.Answer);
        try
        {
            await db.SaveChangesAsync(cancellationToken);
            await room.KeepAsync(cancellationToken);
        }
        catch (Exception e) when (e is DbUpdateConcurrencyException || e is DbUpdateException { InnerException: PostgresException { SqlState: PostgresErrorCodes.UniqueViolation } })
        {
            // Another request was faster: the same one sent twice, or another turn of this conversation.
            await room.DisposeAsync();
            db.ChangeTracker.Clear();
            return clientKey is not null && await EarlierAsync(db, conversationId, clientKey, hash, cancellationToken) is { } twin
                ? twin.Refusal ?? Respond(http, twin.Turn!, reader, time)
                : InProgress();
        }

        runner.Start(asked.Turn, found.Bot, request.Text, asked.Question.Seq);
        return Respond(http, asked.Turn, reader, time);
    }

    public static IResult Respond(HttpRequest http, Turn turn, TurnReader reader, TimeProvider time)
    {
        var response = new TurnResponse(turn.Id, turn.ConversationId, turn.QuestionId, turn.AnswerId, $"/v1/turns/{turn.Id}/events");
        if (http.GetTypedHeaders().Accept.Any(a => a.MediaType.Equals("text/event-stream", StringComparison.OrdinalIgnoreCase)))
        {
            http.HttpContext.Response.Headers.ContentLocation = response.Events;
            return new EventStream(reader.ReadAsync(turn.Id, after: 0, default), time);
        }

        return TypedResults.Accepted(response.Events, response);
    }

    public static IResult BotGone(bool isDeleted) => isDeleted
        ? Problems.Conflict(ErrorCodes.BotDeleted, "The bot was deleted; the conversation can be read but not continued.")
        : Problems.Conflict(ErrorCodes.BotUnavailable, "The bot is not shared with you any more; the conversation can be read but not continued.");

    public static IResult InProgress() => Problems.Conflict(ErrorCodes.TurnInProgress, "The last question is still being answered; wait for it or stop it.");

    /// <summary>The turn that the same key began, or why the key may not be used for this; null when the key is new.</summary>
    private static async Task<(Turn? Turn, IResult? Refusal)?> EarlierAsync(ChatSphereDb db, Guid conversationId, string clientKey, byte[] hash, CancellationToken cancellationToken)
    {
        var earlier = await db.Messages.AsNoTracking().Where(m => m.ConversationId == conversationId && m.ClientKey == clientKey)
            .Select(m => new { m.RequestHash, Turn = db.Turns.Single(t => t.Id == m.TurnId) }).SingleOrDefaultAsync(cancellationToken);
        return earlier is null ? null
            : earlier.RequestHash!.AsSpan().SequenceEqual(hash) ? (earlier.Turn, null)
            : (null, Problems.Of(StatusCodes.Status409Conflict, ErrorCodes.IdempotencyKeyReused, "This Idempotency-Key was used with another text."));
    }
}
