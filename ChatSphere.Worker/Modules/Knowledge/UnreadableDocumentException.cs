namespace ChatSphere.Worker.Modules.Knowledge;

/// <summary>The file cannot be read, and trying again will not help. Thrown from inside readers that stream; the ingestor makes it the document's failure.</summary>
public sealed class UnreadableDocumentException(string code, string reason) : Exception(reason)
{
    /// <summary>Stable, snake_case.</summary>
    public string Code { get; } = code;

    public static UnreadableDocumentException Encrypted() => new("document_encrypted", "The document is protected by a password. Upload a copy without one.");

    public static UnreadableDocumentException Empty() => new("document_empty", "The document is empty.");

    public static UnreadableDocumentException WithoutText() =>
        new("document_without_text", "The document has pages but no text; it looks scanned. Run text recognition (OCR) on it and upload the result.");

    public static UnreadableDocumentException Damaged() => new("document_damaged", "The file is damaged or incomplete and cannot be read.");

    public static UnreadableDocumentException TooLarge(string what) => new("document_too_large", $"The document is too large: {what}.");

    public static UnreadableDocumentException UnsupportedType() =>
        new("document_type_unsupported", "This kind of file cannot be read. Upload plain text, Markdown, HTML, PDF or DOCX.");

    public static UnreadableDocumentException TimedOut() => new("document_timed_out", "Reading the document took too long and was stopped.");

    public static UnreadableDocumentException PdfReaderMissing() =>
        new("pdf_reader_missing", "PDF files cannot be read on this server because poppler-utils (pdftotext) is not installed. Ask its administrator, then retry.");

    public static UnreadableDocumentException AttemptsExhausted() =>
        new("document_attempts_exhausted", "Reading the document was begun several times and never came to an end. Retry, or upload it in another format.");
}
