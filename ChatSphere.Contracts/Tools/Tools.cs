using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace ChatSphere.Contracts.Tools;

[JsonConverter(typeof(SnakeCaseEnum<BotToolKind>))]
public enum BotToolKind
{
    BuiltIn,
    Http,
    Mcp,
}

/// <summary>The tools that every deployment has.</summary>
public static class BuiltInToolNames
{
    public const string SearchKnowledge = "search_knowledge";
    public const string ReadDocument = "read_document";
    public const string CurrentTime = "current_time";
    public const string Calculator = "calculator";
    public const string ReadWebPage = "read_web_page";

    public static IReadOnlyList<string> All { get; } = [SearchKnowledge, ReadDocument, CurrentTime, Calculator, ReadWebPage];
}

/// <param name="Id">Null for a built-in tool that nobody has switched yet.</param>
/// <param name="Name">As the model sees it.</param>
/// <param name="NeedsApproval">Every call waits for the person, although it changes nothing.</param>
/// <param name="HasEffects">It may change something where it goes, so every call waits for the person whatever <c>needsApproval</c> says.</param>
/// <param name="Schema">JSON Schema of the arguments; null for built-in tools.</param>
/// <param name="HeaderNames">Secret headers that are sent along; their values are never shown.</param>
/// <param name="ServerId">For tools of an MCP server.</param>
public sealed record BotToolResponse(
    Guid? Id, BotToolKind Kind, string Name, string Description, bool Enabled, bool NeedsApproval, bool HasEffects, string? Method, string? UrlTemplate, JsonElement? Schema,
    IReadOnlyList<string> HeaderNames, int MaxResultLength, Guid? ServerId, string? ServerName);

public sealed record SwitchBuiltInToolRequest([property: Required] bool? Enabled, bool NeedsApproval = false);

/// <summary>A request that the bot's models may make.</summary>
/// <param name="Name">Letters, digits, <c>_</c> and <c>-</c>; unique in the bot.</param>
/// <param name="Description">For the model: when to use it, and what it gives.</param>
/// <param name="Method">GET, HEAD, POST, PUT, PATCH or DELETE.</param>
/// <param name="UrlTemplate">An absolute address with placeholders such as <c>{orderId}</c> in path and query; scheme, host and port are fixed. Arguments that no placeholder takes go into
/// the query (GET, HEAD, DELETE) or into a JSON body.</param>
/// <param name="Schema">JSON Schema of an object: the arguments. Null: one required text for each placeholder.</param>
/// <param name="Headers">Sent along, kept sealed, never shown again.</param>
/// <param name="MaxResultLength">What the model gets to read of an answer, in characters.</param>
/// <param name="NeedsApproval">Asks before every call. Methods other than GET and HEAD always ask.</param>
/// <param name="HasEffects">Says that a GET changes something all the same.</param>
public sealed record CreateHttpToolRequest(
    [property: Required, RegularExpression("^[A-Za-z][A-Za-z0-9_-]{0,63}$")] string Name,
    [property: Required, StringLength(1_000, MinimumLength = 1)] string Description,
    [property: Required, RegularExpression("^(GET|HEAD|POST|PUT|PATCH|DELETE)$")] string Method,
    [property: Required, StringLength(2_000, MinimumLength = 1)] string UrlTemplate,
    JsonElement? Schema = null,
    Dictionary<string, string>? Headers = null,
    [property: Range(200, 16_000)] int MaxResultLength = 8_000,
    bool NeedsApproval = false,
    bool HasEffects = false,
    bool Enabled = true);

/// <summary>Only what is given changes. Of tools that are not HTTP tools only <c>enabled</c> and <c>needsApproval</c> can change.</summary>
/// <param name="Headers">Replaces all headers.</param>
public sealed record UpdateBotToolRequest(
    bool? Enabled = null,
    bool? NeedsApproval = null,
    bool? HasEffects = null,
    [property: StringLength(1_000, MinimumLength = 1)] string? Description = null,
    [property: RegularExpression("^(GET|HEAD|POST|PUT|PATCH|DELETE)$")] string? Method = null,
    [property: StringLength(2_000, MinimumLength = 1)] string? UrlTemplate = null,
    JsonElement? Schema = null,
    Dictionary<string, string>? Headers = null,
    [property: Range(200, 16_000)] int? MaxResultLength = null);

