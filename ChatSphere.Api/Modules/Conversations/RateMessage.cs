using ChatSphere.Api.Http;
using ChatSphere.Api.Responses;
using ChatSphere.Contracts.Conversations;
using ChatSphere.Contracts.Live;
using ChatSphere.Data;
using ChatSphere.Data.Conversations;
using ChatSphere.Messaging.Live;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace ChatSphere.Api.Modules.Conversations;

internal static class RateMessage
{
    public static async Task<Results<Ok<RatingResponse>, ProblemHttpResult>> HandleAsync(
        Guid conversationId, Guid messageId, RateMessageRequest request, CurrentUser user, ChatSphereDb db, LiveFeed live, TimeProvider time, CancellationToken cancellationToken)
    {
        if (request.Comment is { } said && TextRules.HasUnstorable(said))
        {
            return Problems.Invalid("comment", "It must not contain NUL characters or broken surrogates.");
        }

        var found = await db.Messages.AsNoTracking().Where(m => m.Id == messageId && m.ConversationId == conversationId && m.Author == MessageAuthor.Assistant)
            .Select(m => new { m.Model, BotId = db.Conversations.VisibleTo(user.AccountId).Where(c => c.Id == conversationId).Select(c => (Guid?)c.BotId).SingleOrDefault() }).SingleOrDefaultAsync(cancellationToken);
        if (found?.BotId is not { } botId)
        {
            return Problems.NotFound();
        }

        var comment = string.IsNullOrWhiteSpace(request.Comment) ? null : request.Comment.Trim();
        var value = request.Value is MessageRatingValue.Up ? RatingValue.Up : RatingValue.Down;
        var (now, rating) = (time.GetUtcNow(), default(MessageRating));
        for (var tries = 0; rating is null; tries++)
        {
            var old = await db.MessageRatings.SingleOrDefaultAsync(r => r.MessageId == messageId, cancellationToken);
            if (old is null)
            {
                db.Add(rating = new MessageRating { MessageId = messageId, ConversationId = conversationId, BotId = botId, OwnerId = user.AccountId, Model = found.Model, Value = value, Comment = comment, RatedAt = now });
            }
            else
            {
                (old.Value, old.Comment, old.RatedAt, rating) = (value, comment, now, old);
            }

            try
            {
                await db.SaveChangesAsync(cancellationToken);
            }
            catch (DbUpdateException e) when (tries < 3 && (e is DbUpdateConcurrencyException || e.InnerException is PostgresException { SqlState: PostgresErrorCodes.UniqueViolation }))
            {
                // Rated, or taken back, in another tab at the same moment; the last word counts.
                db.ChangeTracker.Clear();
                rating = null;
            }
            catch (DbUpdateException e) when (e.InnerException is PostgresException { SqlState: PostgresErrorCodes.ForeignKeyViolation })
            {
                return Problems.NotFound();
            }
        }

        live.Publish(user.AccountId, LiveEventTypes.MessageChanged, new LiveReference(messageId));
        return TypedResults.Ok(ConversationResponses.From(rating));
    }

    public static async Task<Results<NoContent, ProblemHttpResult>> TakeBackAsync(Guid conversationId, Guid messageId, CurrentUser user, ChatSphereDb db, LiveFeed live, CancellationToken cancellationToken)
    {
        if (await db.MessageRatings.Where(r => r.MessageId == messageId && r.ConversationId == conversationId && r.OwnerId == user.AccountId).ExecuteDeleteAsync(cancellationToken) == 0)
        {
            return Problems.NotFound();
        }

        live.Publish(user.AccountId, LiveEventTypes.MessageChanged, new LiveReference(messageId));
        return TypedResults.NoContent();
    }
}
