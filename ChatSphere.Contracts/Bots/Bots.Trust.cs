namespace ChatSphere.Contracts.Bots;

public sealed partial record CreateBotRequest
{
    /// <summary>Marks sentences of answers that no source supports.</summary>
    public bool? Strict { get; init; }

    /// <summary>Whether the bot is told what people let be remembered about them; true unless said otherwise.</summary>
    public bool? UsesMemory { get; init; }
}

public sealed partial record UpdateBotRequest
{
    /// <summary>Marks sentences of answers that no source supports.</summary>
    public bool? Strict { get; init; }

    /// <summary>Whether the bot is told what people let be remembered about them.</summary>
    public bool? UsesMemory { get; init; }
}

public sealed partial record BotResponse
{
    /// <summary>Sentences of its answers that no source supports are marked.</summary>
    public bool Strict { get; init; }

    /// <summary>Whether it is told what people let be remembered about them.</summary>
    public bool UsesMemory { get; init; } = true;
}
