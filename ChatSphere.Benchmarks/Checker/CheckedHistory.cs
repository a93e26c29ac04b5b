using ChatSphere.Contracts.Communities;

namespace ChatSphere.Benchmarks.Checker;

internal enum Did
{
    Send,
    Edit,
    Delete,
}

internal enum Came
{
    /// <summary>The answer said that it was done.</summary>
    Ok,

    /// <summary>The answer said that it was not.</summary>
    Failed,

    /// <summary>No answer, or one that leaves it open.</summary>
    Unknown,
}

/// <summary>One thing that a client did, and what it was told.</summary>
/// <param name="Message">Of an edit or a deletion; of a sending that came back: its message.</param>
/// <param name="Content">Sent, or put in the place of another.</param>
/// <param name="Change">The channel's number of it, when the answer had one.</param>
internal sealed record Deed(int Client, Did Kind, Came Outcome, string? Nonce, Guid? Message, string Content, long Seq, long Change);

/// <summary>What somebody who listens took in, in the order in which it was taken in.</summary>
/// <param name="Change">The channel's number.</param>
/// <param name="At">When it came about, by the server's clock.</param>
internal sealed record Heard(long Change, Guid Message, long Seq, string Content, bool IsDeleted, DateTimeOffset At);

/// <summary>One who listens: all that was heard, and what the channel looks like to it in the end.</summary>
/// <param name="RevokedAt">When the right to see the channel was taken away; null: never.</param>
internal sealed record Listener(string Name, IReadOnlyList<Heard> Heard, IReadOnlyDictionary<Guid, ChannelMessageResponse> View, DateTimeOffset? RevokedAt = null);

/// <param name="LastRead">What was last marked as read and confirmed.</param>
internal sealed record Reader(string Name, long LastRead, long SaysLastRead, long SaysLastSeq);

/// <summary>Compares what clients were told with what is stored and what listeners took in. Empty: nothing is wrong.</summary>
internal static class CheckedHistory
{
    public static IReadOnlyList<string> Check(IReadOnlyList<Deed> deeds, IReadOnlyList<ChannelMessageResponse> stored, IReadOnlyList<Listener> listeners, IReadOnlyList<Reader> readers)
    {
        var wrong = new List<string>();
        var bySeq = stored.OrderBy(m => m.Seq).ToList();
        for (var i = 0; i < bySeq.Count; i++)
        {
            if (bySeq[i].Seq != i + 1)
            {
                wrong.Add($"numbers: {bySeq[i].Seq} stands where {i + 1} should");
                break;
            }
        }

        wrong.AddRange(stored.GroupBy(m => m.Change).Where(g => g.Count() > 1).Select(g => $"changes: {g.Key} is the last change of {g.Count()} messages"));
        CheckSendings(deeds, stored, wrong);
        CheckChanges(deeds, stored, wrong);
        CheckListeners(stored, listeners, wrong);
        wrong.AddRange(readers.Where(r => r.SaysLastRead != r.LastRead || r.SaysLastSeq != stored.Count).Select(r => $"unread: {r.Name} has read {r.LastRead} of {stored.Count} and is told {r.SaysLastRead} of {r.SaysLastSeq}"));
        return wrong;
    }

    private static void CheckSendings(IReadOnlyList<Deed> deeds, IReadOnlyList<ChannelMessageResponse> stored, List<string> wrong)
    {
        var byNonce = stored.Where(m => m.Nonce is not null).ToLookup(m => m.Nonce!);
        var sent = deeds.Where(d => d.Kind == Did.Send).ToLookup(d => d.Nonce!);
        foreach (var tries in sent)
        {
            var there = byNonce[tries.Key].ToList();
            if (there.Count > 1)
            {
                wrong.Add($"doubled: {tries.Key} is there {there.Count} times");
            }

            // The same word again is the same message: all answers that have one have the same.
            var answers = tries.Where(t => t.Outcome == Came.Ok).ToList();
            if (answers.Count > 0 && there.Count == 0)
            {
                wrong.Add($"lost: {tries.Key} was acknowledged as {answers[0].Seq} and is not there");
            }

            wrong.AddRange(answers.Where(a => there.Count == 1 && (a.Message != there[0].Id || a.Seq != there[0].Seq)).Select(a => $"changed: {tries.Key} was acknowledged as {a.Seq} and is {there[0].Seq}"));
            if (there.Count > 0 && tries.All(t => t.Outcome == Came.Failed))
            {
                wrong.Add($"ghost: {tries.Key} was refused and is there");
            }
        }

        wrong.AddRange(stored.Where(m => m.Kind == ChannelMessageKind.Text && (m.Nonce is null || !sent.Contains(m.Nonce))).Select(m => $"ghost: {m.Seq} was sent by nobody"));
    }

