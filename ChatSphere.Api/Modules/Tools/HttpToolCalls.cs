using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using ChatSphere.AI.Chat.Tools;
using ChatSphere.Data.Secrets;
using ChatSphere.Data.Tools;
using ChatSphere.ServiceDefaults.Outbound;
using Microsoft.Extensions.Options;

namespace ChatSphere.Api.Modules.Tools;

/// <summary>Makes the requests that HTTP tools describe.</summary>
internal sealed class HttpToolCalls(UntrustedHttp http, SecretBox box, IOptions<ToolOptions> options)
{
    public const string Purpose = "tools.headers";

    // Shorter ones would hide ordinary words.
    private const int ShortestSecret = 6;
    private const int MaxErrorLength = 600;

    /// <summary>Null when the tool's description does not hold any more.</summary>
    public ChatTool? Create(BotTool tool)
    {
        if (HttpToolTemplate.Parse(tool.UrlTemplate ?? "").Template is not { } template)
        {
            return null;
        }

        return new ChatTool(tool.Name, tool.Description, JsonDocument.Parse(tool.Schema).RootElement)
        {
            Id = tool.Id,
            Reach = ToolReach.FixedPeer,
            HasEffects = tool.HasEffects,
            AlwaysAsks = tool.NeedsApproval,
            Peer = template.Peer,
            ChangedAt = tool.UpdatedAt,
            MaxResultLength = tool.MaxResultLength,
            Target = a => $"{tool.Method} {template.Fill(a, RestIntoQuery(tool)).Address?.AbsoluteUri ?? template.Peer}",
            Run = (a, token) => CallAsync(tool, template, a, token),
        };
    }

    public byte[]? Seal(IReadOnlyDictionary<string, string> headers) => headers.Count == 0 ? null : box.Protect(Purpose, JsonSerializer.SerializeToUtf8Bytes(headers));

    private static bool RestIntoQuery(BotTool tool) => tool.Method is "GET" or "HEAD" or "DELETE";

    private async Task<ToolOutput> CallAsync(BotTool tool, HttpToolTemplate template, JsonElement arguments, CancellationToken cancellationToken)
    {
        var (address, used, problem) = template.Fill(arguments, RestIntoQuery(tool));
        if (address is null)
        {
            return ToolOutput.Error(problem!);
        }

        var headers = tool.SealedHeaders is { } kept ? JsonSerializer.Deserialize<Dictionary<string, string>>(box.Unprotect(Purpose, kept))! : [];
        byte[]? body = null;
        if (!RestIntoQuery(tool))
        {
            var rest = new JsonObject(arguments.EnumerateObject().Where(a => !used.Contains(a.Name)).Select(a => KeyValuePair.Create(a.Name, (JsonNode?)JsonNode.Parse(a.Value.GetRawText()))));
            body = Encoding.UTF8.GetBytes(rest.ToJsonString());
        }

        var result = await http.SendAsync(
            address.AbsoluteUri,
            new OutboundRequest
            {
                Method = new HttpMethod(tool.Method!),
                Body = body,
                BodyType = body is null ? null : "application/json",
                Headers = headers,
                AcceptedTypes = null,
                MaxBytes = options.Value.MaxBytes,
                Timeout = options.Value.CallTimeout,
            },
            cancellationToken);
        return result switch
        {
            OutboundResult.Refused refused => ToolOutput.Error(BuiltInTools.Why(refused.Reason)),
            OutboundResult.Fetched fetched => Read(fetched, headers.Values),
            _ => ToolOutput.Error("The server could not be reached."),
        };
    }

    private static ToolOutput Read(OutboundResult.Fetched fetched, IEnumerable<string> secrets)
    {
        var isText = fetched.ContentType?.MediaType is null or { Length: 0 } || fetched.ContentType.MediaType is var type
            && (type.StartsWith("text/", StringComparison.OrdinalIgnoreCase) || type.EndsWith("json", StringComparison.OrdinalIgnoreCase) || type.EndsWith("xml", StringComparison.OrdinalIgnoreCase)
                || type is "application/x-ndjson" or "application/yaml");
        var text = fetched.Body.Length == 0 ? "" : isText ? WebText.Of(fetched) : $"[{fetched.Body.Length} bytes of {fetched.ContentType?.MediaType}, which is no text]";

        // Some servers answer with what they were sent.
        foreach (var secret in secrets.SelectMany(s => (string[])[s, .. s.Split(' ')]).Where(s => s.Length >= ShortestSecret))
        {
            text = text.Replace(secret, "[hidden]", StringComparison.Ordinal);
        }

        var status = (int)fetched.Status;
        return status is >= 200 and <= 299
            ? new ToolOutput(text.Length > 0 ? text : $"The server answered {status} and sent nothing.")
            : ToolOutput.Error($"The server answered {status}. {(text.Length > MaxErrorLength ? text[..MaxErrorLength] : text)}".Trim());
    }
}
