using System.Diagnostics;

namespace ChatSphere.Benchmarks.Load;

/// <summary>The yardstick: the same answer asked of the mock model server itself.</summary>
internal sealed class DirectModel(Uri address, string model) : IDisposable
{
    private readonly HttpClient http = new() { BaseAddress = address, Timeout = Timeout.InfiniteTimeSpan };

    /// <returns>The time to the first chunk and to the end, and whether the stream came to its end.</returns>
    public async Task<(TimeSpan First, TimeSpan Total, bool Whole)> AskAsync(string text, CancellationToken cancellationToken)
    {
        var startedAt = Stopwatch.GetTimestamp();
        using var request = new HttpRequestMessage(HttpMethod.Post, "v1/chat/completions")
        {
            Content = JsonContent.Create(new { model, stream = true, messages = new[] { new { role = "user", content = text } } }),
        };
        using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        response.EnsureSuccessStatusCode();
        await using var body = await response.Content.ReadAsStreamAsync(cancellationToken);

        var buffer = new byte[16 * 1024];
        TimeSpan? first = null;
        var tail = "";
        while (await body.ReadAsync(buffer, cancellationToken) is > 0 and var read)
        {
            first ??= Stopwatch.GetElapsedTime(startedAt);
            tail = System.Text.Encoding.UTF8.GetString(buffer, Math.Max(0, read - 16), Math.Min(16, read));
        }

        return (first ?? Stopwatch.GetElapsedTime(startedAt), Stopwatch.GetElapsedTime(startedAt), tail.TrimEnd().EndsWith("[DONE]", StringComparison.Ordinal));
    }

    public void Dispose() => http.Dispose();
}
