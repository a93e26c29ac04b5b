using System.Text;
using System.Text.Json;
using ChatSphere.AI.Chat.Tools;
using ChatSphere.Api.Http;
using ChatSphere.Api.Responses;
using ChatSphere.Contracts;
using ChatSphere.Contracts.Tools;
using ChatSphere.Data;
using ChatSphere.Data.Audit;
using ChatSphere.Data.Bots;
using ChatSphere.Data.Tools;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace ChatSphere.Api.Modules.Tools;

/// <summary>MCP servers of a bot, and the programs that administrators offer to all.</summary>
internal static class ToolServers
{
    private const int MaxVariables = 50;

    public static async Task<Results<Ok<List<ToolServerResponse>>, ProblemHttpResult>> ListAsync(Guid botId, CurrentUser user, ChatSphereDb db, CancellationToken cancellationToken)
    {
        if (!await IsEditableAsync(db, botId, user, cancellationToken))
        {
            return await Refusals.OfBotAsync(db, botId, user, cancellationToken);
        }

        return TypedResults.Ok(await db.ToolServers.AsNoTracking().OfBot(botId).OrderBy(s => s.BotId == null).ThenBy(s => s.Name)
            .Select(s => new ToolServerResponse(s.Id, s.Name, s.BotId == null, s.Address, null, s.BotId == null ? new List<string>() : s.ValueNames, db.BotTools.Count(t => t.ServerId == s.Id && t.BotId == botId), s.CreatedAt))
            .ToListAsync(cancellationToken));
    }

    /// <summary>Kept only when it answers: its tools are there at once, switched off.</summary>
    public static async Task<Results<Created<ToolServerResponse>, ProblemHttpResult>> AddAsync(
        Guid botId, AddToolServerRequest request, CurrentUser user, ChatSphereDb db, McpConnections mcp, IOptions<ToolOptions> options, TimeProvider time, CancellationToken cancellationToken)
    {
        if (!await IsEditableAsync(db, botId, user, cancellationToken))
        {
            return await Refusals.OfBotAsync(db, botId, user, cancellationToken);
        }

        if (TextRules.Problem(request.Name) is { } unfit)
        {
            return Problems.Invalid("name", unfit);
        }

        if (ToolRules.RefuseHeaders(request.Headers) is { } refusal)
        {
            return refusal;
        }

        if (!Uri.TryCreate(request.Address.Trim(), UriKind.Absolute, out var address) || address.Scheme is not ("http" or "https") || address.UserInfo.Length > 0 || TextRules.HasUnstorable(request.Address))
        {
            return Problems.Invalid("address", "An absolute address with https or http, without a user name.");
        }

        if (await db.ToolServers.CountAsync(s => s.BotId == botId, cancellationToken) >= options.Value.MaxServers)
        {
            return Problems.Conflict(ErrorCodes.TooManyTools, $"A bot can have {options.Value.MaxServers} servers; take one away first.");
        }

        var now = time.GetUtcNow();
        var headers = request.Headers ?? [];
        var server = ToolServer.AtAddress(Guid.CreateVersion7(now), botId, request.Name.Trim(), address.AbsoluteUri, headers.Keys, mcp.Seal(headers), now);
        var (tools, problem) = await mcp.ListAsync(server, cancellationToken);
        if (tools is null)
        {
            return Problems.BadRequest(ErrorCodes.ToolServerUnreachable, problem!);
        }

        db.Add(server);
        if (await TakeAsync(db, botId, server, tools, options.Value, now, cancellationToken) is { } tooMany)
        {
            return tooMany;
        }

        await db.SaveChangesAsync(cancellationToken);
        return TypedResults.Created(
            $"/v1/bots/{botId}/tool-servers/{server.Id}", new ToolServerResponse(server.Id, server.Name, false, server.Address, null, server.ValueNames, await CountAsync(db, botId, server.Id, cancellationToken), now));
    }

