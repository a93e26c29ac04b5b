using ChatSphere.AI.Chat;
using ChatSphere.Api.Http;
using ChatSphere.Contracts.Bots;
using ChatSphere.Data;
using ChatSphere.Data.Bots;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace ChatSphere.Api.Modules.Bots;

internal static class ListModels
{
    private const int MaxBots = 1_000;

    public static async Task<Ok<ModelListResponse>> HandleAsync(ModelCatalogue models, CurrentUser user, ChatSphereDb db, CancellationToken cancellationToken, bool bots = false)
    {
        var entries = await models.ListAsync(cancellationToken);
        List<ModelResponse> all = [.. entries.Select(m => new ModelResponse(m.Id, m.Provider, m.IsDefault, m.Id != ModelCatalogue.Extractive) { OwnedBy = m.Provider })];

        // OpenAI's clients come with an API key and cannot ask for more than this address.
        if (bots || user.Credential.IsApiKey)
        {
            var usable = await db.Bots.UsableBy(db, user.AccountId).AsNoTracking().OrderByDescending(b => b.Id).Take(MaxBots).Select(b => new { b.Id, b.Name, b.CreatedAt }).ToListAsync(cancellationToken);
            all.AddRange(usable.Select(b => new ModelResponse($"bot:{b.Id}", "chatsphere", false, true) { OwnedBy = "chatsphere", BotName = b.Name, Created = b.CreatedAt.ToUnixTimeSeconds() }));
        }

        return TypedResults.Ok(new ModelListResponse("list", all));
    }
}
