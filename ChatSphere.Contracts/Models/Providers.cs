using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;

namespace ChatSphere.Contracts.Models;

/// <summary>Whose protocol a connection speaks.</summary>
[JsonConverter(typeof(SnakeCaseEnum<ProviderKind>))]
public enum ProviderKind
{
    [JsonStringEnumMemberName("openai")]
    OpenAi,

    /// <summary>A resource of Azure OpenAI or Azure AI Foundry.</summary>
    [JsonStringEnumMemberName("azure_openai")]
    AzureOpenAi,
    Anthropic,
    Gemini,

    /// <summary>Anything that speaks OpenAI's protocol: Ollama, vLLM, LM Studio, llama.cpp.</summary>
    [JsonStringEnumMemberName("openai_compatible")]
    OpenAiCompatible,
}

/// <summary>A new connection to somebody who serves models. It is tried before it is kept.</summary>
/// <param name="Endpoint">For Azure the resource (<c>https://name.openai.azure.com</c>), for compatible servers the address with its version (<c>http://localhost:11434/v1</c>); null takes the provider's public address.</param>
/// <param name="Keys">One or several, which share the calls. Azure with Entra ID: secrets of the application. May be empty for servers that ask for none. Never given out again.</param>
/// <param name="ApiVersion">Azure only: null takes its v1 address, a date such as <c>2024-10-21</c> the addresses by deployment.</param>
/// <param name="TenantId">Azure with Entra ID, together with <c>clientId</c>.</param>
/// <param name="Models">Models, or deployments of Azure, that are there whatever the provider lists.</param>
/// <param name="DefaultModel">For bots that name none.</param>
/// <param name="Priority">Where several serve a model, the lowest is asked first; equals share the calls.</param>
/// <param name="SkipTest">Keep it although it cannot be tried now.</param>
public sealed record CreateProviderRequest(
    ProviderKind Kind,
    [property: Required, StringLength(80, MinimumLength = 1)] string Name,
    [property: StringLength(500)] string? Endpoint = null,
    [property: MaxLength(20)] IReadOnlyList<string>? Keys = null,
    [property: StringLength(40)] string? ApiVersion = null,
    [property: StringLength(100)] string? TenantId = null,
    [property: StringLength(100)] string? ClientId = null,
    [property: MaxLength(200)] IReadOnlyList<string>? Models = null,
    [property: StringLength(200)] string? DefaultModel = null,
    [property: Range(-1000, 1000)] int Priority = 0,
    bool IsEnabled = true,
    bool SkipTest = false);

/// <summary>Only what is given changes; an empty text takes a value away. Tried before it is kept when anything but name, priority and <c>isEnabled</c> changes.</summary>
/// <param name="AddKeys">Keys to use from now on, beside the others.</param>
/// <param name="RemoveKeys">Ids of keys to forget.</param>
public sealed record UpdateProviderRequest(
    [property: StringLength(80, MinimumLength = 1)] string? Name = null,
    [property: StringLength(500)] string? Endpoint = null,
    [property: StringLength(40)] string? ApiVersion = null,
    [property: StringLength(100)] string? TenantId = null,
    [property: StringLength(100)] string? ClientId = null,
    [property: MaxLength(200)] IReadOnlyList<string>? Models = null,
    [property: StringLength(200)] string? DefaultModel = null,
    [property: Range(-1000, 1000)] int? Priority = null,
    bool? IsEnabled = null,
    [property: MaxLength(20)] IReadOnlyList<string>? AddKeys = null,
    [property: MaxLength(20)] IReadOnlyList<Guid>? RemoveKeys = null,
    bool SkipTest = false);

/// <param name="Id">Null for what the configuration names, which is changed there.</param>
/// <param name="ServedModels">What it is known to serve.</param>
public sealed record ProviderResponse(
    Guid? Id, ProviderKind Kind, string Name, string? Endpoint, string? ApiVersion, string? TenantId, string? ClientId, IReadOnlyList<string> Models, string? DefaultModel,
    int Priority, bool IsEnabled, bool IsReadOnly, IReadOnlyList<ProviderKeyResponse> Keys, IReadOnlyList<string> ServedModels, DateTimeOffset? CreatedAt, DateTimeOffset? UpdatedAt);

/// <param name="Hint">The last letters of a long key.</param>
public sealed record ProviderKeyResponse(Guid Id, string Hint, DateTimeOffset CreatedAt);

/// <summary>What trying a connection showed.</summary>
/// <param name="Message">What is wrong, for people; never anything the provider sent.</param>
/// <param name="Models">What it lists; empty where it lists nothing.</param>
public sealed record ProviderTestResponse(bool Works, string Message, IReadOnlyList<string> Models);
