using System.ComponentModel.DataAnnotations;
using ChatSphere.Contracts.Sharing;

namespace ChatSphere.Contracts.Bots;

/// <param name="Name">What people call it.</param>
/// <param name="Instructions">The system prompt: who the bot is and how it answers.</param>
/// <param name="Model">A model of <c>GET /v1/models</c>; null takes the deployment's default.</param>
/// <param name="Temperature">0 (steady) to 2 (free); null leaves it to the model.</param>
public sealed partial record CreateBotRequest(
    [property: Required, StringLength(80, MinimumLength = 1)] string Name,
    [property: Required(AllowEmptyStrings = true), StringLength(16_000)] string Instructions,
    [property: StringLength(200)] string? Model = null,
    [property: Range(0d, 2d)] double? Temperature = null);

/// <summary>Only what is given changes. An empty <c>model</c> goes back to the deployment's default.</summary>
public sealed partial record UpdateBotRequest(
    [property: StringLength(80, MinimumLength = 1)] string? Name = null,
    [property: StringLength(16_000)] string? Instructions = null,
    [property: StringLength(200)] string? Model = null,
    [property: Range(0d, 2d)] double? Temperature = null);

/// <param name="Instructions">Empty for those who may not edit the bot.</param>
/// <param name="Model">Null: the deployment's default.</param>
/// <param name="Documents">How many documents the bot has, in whatever state.</param>
/// <param name="Right">What the caller may do with the bot.</param>
/// <param name="KnowledgeRight">What the caller may do with its documents; null: no more than look up what its answers cite.</param>
/// <param name="Owner">Whose it is.</param>
public sealed partial record BotResponse(
    Guid Id, string Name, string Instructions, string? Model, double? Temperature, int Documents, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt,
    SharedRight Right, SharedRight? KnowledgeRight, BotOwner Owner);

/// <param name="DisplayName">Empty when the account is gone.</param>
public sealed record BotOwner(Guid Id, string DisplayName);

/// <param name="Id">What a bot's <c>model</c> is set to.</param>
/// <param name="Provider"><c>built-in</c> or the provider's name.</param>
/// <param name="IsDefault">Bots without a model of their own use this one.</param>
/// <param name="IsLanguageModel">False for the built-in extractive model, which quotes passages and writes nothing of its own.</param>
public sealed partial record ModelResponse(string Id, string Provider, bool IsDefault, bool IsLanguageModel);
