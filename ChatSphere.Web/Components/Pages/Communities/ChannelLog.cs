using ChatSphere.Contracts.Communities;
using ChatSphere.Web.Clients;

namespace ChatSphere.Web.Components.Pages.Communities;

/// <summary>What somebody has sent and what the server has not confirmed yet.</summary>
public sealed record PendingMessage(string Nonce, string Content, Guid? ReplyToId, DateTimeOffset At)
{
    /// <summary>Null: it is on its way.</summary>
    public ApiProblem? Problem { get; init; }

    /// <summary>What was uploaded before.</summary>
    public IReadOnlyList<Guid>? Attachments { get; init; }
}

/// <summary>One message on the screen, or one that is on its way there. Its row draws itself anew when <see cref="Changed"/> says so, and no other does.</summary>
public sealed class MessageEntry
{
    public ChannelMessageResponse? Message { get; private set; }

    public PendingMessage? Pending { get; private set; }

    /// <summary>Begins a group: with the author's face and name.</summary>
    public bool IsHead { get; private set; }

    /// <summary>Begins a day.</summary>
    public DateOnly? Day { get; private set; }

    /// <summary>What comes from here on is new.</summary>
    public bool IsFirstNew { get; private set; }

    public bool IsEditing { get; private set; }

    public int Version { get; private set; }

    public DateTimeOffset At => Message?.CreatedAt ?? Pending!.At;

    public event Action? Changed;

    public MessageEntry(ChannelMessageResponse message) => Message = message;

    public MessageEntry(PendingMessage pending) => Pending = pending;

    public void Store(ChannelMessageResponse message)
    {
        Message = message;
        Pending = null;
        Touch();
    }

    public void Replace(PendingMessage pending)
    {
        Pending = pending;
        Touch();
    }

    public void Edit(bool editing)
    {
        if (IsEditing != editing)
        {
            IsEditing = editing;
            Touch();
        }
    }

    public void LayOut(bool isHead, DateOnly? day, bool isFirstNew)
    {
        if ((isHead, day, isFirstNew) != (IsHead, Day, IsFirstNew))
        {
            (IsHead, Day, IsFirstNew) = (isHead, day, isFirstNew);
            Touch();
        }
    }

    public void Touch()
    {
        Version++;
        Changed?.Invoke();
    }
}

/// <summary>
/// The stretch of a channel's messages that is on the screen: without gaps, by number, never more than <see cref="Most"/>; and after it what is on its way. It knows the last
/// change that it has seen, so that it can tell when it has missed one.
/// </summary>
public sealed class ChannelLog(Guid me)
{
    public const int Most = 200;
    public const int PageSize = 50;
    private static readonly TimeSpan SameGroup = TimeSpan.FromMinutes(5);
    private readonly List<MessageEntry> stored = [];
    private readonly List<MessageEntry> pending = [];

    /// <summary>Messages in their order, then those on their way, which stand at the end of the channel and nowhere else.</summary>
    public IEnumerable<MessageEntry> Entries => HasNewer ? stored : stored.Concat(pending);

    public int Count => stored.Count + (HasNewer ? 0 : pending.Count);

    public bool HasOlder { get; private set; }

    public bool HasNewer { get; private set; }

    public long LastChange { get; private set; }

    public long? FirstSeq => stored.Count > 0 ? stored[0].Message!.Seq : null;

    public long? LastSeq => stored.Count > 0 ? stored[^1].Message!.Seq : null;

    /// <summary>The first message above which the line "new" stands.</summary>
    public long? NewFrom { get; private set; }

    /// <summary>Counts the times that rows came, went or moved.</summary>
    public int Version { get; private set; }

    public TimeZoneInfo Zone { get; set; } = TimeZoneInfo.Utc;

    /// <summary>Rows came or went.</summary>
    public event Action? Changed;

    public void Reset(IReadOnlyList<ChannelMessageResponse> messages, bool hasOlder, bool hasNewer, long lastChange)
    {
        stored.Clear();
        stored.AddRange(messages.Select(m => new MessageEntry(m)));
        (HasOlder, HasNewer) = (hasOlder, hasNewer);
        LastChange = Math.Max(lastChange, messages.Count > 0 ? messages.Max(m => m.Change) : 0);
        foreach (var message in messages)
        {
            Confirm(message);
        }

        Arrange();
    }

    public void Prepend(IReadOnlyList<ChannelMessageResponse> messages)
    {
        // Which is the first must not be asked again while they come in.
        var first = FirstSeq ?? long.MaxValue;
        stored.InsertRange(0, messages.Where(m => m.Seq < first).Select(m => new MessageEntry(m)).ToList());
        HasOlder = messages is [{ Seq: > 1 }, ..];
        if (stored.Count > Most)
        {
            stored.RemoveRange(Most, stored.Count - Most);
            HasNewer = true;
        }

        Arrange();
    }

    /// <param name="isEnd">There is nothing after them.</param>
    public void Append(IReadOnlyList<ChannelMessageResponse> messages, bool isEnd)
    {
        foreach (var message in messages.Where(m => LastSeq is not { } last || m.Seq > last))
        {
            Confirm(message);
            stored.Add(new MessageEntry(message));
        }

        HasNewer = !isEnd;
        Trim();
        Arrange();
    }

    /// <returns>False: something before it is missing here, or there is more between; ask for the changes since <see cref="LastChange"/>.</returns>
    public bool Apply(ChannelMessageResponse message, long change, long after)
    {
        if (change <= LastChange)
        {
            return true;
        }

        if (after > LastChange)
        {
            return false;
        }

        if (!Upsert(message))
        {
            return false;
        }

        LastChange = change;
        return true;
    }

