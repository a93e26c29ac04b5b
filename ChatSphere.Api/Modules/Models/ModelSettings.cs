using ChatSphere.AI.Chat;
using ChatSphere.Api.Http;
using ChatSphere.Api.Responses;
using ChatSphere.Contracts.Models;
using ChatSphere.Data;
using ChatSphere.Data.Audit;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace ChatSphere.Api.Modules.Models;

/// <summary>What an administrator says of models. By a field of the body or the query rather than of the path: ids have slashes in them.</summary>
internal static class ModelSettings
{
    public static async Task<Ok<AdminModelsResponse>> ListAsync(ModelCatalogue models, ProviderConnections connections, CancellationToken cancellationToken)
    {
        var entries = await models.ListAsync(cancellationToken);
        var ids = entries.Select(e => e.Id).Concat(connections.Settings.Keys).Where(id => id != ModelCatalogue.Extractive).Distinct(StringComparer.Ordinal);
        return TypedResults.Ok(new AdminModelsResponse(models.Currency, [.. ids.Order(StringComparer.OrdinalIgnoreCase).Select(id => From(id, models, connections))]));
    }

    public static async Task<Results<Ok<AdminModelResponse>, ProblemHttpResult>> PutAsync(
        PutModelRequest request, ChatSphereDb db, ModelCatalogue models, ProviderConnections connections, AuditTrail audit, TimeProvider time, CancellationToken cancellationToken)
    {
        var id = request.Model.Trim();
        if (TextRules.Problem(id) is { } unfit)
        {
            return Problems.Invalid("model", unfit);
        }

        if (id == ModelCatalogue.Extractive)
        {
            return Problems.Invalid("model", "It is built in and costs nothing; it stays as it is.");
        }

        if ((request.InputPrice is null) != (request.OutputPrice is null))
        {
            return Problems.Invalid(request.InputPrice is null ? "inputPrice" : "outputPrice", "Give both prices or none.");
        }

        if (request.GroupIds is { } groups && await db.Groups.CountAsync(g => groups.Contains(g.Id), cancellationToken) != groups.Distinct().Count())
        {
            return Problems.Invalid("groupIds", "There is no such group.");
        }

        var now = time.GetUtcNow();

        // Two at once: the later one holds, as a whole.
        await db.Database.ExecuteSqlAsync($"""
            insert into ai.model_settings (model_id, is_enabled, context_tokens, tools, vision, json, input_price, output_price, group_ids, updated_at)
            values ({id}, {request.IsEnabled}, {request.ContextTokens}, {request.Tools}, {request.Vision}, {request.Json}, {request.InputPrice}, {request.OutputPrice}, {request.GroupIds?.Distinct().ToArray()}, {now})
            on conflict (model_id) do nothing
            """, cancellationToken);
        var setting = await db.ModelSettings.SingleAsync(m => m.ModelId == id, cancellationToken);
        (setting.IsEnabled, setting.ContextTokens, setting.Tools, setting.Vision, setting.Json) = (request.IsEnabled, request.ContextTokens, request.Tools, request.Vision, request.Json);
        (setting.InputPrice, setting.OutputPrice, setting.GroupIds, setting.UpdatedAt) = (request.InputPrice, request.OutputPrice, request.GroupIds?.Distinct().ToList(), now);
        audit.Record(AuditActions.ModelChanged, "model", null, request);
        await db.SaveChangesAsync(cancellationToken);
        await connections.LoadAsync(cancellationToken);
        return TypedResults.Ok(From(id, models, connections));
    }

    public static async Task<Results<NoContent, ProblemHttpResult>> DeleteAsync(string model, ChatSphereDb db, ProviderConnections connections, AuditTrail audit, CancellationToken cancellationToken)
    {
        // PostgreSQL has no NUL to compare with.
        if (TextRules.HasUnstorable(model) || await db.ModelSettings.SingleOrDefaultAsync(m => m.ModelId == model, cancellationToken) is not { } setting)
        {
            return Problems.NotFound();
        }

        db.ModelSettings.Remove(setting);
        audit.Record(AuditActions.ModelChanged, "model", null, new { model, change = "removed" });
        try
        {
            await db.SaveChangesAsync(cancellationToken);
        }
        catch (DbUpdateConcurrencyException)
        {
            return Problems.NotFound();
        }

        await connections.LoadAsync(cancellationToken);
        return TypedResults.NoContent();
    }

    private static AdminModelResponse From(string id, ModelCatalogue models, ProviderConnections connections)
    {
        var info = models.InfoOf(id);
        var set = connections.Settings.GetValueOrDefault(id);
        return new(
            id, models.ConnectionsOf(id), id == models.DefaultModel, info.IsEnabled, info.ContextTokens, ModelResponses.Abilities(info), ModelResponses.Price(info, models.Currency), info.GroupIds,
            set is null ? null : new(id, set.IsEnabled, set.ContextTokens, set.Tools, set.Vision, set.Json, set.InputPrice, set.OutputPrice, set.GroupIds));
    }
}
