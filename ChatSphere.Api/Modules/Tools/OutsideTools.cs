using ChatSphere.AI.Chat.Tools;
using ChatSphere.Data;
using ChatSphere.Data.Tools;
using Microsoft.EntityFrameworkCore;

namespace ChatSphere.Api.Modules.Tools;

/// <summary>The tools that go somewhere, made of their rows.</summary>
internal sealed class OutsideTools(HttpToolCalls http, McpConnections mcp)
{
    /// <param name="answerId">Whose connections it shares; see <see cref="Release"/>.</param>
    /// <returns>Null for built-in tools, and for one whose server is gone.</returns>
    public async Task<ChatTool?> CreateAsync(ChatSphereDb db, BotTool tool, Guid answerId, CancellationToken cancellationToken) => tool.Kind switch
    {
        ToolKind.Http => http.Create(tool),
        ToolKind.Mcp => await db.ToolServers.AsNoTracking().OfBot(tool.BotId).SingleOrDefaultAsync(s => s.Id == tool.ServerId, cancellationToken) is { } server ? mcp.Create(tool, server, answerId) : null,
        _ => null,
    };

    public void Release(Guid answerId) => mcp.Release(answerId);
}