    /// <summary>Asks the server again. New tools come switched off; one whose description changed is switched off until an editor has looked at it.</summary>
    public static async Task<Results<Ok<List<BotToolResponse>>, ProblemHttpResult>> RefreshAsync(
        Guid botId, Guid serverId, CurrentUser user, ChatSphereDb db, McpConnections mcp, IOptions<ToolOptions> options, TimeProvider time, CancellationToken cancellationToken)
    {
        if (!await IsEditableAsync(db, botId, user, cancellationToken))
        {
            return await Refusals.OfBotAsync(db, botId, user, cancellationToken);
        }

        if (await db.ToolServers.AsNoTracking().OfBot(botId).SingleOrDefaultAsync(s => s.Id == serverId, cancellationToken) is not { } server)
        {
            return Problems.NotFound();
        }

        var (tools, problem) = await mcp.ListAsync(server, cancellationToken);
        if (tools is null)
        {
            return Problems.BadRequest(ErrorCodes.ToolServerUnreachable, problem!);
        }

        if (await TakeAsync(db, botId, server, tools, options.Value, time.GetUtcNow(), cancellationToken) is { } tooMany)
        {
            return tooMany;
        }

        await db.SaveChangesAsync(cancellationToken);
        return TypedResults.Ok((await ToolResponses.ListAsync(db, botId, cancellationToken)).FindAll(t => t.ServerId == serverId));
    }

    public static async Task<Results<NoContent, ProblemHttpResult>> RemoveAsync(Guid botId, Guid serverId, CurrentUser user, ChatSphereDb db, CancellationToken cancellationToken)
    {
        if (!await IsEditableAsync(db, botId, user, cancellationToken))
        {
            return await Refusals.OfBotAsync(db, botId, user, cancellationToken);
        }

        // A shared one stays; only this bot's tools of it go.
        var tools = await db.BotTools.Where(t => t.BotId == botId && t.ServerId == serverId).ExecuteDeleteAsync(cancellationToken);
        var servers = await db.ToolServers.Where(s => s.Id == serverId && s.BotId == botId).ExecuteDeleteAsync(cancellationToken);
        return tools + servers == 0 ? Problems.NotFound() : TypedResults.NoContent();
    }

    public static async Task<Ok<List<ToolServerResponse>>> ListProgramsAsync(ChatSphereDb db, CancellationToken cancellationToken) =>
        TypedResults.Ok((await db.ToolServers.AsNoTracking().Where(s => s.BotId == null).OrderBy(s => s.Name).ToListAsync(cancellationToken)).ConvertAll(OfProgram));

    public static async Task<Results<Created<ToolServerResponse>, ProblemHttpResult>> AddProgramAsync(
        AddToolProgramRequest request, ChatSphereDb db, McpConnections mcp, AuditTrail audit, IOptions<ToolOptions> options, TimeProvider time, CancellationToken cancellationToken)
    {
        if (!options.Value.AllowPrograms)
        {
            return ToolPrograms.Off();
        }

        if (TextRules.Problem(request.Name) is { } unfit)
        {
            return Problems.Invalid("name", unfit);
        }

        var arguments = request.Arguments ?? [];
        var environment = request.Environment ?? [];
        if (TextRules.HasUnstorable(request.Command) || string.IsNullOrWhiteSpace(request.Command))
        {
            return Problems.Invalid("command", "The program's name or path.");
        }

        if (arguments.Any(a => a is null || a.Length > 2_000 || TextRules.HasUnstorable(a)))
        {
            return Problems.Invalid("arguments", "Each at most 2000 characters, without NUL.");
        }

        if (environment.Count > MaxVariables || environment.Any(v => v.Key.Length is 0 or > 100 || v.Key.Contains('=', StringComparison.Ordinal) || v.Value is null || v.Value.Length > 4_000 || TextRules.HasUnstorable(v.Key + v.Value)))
        {
            return Problems.Invalid("environment", $"At most {MaxVariables} variables, each with a name without = and a value of at most 4000 characters.");
        }

        var now = time.GetUtcNow();
        var server = ToolServer.Program(Guid.CreateVersion7(now), request.Name.Trim(), request.Command.Trim(), arguments, environment.Keys, mcp.Seal(environment), now);
        var (tools, problem) = await mcp.ListAsync(server, cancellationToken);
        if (tools is null)
        {
            return Problems.BadRequest(ErrorCodes.ToolServerUnreachable, problem!);
        }

        db.Add(server);
        audit.Record(AuditActions.ToolProgramAdded, "tool_server", server.Id, new { name = server.Name, command = server.Command });
        await db.SaveChangesAsync(cancellationToken);
        return TypedResults.Created($"/v1/admin/tool-programs/{server.Id}", OfProgram(server) with { Tools = tools.Count });
    }

