using ChatSphere.Api.Http;
using ChatSphere.Api.Responses;
using ChatSphere.Contracts;
using ChatSphere.Contracts.Bots;
using ChatSphere.Data;
using ChatSphere.Data.Bots;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace ChatSphere.Api.Modules.Bots;

/// <summary>What all changes of a bot's settings do alike.</summary>
internal static class BotEditing
{
    /// <summary>
    /// The bot, for an editor who saw its present revision, with others held off until the caller's transaction ends; or why not.
    /// </summary>
    public static async Task<(Bot? Bot, ProblemHttpResult? Refusal)> OpenAsync(ChatSphereDb db, Guid botId, CurrentUser user, string? ifMatch, CancellationToken cancellationToken)
    {
        await db.LockBotAsync(botId, cancellationToken);
        if (await db.Bots.EditableBy(db, user.AccountId).SingleOrDefaultAsync(b => b.Id == botId, cancellationToken) is not { } bot)
        {
            return (null, await Refusals.OfBotAsync(db, botId, user, cancellationToken));
        }

        return string.IsNullOrWhiteSpace(ifMatch) || ifMatch.Split(',').Any(tag => tag.Trim() is "*" || tag.Trim() == ETag(bot.Revision))
            ? (bot, null)
            : (null, Problems.Of(StatusCodes.Status412PreconditionFailed, ErrorCodes.BotChanged, "Somebody changed this bot since you opened it. Look at what it is now, and make your change again."));
    }

    public static string ETag(int revision) => FormattableString.Invariant($"\"{revision}\"");

    /// <summary>The bot as it is now for this person, its revision in <c>ETag</c> too.</summary>
    public static async Task<Ok<BotResponse>> ShowAsync(ChatSphereDb db, Guid botId, CurrentUser user, HttpResponse http, CancellationToken cancellationToken)
    {
        var response = await BotResponses.OneAsync(db, db.Bots.Where(b => b.Id == botId), user.AccountId, cancellationToken) ?? throw new InvalidOperationException("A bot that was just changed is not there.");
        http.Headers.ETag = ETag(response.Revision);
        return TypedResults.Ok(response);
    }
}
