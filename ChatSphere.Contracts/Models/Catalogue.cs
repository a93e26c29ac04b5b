using System.ComponentModel.DataAnnotations;

namespace ChatSphere.Contracts.Models;

/// <summary>What a model can do. Null: not known, and taken for yes.</summary>
/// <param name="Tools">Calls functions.</param>
/// <param name="Vision">Looks at pictures.</param>
/// <param name="Json">Answers in a given JSON schema.</param>
public sealed record ModelAbilities(bool? Tools, bool? Vision, bool? Json);

/// <summary>For a million tokens.</summary>
/// <param name="Currency">ISO 4217, the deployment's.</param>
public sealed record ModelPriceResponse(decimal Input, decimal Output, string Currency);

/// <summary>What holds for a model; a null takes what is known of its family.</summary>
/// <param name="Model">Its id, as it is asked for.</param>
/// <param name="InputPrice">For a million tokens, in the deployment's currency.</param>
/// <param name="GroupIds">Who may use it; null lets everyone whose plan has it.</param>
public sealed record PutModelRequest(
    [property: Required, StringLength(200, MinimumLength = 1)] string Model,
    bool IsEnabled = true,
    [property: Range(500, 100_000_000)] int? ContextTokens = null,
    bool? Tools = null,
    bool? Vision = null,
    bool? Json = null,
    [property: Range(0, 1_000_000)] decimal? InputPrice = null,
    [property: Range(0, 1_000_000)] decimal? OutputPrice = null,
    [property: MaxLength(50)] IReadOnlyList<Guid>? GroupIds = null);

/// <param name="Connections">The names of those that serve it, in the order in which they are asked.</param>
/// <param name="ContextTokens">In effect; null: not known.</param>
/// <param name="Setting">What an administrator has set; null: nothing.</param>
public sealed record AdminModelResponse(
    string Model, IReadOnlyList<string> Connections, bool IsDefault, bool IsEnabled, int? ContextTokens, ModelAbilities Abilities, ModelPriceResponse? Price, IReadOnlyList<Guid>? GroupIds, PutModelRequest? Setting);

/// <param name="Currency">Of all prices.</param>
public sealed record AdminModelsResponse(string Currency, IReadOnlyList<AdminModelResponse> Models);
