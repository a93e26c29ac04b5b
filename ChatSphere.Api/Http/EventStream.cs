using System.Buffers;
using System.Globalization;
using System.Text;

namespace ChatSphere.Api.Http;

/// <param name="Id">Null: the event cannot be resumed from.</param>
internal readonly record struct StreamedEvent(int? Id, string Name, string Data);

/// <summary>
/// Writes server-sent events, flushed one by one, with a comment as keep-alive whenever nothing came for a while. The framework's own result cannot write comments,
/// and without them a proxy closes a quiet stream.
/// </summary>
internal sealed class EventStream(IAsyncEnumerable<StreamedEvent> events, TimeProvider time) : IResult
{
    private static readonly TimeSpan KeepAlive = TimeSpan.FromSeconds(15);

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var response = httpContext.Response;
        response.ContentType = "text/event-stream";
        response.Headers.CacheControl = "no-store, no-transform";
        response.Headers["X-Accel-Buffering"] = "no";
        var aborted = httpContext.RequestAborted;
        using var reading = CancellationTokenSource.CreateLinkedTokenSource(aborted);
        var reader = events.GetAsyncEnumerator(reading.Token);
        var next = Task.FromResult(false);
        try
        {
            Write(response, ": ok\n\n");
            await response.BodyWriter.FlushAsync(aborted);
            next = reader.MoveNextAsync().AsTask();
            while (await ArrivedAsync(next, response, aborted))
            {
                // What is there already goes out in one flush.
                do
                {
                    Write(response, reader.Current);
                    next = reader.MoveNextAsync().AsTask();
                }
                while (next is { IsCompletedSuccessfully: true, Result: true });

                await response.BodyWriter.FlushAsync(aborted);
            }
        }
        catch (OperationCanceledException) when (aborted.IsCancellationRequested)
        {
            // The reader has gone; it comes back with Last-Event-ID if it wants the rest.
        }
        finally
        {
            // An async iterator must not be disposed of while it moves.
            await reading.CancelAsync();
            await next.ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
            await reader.DisposeAsync();
        }
    }

    /// <summary>Waits for the next event and sends comments meanwhile. False at the end.</summary>
    private async Task<bool> ArrivedAsync(Task<bool> next, HttpResponse response, CancellationToken aborted)
    {
        while (true)
        {
            try
            {
                return await next.WaitAsync(KeepAlive, time, aborted);
            }
            catch (TimeoutException) when (!next.IsCompleted)
            {
                Write(response, ": keep-alive\n\n");
                await response.BodyWriter.FlushAsync(aborted);
            }
        }
    }

    private static void Write(HttpResponse response, StreamedEvent e)
    {
        if (e.Id is { } id)
        {
            Write(response, $"id: {id.ToString(CultureInfo.InvariantCulture)}\n");
        }

        // JSON has no raw line ends, so one data line is enough.
        Write(response, $"event: {e.Name}\ndata: {e.Data}\n\n");
    }

    private static void Write(HttpResponse response, string text)
    {
        IBufferWriter<byte> writer = response.BodyWriter;
        Encoding.UTF8.GetBytes(text, writer);
    }
}