    private static void CheckChanges(IReadOnlyList<Deed> deeds, IReadOnlyList<ChannelMessageResponse> stored, List<string> wrong)
    {
        var changes = deeds.Where(d => d.Kind != Did.Send).ToLookup(d => d.Message!.Value);
        var first = deeds.Where(d => d.Kind == Did.Send).GroupBy(d => d.Nonce!).ToDictionary(g => g.Key, g => g.First().Content);
        foreach (var message in stored)
        {
            var of = changes[message.Id].ToList();
            var isDeleted = message.DeletedAt is not null;
            if (!isDeleted && of.Exists(d => d is { Kind: Did.Delete, Outcome: Came.Ok }))
            {
                wrong.Add($"not deleted: {message.Seq}, though that was acknowledged");
            }

            if (isDeleted)
            {
                if (of.TrueForAll(d => d.Kind != Did.Delete || d.Outcome == Came.Failed))
                {
                    wrong.Add($"deleted by nobody: {message.Seq}");
                }

                if (message.Content.Length > 0)
                {
                    wrong.Add($"not emptied: {message.Seq}");
                }

                continue;
            }

            var edits = of.Where(d => d.Kind == Did.Edit).ToList();
            var possible = edits.Where(d => d.Outcome == Came.Unknown).Select(d => d.Content).ToHashSet();
            possible.Add(edits.Where(d => d.Outcome == Came.Ok).MaxBy(d => d.Change)?.Content ?? (message.Nonce is { } nonce ? first.GetValueOrDefault(nonce, "") : ""));
            if (!possible.Contains(message.Content))
            {
                wrong.Add($"other text: {message.Seq} says “{message.Content}”");
            }
        }
    }

    private static void CheckListeners(IReadOnlyList<ChannelMessageResponse> stored, IReadOnlyList<Listener> listeners, List<string> wrong)
    {
        var meant = new Dictionary<long, (Heard Heard, string Name)>();
        foreach (var listener in listeners)
        {
            long last = 0;
            foreach (var heard in listener.Heard)
            {
                if (heard.Change <= last)
                {
                    wrong.Add($"order: {listener.Name} heard change {heard.Change} after {last}");
                }

                last = Math.Max(last, heard.Change);
                if (!meant.TryAdd(heard.Change, (heard, listener.Name)) && meant[heard.Change].Heard is var other && (other.Message, other.Content, other.IsDeleted) != (heard.Message, heard.Content, heard.IsDeleted))
                {
                    wrong.Add($"order: change {heard.Change} is one thing to {listener.Name} and another to {meant[heard.Change].Name}");
                }
            }

            if (listener.RevokedAt is { } revoked)
            {
                wrong.AddRange(listener.Heard.Where(h => h.At > revoked + TimeSpan.FromSeconds(1)).Take(1).Select(h => $"leaked: {listener.Name} heard change {h.Change}, which came about {(h.At - revoked).TotalSeconds:0.0} s after the right was gone"));
                continue;
            }

            foreach (var message in stored)
            {
                if (!listener.View.TryGetValue(message.Id, out var seen))
                {
                    wrong.Add($"missed: {listener.Name} never heard of {message.Seq}");
                }
                else if ((seen.Seq, seen.Change, seen.Content, seen.DeletedAt is null) != (message.Seq, message.Change, message.Content, message.DeletedAt is null))
                {
                    wrong.Add($"stale: {listener.Name} has change {seen.Change} of {message.Seq}, which is at {message.Change}");
                }
            }

            wrong.AddRange(listener.View.Keys.Except(stored.Select(m => m.Id)).Select(id => $"ghost: {listener.Name} heard of {id}, which is not there"));
        }
    }
}
