using System.Runtime.InteropServices;
using System.Text.Json;
using ChatSphere.AI.Chat;
using ChatSphere.AI.Knowledge;
using ChatSphere.Api.Answering;
using ChatSphere.Api.Http;
using ChatSphere.Contracts;
using ChatSphere.Contracts.OpenAi;
using ChatSphere.Data.Budgets;
using ChatSphere.Data.Knowledge;
using Microsoft.Extensions.AI;

namespace ChatSphere.Api.Modules.OpenAi;

internal static class CreateEmbeddings
{
    private const int MaxInputs = 256;
    private const int MaxCharacters = 32_000;

    public static async Task<IResult> HandleAsync(HttpRequest http, CurrentUser user, AnswerBudget budget, EmbeddingSets embeddings, CancellationToken cancellationToken)
    {
        var (request, unreadable) = await OpenAiBody.ReadAsync<EmbeddingRequest>(http, cancellationToken);
        if (request is null)
        {
            return unreadable!;
        }

        string?[] inputs = request.Input!.Value switch
        {
            { ValueKind: JsonValueKind.String } one => [one.Text()],
            { ValueKind: JsonValueKind.Array } many when many.GetArrayLength() <= MaxInputs => [.. many.EnumerateArray().Select(i => i.Text())],
            _ => [],
        };
        if (inputs.Length == 0 || inputs.Any(i => i is not { Length: > 0 and <= MaxCharacters } || TextRules.HasUnstorable(i)))
        {
            return Problems.Invalid("input", $"A string, or up to {MaxInputs}, each of 1 to {MaxCharacters} characters without NUL characters or broken surrogates. Arrays of tokens are not taken.");
        }

        if (request.EncodingFormat is not (null or "float" or "base64"))
        {
            return Problems.Invalid("encoding_format", "float or base64.");
        }

        // The one that searches use.
        var active = (await embeddings.CurrentAsync(cancellationToken)).Active;
        if (active.Embedder is not { } embedder || request.Model != active.Model)
        {
            return Problems.Of(StatusCodes.Status404NotFound, ErrorCodes.ModelUnknown, active.Model is { } name ? $"The embedding model of this deployment is {name}." : "This deployment has no embedding model.");
        }

        var id = Guid.CreateVersion7();
        var estimate = inputs.Sum(i => (long)TokenEstimate.Of(i!));

        // Our own embedder costs nobody anything.
        var costs = active.Source == EmbeddingSource.Provider;
        if (await budget.ReserveForAsync(id, SpendingKind.Embedding, user.AccountId, request.Model!, costs ? estimate : 0, cancellationToken) is { } tooMuch)
        {
            return tooMuch.ToProblem();
        }

        GeneratedEmbeddings<Embedding<float>>? made = null;
        try
        {
            made = await embedder.GenerateAsync(inputs!, cancellationToken: cancellationToken);
        }
        catch (Exception e) when (e is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            return Problems.Of(StatusCodes.Status503ServiceUnavailable, ErrorCodes.DependencyUnavailable, "The embedding model cannot be reached now; try again.");
        }
        finally
        {
            await budget.SettleAsync(id, request.Model!, made is null || !costs ? null : made.Usage?.InputTokenCount ?? estimate, made?.Usage?.InputTokenCount is null, CancellationToken.None);
        }

        if (request.Dimensions is { } dimensions && made.Count > 0 && dimensions != made[0].Vector.Length)
        {
            return Problems.Invalid("dimensions", $"The model makes vectors of {made[0].Vector.Length} numbers.");
        }

        var tokens = (int)(made.Usage?.InputTokenCount ?? estimate);
        return TypedResults.Json(
            new EmbeddingListResponse("list", [.. made.Select((e, i) => new EmbeddingResponse("embedding", i, Write(e.Vector, request.EncodingFormat == "base64")))], request.Model!, new(tokens, tokens)), OpenAiBody.Json);
    }

    private static JsonElement Write(ReadOnlyMemory<float> vector, bool base64) => base64
        ? JsonSerializer.SerializeToElement(Convert.ToBase64String(MemoryMarshal.AsBytes(vector.Span)))
        : JsonSerializer.SerializeToElement(vector.ToArray());
}