    public static async Task<Results<NoContent, ProblemHttpResult>> RemoveProgramAsync(Guid serverId, ChatSphereDb db, AuditTrail audit, CancellationToken cancellationToken)
    {
        if (await db.ToolServers.SingleOrDefaultAsync(s => s.Id == serverId && s.BotId == null, cancellationToken) is not { } server)
        {
            return Problems.NotFound();
        }

        db.Remove(server);
        audit.Record(AuditActions.ToolProgramRemoved, "tool_server", server.Id, new { name = server.Name });
        await db.SaveChangesAsync(cancellationToken);
        return TypedResults.NoContent();
    }

    public static ToolServerResponse OfProgram(ToolServer server) => new(server.Id, server.Name, true, null, string.Join(' ', [server.Command!, .. server.Arguments]), server.ValueNames, 0, server.CreatedAt) { Enabled = server.Enabled };

    private static Task<bool> IsEditableAsync(ChatSphereDb db, Guid botId, CurrentUser user, CancellationToken cancellationToken) =>
        db.Bots.EditableBy(db, user.AccountId).AnyAsync(b => b.Id == botId, cancellationToken);

    private static Task<int> CountAsync(ChatSphereDb db, Guid botId, Guid serverId, CancellationToken cancellationToken) => db.BotTools.CountAsync(t => t.BotId == botId && t.ServerId == serverId, cancellationToken);

    /// <summary>Brings the bot's rows to what the server says; the caller saves.</summary>
    private static async Task<ProblemHttpResult?> TakeAsync(ChatSphereDb db, Guid botId, ToolServer server, IReadOnlyList<RemoteTool> offered, ToolOptions options, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var rows = await db.BotTools.Where(t => t.BotId == botId).ToListAsync(cancellationToken);
        var names = rows.Select(r => r.Name).Concat(BuiltInToolNames.All).ToHashSet(StringComparer.Ordinal);
        var known = rows.Where(r => r.ServerId == server.Id).ToDictionary(r => r.RemoteName!, StringComparer.Ordinal);
        foreach (var remote in offered.DistinctBy(t => t.Name).Where(IsUsable))
        {
            var schema = Normal(remote.Schema);
            var description = Plain(remote.Description);
            if (!known.Remove(remote.Name, out var row))
            {
                row = BotTool.Mcp(botId, server.Id, FreeName(names, $"{Slug(server.Name)}_{Slug(remote.Name)}"), remote.Name, now);
                db.Add(row);
                rows.Add(row);
            }
            else if (row.Schema == schema && row.Description == description && row.HasEffects == !remote.IsReadOnly)
            {
                continue;
            }

            (row.Description, row.Schema, row.HasEffects, row.Enabled, row.UpdatedAt) = (description, schema, !remote.IsReadOnly, false, now);
        }

        db.RemoveRange(known.Values);
        return rows.Count - known.Count > options.MaxTools ? CreateHttpTool.TooMany(options) : null;
    }

    private static bool IsUsable(RemoteTool tool) =>
        tool.Name.Length is > 0 and <= 200 && !TextRules.HasUnstorable(tool.Name) && tool.Schema.Length <= BotTool.MaxSchemaLength && !TextRules.HasUnstorable(tool.Schema) && ArgumentSchema.IsReadable(JsonDocument.Parse(tool.Schema).RootElement);

    private static string Normal(string schema) => JsonSerializer.Serialize(JsonDocument.Parse(schema).RootElement);

    /// <summary>What a person would see of it, within bounds: it goes into the prompt as it is.</summary>
    public static string Plain(string text)
    {
        var plain = new StringBuilder();
        foreach (var rune in text.EnumerateRunes().TakeWhile(_ => plain.Length < BotTool.MaxDescriptionLength - 2))
        {
            plain.Append(Rune.IsControl(rune) || Rune.GetUnicodeCategory(rune) is System.Globalization.UnicodeCategory.Format or System.Globalization.UnicodeCategory.PrivateUse ? " " : rune.ToString());
        }

        return plain.ToString().Trim();
    }

    private static string Slug(string text)
    {
        var slug = new string([.. text.Select(c => char.IsAsciiLetterOrDigit(c) || c is '-' ? c : '_')]).Trim('_');
        return slug.Length == 0 || !char.IsAsciiLetter(slug[0]) ? "t" + slug : slug;
    }

    private static string FreeName(HashSet<string> taken, string wanted)
    {
        var name = wanted[..Math.Min(BotTool.MaxNameLength, wanted.Length)];
        for (var i = 2; !taken.Add(name); i++)
        {
            var end = $"_{i}";
            name = wanted[..Math.Min(BotTool.MaxNameLength - end.Length, wanted.Length)] + end;
        }

        return name;
    }
}
