using ChatSphere.AI.Chat;
using ChatSphere.Api.Http;
using ChatSphere.Contracts.Bots;
using ChatSphere.Data;
using ChatSphere.Data.Bots;
using ChatSphere.Data.Plans;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ChatSphere.Api.Modules.Bots;

internal static class CreateBot
{
    public static async Task<Results<Created<BotResponse>, ProblemHttpResult>> HandleAsync(
        CreateBotRequest request, HttpResponse http, CurrentUser user, ChatSphereDb db, IUsageGate gate, ModelCatalogue models, TimeProvider time, CancellationToken cancellationToken)
    {
        if (await BotRules.RefuseAsync(request.Name, request.Instructions, request.Model, request.Fallback, models, user, gate, cancellationToken) is { } refusal)
        {
            return refusal;
        }

        if (BotRules.RefuseTexts(request.Description, request.Greeting, request.Starters) is { } unfit)
        {
            return unfit;
        }

        var now = time.GetUtcNow();
        var bot = Bot.Create(user.AccountId, request.Name.Trim(), request.Instructions, string.IsNullOrEmpty(request.Model) ? null : request.Model, request.Temperature, now, request.Fallback);
        bot.SetUp(request.Description?.Trim() ?? "", request.Greeting?.Trim() ?? "", [.. (request.Starters ?? []).Select(s => s.Trim())]);
        bot.Trust(request.Strict, request.UsesMemory);
        bot.Review(request.ReviewBeforePublishing ?? false, now);
        await using var room = await gate.ForBotAsync(user.AccountId, request.Model, cancellationToken);
        if (room.Refusal is { } full)
        {
            return full.ToProblem();
        }

        db.Bots.Add(bot);
        db.BotVersions.Add(bot.FirstVersion(user.AccountId, now));
        await db.SaveChangesAsync(cancellationToken);
        await room.KeepAsync(cancellationToken);
        var made = await BotEditing.ShowAsync(db, bot.Id, user, http, cancellationToken);
        return TypedResults.Created($"/v1/bots/{bot.Id}", made.Value);
    }
}
