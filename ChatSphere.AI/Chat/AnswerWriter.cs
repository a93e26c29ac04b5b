using System.Runtime.CompilerServices;
using System.Text;
using ChatSphere.AI.Chat.Providers;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace ChatSphere.AI.Chat;

/// <summary>
/// Writes one answer: asks the models of the chain in turn, retries before the first token only, continues from the text shown when a stream breaks, runs tools, and ends
/// with exactly one <see cref="AnswerFinished"/> or <see cref="AnswerFailed"/>. Only the caller's cancellation leaves it as an exception.
/// </summary>
public sealed partial class AnswerWriter(ModelCatalogue catalogue, ModelCircuits circuits, IOptions<AiOptions> options, TimeProvider time, ILogger<AnswerWriter> logger, TokenRatios? ratios = null)
{
    private const int MaxToolRounds = 8;
    private const int MaxToolCallsPerRound = 16;

    /// <summary>Far beyond any answer: against a stream that does not end.</summary>
    private const int MaxCharacters = 200_000;

    private static readonly TimeSpan LongestRetryAfter = TimeSpan.FromSeconds(10);

    public async IAsyncEnumerable<AnswerEvent> WriteAsync(AnswerRequest request, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        var run = new Run(request, options.Value, time, ratios ?? new(), catalogue.ChainFor(request.Model, request.Fallback)[0]);
        ProviderFault? fault = null;
        string? failed = null;
        foreach (var id in Chain(request))
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (failed is not null)
            {
                // No time for another language model, but the extractive one takes none.
                if (run.IsOutOfTime && id != ModelCatalogue.Extractive)
                {
                    continue;
                }

                AiTelemetry.Switches.Add(1, new KeyValuePair<string, object?>("chatsphere.ai.from", failed), new("chatsphere.ai.to", id), new("chatsphere.ai.reason", fault!.Code));
                Switching(logger, request.TurnId, failed, id, fault.Code);
                yield return new AnswerSwitched(failed, id, fault.Code);
            }

            if (catalogue.Open(id) is { } model)
            {
                await foreach (var happened in AskAsync(run, model, cancellationToken))
                {
                    yield return happened;
                }

                if (run.Fault is null)
                {
                    yield return new AnswerFinished(id, run.InputTokens, run.OutputTokens, run.Estimated, run.FinishReason);
                    yield break;
                }

                if (run.Watch.IsFound)
                {
                    Failing(logger, request.TurnId, id, AnswerCodes.AnswerWithheld);
                    yield return new AnswerFailed(AnswerCodes.AnswerWithheld, "The answer was withheld: it gave away the bot's confidential instructions.");
                    yield break;
                }

                fault = run.Fault;
            }
            else
            {
                fault = ProviderFault.NotConnected(id);
            }

            failed = id;
        }

