namespace ChatSphere.AI.Chat;

/// <param name="Vectors">One for each text, in order, as the model made them.</param>
/// <param name="InputTokens">Null: not reported.</param>
public sealed record EmbeddedTexts(IReadOnlyList<float[]> Vectors, int? InputTokens);

/// <summary>A provider that embeds texts too.</summary>
public interface IEmbeddingProvider
{
    /// <exception cref="ProviderException"/>
    Task<EmbeddedTexts> EmbedAsync(string model, IReadOnlyList<string> texts, CancellationToken cancellationToken);
}
