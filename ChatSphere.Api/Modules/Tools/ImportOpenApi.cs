using System.Text;
using ChatSphere.Api.Http;
using ChatSphere.Api.Responses;
using ChatSphere.Contracts;
using ChatSphere.Contracts.Tools;
using ChatSphere.Data;
using ChatSphere.Data.Bots;
using ChatSphere.Data.Tools;
using ChatSphere.ServiceDefaults.Outbound;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Npgsql;

namespace ChatSphere.Api.Modules.Tools;

internal static class ImportOpenApi
{
    public static async Task<Results<Ok<OpenApiResponse>, ProblemHttpResult>> ReadAsync(
        Guid botId, ReadOpenApiRequest request, CurrentUser user, ChatSphereDb db, UntrustedHttp http, IOptions<ToolOptions> options, CancellationToken cancellationToken)
    {
        if (!await db.Bots.EditableBy(db, user.AccountId).AnyAsync(b => b.Id == botId, cancellationToken))
        {
            return await Refusals.OfBotAsync(db, botId, user, cancellationToken);
        }

        var (read, refusal) = await FindAsync(request.Document, request.Address, http, options.Value, cancellationToken);
        return refusal is not null ? refusal : TypedResults.Ok(new OpenApiResponse(read!.Title, read.Server, [.. read.Operations.Select(o => o.Operation)]));
    }

    public static async Task<Results<Ok<List<BotToolResponse>>, ProblemHttpResult>> ImportAsync(
        Guid botId, ImportOpenApiRequest request, CurrentUser user, ChatSphereDb db, UntrustedHttp http, HttpToolCalls calls, IOptions<ToolOptions> options, TimeProvider time, CancellationToken cancellationToken)
    {
        if (!await db.Bots.EditableBy(db, user.AccountId).AnyAsync(b => b.Id == botId, cancellationToken))
        {
            return await Refusals.OfBotAsync(db, botId, user, cancellationToken);
        }

        if (ToolRules.RefuseHeaders(request.Headers) is { } unfit)
        {
            return unfit;
        }

        var (read, refusal) = await FindAsync(request.Document, request.Address, http, options.Value, cancellationToken);
        if (refusal is not null)
        {
            return refusal;
        }

        var wanted = request.Operations.Distinct().ToList();
        var chosen = read!.Operations.Where(o => wanted.Contains(o.Operation.Id)).ToList();
        if (chosen.Count != wanted.Count || chosen.Exists(o => o.Operation.Problem is not null))
        {
            return Problems.Invalid("operations", "One of them is not in the document, or cannot become a tool.");
        }

        var taken = await db.BotTools.Where(t => t.BotId == botId).Select(t => t.Name).ToListAsync(cancellationToken);
        if (taken.Count + chosen.Count > options.Value.MaxTools)
        {
            return CreateHttpTool.TooMany(options.Value);
        }

        var names = taken.Concat(BuiltInToolNames.All).ToHashSet(StringComparer.Ordinal);
        var headers = request.Headers ?? [];
        var made = new List<BotTool>();
        foreach (var (operation, schema) in chosen)
        {
            var tool = BotTool.Http(botId, Free(names, operation.Name), time.GetUtcNow());
            (tool.Description, tool.Method, tool.UrlTemplate, tool.Schema) = (operation.Description, operation.Method, operation.UrlTemplate, schema);
            (tool.HasEffects, tool.Enabled) = (ToolRules.HasEffects(operation.Method, marked: false), true);
            (tool.SealedHeaders, tool.HeaderNames) = (calls.Seal(headers), [.. headers.Keys]);
            made.Add(tool);
        }

        db.AddRange(made);
        try
        {
            await db.SaveChangesAsync(cancellationToken);
        }
        catch (DbUpdateException e) when (e.InnerException is PostgresException { SqlState: PostgresErrorCodes.UniqueViolation })
        {
            return CreateHttpTool.NameTaken();
        }

        return TypedResults.Ok(made.ConvertAll(t => ToolResponses.From(t, null)));
    }

    private static string Free(HashSet<string> taken, string wanted)
    {
        var name = wanted;
        for (var i = 2; !taken.Add(name); i++)
        {
            name = $"{wanted[..Math.Min(BotTool.MaxNameLength - 5, wanted.Length)]}_{i}";
        }

        return name;
    }

    private static async Task<(OpenApiReader? Read, ProblemHttpResult? Refusal)> FindAsync(string? document, string? address, UntrustedHttp http, ToolOptions options, CancellationToken cancellationToken)
    {
        Uri? from = null;
        if (string.IsNullOrWhiteSpace(document))
        {
            if (string.IsNullOrWhiteSpace(address))
            {
                return (null, Problems.Invalid("document", "Paste the document, or say where it is."));
            }

            var result = await http.SendAsync(address, new OutboundRequest { MaxBytes = options.MaxBytes, Timeout = options.CallTimeout }, cancellationToken);
            if (result is not OutboundResult.Fetched { Status: System.Net.HttpStatusCode.OK } fetched)
            {
                return (null, Problems.Invalid("address", result is OutboundResult.Refused refused ? BuiltInTools.Why(refused.Reason) : "The server did not give the document.", ErrorCodes.OpenApiInvalid));
            }

            (document, from) = (Encoding.UTF8.GetString(fetched.Body).TrimStart('\uFEFF'), fetched.Address);
        }

        var (read, problem) = OpenApiReader.Read(document, from);
        return read is null ? (null, Problems.Invalid("document", problem!, ErrorCodes.OpenApiInvalid)) : (read, null);
    }
}
