using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using ChatSphere.Data;

namespace ChatSphere.Api.Http;

/// <param name="Id">Null: the event cannot be resumed from.</param>
/// <param name="Name">Empty: an event without a name, which is what OpenAI's clients read.</param>
/// <param name="Parsed">The data once more, where somebody has parsed it already.</param>
internal readonly record struct StreamedEvent(int? Id, string Name, string Data, JsonElement? Parsed = null);

/// <summary>
/// Writes server-sent events, flushed one by one, with a comment as keep-alive whenever nothing came for a while. The framework's own result cannot write comments,
/// and without them a proxy closes a quiet stream. It ends when whoever opened it may not read it any more; while the database cannot say, nothing is sent.
/// </summary>
internal sealed class EventStream(IAsyncEnumerable<StreamedEvent> events, TimeProvider time) : IResult
{
    private static readonly TimeSpan KeepAlive = TimeSpan.FromSeconds(15);

    // What the answer is made from may be three seconds old, so an ended session is noticed within four.
    private static readonly TimeSpan CheckAccess = TimeSpan.FromSeconds(1);

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
        var access = new Watch(httpContext, time);
        try
        {
            Write(response, ": ok\n\n");
            await response.BodyWriter.FlushAsync(aborted);
            next = reader.MoveNextAsync().AsTask();
            while (await ArrivedAsync(next, response, access, aborted))
            {
                // What is there already goes out in one flush.
                do
                {
                    Write(response, reader.Current);
                    next = reader.MoveNextAsync().AsTask();
                }
                while (next is { IsCompletedSuccessfully: true, Result: true } && !access.IsDue);

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

    /// <summary>Waits for the next event and sends comments meanwhile. False at the end, and when the reader may not go on.</summary>
    private async Task<bool> ArrivedAsync(Task<bool> next, HttpResponse response, Watch access, CancellationToken aborted)
    {
        var sent = time.GetTimestamp();
        while (true)
        {
            var state = await access.LookAsync(aborted);
            if (state is false)
            {
                return false;
            }

            // Unknown: hold back what there is, and look again.
            Task wait = state is null ? Task.Delay(CheckAccess, time, aborted) : next.WaitAsync(CheckAccess, time, aborted);
            await wait.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            aborted.ThrowIfCancellationRequested();
            if (state is true && next.IsCompleted)
            {
                if (!access.IsDue)
                {
                    return await next;
                }
            }
            else if (time.GetElapsedTime(sent) >= KeepAlive)
            {
                sent = time.GetTimestamp();
                Write(response, ": keep-alive\n\n");
                await response.BodyWriter.FlushAsync(aborted);
            }
        }
    }

    /// <summary>Whether the reader may go on, asked at most once in <see cref="CheckAccess"/>. Of a public stream always.</summary>
    private sealed class Watch(HttpContext http, TimeProvider time)
    {
        private readonly CurrentUser? _user = CurrentUser.From(http.User);
        private readonly PermissionRequirement? _needed = http.GetEndpoint()?.Metadata.GetMetadata<PermissionRequirement>();
        private readonly IStreamAccess _access = http.RequestServices.GetRequiredService<IStreamAccess>();

        // The request itself has just been authorized.
        private long _lookedAt = time.GetTimestamp();
        private bool? _state = true;

        public bool IsDue => _needed is not null && time.GetElapsedTime(_lookedAt) >= CheckAccess;

        /// <summary>Null: the database cannot say.</summary>
        public async ValueTask<bool?> LookAsync(CancellationToken cancellationToken)
        {
            if (!IsDue && _state is not null)
            {
                return _state;
            }

            try
            {
                _state = _user is not null && await _access.MayAsync(_user, _needed!.Permission, cancellationToken);
            }
            catch (Exception e) when (DatabaseFaults.IsAway(e))
            {
                _state = null;
            }

            _lookedAt = time.GetTimestamp();
            return _state;
        }
    }

    private static void Write(HttpResponse response, StreamedEvent e)
    {
        if (e.Id is { } id)
        {
            Write(response, $"id: {id.ToString(CultureInfo.InvariantCulture)}\n");
        }

        // JSON has no raw line ends, so one data line is enough.
        Write(response, e.Name.Length == 0 ? $"data: {e.Data}\n\n" : $"event: {e.Name}\ndata: {e.Data}\n\n");
    }

    private static void Write(HttpResponse response, string text)
    {
        IBufferWriter<byte> writer = response.BodyWriter;
        Encoding.UTF8.GetBytes(text, writer);
    }
}
