using ChatSphere.AI.Chat;
using ChatSphere.Contracts.Bots;
using ChatSphere.Contracts.Models;

namespace ChatSphere.Api.Responses;

internal static class ModelResponses
{
    public static ModelResponse From(ModelEntry entry, ModelCatalogue models)
    {
        var info = models.InfoOf(entry.Id);
        return new(entry.Id, entry.Provider, entry.IsDefault, entry.Id != ModelCatalogue.Extractive)
        {
            OwnedBy = entry.Provider,
            ContextTokens = info.ContextTokens,
            Abilities = Abilities(info),
            Price = Price(info, models.Currency),
            IsOwn = entry.IsOwn,
        };
    }

    public static ModelAbilities Abilities(ModelInfo info) => new(info.Tools, info.Vision, info.Json);

    public static ModelPriceResponse? Price(ModelInfo info, string currency) =>
        info is { InputPrice: { } input, OutputPrice: { } output } ? new(input, output, currency) : null;
}
