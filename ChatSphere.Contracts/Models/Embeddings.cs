using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;

namespace ChatSphere.Contracts.Models;

/// <summary>Who makes the vectors by which passages are found, beside their words.</summary>
[JsonConverter(typeof(SnakeCaseEnum<EmbeddingSource>))]
public enum EmbeddingSource
{
    /// <summary>Nobody: words alone.</summary>
    None,

    /// <summary>ChatSphere itself: knows shared wording and spelling, no meaning; sends nothing anywhere.</summary>
    BuiltIn,

    /// <summary>A model of a provider: knows meaning; every passage is sent to it once, and every question.</summary>
    Provider,
}

[JsonConverter(typeof(SnakeCaseEnum<EmbeddingRebuildStatus>))]
public enum EmbeddingRebuildStatus
{
    Building,

    /// <summary>It is what is searched now.</summary>
    Completed,
    Failed,
    Cancelled,
}

/// <param name="Connection">With <c>provider</c>: the id of a connection, or the name of one of the configuration.</param>
/// <param name="Model">With <c>provider</c>: the embedding model, as the provider calls it.</param>
public sealed record ChooseEmbeddingsRequest(
    EmbeddingSource Source,
    [property: StringLength(100, MinimumLength = 1)] string? Connection = null,
    [property: StringLength(200, MinimumLength = 1)] string? Model = null);

/// <summary>What is searched now.</summary>
/// <param name="Connection">As in <see cref="ChooseEmbeddingsRequest"/>.</param>
/// <param name="Since">Null: since ever, by the configuration.</param>
/// <param name="PassagesDone">How many passages have its vectors; the others are found by their words. Null while another is built.</param>
/// <param name="Problem">Why it cannot be asked, so that searches go by words alone; null: nothing is known to be wrong.</param>
public sealed record ActiveEmbeddingsResponse(
    EmbeddingSource Source, string? Connection, string? ConnectionName, string? Model, int? Dimensions, DateTimeOffset? Since, long? PassagesDone, string? Problem);

/// <summary>A choice being carried out, or the last one that ended. Searches use the active model until it is complete.</summary>
/// <param name="PassagesRefused">Which the model would not take; they stay to be found by their words.</param>
/// <param name="ExpectedAt">Judged by the pace so far; null: too early to say.</param>
/// <param name="Trouble">What keeps it from going on at this moment; it is tried again.</param>
/// <param name="Failure">Why it was given up.</param>
/// <param name="TokensRead">As the provider counted.</param>
/// <param name="Cost">Of these, in the deployment's currency; null where no price is known.</param>
public sealed record EmbeddingRebuildResponse(
    Guid Id, EmbeddingRebuildStatus Status, EmbeddingSource Source, string? ConnectionName, string? Model, int? Dimensions, int PassagesDone, int PassagesTotal, int PassagesRefused,
    DateTimeOffset StartedAt, DateTimeOffset? EndedAt, DateTimeOffset? ExpectedAt, string? Trouble, string? Failure, long TokensRead, decimal? Cost);

/// <param name="Price">Of a million tokens; null: not known.</param>
/// <param name="EstimatedCost">Of embedding every passage, in the deployment's currency; null where no price is known.</param>
public sealed record EmbeddingModelChoice(string Model, decimal? Price, decimal? EstimatedCost);

/// <param name="Connection">As in <see cref="ChooseEmbeddingsRequest"/>.</param>
/// <param name="Models">Those known to embed; others may be named as well.</param>
public sealed record EmbeddingConnectionChoice(string Connection, string Name, IReadOnlyList<EmbeddingModelChoice> Models);

/// <param name="Rebuild">The choice being carried out; else the last one that ended; null: nothing was ever chosen.</param>
/// <param name="Connections">Those that can embed. <c>none</c> and <c>built_in</c> can always be chosen.</param>
/// <param name="Passages">Of all documents that are ready.</param>
/// <param name="EstimatedTokens">Of all these passages together.</param>
public sealed record EmbeddingsResponse(
    ActiveEmbeddingsResponse Active, EmbeddingRebuildResponse? Rebuild, IReadOnlyList<EmbeddingConnectionChoice> Connections, long Passages, long EstimatedTokens, string Currency);
