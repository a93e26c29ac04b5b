using System.Text.Json;
using ChatSphere.Contracts.Tools;
using ChatSphere.Data;
using ChatSphere.Data.Tools;
using Microsoft.EntityFrameworkCore;

namespace ChatSphere.Api.Modules.Tools;

internal static class ToolResponses
{
    public static BotToolResponse From(BotTool tool, string? serverName) => new(
        tool.Id, (BotToolKind)tool.Kind, tool.Name, tool.Kind == ToolKind.BuiltIn ? BuiltInTools.DescriptionOf(tool.Name) : tool.Description, tool.Enabled, tool.NeedsApproval, tool.HasEffects, tool.Method,
        tool.UrlTemplate, tool.Schema.Length == 0 ? null : JsonDocument.Parse(tool.Schema).RootElement, tool.HeaderNames, tool.MaxResultLength, tool.ServerId, serverName);

    public static async Task<List<BotToolResponse>> ListAsync(ChatSphereDb db, Guid botId, CancellationToken cancellationToken)
    {
        var rows = await db.BotTools.AsNoTracking().Where(t => t.BotId == botId).OrderBy(t => t.Kind).ThenBy(t => t.Name)
            .Select(t => new { Tool = t, Server = db.ToolServers.Where(s => s.Id == t.ServerId).Select(s => s.Name).FirstOrDefault() }).ToListAsync(cancellationToken);
        var builtIn = BuiltInToolNames.All.Select(name => rows.Find(r => r.Tool.Kind == ToolKind.BuiltIn && r.Tool.Name == name) is { } row ? From(row.Tool, null)
            : new BotToolResponse(null, BotToolKind.BuiltIn, name, BuiltInTools.DescriptionOf(name), Enabled: false, NeedsApproval: false, HasEffects: false, null, null, null, [], 16_000, null, null));
        return [.. builtIn, .. rows.Where(r => r.Tool.Kind != ToolKind.BuiltIn).Select(r => From(r.Tool, r.Server))];
    }
}
