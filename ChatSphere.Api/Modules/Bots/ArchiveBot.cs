using ChatSphere.Api.Http;
using ChatSphere.Api.Responses;
using ChatSphere.Contracts.Bots;
using ChatSphere.Data;
using ChatSphere.Data.Bots;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace ChatSphere.Api.Modules.Bots;

/// <summary>Puts a bot away, for its owner alone to do: nobody finds it or talks with it until it is taken back, and what was said with it stays readable.</summary>
internal static class ArchiveBot
{
    public static Task<Results<Ok<BotResponse>, ProblemHttpResult>> HandleAsync(Guid botId, HttpResponse http, CurrentUser user, ChatSphereDb db, TimeProvider time, CancellationToken cancellationToken) =>
        SetAsync(botId, time.GetUtcNow(), http, user, db, cancellationToken);

    public static Task<Results<Ok<BotResponse>, ProblemHttpResult>> TakeBackAsync(Guid botId, HttpResponse http, CurrentUser user, ChatSphereDb db, CancellationToken cancellationToken) =>
        SetAsync(botId, null, http, user, db, cancellationToken);

    private static async Task<Results<Ok<BotResponse>, ProblemHttpResult>> SetAsync(Guid botId, DateTimeOffset? at, HttpResponse http, CurrentUser user, ChatSphereDb db, CancellationToken cancellationToken)
    {
        if (await db.Bots.OwnedBy(user.AccountId).SingleOrDefaultAsync(b => b.Id == botId, cancellationToken) is not { } bot)
        {
            return await Refusals.OfBotAsync(db, botId, user, cancellationToken);
        }

        bot.Archive(at);
        await db.SaveChangesAsync(cancellationToken);
        return await BotEditing.ShowAsync(db, botId, user, http, cancellationToken);
    }
}
