using ChatSphere.AI.Chat;
using Microsoft.Extensions.AI;

namespace ChatSphere.Worker.Modules.Knowledge;

/// <summary>What a model made of passages.</summary>
/// <param name="Vectors">In the order of the texts; null: the model would not take it.</param>
/// <param name="Tokens">As the provider counted; 0 where it does not.</param>
internal sealed record PassageVectors(IReadOnlyList<ReadOnlyMemory<float>?> Vectors, long Tokens)
{
    /// <summary>
    /// A text that is too long, or otherwise not to the model's taste, costs the others nothing: it is found by halving, tried once more without its second half, which
    /// says better where it belongs than nothing does, and then left out.
    /// </summary>
    /// <exception cref="ProviderException">The model cannot be had now.</exception>
    public static async Task<PassageVectors> MakeAsync(IEmbeddingGenerator<string, Embedding<float>> embedder, IReadOnlyList<string> texts, CancellationToken cancellationToken)
    {
        try
        {
            var made = await embedder.GenerateAsync(texts, cancellationToken: cancellationToken);
            return made.Count == texts.Count
                ? new([.. made.Select(e => (ReadOnlyMemory<float>?)e.Vector)], made.Usage?.InputTokenCount ?? 0)
                : throw new InvalidOperationException($"The embedder returned {made.Count} vectors for {texts.Count} texts.");
        }
        catch (ProviderException e) when (IsUnfit(e) && texts.Count > 1)
        {
            var first = await MakeAsync(embedder, [.. texts.Take(texts.Count / 2)], cancellationToken);
            var second = await MakeAsync(embedder, [.. texts.Skip(texts.Count / 2)], cancellationToken);
            return new([.. first.Vectors, .. second.Vectors], first.Tokens + second.Tokens);
        }
        catch (ProviderException e) when (IsUnfit(e))
        {
            return await ShortenedAsync(embedder, texts[0], cancellationToken);
        }
    }

    private static async Task<PassageVectors> ShortenedAsync(IEmbeddingGenerator<string, Embedding<float>> embedder, string text, CancellationToken cancellationToken)
    {
        try
        {
            var half = text.Length / 2;
            var made = await embedder.GenerateAsync([text[..(half > 0 && char.IsHighSurrogate(text[half - 1]) ? half - 1 : half)].TrimEnd() + "…"], cancellationToken: cancellationToken);
            return new([made[0].Vector], made.Usage?.InputTokenCount ?? 0);
        }
        catch (ProviderException e) when (IsUnfit(e))
        {
            return new([null], 0);
        }
    }

    private static bool IsUnfit(ProviderException e) => e.Status is 400 or 413 or 422;
}
