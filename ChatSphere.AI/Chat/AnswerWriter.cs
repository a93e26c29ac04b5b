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

    /// <summary>A refused key is not likely to be taken a moment later.</summary>
    private static readonly TimeSpan RefusedRest = TimeSpan.FromMinutes(1);

    public async IAsyncEnumerable<AnswerEvent> WriteAsync(AnswerRequest request, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        var plan = catalogue.Plan(request);
        var run = new Run(request, options.Value, time, catalogue, plan, ratios ?? new());
        ProviderFault? fault = null;
        string? failed = null;
        foreach (var (id, why) in plan.Skipped)
        {
            run.Route.Skip(id, why);
        }

        for (var at = 0; at < plan.Models.Count; at++)
        {
            var id = plan.Models[at];
            cancellationToken.ThrowIfCancellationRequested();
            if (failed is not null)
            {
                // No time for another language model, but the extractive one takes none.
                if (run.IsOutOfTime && id != ModelCatalogue.Extractive)
                {
                    continue;
                }

                yield return Switch(run, failed, id, fault!.Code);
            }

            var ways = catalogue.Open(id, request.OwnConnections);
            if (ways.Count > 0)
            {
                ModelCall? started = null;
                if (options.Value.HedgeAfter is { } patience && run.IsFresh && at + 1 < plan.Models.Count && plan.Models[at + 1] is var next && next != ModelCatalogue.Extractive
                    && catalogue.PromptTokensOf(next) >= run.PromptTokens)
                {
                    (started, var late) = await RaceAsync(run, id, ways, next, patience, cancellationToken);
                    if (late is not null)
                    {
                        yield return Switch(run, id, next, late);
                        at++;
                        id = next;
                        ways = catalogue.Open(id, request.OwnConnections);
                    }
                }

                await foreach (var happened in AskAsync(run, id, ways, started, cancellationToken))
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
                run.Route.Skip(id, fault.Code);
            }

            failed = id;
        }

        if (failed is null)
        {
            Failing(logger, request.TurnId, plan.Wanted, AnswerCodes.NoSuitableModel);
            yield return new AnswerFailed(ProviderFault.NotSuitable.Code, ProviderFault.NotSuitable.Reason);
            yield break;
        }

        // Whatever the last in the chain had to say, what the reader sees is half an answer.
        fault = run.Shown.Length > 0 && fault!.Code != AnswerCodes.AnswerTimeout ? fault.InTheMiddle(failed) : fault!;
        Failing(logger, request.TurnId, failed, fault.Code);
        yield return new AnswerFailed(fault.Code, fault.Reason);
    }

    private AnswerSwitched Switch(Run run, string from, string to, string reason)
    {
        AiTelemetry.Switches.Add(1, new KeyValuePair<string, object?>("chatsphere.ai.from", from), new("chatsphere.ai.to", to), new("chatsphere.ai.reason", reason));
        Switching(logger, run.Request.TurnId, from, to, reason);
        return new(from, to, reason);
    }

    /// <summary>One model, from the text shown so far to the end of the answer: <see cref="Run.Fault"/> is null then.</summary>
    /// <param name="started">The first call, when a race has started it.</param>
    private async IAsyncEnumerable<AnswerEvent> AskAsync(Run run, string id, IReadOnlyList<ChatModel> ways, ModelCall? started, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        run.Begin(id);
        var tried = new HashSet<ChatModel>();
        for (var retries = 0; ;)
        {
            run.Fault = null;
            var calls = new List<FunctionCallContent>();
            if (run.IsOutOfTime && id != ModelCatalogue.Extractive && started is null)
            {
                run.Fault = ProviderFault.OutOfTime;
                yield break;
            }

            await using (var call = started ?? Enter(run, ways, tried, cancellationToken))
            {
                started = null;
                if (call is null)
                {
                    run.Fault = ProviderFault.Circuit(id);
                    run.Route.Skip(id, run.Fault.Code);
                    yield break;
                }

                tried.Add(call.Model);
                var round = new Round(run);
                call.Received = () => round.Received;
                while (!round.IsFull)
                {
                    var (update, fault) = await call.Stream.NextAsync();
                    if (fault is not null)
                    {
                        run.Fault = !round.IsBlank ? fault.InTheMiddle(id) : fault;
                        call.Failed(fault);
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
                        call.Pass.FirstToken();
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
                    call.Settle(run.Fault.Code);
                    yield break;
                }

                if (run.Fault is null && round.IsBlank && calls.Count == 0)
                {
                    run.Fault = call.Stream.FinishReason == ChatFinishReason.ContentFilter.Value ? ProviderFault.Filtered(id) : ProviderFault.Empty(id);
                    call.Stream.MarkFailed(run.Fault.Code);
                    call.Pass.Failed();
                }

                call.Settle(run.Fault?.Code ?? RouteOutcomes.Answered);
                if (run.Fault is null)
                {
                    call.Pass.Completed();
                    run.FinishReason = round.IsFull ? ChatFinishReason.Length.Value : call.Stream.FinishReason;
                    run.Keep(round.Text, calls);
                }
                else
                {
                    Faulted(logger, run.Request.TurnId, id, run.Fault.Code, run.Fault.Reason);
                    if (!round.IsBlank)
                    {
                        run.BreakOff(round.Text);
                        yield break;
                    }
                }
            }

            if (run.Fault is not null)
            {
                // Another key may answer at once where this one would only after a while.
                var other = run.Fault.IsOfTheKey && ways.Any(w => !tried.Contains(w) && circuits.IllnessOf(w) < 2);
                if (!other && (retries >= run.Fault.Retries || run.Fault.RetryAfter > LongestRetryAfter))
                {
                    yield break;
                }

                AiTelemetry.Retries.Add(1, new KeyValuePair<string, object?>("gen_ai.provider.name", ways[0].Provider), new("gen_ai.request.model", id));
                if (!other)
                {
                    tried.Clear();
                    await Task.Delay(Backoff(retries++, run.Fault.RetryAfter), time, cancellationToken);
                }

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
                    run.Fault = ProviderFault.Empty(id);
                }

                yield break;
            }

            await foreach (var happened in UseToolsAsync(run, calls, cancellationToken))
            {
                yield return happened;
            }

            run.Rounds++;
            retries = 0;
            tried.Clear();
        }
    }

    /// <summary>A call through the first way that is healthy and was not tried; null while all circuits are open.</summary>
    private ModelCall? Enter(Run run, IReadOnlyList<ChatModel> ways, HashSet<ChatModel> tried, CancellationToken cancellationToken)
    {
        foreach (var model in ways.Where(w => !tried.Contains(w)).OrderBy(circuits.IllnessOf))
        {
            if (circuits.TryEnter(model) is { } pass)
            {
                var messages = catalogue.InfoOf(model.Id).Vision == false ? AnswerPrompt.WithoutImages(run.Messages) : run.Messages;
                var stream = new ModelStream(model, [.. messages], run.Chat(model, Occasion(run, model)), options.Value, time, run.DeadlineFor(model), cancellationToken);
                return new(run, model, pass, stream, circuits, time);
            }
        }

        return null;
    }

    /// <summary>
    /// The first of two models to speak: the second is asked when the first has said nothing for a while. Null where nobody could be asked. Late: why the second answers;
    /// null when the first does.
    /// </summary>
    private async Task<(ModelCall? Winner, string? Late)> RaceAsync(Run run, string first, IReadOnlyList<ChatModel> ways, string second, TimeSpan patience, CancellationToken cancellationToken)
    {
        run.Begin(first);
        if (Enter(run, ways, [], cancellationToken) is not { } favourite)
        {
            return (null, null);
        }

        ModelCall? rival = null;
        try
        {
            var speaks = favourite.Stream.SpeaksAsync();
            using (var waiting = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken))
            {
                var wait = Task.Delay(patience, time, waiting.Token);
                var either = await Task.WhenAny(speaks, wait);
                await waiting.CancelAsync();
                await ((Task)wait).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                if (either == speaks)
                {
                    await speaks;
                    return (favourite, null);
                }
            }

            cancellationToken.ThrowIfCancellationRequested();
            run.Begin(second);
            rival = Enter(run, catalogue.Open(second, run.Request.OwnConnections), [], cancellationToken);
            if (rival is null)
            {
                run.Begin(first);
                return (favourite, null);
            }

            AiTelemetry.Hedges.Add(1, new KeyValuePair<string, object?>("gen_ai.request.model", first));
            var answers = rival.Stream.SpeaksAsync();
            await Task.WhenAny(speaks, answers);
            if ((speaks.IsCompleted && await speaks) || !await answers)
            {
                // The favourite spoke after all, or the rival is no better.
                await DropAsync(rival, answers);
                run.Begin(first);
                return (favourite, null);
            }

            var late = speaks.IsCompletedSuccessfully && favourite.Stream.HeardFault is { } fault ? fault.Code : AnswerCodes.ProviderSlow;
            await DropAsync(favourite, speaks);
            return (rival, late);
        }
        catch
        {
            await favourite.DisposeAsync();
            if (rival is not null)
            {
                await rival.DisposeAsync();
            }

            throw;
        }
    }

    private static async Task DropAsync(ModelCall call, Task<bool> speaks)
    {
        if (speaks.IsCompletedSuccessfully && call.Stream.HeardFault is { } fault)
        {
            call.Failed(fault);
            call.Settle(fault.Code);
        }
        else
        {
            call.Settle(RouteOutcomes.Outrun);
        }

        await call.DisposeAsync();
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
        : !catalogue.HasLanguageModel && run.Request.OwnConnections.Count == 0 ? ExtractiveOccasion.NotConnected
        : run.Plan.Wanted == model.Id ? ExtractiveOccasion.Chosen
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
        private readonly ModelCatalogue _catalogue;
        private readonly long _deadline;
        private readonly TokenRatios _ratios;
        private string? _model;
        private int _promptLength;

        public Run(AnswerRequest request, AiOptions options, TimeProvider time, ModelCatalogue catalogue, ModelPlan plan, TokenRatios ratios)
        {
            (Request, _options, _time, _catalogue, Plan, _ratios) = (request, options, time, catalogue, plan, ratios);
            Route = request.Route ?? new();
            Watch = new(Canary.For(request.BotId));
            var model = plan.Models.Count > 0 ? plan.Models[0] : plan.Wanted;
            PromptTokens = catalogue.PromptTokensOf(model);
            Messages = [.. request.Prompt ?? Assemble(request, PromptTokens, ratios.Of(model))];
            _promptLength = Messages.Count;
            _deadline = After(options.AnswerTimeout);
            Tools = new(request, options, time);
            if (request.Shown.Length > 0)
            {
                Shown.Append(request.Shown);
                BreakOff(request.Shown);
            }
        }

        private static IReadOnlyList<ChatMessage> Assemble(AnswerRequest request, int tokens, double ratio)
        {
            var prompt = AnswerPrompt.Assemble(request, tokens, ratio);
            request.Report?.Assembled(prompt);
            return prompt.Messages;
        }

        public AnswerRequest Request { get; }

        public ModelPlan Plan { get; }

        public RouteLog Route { get; }

        /// <summary>What the prompt was made to fit into.</summary>
        public int PromptTokens { get; private set; }

        /// <summary>Nothing has been said or done for it yet.</summary>
        public bool IsFresh => Shown.Length == 0 && Rounds == 0;

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

        /// <summary>A model with less room gets a shorter prompt; what came of the longer one stays behind it.</summary>
        public void Begin(string model)
        {
            _model = model;
            if (Request.Prompt is null && model != ModelCatalogue.Extractive && _catalogue.PromptTokensOf(model) is var tokens && tokens < PromptTokens)
            {
                var shorter = Assemble(Request, tokens, _ratios.Of(model));
                Messages.RemoveRange(0, _promptLength);
                Messages.InsertRange(0, shorter);
                (PromptTokens, _promptLength) = (tokens, shorter.Count);
            }
        }

        public ChatOptions Chat(ChatModel model, ExtractiveOccasion occasion)
        {
            var chat = Request.Parameters?.Clone() ?? new();
            chat.ModelId = model.Id;
            chat.MaxOutputTokens = Math.Min(chat.MaxOutputTokens ?? int.MaxValue, _catalogue.OutputTokensOf(model.Id));
            chat.Temperature = (float?)Request.Temperature;
            if (Request.Tools.Count > 0 && !Plan.WithoutTools)
            {
                chat.Tools = [.. Request.Tools];
                chat.ToolMode = Rounds < MaxToolRounds ? chat.ToolMode ?? ChatToolMode.Auto : ChatToolMode.None;
            }

            return model.Id == ModelCatalogue.Extractive ? ExtractiveChatClient.Ask(chat, new(Request.SearchText ?? Request.Question, Request.Passages, occasion, Shown.ToString())) : chat;
        }

        /// <param name="received">The text that came, also what the seam dropped: it was paid for.</param>
        /// <param name="wasted">Nobody will see what came of it.</param>
        /// <returns>What the call took.</returns>
        public (int Input, int Output) Account(UsageDetails? usage, int received, bool wasted)
        {
            var before = (InputTokens, OutputTokens);
            var reported = usage is { InputTokenCount: not null, OutputTokenCount: not null };
            if (reported)
            {
                // Within reason: the numbers are the provider's, and budgets are settled by them.
                InputTokens += (int)Math.Clamp(usage!.InputTokenCount!.Value, 0, 100_000_000);

                // Tools and pictures count for more than their words.
                if (_model is not null && !wasted && Request.Tools.Count == 0 && Request.Images.Count == 0 && !IsExtractive)
                {
                    _ratios.Observe(_model, Messages.Sum(m => TokenEstimate.Of(m.Text) + TokenEstimate.PerMessage), usage.InputTokenCount.Value);
                }

                OutputTokens += (int)Math.Clamp(usage.OutputTokenCount!.Value, 0, 100_000_000);
            }
            else if (received > 0 || wasted || Fault is null)
            {
                Estimated = true;
                InputTokens += Messages.Sum(m => TokenEstimate.Of(m.Text) + TokenEstimate.PerMessage);
                OutputTokens += received;
            }

            return (InputTokens - before.InputTokens, OutputTokens - before.OutputTokens);
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

        public bool IsExtractive => _model == ModelCatalogue.Extractive;
    }

    /// <summary>One call of one model: asked, settled once, and gone.</summary>
    private sealed class ModelCall(Run run, ChatModel model, ModelCircuits.Pass pass, ModelStream stream, ModelCircuits circuits, TimeProvider time) : IAsyncDisposable
    {
        private readonly long _started = time.GetTimestamp();
        private bool _settled;

        public ChatModel Model => model;

        public ModelCircuits.Pass Pass => pass;

        public ModelStream Stream => stream;

        /// <summary>In tokens, estimated.</summary>
        public Func<int> Received { get; set; } = static () => 0;

        public void Failed(ProviderFault fault)
        {
            if (fault.Counts)
            {
                pass.Failed();
            }

            if (fault.Status is 401 or 403 || fault is { Status: 429 })
            {
                circuits.Rest(model, fault.Status == 429 ? fault.RetryAfter ?? TimeSpan.FromSeconds(5) : RefusedRest);
            }
        }

        public void Settle(string outcome)
        {
            if (_settled)
            {
                return;
            }

            _settled = true;
            var (input, output) = run.Account(stream.Usage, Received(), outcome is RouteOutcomes.Outrun or RouteOutcomes.Cancelled);
            run.Route.Add(new(model.Id, model.Connection, outcome, (int)time.GetElapsedTime(_started).TotalMilliseconds, input, output, model.IsOwn));
        }

        public async ValueTask DisposeAsync()
        {
            Settle(RouteOutcomes.Cancelled);
            await stream.DisposeAsync();
            pass.Dispose();
        }
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
