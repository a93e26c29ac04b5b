namespace ChatSphere.AI.Knowledge;

/// <summary>A chunk that retrieval found. <c>Text</c> is the document's text from <c>Start</c> to <c>End</c> (UTF-16 code units of the extracted text), to the letter.</summary>
/// <param name="Page">The page on which it starts; null for formats without pages.</param>
/// <param name="Score">Fused; comparable within one result only.</param>
/// <param name="LexicalScore">Null when the lexical search did not find it.</param>
/// <param name="VectorScore">Cosine similarity; null when the vector search did not find it.</param>
public sealed record RetrievedPassage(
    Guid ChunkId,
    Guid DocumentId,
    string DocumentName,
    int? Page,
    int Start,
    int End,
    string? Heading,
    string Text,
    double Score,
    double? LexicalScore,
    double? VectorScore);
