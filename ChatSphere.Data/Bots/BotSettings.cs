using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace ChatSphere.Data.Bots;

/// <summary>
/// What shapes a bot's answers, as one version of it keeps them. A setting of a bot that does so belongs here, into <see cref="Of"/> and into <c>Bot.Use</c>; drafts, versions, their
/// differences, tests and canaries follow from that. A version kept before there was the setting has its default.
/// </summary>
public sealed partial record BotSettings
{
    public string Name { get; init; } = "";

    public string Description { get; init; } = "";

    public string Instructions { get; init; } = "";

    public string? Model { get; init; }

    public IReadOnlyList<string> Fallback { get; init; } = [];

    public double? Temperature { get; init; }

    public string Greeting { get; init; } = "";

    public IReadOnlyList<string> Starters { get; init; } = [];

    public bool Strict { get; init; }

    public bool UsesMemory { get; init; } = true;

    public static BotSettings Of(Bot bot) => new()
    {
        Name = bot.Name,
        Description = bot.Description,
        Instructions = bot.Instructions,
        Model = bot.Model,
        Fallback = [.. bot.Fallback],
        Temperature = bot.Temperature,
        Greeting = bot.Greeting,
        Starters = [.. bot.Starters],
        Strict = bot.Strict,
        UsesMemory = bot.UsesMemory,
    };

    public static BotSettings FromJson(string json) => JsonSerializer.Deserialize<BotSettings>(json, JsonSerializerOptions.Web) ?? new();

    public string ToJson() => JsonSerializer.Serialize(this, JsonSerializerOptions.Web);

    /// <summary>By setting, in the order in which they stand here.</summary>
    public JsonObject ToNode() => JsonSerializer.SerializeToNode(this, JsonSerializerOptions.Web)!.AsObject();

    /// <summary>The same exactly for the same settings.</summary>
    public string Fingerprint() => Convert.ToHexStringLower(SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(this, JsonSerializerOptions.Web)));

    public bool IsSameAs(BotSettings other) => Fingerprint() == other.Fingerprint();
}
