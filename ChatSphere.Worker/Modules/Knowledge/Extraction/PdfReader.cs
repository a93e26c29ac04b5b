using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using ChatSphere.AI.Knowledge;

namespace ChatSphere.Worker.Modules.Knowledge.Extraction;

/// <summary>PDF through poppler's <c>pdfinfo</c> and <c>pdftotext</c>, each a limited process of its own, read page by page while it still runs.</summary>
internal static class PdfReader
{
    // Longer pages are cut off: no page that people print holds so much.
    private const int MaxPage = 1_000_000;

    /// <summary>What <c>pdfinfo</c> says, or why nothing can be read.</summary>
    /// <exception cref="UnreadableDocumentException"/>
    public static async Task<int> CountPagesAsync(string path, IngestionOptions limits, CancellationToken cancellationToken)
    {
        using var time = new Patience(limits, cancellationToken);
        await using var process = LimitedProcess.Start("pdfinfo", ["-enc", "UTF-8", path], limits.PdfSeconds, limits.PdfMemoryBytes);
        try
        {
            var output = await ReadAsync(process.Output, 65_536, time.Token);
            var (exitCode, errors) = await process.EndAsync(time.Token);
            if (exitCode != 0)
            {
                throw Refusal(exitCode, errors);
            }

            foreach (var line in output.Split('\n'))
            {
                if (line.StartsWith("Pages:", StringComparison.Ordinal) && int.TryParse(line.AsSpan(6).Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var pages))
                {
                    return pages == 0 ? throw UnreadableDocumentException.Damaged()
                        : pages > limits.MaxPages ? throw UnreadableDocumentException.TooLarge($"{pages:N0} pages, {limits.MaxPages:N0} are allowed")
                        : pages;
                }
            }

            throw UnreadableDocumentException.Damaged();
        }
        catch (OperationCanceledException) when (time.IsUp)
        {
            throw UnreadableDocumentException.TimedOut();
        }
    }

    public static async IAsyncEnumerable<ExtractedPage> ReadAsync(string path, int pages, IngestionOptions limits, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var time = new Patience(limits, cancellationToken);

        // Without -layout: columns one after the other, as people read them. -layout keeps tables in shape and reads across columns, which ruins sentences.
        await using var process = LimitedProcess.Start("pdftotext", ["-enc", "UTF-8", "-eol", "unix", path, "-"], limits.PdfSeconds, limits.PdfMemoryBytes);
        using var reader = new StreamReader(process.Output, Encoding.UTF8, detectEncodingFromByteOrderMarks: false, 65_536);
        var composer = new PageComposer(limits.MaxCharacters);
        var lines = new PageLines();
        var buffer = new char[32_768];
        var page = new StringBuilder();
        while (true)
        {
            int read;
            try
            {
                read = await reader.ReadAsync(buffer, time.Token);
            }
            catch (OperationCanceledException) when (time.IsUp)
            {
                throw UnreadableDocumentException.TimedOut();
            }

            if (read == 0)
            {
                break;
            }

            for (var position = 0; position < read;)
            {
                var end = buffer.AsSpan(position, read - position).IndexOf('\f');
                var taken = end < 0 ? read - position : end;
                page.Append(buffer, position, Math.Min(taken, Math.Max(0, MaxPage - page.Length)));
                position += taken + 1;
                if (end >= 0)
                {
                    lines.Compose(page.ToString(), composer);
                    composer.EndPage();
                    page.Clear();
                    while (composer.TryTake(out var done))
                    {
                        yield return done;
                    }
                }
            }
        }

        int exitCode;
        string errors;
        try
        {
            (exitCode, errors) = await process.EndAsync(time.Token);
        }
        catch (OperationCanceledException) when (time.IsUp)
        {
            throw UnreadableDocumentException.TimedOut();
        }

        if (exitCode != 0)
        {
            throw Refusal(exitCode, errors);
        }

        // A stamped number on each scanned page is no text either.
        if (composer.Ink < 2 * pages)
        {
            throw UnreadableDocumentException.WithoutText();
        }
    }

    private static UnreadableDocumentException Refusal(int exitCode, string errors) => exitCode switch
    {
        _ when errors.Contains("Incorrect password", StringComparison.Ordinal) || errors.Contains("Unsupported security handler", StringComparison.Ordinal)
            || errors.Contains("Unknown security handler", StringComparison.Ordinal) => UnreadableDocumentException.Encrypted(),
        // poppler's own: 1 cannot open, 3 not permitted.
        3 => UnreadableDocumentException.Encrypted(),
        // prlimit's and the shell's convention for a program that is not there.
        126 or 127 => UnreadableDocumentException.PdfReaderMissing(),
        // 128 + SIGXCPU or SIGKILL: out of processor time.
        128 + 24 or 128 + 9 => UnreadableDocumentException.TimedOut(),
        _ when errors.Contains("out of memory", StringComparison.OrdinalIgnoreCase) || errors.Contains("bad_alloc", StringComparison.Ordinal) =>
            UnreadableDocumentException.TooLarge("it takes too much memory to read"),
        _ when errors.Contains("failed to execute", StringComparison.Ordinal) => UnreadableDocumentException.PdfReaderMissing(),
        _ => UnreadableDocumentException.Damaged(),
    };

    private static async Task<string> ReadAsync(Stream output, int limit, CancellationToken cancellationToken)
    {
        var bytes = new byte[limit];
        var length = await output.ReadAtLeastAsync(bytes, limit, throwOnEndOfStream: false, cancellationToken);
        return Encoding.UTF8.GetString(bytes, 0, length);
    }

    private sealed class Patience : IDisposable
    {
        private readonly CancellationTokenSource _limit;
        private readonly CancellationTokenSource _both;
        private readonly CancellationToken _caller;

        public Patience(IngestionOptions limits, CancellationToken caller)
        {
            _caller = caller;
            _limit = new CancellationTokenSource(TimeSpan.FromSeconds(limits.PdfSeconds));
            _both = CancellationTokenSource.CreateLinkedTokenSource(_limit.Token, caller);
        }

        public CancellationToken Token => _both.Token;

        public bool IsUp => _limit.IsCancellationRequested && !_caller.IsCancellationRequested;

        public void Dispose()
        {
            _both.Dispose();
            _limit.Dispose();
        }
    }
}
