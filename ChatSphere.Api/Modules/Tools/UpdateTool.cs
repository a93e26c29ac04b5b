using ChatSphere.Api.Http;
using ChatSphere.Api.Responses;
using ChatSphere.Contracts.Tools;
using ChatSphere.Data;
using ChatSphere.Data.Bots;
using ChatSphere.Data.Tools;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace ChatSphere.Api.Modules.Tools;

internal static class UpdateTool
{
    public static async Task<Results<Ok<BotToolResponse>, ProblemHttpResult>> HandleAsync(
        Guid botId, Guid toolId, UpdateBotToolRequest request, CurrentUser user, ChatSphereDb db, HttpToolCalls calls, TimeProvider time, CancellationToken cancellationToken)
    {
        if (!await db.Bots.EditableBy(db, user.AccountId).AnyAsync(b => b.Id == botId, cancellationToken))
        {
            return await Refusals.OfBotAsync(db, botId, user, cancellationToken);
        }

        if (await db.BotTools.SingleOrDefaultAsync(t => t.Id == toolId && t.BotId == botId, cancellationToken) is not { } tool)
        {
            return Problems.NotFound();
        }

        if (tool.Kind == ToolKind.Http)
        {
            if ((ToolRules.RefuseText("description", request.Description) ?? ToolRules.RefuseHeaders(request.Headers)) is { } refusal)
            {
                return refusal;
            }

            var (template, problem) = HttpToolTemplate.Parse(request.UrlTemplate ?? tool.UrlTemplate!);
            if (template is null || (request.UrlTemplate is { } given && TextRules.HasUnstorable(given)))
            {
                return Problems.Invalid("urlTemplate", problem ?? "It must not hold NUL characters or broken surrogates.");
            }

            if (request.Schema is not null || request.UrlTemplate is not null)
            {
                var (schema, unfit) = request.Schema is null ? (tool.Schema, null) : ToolRules.Schema(request.Schema, template);
                if (unfit is not null)
                {
                    return unfit;
                }

                tool.Schema = schema!;
            }

            // Secrets are for the host that they were given for: whoever moves a tool gives them again.
            if (request is { UrlTemplate: not null, Headers: null } && tool.SealedHeaders is not null && HttpToolTemplate.Parse(tool.UrlTemplate!).Template?.Peer != template.Peer)
            {
                return Problems.Invalid("headers", "The tool goes to another host now: give its headers again, or an empty object for none.");
            }

            (tool.Description, tool.Method, tool.UrlTemplate) = (request.Description?.Trim() ?? tool.Description, request.Method ?? tool.Method, request.UrlTemplate?.Trim() ?? tool.UrlTemplate);
            tool.MaxResultLength = request.MaxResultLength ?? tool.MaxResultLength;
            tool.HasEffects = ToolRules.HasEffects(tool.Method!, request.HasEffects ?? (tool.HasEffects && request.Method is null));
            if (request.Headers is { } headers)
            {
                (tool.SealedHeaders, tool.HeaderNames) = (calls.Seal(headers), [.. headers.Keys]);
            }
        }

        (tool.Enabled, tool.NeedsApproval, tool.UpdatedAt) = (request.Enabled ?? tool.Enabled, request.NeedsApproval ?? tool.NeedsApproval, time.GetUtcNow());
        await db.SaveChangesAsync(cancellationToken);
        var server = await db.ToolServers.Where(s => s.Id == tool.ServerId).Select(s => s.Name).SingleOrDefaultAsync(cancellationToken);
        return TypedResults.Ok(ToolResponses.From(tool, server));
    }
}
