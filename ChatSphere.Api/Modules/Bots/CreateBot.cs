using ChatSphere.AI.Chat;
using ChatSphere.Api.Http;
using ChatSphere.Api.Responses;
using ChatSphere.Contracts.Bots;
using ChatSphere.Data;
using ChatSphere.Data.Bots;
using ChatSphere.Data.Plans;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ChatSphere.Api.Modules.Bots;

internal static class CreateBot
{
    public static async Task<Results<Created<BotResponse>, ProblemHttpResult>> HandleAsync(
        CreateBotRequest request, CurrentUser user, ChatSphereDb db, IUsageGate gate, ModelCatalogue models, TimeProvider time, CancellationToken cancellationToken)
    {
        if (await BotRules.RefuseAsync(request.Name, request.Instructions, request.Model, request.Fallback, models, user, gate, cancellationToken) is { } refusal)
        {
            return refusal;
        }

        var bot = Bot.Create(user.AccountId, request.Name.Trim(), request.Instructions, string.IsNullOrEmpty(request.Model) ? null : request.Model, request.Temperature, time.GetUtcNow(), request.Fallback);
        bot.Trust(request.Strict, request.UsesMemory);
        await using var room = await gate.ForBotAsync(user.AccountId, request.Model, cancellationToken);
        if (room.Refusal is { } full)
        {
            return full.ToProblem();
        }

        db.Bots.Add(bot);
        await db.SaveChangesAsync(cancellationToken);
        await room.KeepAsync(cancellationToken);
        return TypedResults.Created(
            $"/v1/bots/{bot.Id}",
            await BotResponses.OneAsync(db, db.Bots.Where(b => b.Id == bot.Id), user.AccountId, cancellationToken) ?? throw new InvalidOperationException("A bot that was just made is not there."));
    }
}
