using ChatSphere.Api.Http;
using ChatSphere.Api.Responses;
using ChatSphere.Contracts;
using ChatSphere.Contracts.Tools;
using ChatSphere.Data;
using ChatSphere.Data.Bots;
using ChatSphere.Data.Tools;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Npgsql;

namespace ChatSphere.Api.Modules.Tools;

internal static class CreateHttpTool
{
    public static async Task<Results<Created<BotToolResponse>, ProblemHttpResult>> HandleAsync(
        Guid botId, CreateHttpToolRequest request, CurrentUser user, ChatSphereDb db, HttpToolCalls calls, IOptions<ToolOptions> options, TimeProvider time, CancellationToken cancellationToken)
    {
        if (!await db.Bots.EditableBy(db, user.AccountId).AnyAsync(b => b.Id == botId, cancellationToken))
        {
            return await Refusals.OfBotAsync(db, botId, user, cancellationToken);
        }

        if ((ToolRules.RefuseText("description", request.Description) ?? ToolRules.RefuseHeaders(request.Headers)) is { } refusal)
        {
            return refusal;
        }

        var (template, problem) = HttpToolTemplate.Parse(request.UrlTemplate);
        if (template is null || TextRules.HasUnstorable(request.UrlTemplate))
        {
            return Problems.Invalid("urlTemplate", problem ?? "It must not hold NUL characters or broken surrogates.");
        }

        var (schema, unfit) = ToolRules.Schema(request.Schema, template);
        if (unfit is not null)
        {
            return unfit;
        }

        if (BuiltInToolNames.All.Contains(request.Name))
        {
            return NameTaken();
        }

        if (await db.BotTools.CountAsync(t => t.BotId == botId, cancellationToken) >= options.Value.MaxTools)
        {
            return TooMany(options.Value);
        }

        var tool = BotTool.Http(botId, request.Name, time.GetUtcNow());
        (tool.Description, tool.Method, tool.UrlTemplate, tool.Schema) = (request.Description.Trim(), request.Method, request.UrlTemplate.Trim(), schema!);
        (tool.MaxResultLength, tool.NeedsApproval, tool.HasEffects, tool.Enabled) = (request.MaxResultLength, request.NeedsApproval, ToolRules.HasEffects(request.Method, request.HasEffects), request.Enabled);
        (tool.SealedHeaders, tool.HeaderNames) = (calls.Seal(request.Headers ?? []), [.. (request.Headers ?? []).Keys]);
        db.Add(tool);
        try
        {
            await db.SaveChangesAsync(cancellationToken);
        }
        catch (DbUpdateException e) when (e.InnerException is PostgresException { SqlState: PostgresErrorCodes.UniqueViolation })
        {
            return NameTaken();
        }

        return TypedResults.Created($"/v1/bots/{botId}/tools/{tool.Id}", ToolResponses.From(tool, null));
    }

    public static ProblemHttpResult NameTaken() => Problems.Conflict(ErrorCodes.ToolNameTaken, "The bot has a tool of this name.");

    public static ProblemHttpResult TooMany(ToolOptions options) => Problems.Conflict(ErrorCodes.TooManyTools, $"A bot can have {options.MaxTools} tools; take some away first.");
}
