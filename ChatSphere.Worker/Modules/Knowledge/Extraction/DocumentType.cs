using System.IO.Compression;
using System.Text;
using System.Text.RegularExpressions;

namespace ChatSphere.Worker.Modules.Knowledge.Extraction;

public enum DocumentType
{
    PlainText,
    Markdown,
    Html,
    Pdf,
    Docx,
}

/// <summary>What a file is, judged by what is in it. Its name decides only between plain text and Markdown, and only when the text leaves it open.</summary>
/// <param name="Encoding">Of text formats.</param>
public sealed partial record SniffedDocument(DocumentType Type, Encoding? Encoding)
{
    private const int SampleSize = 65_536;

    public string ContentType => Type switch
    {
        DocumentType.Pdf => "application/pdf",
        DocumentType.Docx => "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        DocumentType.Html => "text/html",
        DocumentType.Markdown => "text/markdown",
        _ => "text/plain",
    };

    /// <exception cref="UnreadableDocumentException">It is empty, or none of the types.</exception>
    public static async Task<SniffedDocument> SniffAsync(Stream file, string name, CancellationToken cancellationToken)
    {
        var sample = new byte[SampleSize];
        var length = await file.ReadAtLeastAsync(sample, sample.Length, throwOnEndOfStream: false, cancellationToken);
        file.Position = 0;
        var bytes = sample.AsMemory(0, length);
        if (length == 0)
        {
            throw UnreadableDocumentException.Empty();
        }

        // Readers accept junk before the header, and so do the files.
        if (bytes.Span[..Math.Min(length, 1_024)].IndexOf("%PDF-"u8) >= 0)
        {
            return new SniffedDocument(DocumentType.Pdf, null);
        }

        if (bytes.Span.StartsWith("PK\x03\x04"u8))
        {
            return SniffArchive(file);
        }

        // The compound file of old Office formats; a DOCX with a password is wrapped in one.
        if (bytes.Span.StartsWith((ReadOnlySpan<byte>)[0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1]))
        {
            throw bytes.Span.IndexOf(Encoding.Unicode.GetBytes("EncryptedPackage")) >= 0 ? UnreadableDocumentException.Encrypted() : UnreadableDocumentException.UnsupportedType();
        }

        if (bytes.Span.StartsWith("{\\rtf"u8))
        {
            throw UnreadableDocumentException.UnsupportedType();
        }

        var encoding = TextEncoding.Detect(bytes.Span, isWhole: length < SampleSize) ?? throw UnreadableDocumentException.UnsupportedType();
        var text = encoding.GetString(bytes.Span).TrimStart('\ufeff');
        if (LooksLikeHtml(text))
        {
            return new SniffedDocument(DocumentType.Html, encoding);
        }

        return new SniffedDocument(LooksLikeMarkdown(text, name) ? DocumentType.Markdown : DocumentType.PlainText, encoding);
    }

    private static SniffedDocument SniffArchive(Stream file)
    {
        try
        {
            using var archive = new ZipArchive(file, ZipArchiveMode.Read, leaveOpen: true);
            if (archive.GetEntry("word/document.xml") is not null)
            {
                return new SniffedDocument(DocumentType.Docx, null);
            }

            // The main part may have another name; then the list of types tells.
            if (archive.GetEntry("[Content_Types].xml") is { Length: < 1 << 20 } types)
            {
                using var reader = new StreamReader(types.Open());
                var buffer = new char[1 << 20];
                var read = reader.ReadBlock(buffer);
                if (buffer.AsSpan(0, read).Contains("wordprocessingml.document.main+xml", StringComparison.Ordinal))
                {
                    return new SniffedDocument(DocumentType.Docx, null);
                }
            }
        }
        catch (InvalidDataException)
        {
            throw UnreadableDocumentException.Damaged();
        }
        finally
        {
            file.Position = 0;
        }

        throw UnreadableDocumentException.UnsupportedType();
    }

    private static bool LooksLikeHtml(string text)
    {
        var start = Prologue().Replace(text.Length > 4_096 ? text[..4_096] : text, "");
        return HtmlStart().IsMatch(start) || (start.StartsWith('<') && HtmlTags().Count(text) >= 4);
    }

    private static bool LooksLikeMarkdown(string text, string name)
    {
        var signs = (AtxHeading().Count(text) switch { 0 => 0, 1 => 1, _ => 2 })
            + (Fence().Count(text) >= 2 ? 2 : 0)
            + (Link().Count(text) switch { 0 => 0, < 3 => 1, _ => 2 })
            + (TableRule().IsMatch(text) ? 2 : 0)
            + (Strong().IsMatch(text) ? 1 : 0)
            + (Bullet().Count(text) >= 2 ? 1 : 0);
        var extension = Path.GetExtension(name).ToLowerInvariant();
        return signs >= (extension switch { ".md" or ".markdown" or ".mdown" or ".mkd" => 1, ".txt" or ".text" or ".log" => 4, _ => 3 });
    }

    [GeneratedRegex(@"\A(\s+|<!--[\s\S]*?-->|<\?xml[^>]*>)+")]
    private static partial Regex Prologue();

    [GeneratedRegex(@"\A<(!doctype\s+html|html|head|body)\b", RegexOptions.IgnoreCase)]
    private static partial Regex HtmlStart();

    [GeneratedRegex(@"</?(p|div|span|h[1-6]|ul|ol|li|table|tr|td|a|br|em|strong|title|meta|section|article|pre)\b[^<>]{0,200}>", RegexOptions.IgnoreCase)]
    private static partial Regex HtmlTags();

    [GeneratedRegex(@"^#{1,6} +\S", RegexOptions.Multiline)]
    private static partial Regex AtxHeading();

    [GeneratedRegex(@"^ {0,3}(```|~~~)", RegexOptions.Multiline)]
    private static partial Regex Fence();

    [GeneratedRegex(@"\[[^\]\n]{1,200}\]\([^)\s]{1,500}\)")]
    private static partial Regex Link();

    [GeneratedRegex(@"^\|?[ :-]*-{3,}[ :]*\|[ :|-]*$", RegexOptions.Multiline)]
    private static partial Regex TableRule();

    [GeneratedRegex(@"\*\*[^*\s][^*\n]{0,200}\*\*")]
    private static partial Regex Strong();

    [GeneratedRegex(@"^ {0,3}[-*+] +\S", RegexOptions.Multiline)]
    private static partial Regex Bullet();
}
