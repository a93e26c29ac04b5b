using System.ComponentModel.DataAnnotations;
using ChatSphere.Contracts.Models;

namespace ChatSphere.Contracts.Bots;

public sealed partial record CreateBotRequest
{
    /// <summary>Models asked in this order when the bot's fails, before the deployment's own.</summary>
    [MaxLength(5)]
    public IReadOnlyList<string>? Fallback { get; init; }
}

public sealed partial record UpdateBotRequest
{
    /// <summary>Models asked in this order when the bot's fails; an empty list takes all away.</summary>
    [MaxLength(5)]
    public IReadOnlyList<string>? Fallback { get; init; }
}

public sealed partial record BotResponse
{
    /// <summary>Models asked in this order when the bot's fails, before the deployment's own.</summary>
    public IReadOnlyList<string> Fallback { get; init; } = [];
}

public sealed partial record ModelResponse
{
    /// <summary>Prompt and answer together; null: not known.</summary>
    public int? ContextTokens { get; init; }

    public ModelAbilities? Abilities { get; init; }

    /// <summary>Null: not known.</summary>
    public ModelPriceResponse? Price { get; init; }

    /// <summary>Served with a key of one's own.</summary>
    public bool IsOwn { get; init; }
}
