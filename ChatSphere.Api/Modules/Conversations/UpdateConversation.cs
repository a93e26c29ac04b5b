using ChatSphere.Api.Http;
using ChatSphere.Api.Responses;
using ChatSphere.Contracts;
using ChatSphere.Contracts.Conversations;
using ChatSphere.Contracts.Live;
using ChatSphere.Data;
using ChatSphere.Data.Bots;
using ChatSphere.Data.Conversations;
using ChatSphere.Messaging.Live;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace ChatSphere.Api.Modules.Conversations;

internal static class UpdateConversation
{
    private const int LongestTag = 40;

    public static async Task<Results<Ok<ConversationResponse>, ProblemHttpResult>> HandleAsync(
        Guid conversationId, UpdateConversationRequest request, CurrentUser user, ChatSphereDb db, LiveFeed live, TimeProvider time, CancellationToken cancellationToken)
    {
        if (request.Title is not null && TextRules.Problem(request.Title) is { } unfit)
        {
            return Problems.Invalid("title", unfit);
        }

        var tags = request.Tags?.Select(t => t?.Trim() ?? "").Distinct(StringComparer.Ordinal).ToList();
        if (tags?.Exists(t => t.Length is 0 or > LongestTag || TextRules.Problem(t) is not null) is true)
        {
            return Problems.Invalid("tags", $"A tag has 1 to {LongestTag} characters, and something to see.");
        }

        var mine = db.Conversations.VisibleTo(user.AccountId).Where(c => c.Id == conversationId);
        var folderId = request.FolderId == Guid.Empty ? null : request.FolderId;
        if (!await mine.AnyAsync(cancellationToken))
        {
            return Problems.NotFound();
        }

        if (folderId is not null && !await db.Folders.AnyAsync(f => f.Id == folderId && f.OwnerId == user.AccountId, cancellationToken))
        {
            return Problems.Invalid("folderId", "You have no such folder.");
        }

        if (request.BotId is { } botId)
        {
            if (!await mine.AnyAsync(c => db.Bots.Any(b => b.Id == c.BotId && b.ForImports), cancellationToken))
            {
                return Problems.Conflict(ErrorCodes.BotFixed, "Only a chat that was brought in without a bot can be given one.");
            }

            if (!await db.Bots.UsableBy(db, user.AccountId).AnyAsync(b => b.Id == botId, cancellationToken))
            {
                return await Refusals.OfTalkingAsync(db, botId, user, cancellationToken);
            }
        }

        // One statement on these columns alone, so that it does not collide with an answer that is being finished.
        var now = time.GetUtcNow();
        if (request is not { Title: null, Tags: null, Pinned: null, Archived: null, FolderId: null, Keep: not true, BotId: null })
        {
            await mine.ExecuteUpdateAsync(
                set =>
                {
                    if (request.Title is { } title)
                    {
                        set.SetProperty(c => c.Title, title.Trim());
                    }

                    if (tags is not null)
                    {
                        set.SetProperty(c => c.Tags, tags);
                    }

                    if (request.Pinned is { } pinned)
                    {
                        set.SetProperty(c => c.PinnedAt, pinned ? now : null);
                    }

                    if (request.Archived is { } archived)
                    {
                        set.SetProperty(c => c.ArchivedAt, archived ? now : null);
                    }

                    if (request.FolderId is not null)
                    {
                        set.SetProperty(c => c.FolderId, folderId);
                    }

                    if (request.BotId is { } chosen)
                    {
                        set.SetProperty(c => c.BotId, chosen);
                    }

                    if (request.Keep is true)
                    {
                        set.SetProperty(c => c.ExpiresAt, (DateTimeOffset?)null);
                    }
                },
                cancellationToken);
            live.Publish(user.AccountId, LiveEventTypes.ConversationChanged, new LiveReference(conversationId));
        }

        return await mine.AsNoTracking().Select(ConversationResponses.Projection(db)).SingleOrDefaultAsync(cancellationToken) is { } changed ? TypedResults.Ok(changed) : Problems.NotFound();
    }
}
