using System.Diagnostics;
using Microsoft.Extensions.AI;

namespace ChatSphere.AI.Chat;

/// <summary>
/// One call of one model, watched: it ends in an update, in its end, or in a fault, and throws only when the caller cancelled. Also the call's span and metrics.
/// </summary>
internal sealed class ModelStream : IAsyncDisposable
{
    private readonly ChatModel _model;
    private readonly TimeProvider _time;
    private readonly AiOptions _options;
    private readonly CancellationToken _cancelled;
    private readonly CancellationTokenSource _watch;
    private readonly CancellationTokenSource _linked;
    private readonly Func<IAsyncEnumerator<ChatResponseUpdate>> _open;
    private readonly Activity? _activity;
    private readonly long _started;
    private readonly long _deadline;
    private readonly TagList _tags;
    private IAsyncEnumerator<ChatResponseUpdate>? _updates;
    private string? _responseModel;
    private string? _error;

    /// <summary>The watch runs to the deadline of the whole answer rather than to a limit of this call.</summary>
    private bool _lastStretch;
    private bool _any;
    private bool _firstText;
    private readonly Queue<(ChatResponseUpdate? Update, ProviderFault? Fault)> _heard = [];
    private Task<bool>? _speaks;

    /// <param name="deadline">A timestamp of <paramref name="time"/>: when the whole answer is out of time.</param>
    public ModelStream(ChatModel model, IList<ChatMessage> messages, ChatOptions chat, AiOptions options, TimeProvider time, long deadline, CancellationToken cancelled)
    {
        (_model, _time, _options, _deadline, _cancelled) = (model, time, options, deadline, cancelled);
        _started = time.GetTimestamp();
        _tags = new TagList { { "gen_ai.operation.name", "chat" }, { "gen_ai.provider.name", model.Provider }, { "gen_ai.request.model", model.Id } };
        _activity = AiTelemetry.Source.StartActivity($"chat {model.Id}", ActivityKind.Client, parentContext: default, tags: _tags);
        _activity?.SetTag("gen_ai.request.max_tokens", chat.MaxOutputTokens);
        _activity?.SetTag("gen_ai.request.temperature", chat.Temperature);
        _activity?.SetTag("gen_ai.request.stream", true);
        _watch = new(Limit(options.FirstTokenTimeout), time);
        _linked = CancellationTokenSource.CreateLinkedTokenSource(_watch.Token, cancelled);
        _open = () => model.Client.GetStreamingResponseAsync(messages, chat, _linked.Token).GetAsyncEnumerator(_linked.Token);
    }

    public string? FinishReason { get; private set; }

    /// <summary>Null until the provider reported it. Some report the running total in every update, some input and output apart: the largest of each is the truth for both.</summary>
    public UsageDetails? Usage { get; private set; }

    /// <summary>The fault that <see cref="SpeaksAsync"/> met.</summary>
    public ProviderFault? HeardFault { get; private set; }

    /// <summary>Reads ahead until there is text or a call: true. False: it ended, or failed, before. Nothing is lost: <see cref="NextAsync"/> gives it all, and may be called meanwhile.</summary>
    public Task<bool> SpeaksAsync() => _speaks = ReadAheadAsync();

    /// <summary>The next update; null at the end, or after a fault.</summary>
    public async Task<(ChatResponseUpdate? Update, ProviderFault? Fault)> NextAsync()
    {
        if (_speaks is not null)
        {
            await _speaks;
            if (_heard.TryDequeue(out var heard))
            {
                return heard;
            }
        }

        return await ReadAsync();
    }

    private async Task<bool> ReadAheadAsync()
    {
        for (; ; )
        {
            var (update, fault) = await ReadAsync();
            _heard.Enqueue((update, fault));
            if (update is null)
            {
                HeardFault = fault;
                return false;
            }

            if (update.Text.Length > 0 || update.Contents.OfType<FunctionCallContent>().Any())
            {
                return true;
            }
        }
    }