/// <param name="Arguments">A JSON object.</param>
public sealed record TestToolRequest([property: Required] JsonElement? Arguments);

public sealed record TestToolResponse(string Result, bool IsError, int Milliseconds);

/// <param name="Document">An OpenAPI 3 document as JSON; or:</param>
/// <param name="Address">where it is.</param>
public sealed record ReadOpenApiRequest([property: StringLength(2_000_000)] string? Document = null, [property: StringLength(2_000)] string? Address = null);

/// <param name="Operations">What could become a tool.</param>
public sealed record OpenApiResponse(string Title, string Server, IReadOnlyList<OpenApiOperation> Operations);

/// <param name="Id">To choose it with.</param>
/// <param name="Problem">Why it cannot become a tool; null when it can.</param>
public sealed record OpenApiOperation(string Id, string Name, string Description, string Method, string UrlTemplate, string? Problem);

/// <param name="Operations">Ids of <see cref="OpenApiOperation"/>s.</param>
/// <param name="Headers">For all of them.</param>
public sealed record ImportOpenApiRequest(
    [property: Required, MinLength(1), MaxLength(100)] IReadOnlyList<string> Operations,
    [property: StringLength(2_000_000)] string? Document = null,
    [property: StringLength(2_000)] string? Address = null,
    Dictionary<string, string>? Headers = null);

/// <param name="Address">Of an MCP server that speaks Streamable HTTP.</param>
public sealed record AddToolServerRequest(
    [property: Required, StringLength(60, MinimumLength = 1)] string Name,
    [property: Required, StringLength(2_000, MinimumLength = 1)] string Address,
    Dictionary<string, string>? Headers = null);

/// <summary>A program that speaks MCP over its standard input and output, started by the Api, for all bots whose editors want it.</summary>
/// <param name="Command">The program; not a line for a shell.</param>
/// <param name="Environment">Variables, kept sealed. Nothing of the Api's own environment but PATH, HOME and the like is passed on.</param>
public sealed record AddToolProgramRequest(
    [property: Required, StringLength(60, MinimumLength = 1)] string Name,
    [property: Required, StringLength(500, MinimumLength = 1)] string Command,
    [property: MaxLength(50)] IReadOnlyList<string>? Arguments = null,
    Dictionary<string, string>? Environment = null);

/// <param name="IsShared">The deployment's: every bot may use it, only administrators change it.</param>
/// <param name="Address">Null for programs.</param>
/// <param name="Command">For administrators only.</param>
/// <param name="Tools">How many of its tools the bot has.</param>
public sealed record ToolServerResponse(Guid Id, string Name, bool IsShared, string? Address, string? Command, IReadOnlyList<string> ValueNames, int Tools, DateTimeOffset CreatedAt)
{
    /// <summary>False: an administrator switched it off, and its tools cannot be called.</summary>
    public bool Enabled { get; init; } = true;
}

/// <param name="Allowed">Whether this deployment starts programs at all: its setting <c>Tools:AllowPrograms</c>.</param>
/// <param name="AtOnce">How many may run at once on one node.</param>
public sealed record ToolProgramRulesResponse(bool Allowed, int AtOnce);

public sealed record SwitchToolProgramRequest([property: Required] bool? Enabled);

/// <summary>What a program said when it was asked for its tools.</summary>
public sealed record TriedToolProgramResponse(IReadOnlyList<OfferedTool> Tools, int Milliseconds);

/// <param name="IsReadOnly">By its own word; such tools go without approval.</param>
public sealed record OfferedTool(string Name, string Description, bool IsReadOnly);
