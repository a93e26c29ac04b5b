using System.Runtime.CompilerServices;
using System.Text.Json;
using ChatSphere.Api.Http;
using ChatSphere.Api.Responses;
using ChatSphere.Contracts.Conversations;
using ChatSphere.Data;
using ChatSphere.Messaging.Live;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace ChatSphere.Api.Modules.Conversations;

/// <summary>
/// Serves a turn's events from any node and any point: from memory where it runs, else from its Redis stream, else, when that is gone or Redis is away, made from the
/// finished message. Ends behind <c>done</c> or <c>failed</c>.
/// </summary>
internal sealed class TurnReader(RunningTurns running, TurnStreams streams, IServiceScopeFactory scopes, IOptions<Microsoft.AspNetCore.Http.Json.JsonOptions> json, TimeProvider time)
{
    private static readonly TimeSpan LookAnyway = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan LastEventsGrace = TimeSpan.FromMilliseconds(500);

    public async IAsyncEnumerable<StreamedEvent> ReadAsync(Guid turnId, int after, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var last = after;
        var here = running.Find(turnId);
        if (here is not null)
        {
            last = Math.Min(after, here.LastSeq);
        }

        // Held on to until its last event, also when it has been taken off the list of running turns meanwhile.
        while (here is not null)
        {
            var (events, more) = here.After(last);
            foreach (var e in events)
            {
                last = e.Seq;
                yield return new StreamedEvent(e.Seq, e.Name, e.Data);
                if (RunningTurn.IsLast(e.Name))
                {
                    yield break;
                }
            }

            await more.WaitAsync(LookAnyway, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            cancellationToken.ThrowIfCancellationRequested();
        }

        using var watch = streams.WatchAppends(turnId);
        var over = false;
        while (true)
        {
            // Taken before reading, so that what is appended meanwhile wakes us.
            var more = watch.Next;
            var events = await streams.ReadAsync(turnId, last);
            foreach (var e in events ?? [])
            {
                last = e.Seq;
                yield return new StreamedEvent(e.Seq, e.Name, e.Data);
                if (RunningTurn.IsLast(e.Name))
                {
                    yield break;
                }
            }

            if (events is { Count: > 0 })
            {
                continue;
            }

            // Nothing new: it thinks, or it is over. The message is kept just before the last events are sent, so they get a moment to come.
            IReadOnlyList<StreamedEvent> finished;
            try
            {
                finished = await FinishedAsync(turnId, last, cancellationToken);
            }
            catch (Exception e) when (DatabaseFaults.IsAway(e))
            {
                // Not over as far as anybody can tell: the answer is kept only when the database is back.
                finished = [];
            }

            if (finished.Count > 0 && (over || events is null))
            {
                foreach (var e in finished)
                {
                    yield return e;
                }

                yield break;
            }

            over = finished.Count > 0;
            await more.WaitAsync(over ? LastEventsGrace : LookAnyway, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            cancellationToken.ThrowIfCancellationRequested();
        }
    }

    /// <summary>
    /// The end of a turn as its message tells it: the whole text as one piece from offset 0, which replaces what a reader has, and usage, both without an id because
    /// they stand for events whose numbers are not known any more; then the last event under its true number. Empty while it is not over.
    /// </summary>
    private async Task<IReadOnlyList<StreamedEvent>> FinishedAsync(Guid turnId, int after, CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<ChatSphereDb>();
        var found = await db.Turns.AsNoTracking().Where(t => t.Id == turnId)
            .Select(t => new { t.LastEvent, Answer = db.Messages.SingleOrDefault(m => m.Id == t.AnswerId) }).SingleOrDefaultAsync(cancellationToken);
        if (found is { LastEvent: null })
        {
            return [];
        }

        if (found?.Answer is not { } answer || answer.TurnId != turnId)
        {
            // Deleted, or regenerated since: the reader learns that this stream has ended, and asks for the conversation.
            return [Event((found?.LastEvent ?? after) + 1, TurnEventNames.Failed, new { code = "turn_replaced", reason = "This answer was replaced or deleted." })];
        }

        var end = Math.Max(found.LastEvent.Value, after + 1);
        var message = ConversationResponses.From(answer);
        var events = new List<StreamedEvent>();
        if (message.Text.Length > 0)
        {
            events.Add(Event(null, TurnEventNames.Delta, new DeltaEvent(0, message.Text)));
        }

        if (message is { Usage: { } usage, Model: { } model })
        {
            events.Add(Event(null, TurnEventNames.Usage, new UsageEvent(model, usage)));
        }

        events.Add(message.Status is MessageStatus.Failed or MessageStatus.Interrupted
            ? Event(end, TurnEventNames.Failed, new FailedEvent(message.FailureCode ?? "interrupted", message.Reason ?? "The answer was interrupted.", message))
            : Event(end, TurnEventNames.Done, new DoneEvent(message)));
        return events;
    }

    private StreamedEvent Event<T>(int? seq, string name, T data) => new(seq, name, JsonSerializer.Serialize(data, json.Value.SerializerOptions));
}
