using ChatSphere.AI.Chat;
using ChatSphere.Api.Http;
using ChatSphere.Api.Responses;
using ChatSphere.Contracts.Bots;
using ChatSphere.Data;
using ChatSphere.Data.Bots;
using ChatSphere.Data.Plans;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace ChatSphere.Api.Modules.Bots;

internal static class UpdateBot
{
    public static async Task<Results<Ok<BotResponse>, ProblemHttpResult>> HandleAsync(
        Guid botId, UpdateBotRequest request, CurrentUser user, ChatSphereDb db, IUsageGate gate, ModelCatalogue models, TimeProvider time, CancellationToken cancellationToken)
    {
        if (await BotRules.RefuseAsync(request.Name, request.Instructions, request.Model, request.Fallback, models, user, gate, cancellationToken) is { } refusal)
        {
            return refusal;
        }

        var found = await db.Bots.EditableBy(db, user.AccountId).Where(b => b.Id == botId)
            .SingleOrDefaultAsync(cancellationToken);
        if (found is null)
        {
            return await Refusals.OfBotAsync(db, botId, user, cancellationToken);
        }

        if (request.Model != found.Model && await gate.RefuseModelAsync(user.AccountId, request.Model, cancellationToken) is { } beyondPlan)
        {
            return beyondPlan.ToProblem();
        }

        found.Change(request.Name?.Trim(), request.Instructions, request.Model, request.Temperature, time.GetUtcNow(), request.Fallback);
        found.Trust(request.Strict, request.UsesMemory);
        await db.SaveChangesAsync(cancellationToken);
        return TypedResults.Ok(await BotResponses.OneAsync(db, db.Bots.Where(b => b.Id == botId), user.AccountId, cancellationToken) ?? throw new InvalidOperationException("A bot that was just changed is not there."));
    }
}
