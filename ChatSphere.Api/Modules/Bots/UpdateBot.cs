using ChatSphere.AI.Chat;
using ChatSphere.Api.Http;
using ChatSphere.Contracts;
using ChatSphere.Contracts.Bots;
using ChatSphere.Data;
using ChatSphere.Data.Bots;
using ChatSphere.Data.Plans;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

namespace ChatSphere.Api.Modules.Bots;

internal static class UpdateBot
{
    public static async Task<Results<Ok<BotResponse>, ProblemHttpResult>> HandleAsync(
        Guid botId, UpdateBotRequest request, [FromHeader(Name = "If-Match")] string? ifMatch, HttpResponse http, CurrentUser user, ChatSphereDb db, IUsageGate gate, ModelCatalogue models, TimeProvider time,
        CancellationToken cancellationToken)
    {
        if (await BotRules.RefuseAsync(request.Name, request.Instructions, request.Model, request.Fallback, models, user, gate, cancellationToken) is { } refusal)
        {
            return refusal;
        }

        if (BotRules.RefuseTexts(request.Description, request.Greeting, request.Starters, request.Note) is { } unfit)
        {
            return unfit;
        }

        if (BotRules.RefuseReset(request.Reset) is { } unknown)
        {
            return unknown;
        }

        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var (bot, refused) = await BotEditing.OpenAsync(db, botId, user, ifMatch, cancellationToken);
        if (bot is null)
        {
            return refused!;
        }

        var before = bot.Edited();
        var after = BotRules.Changed(before, request);
        if (after.Model != before.Model && await gate.RefuseModelAsync(user.AccountId, after.Model, cancellationToken) is { } beyondPlan)
        {
            return beyondPlan.ToProblem();
        }

        var now = time.GetUtcNow();
        if (request.ReviewBeforePublishing is false && bot.Draft is not null)
        {
            return Problems.Conflict(ErrorCodes.DraftExists, "There are changes that nobody has published. Publish or discard them first.");
        }

        bot.Review(request.ReviewBeforePublishing ?? bot.ReviewBeforePublishing, now);
        if (!after.IsSameAs(before))
        {
            if (bot.ReviewBeforePublishing)
            {
                bot.KeepDraft(after, now);
            }
            else
            {
                await db.EnsureVersionAsync(bot, now, cancellationToken);
                db.BotVersions.Add(bot.MakeLive(after, user.AccountId, request.Note, BotVersionOrigin.Changed, now));
            }
        }

        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return await BotEditing.ShowAsync(db, botId, user, http, cancellationToken);
    }
}