    /// <summary>What became of the channel's messages since <see cref="LastChange"/>.</summary>
    /// <returns>False: they do not join; load anew.</returns>
    public bool Apply(ChannelChangesResponse changes)
    {
        if (changes.Resync)
        {
            return false;
        }

        var joins = true;
        foreach (var message in changes.Messages.OrderBy(m => m.Seq))
        {
            joins &= Upsert(message);
        }

        LastChange = Math.Max(LastChange, changes.LastChange);
        return joins;
    }

    /// <summary>The answer to one's own sending, which may come before or after the event that tells of it.</summary>
    /// <returns>False: others came before it that are not here yet. Until they are, it stays where it is.</returns>
    public bool Stored(ChannelMessageResponse message)
    {
        if (stored.Exists(e => e.Message!.Id == message.Id) || HasNewer || message.Seq <= (LastSeq ?? 0))
        {
            Confirm(message);
            Arrange();
            return true;
        }

        return Upsert(message);
    }

    public void Add(PendingMessage message)
    {
        if (pending.TrueForAll(e => e.Pending!.Nonce != message.Nonce) && stored.TrueForAll(e => e.Message!.Nonce != message.Nonce || e.Message.Author.Id != me))
        {
            pending.Add(new MessageEntry(message));
            NewFrom = null;
            Arrange();
        }
    }

    public MessageEntry? FindPending(string nonce) => pending.Find(e => e.Pending!.Nonce == nonce);

    public void Forget(string nonce)
    {
        pending.RemoveAll(e => e.Pending!.Nonce == nonce);
        Arrange();
    }

    public MessageEntry? Find(Guid id) => stored.Find(e => e.Message!.Id == id);

    public MessageEntry? FindThread(Guid id) => stored.Find(e => e.Message!.Thread?.Id == id);

    public MessageEntry? LastOwn() => stored.FindLast(e => e.Message is { DeletedAt: null, Kind: ChannelMessageKind.Text } m && m.Author.Id == me && m.Author.Kind is AuthorKind.Person);

    /// <summary>A message that is on the screen, as it is now, whatever else has happened meanwhile.</summary>
    public void Refresh(ChannelMessageResponse message)
    {
        if (Find(message.Id) is { } entry && entry.Message!.Change < message.Change)
        {
            entry.Store(message);
        }
    }

    public void DrawNewLine(long? from)
    {
        NewFrom = from;
        Arrange();
    }

    private bool Upsert(ChannelMessageResponse message)
    {
        var at = stored.FindIndex(e => e.Message!.Id == message.Id);
        if (at >= 0)
        {
            Confirm(message);
            if (message.Change >= stored[at].Message!.Change)
            {
                var known = stored[at].Message!;
                stored[at].Store(message);
                if (known.DeletedAt is null && message.DeletedAt is not null)
                {
                    Arrange();
                }
            }

            return true;
        }

        if (HasNewer || (FirstSeq is { } first && message.Seq < first))
        {
            // Not on the screen.
            return true;
        }

        if (message.Seq > (LastSeq ?? message.Seq - 1) + 1 || (LastSeq is null && HasOlder))
        {
            return false;
        }

        if (message.Seq <= LastSeq)
        {
            return true;
        }

        // The row that was shown while it was sent becomes the message's.
        var own = message is { Nonce: { } nonce } && message.Author.Id == me ? pending.Find(e => e.Pending!.Nonce == nonce) : null;
        if (own is not null)
        {
            pending.Remove(own);
            own.Store(message);
        }

        stored.Add(own ?? new MessageEntry(message));
        Trim();
        Arrange();
        return true;
    }

    private void Confirm(ChannelMessageResponse message)
    {
        if (message is { Nonce: { } nonce } && message.Author.Id == me)
        {
            pending.RemoveAll(e => e.Pending!.Nonce == nonce);
        }
    }

    private void Trim()
    {
        if (stored.Count > Most)
        {
            stored.RemoveRange(0, stored.Count - Most);
            HasOlder = true;
        }
    }

    private void Arrange()
    {
        MessageEntry? before = null;
        foreach (var entry in stored.Concat(pending))
        {
            var day = DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(entry.At, Zone).DateTime);
            var otherDay = before is null || DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(before.At, Zone).DateTime) != day;
            var isFirstNew = NewFrom is { } from && entry.Message is { } message && message.Seq >= from && (before?.Message is not { } previous || previous.Seq < from) && (before is not null || !HasOlder || message.Seq == from);
            var isHead = otherDay || isFirstNew || before is null || AuthorOf(before) != AuthorOf(entry) || entry.At - before.At > SameGroup
                || (entry.Message?.ReplyToId ?? entry.Pending?.ReplyToId) is not null || KindOf(before) != ChannelMessageKind.Text || KindOf(entry) != ChannelMessageKind.Text;
            entry.LayOut(isHead, otherDay ? day : null, isFirstNew);
            before = entry;
        }

        Version++;
        Changed?.Invoke();
    }

    private (Guid, AuthorKind) AuthorOf(MessageEntry entry) => entry.Message is { } message ? (message.Author.Id, message.Author.Kind) : (me, AuthorKind.Person);

    private static ChannelMessageKind KindOf(MessageEntry entry) => entry.Message?.Kind ?? ChannelMessageKind.Text;
}