        // Whatever the last in the chain had to say, what the reader sees is half an answer.
        fault = run.Shown.Length > 0 && fault!.Code != AnswerCodes.AnswerTimeout ? fault.InTheMiddle(failed!) : fault!;
        Failing(logger, request.TurnId, failed!, fault.Code);
        yield return new AnswerFailed(fault.Code, fault.Reason);
    }

    /// <summary>The extractive model answers from passages; to a prompt of the caller's own it has nothing to say, unless it is what was asked for.</summary>
    private IEnumerable<string> Chain(AnswerRequest request)
    {
        var chain = catalogue.ChainFor(request.Model, request.Fallback);
        return request.Prompt is null || chain.Count == 1 ? chain : chain.Where(id => id != ModelCatalogue.Extractive);
    }

    /// <summary>One model, from the text shown so far to the end of the answer: <see cref="Run.Fault"/> is null then.</summary>
    private async IAsyncEnumerable<AnswerEvent> AskAsync(Run run, ChatModel model, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        run.Begin(model);
        for (var retries = 0; ;)
        {
            run.Fault = null;
            var calls = new List<FunctionCallContent>();
            if (run.IsOutOfTime && model.Id != ModelCatalogue.Extractive)
            {
                run.Fault = ProviderFault.OutOfTime;
                yield break;
            }

            using (var pass = circuits.TryEnter(model))
            {
                if (pass is null)
                {
                    run.Fault = ProviderFault.Circuit(model.Id);
                    yield break;
                }

                var round = new Round(run);
                await using var stream = new ModelStream(model, run.Messages, run.Chat(model, Occasion(run, model)), options.Value, time, run.DeadlineFor(model), cancellationToken);
                while (!round.IsFull)
                {
                    var (update, fault) = await stream.NextAsync();
                    if (fault is not null)
                    {
                        run.Fault = !round.IsBlank ? fault.InTheMiddle(model.Id) : fault;
                        if (fault.Counts)
                        {
                            pass.Failed();
                        }

                        break;
                    }

                    if (update is null)
                    {
                        break;
                    }

                    calls.AddRange(update.Contents.OfType<FunctionCallContent>());
                    run.Inspect(calls);
                    if (round.Push(update.Text) is { Length: > 0 } text)
                    {
                        pass.FirstToken();
                        yield return new AnswerDelta(text);
                    }

                    if (run.Watch.IsFound)
                    {
                        break;
                    }
                }

                // Also after a fault: what was held back for the seam or a surrogate pair belongs to the text that the next model continues.
                if (round.Finish() is { Length: > 0 } rest)
                {
                    yield return new AnswerDelta(rest);
                }

                if (run.Watch.IsFound)
                {
                    run.Fault = ProviderFault.Withheld;
                    run.Account(stream.Usage, round.Received);
                    yield break;
                }

                if (run.Fault is null && round.IsBlank && calls.Count == 0)
                {
                    run.Fault = stream.FinishReason == ChatFinishReason.ContentFilter.Value ? ProviderFault.Filtered(model.Id) : ProviderFault.Empty(model.Id);
                    stream.MarkFailed(run.Fault.Code);
                    pass.Failed();
                }

                run.Account(stream.Usage, round.Received);
                if (run.Fault is null)
                {
                    pass.Completed();
                    run.FinishReason = round.IsFull ? ChatFinishReason.Length.Value : stream.FinishReason;
                    run.Keep(round.Text, calls);
                }
                else
                {
                    Faulted(logger, run.Request.TurnId, model.Id, run.Fault.Code, run.Fault.Reason);
                    if (!round.IsBlank)
                    {
                        run.BreakOff(round.Text);
                        yield break;
                    }
                }
            }

            if (run.Fault is not null)
            {
                if (retries >= run.Fault.Retries || run.Fault.RetryAfter > LongestRetryAfter)
                {
                    yield break;
                }

                AiTelemetry.Retries.Add(1, new KeyValuePair<string, object?>("gen_ai.provider.name", model.Provider), new("gen_ai.request.model", model.Id));
                await Task.Delay(Backoff(retries++, run.Fault.RetryAfter), time, cancellationToken);
                continue;
            }

            if (run.Request.CallerRunsTools && calls.Count > 0)
            {
                foreach (var call in calls)
                {
                    yield return ToolRunner.AsWritten(call);
                }

                run.FinishReason = ChatFinishReason.ToolCalls.Value;
                yield break;
            }

            // A call that could not be finished for length is not a call.
            if (calls.Count == 0 || run.FinishReason == ChatFinishReason.Length.Value || run.Rounds == MaxToolRounds)
            {
                if (run.Shown.Length == 0)
                {
                    run.Fault = ProviderFault.Empty(model.Id);
                }

                yield break;
            }

            await foreach (var happened in UseToolsAsync(run, calls, cancellationToken))
            {
                yield return happened;
            }

            run.Rounds++;
            retries = 0;
        }
    }

    private static async IAsyncEnumerable<AnswerEvent> UseToolsAsync(Run run, List<FunctionCallContent> calls, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var results = new List<AIContent>();
        foreach (var call in calls)
        {
            var announced = run.Tools.Announce(call);
            yield return announced;
            if (results.Count >= MaxToolCallsPerRound || run.IsOutOfTime)
            {
                var none = new AnswerToolResult(announced.CallId, call.Name, "error: Too many calls, or no time left. Answer with what is there.", IsError: true);
                results.Add(new FunctionResultContent(call.CallId, none.Result));
                yield return none;
                continue;
            }

            await foreach (var happened in run.Tools.RunAsync(call, announced.CallId, cancellationToken))
            {
                if (happened is AnswerToolResult result)
                {
                    results.Add(new FunctionResultContent(call.CallId, run.Tools.ForModel(result)));
                }

                yield return happened;
            }
        }

        run.Messages.Add(new(ChatRole.Tool, results));
    }

    private ExtractiveOccasion Occasion(Run run, ChatModel model) =>
        run.Shown.Length > 0 ? ExtractiveOccasion.BrokeOff
        : !catalogue.HasLanguageModel ? ExtractiveOccasion.NotConnected
        : catalogue.ChainFor(run.Request.Model, run.Request.Fallback)[0] == model.Id ? ExtractiveOccasion.Chosen
        : ExtractiveOccasion.Unavailable;

    private static TimeSpan Backoff(int retry, TimeSpan? retryAfter)
    {
        // Half fixed, half random: a thousand turns that failed together must not come back together.
        var ceiling = TimeSpan.FromMilliseconds(400 << retry);
        var backoff = (ceiling / 2) + (Random.Shared.NextDouble() * ceiling / 2);
        return retryAfter > backoff ? retryAfter.Value : backoff;
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Turn {TurnId}: {Model} failed with {Code}: {Reason}")]
    private static partial void Faulted(ILogger logger, Guid turnId, string model, string code, string reason);

    [LoggerMessage(Level = LogLevel.Information, Message = "Turn {TurnId}: going on with {To} instead of {From} because of {Code}")]
    private static partial void Switching(ILogger logger, Guid turnId, string from, string to, string code);

    [LoggerMessage(Level = LogLevel.Error, Message = "Turn {TurnId}: no model answered; the last, {Model}, failed with {Code}")]
    private static partial void Failing(ILogger logger, Guid turnId, string model, string code);

    /// <summary>The state of one answer.</summary>
    private sealed class Run
    {
        private readonly AiOptions _options;
        private readonly TimeProvider _time;
        private readonly long _deadline;
        private readonly TokenRatios _ratios;
        private ChatModel? _model;

        public Run(AnswerRequest request, AiOptions options, TimeProvider time, TokenRatios ratios, string model)
        {
            (Request, _options, _time, _ratios) = (request, options, time, ratios);
            Messages = [.. request.Prompt ?? AnswerPrompt.Assemble(request, options.ContextTokens, ratios.Of(model)).Messages];
            Watch = new(Canary.For(request.BotId));
            _deadline = After(options.AnswerTimeout);
            Tools = new(request, options, time);
            if (request.Shown.Length > 0)
            {
                Shown.Append(request.Shown);
                BreakOff(request.Shown);
            }
        }

        public AnswerRequest Request { get; }

        /// <summary>The prompt, then what came of it: tool rounds that are complete, and texts that broke off with the note to continue them.</summary>
        public List<ChatMessage> Messages { get; }

        public StringBuilder Shown { get; } = new();

        public ToolRunner Tools { get; }

        public bool IsOutOfTime => _time.GetTimestamp() >= Deadline;

        /// <summary>Sees all that any model says, before anybody else does.</summary>
        public CanaryWatch Watch { get; }

        public int Rounds { get; set; }

        /// <summary>The shown text ends in the middle of something that the next model was asked to continue.</summary>
        public bool IsBroken { get; private set; }

        public ProviderFault? Fault { get; set; }

        public string? FinishReason { get; set; }

        public int InputTokens { get; private set; }

        public int OutputTokens { get; private set; }

        public bool Estimated { get; private set; }

        /// <summary>The last resort comes when the time is used up, and needs none to speak of.</summary>
        public long DeadlineFor(ChatModel model) => model.Id == ModelCatalogue.Extractive ? After(_options.StallTimeout) : Deadline;

        public void Begin(ChatModel model) => _model = model;

        public ChatOptions Chat(ChatModel model, ExtractiveOccasion occasion)
        {
            var chat = Request.Parameters?.Clone() ?? new();
            chat.ModelId = model.Id;
            chat.MaxOutputTokens = Math.Min(chat.MaxOutputTokens ?? int.MaxValue, _options.MaxOutputTokens);
            chat.Temperature = (float?)Request.Temperature;
            if (Request.Tools.Count > 0)
            {
                chat.Tools = [.. Request.Tools];
                chat.ToolMode = Rounds < MaxToolRounds ? chat.ToolMode ?? ChatToolMode.Auto : ChatToolMode.None;
            }

            return model.Id == ModelCatalogue.Extractive ? ExtractiveChatClient.Ask(chat, new(Request.SearchText ?? Request.Question, Request.Passages, occasion, Shown.ToString())) : chat;
        }

        /// <param name="received">The text that came, also what the seam dropped: it was paid for.</param>
        public void Account(UsageDetails? usage, int received)
        {
            var reported = usage is { InputTokenCount: not null, OutputTokenCount: not null };
            if (reported)
            {
                // Within reason: the numbers are the provider's, and budgets are settled by them.
                InputTokens += (int)Math.Clamp(usage!.InputTokenCount!.Value, 0, 100_000_000);

                // Tools and pictures count for more than their words.
                if (_model is not null && Request.Tools.Count == 0 && Request.Images.Count == 0 && !IsExtractive)
                {
                    _ratios.Observe(_model.Id, Messages.Sum(m => TokenEstimate.Of(m.Text) + TokenEstimate.PerMessage), usage.InputTokenCount.Value);
                }

                OutputTokens += (int)Math.Clamp(usage.OutputTokenCount!.Value, 0, 100_000_000);
            }
            else if (received > 0 || Fault is null)
            {
                Estimated = true;
                InputTokens += Messages.Sum(m => TokenEstimate.Of(m.Text) + TokenEstimate.PerMessage);
                OutputTokens += received;
            }
        }

        /// <summary>What goes to a tool goes out as well.</summary>
        public void Inspect(List<FunctionCallContent> calls)
        {
            foreach (var call in calls)
            {
                Watch.Look(ToolRunner.AsWritten(call).ArgumentsJson);
            }
        }

        public void Keep(string text, List<FunctionCallContent> calls)
        {
            IsBroken = false;
            if (calls.Count > 0)
            {
                Messages.Add(new(ChatRole.Assistant, [.. text.Length > 0 ? [new TextContent(text)] : Array.Empty<AIContent>(), .. calls]));
            }
        }

        public void BreakOff(string text)
        {
            IsBroken = true;
            Messages.AddRange(AnswerPrompt.Continue(text));
        }

        /// <summary>Time that a call waited for the person is not the answer's.</summary>
        private long Deadline => _deadline + (long)(Tools.Waited.TotalSeconds * _time.TimestampFrequency);

        private long After(TimeSpan time) => _time.GetTimestamp() + (long)(time.TotalSeconds * _time.TimestampFrequency);

        public bool IsExtractive => _model?.Id == ModelCatalogue.Extractive;
    }

    /// <summary>The text of one call on its way to the reader.</summary>
    private sealed class Round
    {
        private readonly Run _run;
        private readonly CleanText _clean = new();
        private readonly StringBuilder _text = new();
        private readonly Seam? _seam;
        private bool _begun;

        public Round(Run run)
        {
            _run = run;
            _seam = run.IsBroken && !run.IsExtractive ? new(run.Shown.ToString()) : null;
            _begun = run.IsBroken;
        }

        public string Text => _text.ToString();

        public bool IsBlank => string.IsNullOrWhiteSpace(Text);

        /// <summary>In tokens, estimated.</summary>
        public int Received { get; private set; }

        public bool IsFull => _run.Shown.Length >= MaxCharacters;

        public string Push(string piece)
        {
            if (piece.Length == 0)
            {
                return "";
            }

            Received += TokenEstimate.Of(piece);
            var clean = _clean.Push(piece);
            return Show(_run.Watch.Push(_seam?.Push(clean) ?? clean));
        }

        public string Finish()
        {
            var rest = _clean.Finish();
            rest = _run.Watch.Push(_seam is null ? rest : _seam.Push(rest) + _seam.Finish());
            return Show(rest + _run.Watch.Finish());
        }

        private string Show(string text)
        {
            // Space before the first word is nothing to show: an answer of spaces is an empty one, and can be retried.
            if (!_begun)
            {
                text = text.TrimStart();
                if (text.Length == 0)
                {
                    return "";
                }

                _begun = true;

                // What a model says before it calls a tool and after are two paragraphs.
                text = _run.Shown.Length > 0 ? "\n\n" + text : text;
            }

            if (text.Length > MaxCharacters - _run.Shown.Length)
            {
                var cut = MaxCharacters - _run.Shown.Length;
                text = text[..(cut > 0 && char.IsHighSurrogate(text[cut - 1]) ? cut - 1 : cut)] + (cut > 0 && char.IsHighSurrogate(text[cut - 1]) ? "…" : "");
            }

            _text.Append(text);
            _run.Shown.Append(text);
            return text;
        }
    }
}
