using ChatSphere.AI.Chat;
using ChatSphere.AI.Knowledge;
using ChatSphere.Api.Http;
using ChatSphere.Contracts;
using ChatSphere.Contracts.Models;
using ChatSphere.Data;
using ChatSphere.Data.Audit;
using ChatSphere.Data.Knowledge;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Npgsql;
using EmbeddingSource = ChatSphere.Contracts.Models.EmbeddingSource;

namespace ChatSphere.Api.Modules.Models;

internal static class ChooseEmbeddings
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    public static async Task<Results<Ok<EmbeddingsResponse>, ProblemHttpResult>> HandleAsync(
        ChooseEmbeddingsRequest request, ChatSphereDb db, EmbeddingSets embeddings, ModelCatalogue models, AuditTrail audit, IOptions<AiOptions> options, TimeProvider time, CancellationToken cancellationToken)
    {
        var (choice, refusal) = request.Source switch
        {
            EmbeddingSource.None => (new Choice(null, null, null, null), null),
            EmbeddingSource.BuiltIn => (new Choice(null, null, LocalEmbedder.Model, LocalEmbedder.Dimensions), null),
            _ => await TryAsync(request, embeddings, cancellationToken),
        };
        if (choice is null)
        {
            return refusal!;
        }

        // After the trial, which takes its time; the database has the last word in any case.
        if (await db.EmbeddingSets.AnyAsync(s => s.State == EmbeddingSetState.Building, cancellationToken))
        {
            return Running();
        }

        var now = time.GetUtcNow();
        var id = Guid.CreateVersion7(now);
        var atOnce = request.Source == EmbeddingSource.None;
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        if (atOnce)
        {
            // There is nothing to build.
            await db.LockEmbeddingsAsync(cancellationToken);
            await db.RetireActiveEmbeddingsAsync(embeddings.RetiredConfiguration(now), now, cancellationToken);
        }

        db.EmbeddingSets.Add(new()
        {
            Id = id,
            Key = EmbeddingSet.KeyOf(id, choice.Model),
            Source = (Data.Knowledge.EmbeddingSource)request.Source,
            ConnectionId = choice.ConnectionId,
            ConnectionName = choice.ConnectionName,
            Model = choice.Model,
            Dimensions = choice.Dimensions,
            State = atOnce ? EmbeddingSetState.Active : EmbeddingSetState.Building,
            ActiveSince = atOnce ? now : null,
            PassagesTotal = atOnce ? 0 : await db.Documents.Where(d => d.Stage == DocumentStage.Ready).SumAsync(d => d.ChunksTotal, cancellationToken),
            StartedAt = now,
        });
        audit.Record(AuditActions.EmbeddingsChosen, "embeddings", id, new { source = request.Source.ToString(), connection = choice.ConnectionName, model = choice.Model, dimensions = choice.Dimensions });
        try
        {
            await db.SaveChangesAsync(cancellationToken);
            await transaction.CommitAsync(cancellationToken);
        }
        catch (DbUpdateException e) when (e.InnerException is PostgresException { SqlState: PostgresErrorCodes.UniqueViolation })
        {
            return Running();
        }

        return TypedResults.Ok(await GetEmbeddings.ReadAsync(db, embeddings, models, options.Value, time, cancellationToken));
    }

    private static async Task<(Choice? Choice, ProblemHttpResult? Refusal)> TryAsync(ChooseEmbeddingsRequest request, EmbeddingSets embeddings, CancellationToken cancellationToken)
    {
        if (request.Connection is null)
        {
            return (null, Problems.Invalid("connection", "Choose a connection."));
        }

        var model = request.Model?.Trim();
        if (string.IsNullOrEmpty(model))
        {
            return (null, Problems.Invalid("model", "Name the embedding model."));
        }

        if (TextRules.Problem(model) is { } unfit)
        {
            return (null, Problems.Invalid("model", unfit));
        }

        await embeddings.LoadAsync(cancellationToken);
        if (embeddings.Find(Guid.TryParse(request.Connection, out var id) ? id : null, request.Connection) is not { } connection)
        {
            return (null, Problems.Invalid("connection", "There is no such connection, or it cannot embed."));
        }

        // Each of its keys: one that is refused would show in the middle of the work.
        int? dimensions = null;
        for (var i = 0; i < connection.Keys.Count; i++)
        {
            var key = connection.Keys[i];
            var (made, problem) = key.Provider is IEmbeddingProvider provider ? await TryAsync(provider, model, cancellationToken) : (null, "This connection cannot embed.");
            if (made is not { } length || (dimensions is not null && dimensions != length))
            {
                return (null, Problems.Invalid("model", (connection.Keys.Count > 1 ? $"Key {i + 1} of {connection.Keys.Count}: " : "") + (problem ?? "It makes vectors of another length than the other keys."), ErrorCodes.EmbeddingTestFailed));
            }

            dimensions = length;
        }

        return (new(connection.Id, connection.Name, model, dimensions), null);
    }

    private static async Task<(int? Dimensions, string? Problem)> TryAsync(IEmbeddingProvider provider, string model, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Patience);
        try
        {
            var made = await provider.EmbedAsync(model, ["Where do the ships come in?"], limit.Token);
            return made.Vectors is [{ Length: > 0 and <= 65_536 } vector] && vector.All(float.IsFinite) && vector.Any(v => v != 0) ? (vector.Length, null) : (null, "It answered, but with nothing that could be an embedding.");
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested && e is not OutOfMemoryException)
        {
            return (null, e switch
            {
                ProviderException { Status: 401 or 403 } refused => $"The connection's key was refused (status {refused.Status}).",
                ProviderException { Status: 404 } => "The provider knows no such embedding model (status 404).",
                ProviderException { Status: 400 or 422 } refused => $"The provider does not embed with this model (status {refused.Status}).",
                ProviderException { Status: 429 } => "The key works, but its quota is used up at the moment (status 429).",
                ProviderException { Status: { } status } => $"The provider answered with an error (status {status}).",
                HttpRequestException or IOException => "Nothing answers at the connection's address.",
                OperationCanceledException => "There was no answer in time.",
                _ => "It did not answer as an embedding model does.",
            });
        }
    }

    private static ProblemHttpResult Running() => Problems.Conflict(ErrorCodes.EmbeddingRebuildRunning, "Another model is being introduced just now; wait until it is, or cancel that first.");

    private sealed record Choice(Guid? ConnectionId, string? ConnectionName, string? Model, int? Dimensions);
}
