using ChatSphere.Api.Http;
using ChatSphere.Contracts;
using ChatSphere.Contracts.Tools;
using ChatSphere.Data;
using ChatSphere.Data.Audit;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace ChatSphere.Api.Modules.Tools;

/// <summary>What administrators do with a program that is named already; naming and removing one stands with the other servers.</summary>
internal static class ToolPrograms
{
    public static Ok<ToolProgramRulesResponse> Rules(IOptions<ToolOptions> options) => TypedResults.Ok(new ToolProgramRulesResponse(options.Value.AllowPrograms, options.Value.MaxPrograms));

    public static ProblemHttpResult Off() =>
        Problems.Conflict(ErrorCodes.ToolProgramsOff, "This deployment starts no programs. The setting Tools:AllowPrograms decides, because whoever may name a program may do all that the server may.");

    /// <summary>Starts it once, also when it is switched off: nobody else sees what it says.</summary>
    public static async Task<Results<Ok<TriedToolProgramResponse>, ProblemHttpResult>> TryAsync(
        Guid serverId, ChatSphereDb db, McpConnections mcp, IOptions<ToolOptions> options, TimeProvider time, CancellationToken cancellationToken)
    {
        if (await db.ToolServers.AsNoTracking().SingleOrDefaultAsync(s => s.Id == serverId && s.BotId == null, cancellationToken) is not { } server)
        {
            return Problems.NotFound();
        }

        if (!options.Value.AllowPrograms)
        {
            return Off();
        }

        var began = time.GetTimestamp();
        var (tools, problem) = await mcp.ListAsync(server, cancellationToken);
        return tools is null
            ? Problems.BadRequest(ErrorCodes.ToolServerUnreachable, problem!)
            : TypedResults.Ok(new TriedToolProgramResponse([.. tools.Select(t => new OfferedTool(ToolServers.Plain(t.Name), ToolServers.Plain(t.Description), t.IsReadOnly))], (int)time.GetElapsedTime(began).TotalMilliseconds));
    }

    public static async Task<Results<Ok<ToolServerResponse>, ProblemHttpResult>> SwitchAsync(
        Guid serverId, SwitchToolProgramRequest request, ChatSphereDb db, AuditTrail audit, CancellationToken cancellationToken)
    {
        if (await db.ToolServers.SingleOrDefaultAsync(s => s.Id == serverId && s.BotId == null, cancellationToken) is not { } server)
        {
            return Problems.NotFound();
        }

        if (server.Enabled != request.Enabled)
        {
            server.Enabled = request.Enabled!.Value;
            audit.Record(AuditActions.ToolProgramSwitched, "tool_server", server.Id, new { name = server.Name, enabled = server.Enabled });
            try
            {
                await db.SaveChangesAsync(cancellationToken);
            }
            catch (DbUpdateConcurrencyException)
            {
                // Removed by another request at the same moment.
                return Problems.NotFound();
            }
        }

        return TypedResults.Ok(ToolServers.OfProgram(server));
    }
}
