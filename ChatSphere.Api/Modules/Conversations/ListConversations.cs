using ChatSphere.Api.Http;
using ChatSphere.Api.Responses;
using ChatSphere.Contracts;
using ChatSphere.Contracts.Conversations;
using ChatSphere.Data;
using ChatSphere.Data.Conversations;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace ChatSphere.Api.Modules.Conversations;

internal static class ListConversations
{
    public static async Task<Results<Ok<Page<ConversationResponse>>, ProblemHttpResult>> HandleAsync(
        CurrentUser user, ChatSphereDb db, CancellationToken cancellationToken, string? cursor = null, int? limit = null, bool? archived = null, bool? pinned = null, Guid? folderId = null, string? tag = null, Guid? botId = null)
    {
        if (!Cursor.TryRead(cursor, out (DateTimeOffset Time, Guid Id)? before))
        {
            return Problems.BadRequest(ErrorCodes.CursorInvalid, "The cursor is not one that this list gave out.");
        }

        var mine = db.Conversations.AsNoTracking().VisibleTo(user.AccountId);
        mine = mine.Where(c => c.ExpiresAt == null && (archived ?? false) == (c.ArchivedAt != null));
        if (pinned is { } isPinned)
        {
            mine = mine.Where(c => c.PinnedAt != null == isPinned);
        }

        if (folderId is not null)
        {
            mine = mine.Where(c => c.FolderId == folderId);
        }

        if (botId is not null)
        {
            mine = mine.Where(c => c.BotId == botId);
        }

        if (!string.IsNullOrEmpty(tag))
        {
            if (TextRules.HasUnstorable(tag))
            {
                return Problems.Invalid("tag", "It must not contain NUL characters or broken surrogates.");
            }

            mine = mine.Where(c => c.Tags.Contains(tag));
        }

        if (before is { } key)
        {
            mine = mine.Where(c => c.UpdatedAt < key.Time || (c.UpdatedAt == key.Time && c.Id < key.Id));
        }

        var take = Cursor.Limit(limit);
        var found = await mine.OrderByDescending(c => c.UpdatedAt).ThenByDescending(c => c.Id).Take(take + 1)
            .Select(ConversationResponses.Projection(db)).ToListAsync(cancellationToken);
        return TypedResults.Ok(Pages.Of(found, take, c => Cursor.Of(c.UpdatedAt, c.Id)));
    }
}