    private async Task<(ChatResponseUpdate? Update, ProviderFault? Fault)> ReadAsync()
    {
        // Set for the length of this call only (async methods do not leak it), so that the HTTP span hangs below this one.
        Activity.Current = _activity ?? Activity.Current;
        try
        {
            // Opened here, not in the constructor: a client may fail on the spot.
            _updates ??= _open();
            if (_any)
            {
                _watch.CancelAfter(Limit(_options.StallTimeout));
            }

            if (!await _updates.MoveNextAsync())
            {
                return (null, null);
            }

            // Whoever reads the answer may be slow; that is not the model's silence.
            _watch.CancelAfter(Timeout.InfiniteTimeSpan);
        }
        catch (OperationCanceledException) when (_cancelled.IsCancellationRequested)
        {
            _error = "cancelled";
            throw;
        }
        catch (Exception e)
        {
            var fault = _watch.IsCancellationRequested
                ? _lastStretch ? ProviderFault.OutOfTime : ProviderFault.Slow(_model.Id)
                : ProviderFault.From(e, _model.Id);
            _error = _watch.IsCancellationRequested ? "timeout" : e is ProviderException { Status: { } status } ? $"{status}" : e.GetType().Name;
            return (null, fault);
        }

        _any = true;
        var update = _updates.Current;
        Note(update);
        return (update, null);
    }

    /// <summary>What the caller found wrong with a call that ended well by itself.</summary>
    public void MarkFailed(string code) => _error ??= code;

    public async ValueTask DisposeAsync()
    {
        try
        {
            // An abandoned stream would go on costing tokens.
            await _linked.CancelAsync();
            if (_speaks is not null)
            {
                await ((Task)_speaks).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }

            if (_updates is not null)
            {
                await _updates.DisposeAsync();
            }
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // The call is over either way, and what had to be said about it has been said by NextAsync.
            _activity?.AddException(e);
        }

        _watch.Dispose();
        _linked.Dispose();
        Report();
    }

    private TimeSpan Limit(TimeSpan timeout)
    {
        var left = _time.GetElapsedTime(_time.GetTimestamp(), _deadline);
        _lastStretch = left < timeout;
        return _lastStretch ? TimeSpan.FromTicks(Math.Max(1, left.Ticks)) : timeout;
    }

    private void Note(ChatResponseUpdate update)
    {
        _responseModel = update.ModelId ?? _responseModel;
        FinishReason = update.FinishReason?.Value ?? FinishReason;
        foreach (var usage in update.Contents.OfType<UsageContent>())
        {
            Usage ??= new();
            Usage.InputTokenCount = Math.Max(Usage.InputTokenCount ?? 0, usage.Details.InputTokenCount ?? 0);
            Usage.OutputTokenCount = Math.Max(Usage.OutputTokenCount ?? 0, usage.Details.OutputTokenCount ?? 0);
        }

        if (!_firstText && update.Text.Length > 0)
        {
            _firstText = true;
            AiTelemetry.FirstToken.Record(_time.GetElapsedTime(_started).TotalSeconds, _tags);
        }
    }

    private void Report()
    {
        var tags = _tags;
        if (_responseModel is not null)
        {
            tags.Add("gen_ai.response.model", _responseModel);
            _activity?.SetTag("gen_ai.response.model", _responseModel);
        }

        if (Usage is { } usage)
        {
            _activity?.SetTag("gen_ai.usage.input_tokens", usage.InputTokenCount);
            _activity?.SetTag("gen_ai.usage.output_tokens", usage.OutputTokenCount);
            Record("input", usage.InputTokenCount);
            Record("output", usage.OutputTokenCount);

            void Record(string type, long? count)
            {
                var typed = tags;
                typed.Add("gen_ai.token.type", type);
                AiTelemetry.TokenUsage.Record(count ?? 0, typed);
            }
        }

        if (FinishReason is not null)
        {
            _activity?.SetTag("gen_ai.response.finish_reasons", new[] { FinishReason });
        }

        if (_error is not null)
        {
            tags.Add("error.type", _error);
            _activity?.SetTag("error.type", _error);
            _activity?.SetStatus(_error == "cancelled" ? ActivityStatusCode.Unset : ActivityStatusCode.Error);
        }

        AiTelemetry.OperationDuration.Record(_time.GetElapsedTime(_started).TotalSeconds, tags);
        _activity?.Dispose();
    }
}
