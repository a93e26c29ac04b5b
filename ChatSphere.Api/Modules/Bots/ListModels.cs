using ChatSphere.AI.Chat;
using ChatSphere.Contracts.Bots;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ChatSphere.Api.Modules.Bots;

internal static class ListModels
{
    public static async Task<Ok<ModelResponse[]>> HandleAsync(ModelCatalogue models, CancellationToken cancellationToken)
    {
        var entries = await models.ListAsync(cancellationToken);
        return TypedResults.Ok(entries.Select(m => new ModelResponse(m.Id, m.Provider, m.IsDefault, m.Id != ModelCatalogue.Extractive)).ToArray());
    }
}
