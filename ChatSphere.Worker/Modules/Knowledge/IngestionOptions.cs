using System.ComponentModel.DataAnnotations;

namespace ChatSphere.Worker.Modules.Knowledge;

/// <summary>How much of a stranger's file is read before it is refused.</summary>
public sealed class IngestionOptions
{
    public const string Section = "Knowledge";

    /// <summary>Of a document's text, UTF-16 code units.</summary>
    [Range(1, 1_000_000_000, ErrorMessage = "Set Knowledge:MaxCharacters to between 1 and 1,000,000,000.")]
    public int MaxCharacters { get; set; } = 50_000_000;

    [Range(1, 1_000_000, ErrorMessage = "Set Knowledge:MaxPages to between 1 and 1,000,000.")]
    public int MaxPages { get; set; } = 20_000;

    /// <summary>Of all parts of a DOCX together.</summary>
    [Range(1L << 20, 1L << 34, ErrorMessage = "Set Knowledge:MaxUnpackedBytes to between 1 MiB and 16 GiB.")]
    public long MaxUnpackedBytes { get; set; } = 512L << 20;

    /// <summary>Of HTML and Markdown, whose structure is in memory as a whole while it is read.</summary>
    [Range(1L << 10, 1L << 30, ErrorMessage = "Set Knowledge:MaxMarkupBytes to between 1 KiB and 1 GiB.")]
    public long MaxMarkupBytes { get; set; } = 32L << 20;

    /// <summary>Wall clock for one PDF; its reader also gets no more processor time than this.</summary>
    [Range(1, 86_400, ErrorMessage = "Set Knowledge:PdfSeconds to between 1 and 86,400.")]
    public int PdfSeconds { get; set; } = 600;

    /// <summary>Address space of the PDF reader.</summary>
    [Range(64L << 20, 1L << 40, ErrorMessage = "Set Knowledge:PdfMemoryBytes to between 64 MiB and 1 TiB.")]
    public long PdfMemoryBytes { get; set; } = 1L << 30;

    /// <summary>How often work on a document may begin before it is given up.</summary>
    [Range(1, 100, ErrorMessage = "Set Knowledge:MaxAttempts to between 1 and 100.")]
    public int MaxAttempts { get; set; } = 5;
}
