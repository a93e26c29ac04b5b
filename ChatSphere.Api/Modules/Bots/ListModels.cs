using ChatSphere.AI.Chat;
using ChatSphere.Api.Answering;
using ChatSphere.Api.Http;
using ChatSphere.Api.Responses;
using ChatSphere.Contracts.Bots;
using ChatSphere.Data;
using ChatSphere.Data.Bots;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace ChatSphere.Api.Modules.Bots;

/// <summary>Also those that the caller's plan lacks: choosing one says so. Not those that are switched off or for others.</summary>
internal static class ListModels
{
    private const int MaxBots = 1_000;

    public static async Task<Ok<ModelListResponse>> HandleAsync(
        ModelCatalogue models, CurrentUser user, ChatSphereDb db, AskerModels asker, CancellationToken cancellationToken, bool bots = false)
    {
        var (access, own) = await asker.OfAsync(user.AccountId, cancellationToken);
        var entries = await models.ListAsync(cancellationToken, own, access with { PlanModels = null });
        List<ModelResponse> all = [.. entries.Select(m => ModelResponses.From(m, models))];

        // OpenAI's clients come with an API key and cannot ask for more than this address.
        if (bots || user.Credential.IsApiKey)
        {
            var usable = await db.Bots.UsableBy(db, user.AccountId).AsNoTracking().OrderByDescending(b => b.Id).Take(MaxBots).Select(b => new { b.Id, b.Name, b.CreatedAt }).ToListAsync(cancellationToken);
            all.AddRange(usable.Select(b => new ModelResponse($"bot:{b.Id}", "chatsphere", false, true) { OwnedBy = "chatsphere", BotName = b.Name, Created = b.CreatedAt.ToUnixTimeSeconds() }));
        }

        return TypedResults.Ok(new ModelListResponse("list", all));
    }
}
