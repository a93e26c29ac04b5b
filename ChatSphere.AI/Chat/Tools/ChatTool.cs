using System.Text.Json;
using Microsoft.Extensions.AI;

namespace ChatSphere.AI.Chat.Tools;

/// <summary>Where a call's arguments go.</summary>
public enum ToolReach
{
    /// <summary>Nowhere outside.</summary>
    Inside,

    /// <summary>To the one host, or server, that whoever set the tool up has named.</summary>
    FixedPeer,

    /// <summary>Wherever the arguments say.</summary>
    Anywhere,
}

/// <param name="Text">For the model.</param>
/// <param name="IsSources">Numbered sources, already made safe.</param>
public sealed record ToolOutput(string Text, bool IsError = false, bool IsSources = false)
{
    public static ToolOutput Error(string text) => new("error: " + text, IsError: true);
}

/// <summary>A tool that says of itself what is needed to decide whether a call may go ahead. Everything else that a model may call counts as local and its results as others' text.</summary>
public sealed class ChatTool : AIFunction
{
    private readonly string _name;
    private readonly string _description;
    private readonly JsonElement _schema;

    public ChatTool(string name, string description, JsonElement schema) => (_name, _description, _schema) = (name, description, schema);

    public override string Name => _name;

    public override string Description => _description;

    public override JsonElement JsonSchema => _schema;

    /// <summary>What an approval is kept for.</summary>
    public Guid Id { get; init; }

    public ToolReach Reach { get; init; }

    /// <summary>Changes something, or is marked so: every call waits for the person, and no earlier word counts.</summary>
    public bool HasEffects { get; init; }

    /// <summary>Asks by its owner's wish.</summary>
    public bool AlwaysAsks { get; init; }

    /// <summary>Its results are ours: computed, not written by anybody.</summary>
    public bool IsOurs { get; init; }

    /// <summary>The other side: what came from it in this answer may go back to it.</summary>
    public string? Peer { get; init; }

    /// <summary>When the tool was last changed: what a person allowed before counts no more.</summary>
    public DateTimeOffset ChangedAt { get; init; }

    public int MaxResultLength { get; init; } = 16_000;

    /// <summary>For people: where these arguments would go.</summary>
    public Func<JsonElement, string> Target { get; init; } = static _ => "";

    /// <summary>Of tools that reach anywhere: whether the person named the place themselves.</summary>
    public Func<JsonElement, bool> IsNamedByPerson { get; init; } = static _ => false;

    /// <summary>Arguments hold to the schema when it is called. Does not throw for what the other side does.</summary>
    public required Func<JsonElement, CancellationToken, Task<ToolOutput>> Run { get; init; }

    protected override async ValueTask<object?> InvokeCoreAsync(AIFunctionArguments arguments, CancellationToken cancellationToken) =>
        (await Run(JsonSerializer.SerializeToElement(arguments.ToDictionary(a => a.Key, a => a.Value), AIJsonUtilities.DefaultOptions), cancellationToken)).Text;
}
