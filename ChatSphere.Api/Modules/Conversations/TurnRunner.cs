using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Text;
using System.Text.Json;
using System.Threading.Channels;
using ChatSphere.AI.Chat;
using ChatSphere.AI.Chat.Citations;
using ChatSphere.Api.Answering;
using ChatSphere.Api.Responses;
using ChatSphere.Contracts.Conversations;
using ChatSphere.Contracts.Live;
using ChatSphere.Data;
using ChatSphere.Data.Bots;
using ChatSphere.Data.Conversations;
using ChatSphere.Data.Plans;
using ChatSphere.Messaging.Live;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace ChatSphere.Api.Modules.Conversations;

/// <summary>
/// Writes answers, apart from the requests that asked for them: a reader that goes away changes nothing. Events go to readers on this node at once and to the turn's
/// Redis stream for those on others; the finished message goes to PostgreSQL before <c>done</c> is said.
/// </summary>
internal sealed partial class TurnRunner(
    RunningTurns running, TurnStreams streams, LiveFeed live, AnswerWriter answers, AnswerPreparation preparation, IServiceScopeFactory scopes,
    IOptions<TurnOptions> options, IOptions<Microsoft.AspNetCore.Http.Json.JsonOptions> json, TimeProvider time, ILogger<TurnRunner> logger)
{
    // Tokens that come faster than this are put together: one event for each would cost every reader more than it shows.
    private static readonly TimeSpan Coalesce = TimeSpan.FromMilliseconds(40);

    private static readonly ActivitySource Source = new("ChatSphere.Conversations");
    private static readonly Meter Meter = new("ChatSphere.Conversations");
    private static readonly UpDownCounter<int> Running = Meter.CreateUpDownCounter<int>("chatsphere.turns.running", "{turn}", "Answers being written on this node.");
    private static readonly Histogram<double> FirstText = Meter.CreateHistogram<double>("chatsphere.turns.first_text", "s", "From the start of a turn to its first text.");

    /// <summary>Names this process in the turns that it holds.</summary>
    public string Node { get; } = $"{Environment.MachineName[..Math.Min(40, Environment.MachineName.Length)]}/{Guid.NewGuid():n}";

    public bool IsFull => running.Count >= options.Value.MaxRunning;

    /// <summary>The turn must have been saved. Returns at once.</summary>
    public void Start(Turn turn, Bot bot, string question, int questionSeq, string? model = null, string shown = "")
    {
        var here = new RunningTurn(turn.Id, turn.ConversationId, turn.OwnerId, turn.AnswerId) { Text = shown };
        running.Add(here);
        var draft = AnswerDraft.For(turn.Id, turn.OwnerId, bot, question, turn.ConversationId, turn.QuestionId, questionSeq, model, shown);

        // Not the request's token, nor its span's lifetime: the turn outlives both. The trace goes on.
        var parent = Activity.Current?.Context ?? default;
        _ = Task.Run(() => RunAsync(here, turn, draft, parent), CancellationToken.None);
    }

    private async Task RunAsync(RunningTurn here, Turn turn, AnswerDraft draft, ActivityContext parent)
    {
        using var activity = Source.StartActivity("answer turn", ActivityKind.Internal, parent);
        Running.Add(1);
        var outbox = Channel.CreateUnbounded<TurnEvent>(new UnboundedChannelOptions { SingleReader = true });
        var publishing = PublishAsync(turn.Id, outbox.Reader);
        var outcome = new Outcome(draft, time.GetTimestamp());
        try
        {
            live.Publish(turn.OwnerId, LiveEventTypes.ConversationChanged, new LiveReference(turn.ConversationId));
            live.Publish(turn.OwnerId, LiveEventTypes.MessageChanged, new LiveReference(turn.QuestionId));
            live.Publish(turn.OwnerId, LiveEventTypes.MessageChanged, new LiveReference(turn.AnswerId));
            await AnswerAsync(here, outbox.Writer, outcome);
        }
        catch (OperationCanceledException) when (here.Why != TurnCut.None)
        {
            if (here.Why == TurnCut.ShuttingDown)
            {
                (outcome.State, outcome.Code, outcome.Reason) = (MessageState.Interrupted, "interrupted", "The server was restarted while it wrote this answer.");
            }
            else
            {
                outcome.State = MessageState.Stopped;
            }
        }
        catch (Exception e)
        {
            LogFailed(logger, e, turn.Id);
            activity?.SetStatus(ActivityStatusCode.Error);
            (outcome.State, outcome.Code, outcome.Reason) = (MessageState.Failed, "answer_failed", "Something went wrong on our side while this answer was written.");
        }

        try
        {
            await FinishAsync(here, outbox.Writer, turn, outcome);
        }
        catch (Exception e)
        {
            // The lease runs out, and the sweeper ends the turn with the text of the stream.
            LogFailed(logger, e, turn.Id);
        }
        finally
        {
            running.Remove(turn.Id);
            Running.Add(-1);
            outbox.Writer.TryComplete();
            await publishing;
            here.Dispose();
        }
    }

    private async Task AnswerAsync(RunningTurn here, ChannelWriter<TurnEvent> outbox, Outcome outcome)
    {
        var draft = outcome.Draft;
        if (draft.Shown.Length > 0)
        {
            // A reader who comes now has nothing yet.
            Emit(here, outbox, TurnEventNames.Delta, new DeltaEvent(0, draft.Shown));
        }

        await preparation.PrepareAsync(draft, here.Cut);
        var sources = EmitSources();

        // The model is read apart from the writing of events, so that a burst of tokens becomes one event.
        var written = Channel.CreateUnbounded<AnswerEvent>(new UnboundedChannelOptions { SingleReader = true, SingleWriter = true });
        var reading = ReadAsync(draft.ToRequest(), written.Writer, here.Cut);
        var pending = new StringBuilder();
        try
        {
            var lastDelta = 0L;
            while (await written.Reader.WaitToReadAsync(CancellationToken.None))
            {
                while (written.Reader.TryRead(out var e))
                {
                    if (e is AnswerDelta delta)
                    {
                        pending.Append(delta.Text);
                        continue;
                    }

                    Flush();
                    Apply(e);
                }

                if (pending.Length == 0)
                {
                    continue;
                }

                var since = time.GetElapsedTime(lastDelta);
                if (lastDelta != 0 && since < Coalesce)
                {
                    await Task.Delay(Coalesce - since, time, CancellationToken.None);
                    while (written.Reader.TryPeek(out var next) && next is AnswerDelta more && written.Reader.TryRead(out _))
                    {
                        pending.Append(more.Text);
                    }
                }

                Flush();
                lastDelta = time.GetTimestamp();
            }

            Flush();
        }
        finally
        {
            await reading;
        }

        void Flush()
        {
            if (pending.Length == 0)
            {
                return;
            }

            if (outcome.FirstText is null)
            {
                outcome.FirstText = time.GetElapsedTime(outcome.StartedAt);
                FirstText.Record(outcome.FirstText.Value.TotalSeconds);
            }

            Emit(here, outbox, TurnEventNames.Delta, new DeltaEvent(outcome.Text.Length, pending.ToString()));
            outcome.Text.Append(pending);
            outcome.HasWorked = true;
            here.Text = outcome.Text.ToString();
            pending.Clear();
        }

        int EmitSources()
        {
            Emit(here, outbox, TurnEventNames.Sources, new SourcesEvent([.. draft.Passages.Select((p, i) => new SourceResponse(i + 1, p.DocumentId, p.DocumentName, p.Page, p.Start, p.End, p.Heading, p.Text))]));
            return draft.Passages.Count;
        }

        void Apply(AnswerEvent e)
        {
            draft.Note(e, time);
            switch (e)
            {
                case AnswerSwitched s:
                    Emit(here, outbox, TurnEventNames.Switched, new SwitchedEvent(s.From, s.To, s.Reason));
                    break;
                case AnswerToolCall c:
                    outcome.HasWorked = true;
                    Emit(here, outbox, TurnEventNames.ToolCall, new ToolCallEvent(c.CallId, c.Name, c.ArgumentsJson));
                    break;
                case AnswerToolApproval a:
                    Emit(here, outbox, TurnEventNames.ToolApproval, new ToolApprovalEvent(a.CallId, a.Name, a.ArgumentsJson, a.Target, a.Reason, a.Until, a.MayRemember));
                    break;
                case AnswerToolDecided d:
                    Emit(here, outbox, TurnEventNames.ToolDecided, new ToolDecidedEvent(d.CallId, AnswerDraft.Wire(d.Decision)));
                    break;
                case AnswerToolResult r:
                    // A search that the model made itself found more; its numbers go on from those there were.
                    sources = draft.Passages.Count > sources ? EmitSources() : sources;
                    Emit(here, outbox, TurnEventNames.ToolResult, new ToolResultEvent(r.CallId, r.Name, r.Result, r.IsError));
                    break;
                case AnswerFinished f:
                    outcome.HasWorked = true;
                    outcome.Finished = f;
                    break;
                case AnswerFailed f:
                    (outcome.State, outcome.Code, outcome.Reason) = (MessageState.Failed, f.Code, f.Reason);
                    if (f.Code == AnswerCodes.AnswerWithheld)
                    {
                        // What was shown on the way is taken back: nothing of it is kept.
                        outcome.Text.Clear();
                        here.Text = "";
                    }

                    break;
                default:
                    throw new UnreachableException(e.GetType().Name);
            }
        }
    }

    private async Task ReadAsync(AnswerRequest request, ChannelWriter<AnswerEvent> written, CancellationToken cancellationToken)
    {
        try
        {
            await foreach (var e in answers.WriteAsync(request, cancellationToken))
            {
                written.TryWrite(e);
            }
        }
        finally
        {
            written.Complete();
        }
    }

    /// <summary>Checks the citations, keeps the message, and only then says that the turn is over.</summary>
    private async Task FinishAsync(RunningTurn here, ChannelWriter<TurnEvent> outbox, Turn turn, Outcome outcome)
    {
        var model = outcome.Finished?.Model;
        var usage = new Usage
        {
            InputTokens = outcome.Finished?.InputTokens ?? 0,
            OutputTokens = outcome.Finished?.OutputTokens ?? 0,
            Estimated = outcome.Finished?.Estimated ?? true,
            FirstTokenMilliseconds = (int?)outcome.FirstText?.TotalMilliseconds,
            TotalMilliseconds = (int)time.GetElapsedTime(outcome.StartedAt).TotalMilliseconds,
        };

        // One number ahead of the last event: usage comes before it.
        var lastSeq = here.LastSeq + (model is null ? 1 : 2);
        Message? kept = null;
        for (var failures = 0; kept is null; failures++)
        {
            try
            {
                kept = await KeepAsync(turn, outcome, model, usage, lastSeq);
                if (kept is null)
                {
                    // Deleted meanwhile, or given up by a sweeper that took this node for dead.
                    Emit(here, outbox, TurnEventNames.Failed, new { code = "turn_replaced", reason = "This answer was replaced or deleted." });
                    return;
                }
            }
            catch (Exception e) when (failures < 120 && here.Why != TurnCut.ShuttingDown && e is Npgsql.NpgsqlException or DbUpdateException or TimeoutException)
            {
                // The answer is there, only its place is away: it keeps for minutes.
                LogNotKept(logger, turn.Id, e.GetType().Name);
                await Task.Delay(TimeSpan.FromSeconds(Math.Min(5, 0.2 * (failures + 1))), time, CancellationToken.None);
            }
        }

        var message = ConversationResponses.From(kept);
        if (model is not null)
        {
            Emit(here, outbox, TurnEventNames.Usage, new UsageEvent(model, message.Usage!));
        }

        if (outcome.State is MessageState.Failed or MessageState.Interrupted)
        {
            Emit(here, outbox, TurnEventNames.Failed, new FailedEvent(outcome.Code!, outcome.Reason!, message));
        }
        else
        {
            Emit(here, outbox, TurnEventNames.Done, new DoneEvent(message));
        }

        live.Publish(turn.OwnerId, LiveEventTypes.MessageChanged, new LiveReference(turn.AnswerId));
        live.Publish(turn.OwnerId, LiveEventTypes.ConversationChanged, new LiveReference(turn.ConversationId));
    }

    private async Task<Message?> KeepAsync(Turn turn, Outcome outcome, string? model, Usage usage, int lastSeq)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<ChatSphereDb>();
        var checkedAnswer = CitationResolver.Check(outcome.Text.ToString(), outcome.Draft.Passages);
        var citations = await VerifiedCitations.OfAsync(db, checkedAnswer.Citations);
        outcome.Draft.NotVerified = [.. checkedAnswer.Citations.Select(c => c.Number).Except(citations.Select(c => c.Number))];
        var text = citations.Count == checkedAnswer.Citations.Count ? checkedAnswer.Text : CitationMarkers.RemoveUnknown(checkedAnswer.Text, citations.Select(c => c.Number));

        db.Database.AutoSavepointsEnabled = false;
        await using var transaction = await db.Database.BeginTransactionAsync();
        if (await db.Turns.Where(t => t.Id == turn.Id && t.LastEvent == null).ExecuteUpdateAsync(t => t.SetProperty(x => x.LastEvent, lastSeq)) == 0
            || await db.Messages.SingleOrDefaultAsync(m => m.Id == turn.AnswerId && m.TurnId == turn.Id) is not { } answer)
        {
            // What is deleted while it is written was asked for all the same.
            var lost = new EndedAnswer(outcome.Draft, null, outcome.State, outcome.Finished, outcome.HasWorked, time.GetElapsedTime(outcome.StartedAt));
            await scope.ServiceProvider.GetRequiredService<SettleBudget>().SettleAsync(lost, outcome.Text.ToString(), CancellationToken.None);
            await transaction.CommitAsync();
            return null;
        }

        answer.State = outcome.State;
        if (outcome.Draft.Shown.Length > 0 && outcome.Text.Length == outcome.Draft.Shown.Length)
        {
            // Nothing came of going on: what there was stays as it was checked then.
            (text, citations) = (answer.Text, answer.Citations);
        }

        answer.Text = text;
        answer.Model = model ?? answer.Model;
        answer.FinishReason = outcome.Finished?.FinishReason is { } reason ? reason[..Math.Min(64, reason.Length)] : null;
        answer.Citations = citations;
        answer.Usage = usage;
        answer.FailureCode = outcome.Code;
        answer.Reason = outcome.Reason;
        var ended = new EndedAnswer(outcome.Draft, answer, outcome.State, outcome.Finished, outcome.HasWorked, time.GetElapsedTime(outcome.StartedAt));
        foreach (var step in scope.ServiceProvider.GetServices<IFinishAnswer>())
        {
            await step.FinishAsync(db, ended, CancellationToken.None);
        }

        await db.SaveChangesAsync();
        await db.EndTurnAsync(turn.ConversationId, turn.Id, time.GetUtcNow());
        if (outcome is { State: MessageState.Failed or MessageState.Interrupted, HasWorked: false })
        {
            await scope.ServiceProvider.GetRequiredService<IUsageGate>().GiveBackMessageAsync(turn.OwnerId, turn.CreatedAt, CancellationToken.None);
        }

        await transaction.CommitAsync();
        return answer;
    }

    private void Emit<T>(RunningTurn here, ChannelWriter<TurnEvent> outbox, string name, T data) =>
        outbox.TryWrite(here.Append(name, JsonSerializer.Serialize(data, json.Value.SerializerOptions)));

    /// <summary>Sends what there is in one go, then what came meanwhile: a slow Redis makes larger batches, not a longer queue.</summary>
    private async Task PublishAsync(Guid turnId, ChannelReader<TurnEvent> events)
    {
        var batch = new List<TurnEvent>();
        while (await events.WaitToReadAsync())
        {
            while (batch.Count < 200 && events.TryRead(out var e))
            {
                batch.Add(e);
            }

            if (!await streams.AppendAsync(turnId, batch))
            {
                // A stream with a hole would mislead its readers; without one they take the finished message.
                await foreach (var _ in events.ReadAllAsync())
                {
                }

                await streams.DropAsync(turnId);
                return;
            }

            batch.Clear();
        }
    }

    private sealed class Outcome(AnswerDraft draft, long startedAt)
    {
        public AnswerDraft Draft { get; } = draft;

        public long StartedAt { get; } = startedAt;

        public StringBuilder Text { get; } = new(draft.Shown);

        public TimeSpan? FirstText { get; set; }

        /// <summary>A model has done something for it, so it counts as a message.</summary>
        public bool HasWorked { get; set; }

        public AnswerFinished? Finished { get; set; }

        public MessageState State { get; set; } = MessageState.Complete;

        public string? Code { get; set; }

        public string? Reason { get; set; }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Turn {TurnId} failed.")]
    private static partial void LogFailed(ILogger logger, Exception e, Guid turnId);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The answer of turn {TurnId} could not be kept yet: {Kind}")]
    private static partial void LogNotKept(ILogger logger, Guid turnId, string kind);
}
