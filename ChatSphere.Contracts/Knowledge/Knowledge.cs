using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;

namespace ChatSphere.Contracts.Knowledge;

/// <summary>Where a document is on its way to being searchable. <c>ready</c>, <c>failed</c> and <c>cancelled</c> are ends.</summary>
[JsonConverter(typeof(SnakeCaseEnum<DocumentStatus>))]
public enum DocumentStatus
{
    Queued,
    Extracting,
    Chunking,
    Embedding,
    Ready,
    Failed,
    Cancelled,
}

/// <param name="ContentType">Judged by content, not by name: <c>text/plain</c>, <c>text/markdown</c>, <c>text/html</c>, <c>application/pdf</c> or the DOCX type; null until looked at.</param>
/// <param name="Size">Bytes.</param>
/// <param name="Sha256">Hex, of the bytes as uploaded.</param>
/// <param name="Progress">0 to 1 over all stages.</param>
/// <param name="EtaSeconds">A guess of the seconds left; null when there is no ground for one.</param>
/// <param name="Pages">Null while unknown and for formats without pages.</param>
/// <param name="PagesDone">Pages extracted so far; null for formats without pages.</param>
/// <param name="Characters">Length of the extracted text in UTF-16 code units; null until extracted.</param>
/// <param name="Chunks">Passages made of it so far.</param>
/// <param name="FailureCode">Stable, for <c>failed</c> only, for example <c>document_encrypted</c>.</param>
/// <param name="Reason">The failure in a sentence for people.</param>
public sealed record DocumentResponse(
    Guid Id,
    Guid BotId,
    string Name,
    string? ContentType,
    long Size,
    string Sha256,
    DocumentStatus Status,
    double Progress,
    int? EtaSeconds,
    int? Pages,
    int? PagesDone,
    int? Characters,
    int Chunks,
    string? FailureCode,
    string? Reason,
    DateTimeOffset CreatedAt,
    DateTimeOffset UpdatedAt);

/// <param name="AlreadyThere">The bot has these bytes already; this is that document, and nothing new was stored.</param>
public sealed record UploadedDocument(Guid Id, string Name, bool AlreadyThere);

public sealed record UploadDocumentsResponse(IReadOnlyList<UploadedDocument> Documents);

/// <summary>A stretch of a document's extracted text, cut at page bounds.</summary>
/// <param name="Length">Of the whole text, in UTF-16 code units; offsets of passages and citations count in it.</param>
/// <param name="Pages">In order, without gaps among them.</param>
public sealed record DocumentContentResponse(Guid Id, string Name, int Length, IReadOnlyList<DocumentPageResponse> Pages);

/// <param name="Page">From 1; null for formats without pages.</param>
/// <param name="Start">Offset of the first character in the document's text.</param>
public sealed record DocumentPageResponse(int? Page, int Start, string Text);

/// <param name="Query">A question or keywords.</param>
/// <param name="Top">How many passages at most, 1 to 50.</param>
public sealed record SearchRequest(
    [property: Required, StringLength(2_000, MinimumLength = 1)] string Query,
    [property: Range(1, 50)] int Top = 8);

public sealed record SearchResponse(IReadOnlyList<PassageResponse> Passages);

/// <summary>A ranked passage. <c>Text</c> is the document's text from <c>Start</c> to <c>End</c>, to the letter.</summary>
/// <param name="Page">The page on which the passage starts; null for formats without pages.</param>
/// <param name="Start">First character, in UTF-16 code units of the extracted text.</param>
/// <param name="End">One past the last character.</param>
/// <param name="Heading">The headings above it, outermost first, joined by <c> › </c>.</param>
/// <param name="Score">Fused score; comparable within one response only.</param>
/// <param name="LexicalScore">Null when the lexical search did not find it.</param>
/// <param name="VectorScore">Cosine similarity; null when the vector search did not find it.</param>
public sealed record PassageResponse(
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
