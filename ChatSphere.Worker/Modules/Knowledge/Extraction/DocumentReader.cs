using System.Runtime.CompilerServices;
using ChatSphere.AI.Knowledge;
using ChatSphere.Data.Files;
using Microsoft.Extensions.Options;

namespace ChatSphere.Worker.Modules.Knowledge.Extraction;

/// <param name="PagesTotal">Null for formats without pages.</param>
/// <param name="Pages">To be read once.</param>
public sealed record OpenedDocument(string ContentType, int? PagesTotal, IAsyncEnumerable<ExtractedPage> Pages);

/// <summary>From stored bytes to text and structure.</summary>
public sealed class DocumentReader(BlobStore blobs, IOptions<IngestionOptions> options)
{
    /// <exception cref="UnreadableDocumentException">Also while the pages are read.</exception>
    public async Task<OpenedDocument> OpenAsync(string sha256, string name, CancellationToken cancellationToken)
    {
        SniffedDocument sniffed;
        try
        {
            await using var file = blobs.OpenRead(sha256);
            sniffed = await SniffedDocument.SniffAsync(file, name, cancellationToken);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new UnreadableDocumentException("document_damaged", "The uploaded file is no longer there. Upload it again.");
        }

        int? pages = null;
        if (sniffed.Type == DocumentType.Pdf)
        {
            using var pdf = await blobs.OpenPathAsync(sha256, cancellationToken);
            pages = await PdfReader.CountPagesAsync(pdf.Path, options.Value, cancellationToken);
        }

        return new OpenedDocument(sniffed.ContentType, pages, ReadAsync(sha256, sniffed, pages ?? 0, cancellationToken));
    }

    private async IAsyncEnumerable<ExtractedPage> ReadAsync(string sha256, SniffedDocument sniffed, int pageCount, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (sniffed.Type == DocumentType.Pdf)
        {
            using var pdf = await blobs.OpenPathAsync(sha256, cancellationToken);
            await foreach (var page in PdfReader.ReadAsync(pdf.Path, pageCount, options.Value, cancellationToken))
            {
                yield return page;
            }

            yield break;
        }

        await using var file = blobs.OpenRead(sha256);
        switch (sniffed.Type)
        {
            case DocumentType.PlainText:
                await foreach (var page in PlainTextReader.ReadAsync(file, sniffed.Encoding!, options.Value.MaxCharacters, cancellationToken))
                {
                    yield return page;
                }

                break;
            case DocumentType.Docx:
                foreach (var page in DocxReader.Read(file, options.Value, cancellationToken))
                {
                    yield return page;
                }

                break;
            default:
                var markup = await ReadMarkupAsync(file, sniffed, cancellationToken);
                var pages = sniffed.Type == DocumentType.Html
                    ? HtmlReader.Read(markup, options.Value.MaxCharacters, cancellationToken)
                    : MarkdownReader.Read(markup, options.Value.MaxCharacters);
                foreach (var page in pages)
                {
                    cancellationToken.ThrowIfCancellationRequested();
                    yield return page;
                }

                break;
        }
    }

    private async Task<string> ReadMarkupAsync(Stream file, SniffedDocument sniffed, CancellationToken cancellationToken)
    {
        if (file.Length > options.Value.MaxMarkupBytes)
        {
            throw UnreadableDocumentException.TooLarge($"{file.Length:N0} bytes of markup, {options.Value.MaxMarkupBytes:N0} are allowed");
        }

        var encoding = sniffed.Type == DocumentType.Html ? await TextEncoding.OfHtmlAsync(file, sniffed.Encoding!, cancellationToken) : sniffed.Encoding!;
        using var reader = new StreamReader(file, encoding, detectEncodingFromByteOrderMarks: true, 65_536, leaveOpen: true);
        return await reader.ReadToEndAsync(cancellationToken);
    }
}
