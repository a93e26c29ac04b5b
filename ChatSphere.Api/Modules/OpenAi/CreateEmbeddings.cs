using System.Runtime.InteropServices;
using System.Text.Json;
using ChatSphere.AI.Chat;
using ChatSphere.Api.Http;
using ChatSphere.Contracts;
using ChatSphere.Contracts.OpenAi;
using Microsoft.Extensions.AI;

namespace ChatSphere.Api.Modules.OpenAi;

internal static class CreateEmbeddings
{
    private const int MaxInputs = 256;
    private const int MaxCharacters = 32_000;

    public static async Task<IResult> HandleAsync(HttpRequest http, IEmbeddingGenerator<string, Embedding<float>> embedder, CancellationToken cancellationToken)
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

        var metadata = embedder.GetService(typeof(EmbeddingGeneratorMetadata)) as EmbeddingGeneratorMetadata;
        if (request.Model != metadata?.DefaultModelId)
        {
            return Problems.Of(StatusCodes.Status404NotFound, ErrorCodes.ModelUnknown, $"The embedding model of this deployment is {metadata?.DefaultModelId}.");
        }

        GeneratedEmbeddings<Embedding<float>> made;
        try
        {
            made = await embedder.GenerateAsync(inputs!, cancellationToken: cancellationToken);
        }
        catch (Exception e) when (e is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            return Problems.Of(StatusCodes.Status503ServiceUnavailable, ErrorCodes.DependencyUnavailable, "The embedding model cannot be reached now; try again.");
        }

        if (request.Dimensions is { } dimensions && made.Count > 0 && dimensions != made[0].Vector.Length)
        {
            return Problems.Invalid("dimensions", $"The model makes vectors of {made[0].Vector.Length} numbers.");
        }

        var tokens = (int)(made.Usage?.InputTokenCount ?? inputs.Sum(i => TokenEstimate.Of(i!)));
        return TypedResults.Json(
            new EmbeddingListResponse("list", [.. made.Select((e, i) => new EmbeddingResponse("embedding", i, Write(e.Vector, request.EncodingFormat == "base64")))], request.Model!, new(tokens, tokens)), OpenAiBody.Json);
    }

    private static JsonElement Write(ReadOnlyMemory<float> vector, bool base64) => base64
        ? JsonSerializer.SerializeToElement(Convert.ToBase64String(MemoryMarshal.AsBytes(vector.Span)))
        : JsonSerializer.SerializeToElement(vector.ToArray());
}
