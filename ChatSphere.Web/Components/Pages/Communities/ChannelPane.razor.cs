using ChatSphere.Contracts.Communities;
using ChatSphere.Contracts.Live;
using ChatSphere.Web.Clients;
using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;

namespace ChatSphere.Web.Components.Pages.Communities;

/// <summary>One channel, or a thread beside it: its messages and the box to write in.</summary>
public sealed partial class ChannelPane
{
    private static readonly TimeSpan[] Patience = [TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(4), TimeSpan.FromSeconds(8), TimeSpan.FromSeconds(15)];
    private readonly CancellationTokenSource leaving = new();
    private readonly HashSet<string> delivering = [];
    private ChannelLog log = null!;
    private ElementReference root;
    private IJSObjectReference? handle;
    private DotNetObjectReference<ChannelPane>? self;
    private ApiProblem? problem;
    private ApiProblem? actProblem;
    private MessageEntry? replyTo;
    private MessageEntry? editing;
    private MessageEntry? deleting;
    private string place = "end";
    private string spoken = "";
    private int load;
    private bool loaded;
    private bool catchingUp;
    private bool reading;
    private bool holdsUnread;
    private bool markingRead;
    private long? wentTo;

    [Parameter, EditorRequired]
    public CommunityState State { get; set; } = null!;

    [Parameter, EditorRequired]
    public ServerHere Server { get; set; } = null!;

    /// <summary>The same for as long as this lives; what is known of it changes.</summary>
    [Parameter, EditorRequired]
    public ChannelResponse Channel { get; set; } = null!;

    /// <summary>The number of a message to go to.</summary>
    [Parameter]
    public long? Seq { get; set; }

    [Parameter]
    public TimeZoneInfo Zone { get; set; } = TimeZoneInfo.Utc;

    /// <summary>For what is uploaded.</summary>
    [Parameter]
    public string? FormToken { get; set; }

    [Parameter]
    public string ConnectionText { get; set; } = "";

    /// <summary>It does not take the focus when it comes.</summary>
    [Parameter]
    public bool IsQuiet { get; set; }

    public DateTimeOffset Now => Time.GetUtcNow();

    public bool MayWrite => May(Channel.Kind is ChannelKind.Thread ? ServerRights.SendMessagesInThreads : ServerRights.SendMessages) && (Channel.Kind is not ChannelKind.Announcement || May(ServerRights.ManageMessages));

    private bool IsAlone => Channel.Kind is ChannelKind.Direct or ChannelKind.Group;

    private string BoxId => $"write-{Channel.Id}";

    private long Unread => Math.Max(0, Channel.LastSeq - Channel.LastReadSeq);

    private bool IsExemptFromSlowMode => May(ServerRights.ManageMessages) || May(ServerRights.ManageChannels);

    private string WhyNot => Channel.Kind is ChannelKind.Announcement ? "Only moderators write in announcement channels." : "You may read here, and not write.";

    public bool May(string right) => Channel.May.Contains(right);

    public bool IsMine(ChannelMessageResponse message) => message.Author.Id == State.Me && message.Author.Kind is AuthorKind.Person;

    protected override void OnInitialized()
    {
        log = new ChannelLog(State.Me);
        log.Changed += StateHasChanged;
        State.Happened += Hear;
        State.ThreadHappened += HearThread;
        State.Missed += CatchUp;
    }

    protected override async Task OnParametersSetAsync()
    {
        log.Zone = Zone;
        if (loaded && Seq is { } seq && seq != wentTo)
        {
            await GoAsync(seq);
        }
    }

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (!firstRender)
        {
            return;
        }

        self = DotNetObjectReference.Create(this);
        try
        {
            await using var module = await Js.InvokeAsync<IJSObjectReference>("import", leaving.Token, "/" + Assets["js/community-channel.js"].TrimStart('/'));
            handle = await module.InvokeAsync<IJSObjectReference>("attach", leaving.Token, root, self);
            var start = await handle.InvokeAsync<PaneStart>("start", leaving.Token);
            await LoadAsync(Seq, start.Place);
            foreach (var sent in start.Pending)
            {
                // It may have been stored before the page went away: the nonce says so.
                await Send(sent);
            }
        }
        catch (Exception e) when (e is JSDisconnectedException or OperationCanceledException or ObjectDisposedException)
        {
            // Gone before it was here.
        }
    }

    private async Task LoadAsync(long? around, PanePlace? back)
    {
        var now = State.Channel(Channel.Id) ?? Channel;
        var unread = now.LastReadSeq > 0 || now.LastSeq <= ChannelLog.PageSize ? now.LastSeq - now.LastReadSeq : 0;
        var middle = around ?? back?.Seq ?? (unread > ChannelLog.PageSize - 10 ? now.LastReadSeq : null);
        const int Around = ChannelLog.PageSize * 2;
        var found = await Client.MessagesAsync(Channel.Id, middle is null ? ChannelLog.PageSize : Around, leaving.Token, around: middle);
        if (leaving.IsCancellationRequested)
        {
            return;
        }

        problem = found.Problem;
        if (!found.Succeeded)
        {
            StateHasChanged();
            return;
        }

        if (!loaded)
        {
            log.DrawNewLine(unread > 0 ? now.LastReadSeq + 1 : null);
        }

        loaded = true;
        wentTo = Seq;
        var messages = found.Value;
        foreach (var message in messages)
        {
            State.Learn(message.Author.Id, message.Author.Name);
        }

        place = around is { } wanted ? $"message:{wanted}"
            : back is not null ? $"back:{back.Seq}:{back.Top}"
            : log.NewFrom is { } from && messages.FirstOrDefault(m => m.Seq >= from) is { } first ? $"new:{first.Seq}"
            : "end";
        load++;
        log.Reset(messages, hasOlder: messages is [{ Seq: > 1 }, ..], hasNewer: middle is { } m && messages.Count(x => x.Seq > m) >= Around / 2, now.LastChange);
        if ((State.Channel(Channel.Id)?.LastChange ?? 0) > log.LastChange)
        {
            await CatchUpAsync();
        }

        await LoadMineAsync(messages);
    }

    private async Task GoAsync(long seq)
    {
        wentTo = seq;
        if (log.FirstSeq <= seq && seq <= log.LastSeq)
        {
            place = $"message:{seq}";
            load++;
            StateHasChanged();
        }
        else
        {
            await LoadAsync(seq, null);
        }
    }

    private void Hear(ChannelMessageEvent happened)
    {
        if (happened.ChannelId != Channel.Id || !loaded)
        {
            return;
        }

        Learn(happened.Message);
        var message = happened.Message;
        var isNew = message.Seq > (log.LastSeq ?? 0) && message.Author.Id != State.Me;
        if (isNew && !reading && log.NewFrom is null)
        {
            log.DrawNewLine(message.Seq);
        }

        if (!log.Apply(message, happened.Change, happened.After))
        {
            CatchUp();
        }
        else if (isNew && !log.HasNewer)
        {
            spoken = $"{message.Author.Name}: {Cut(PlainText(message), 200)}";
        }
    }

    private void CatchUp() => _ = InvokeAsync(CatchUpAsync);

    private async Task CatchUpAsync()
    {
        if (!loaded || catchingUp)
        {
            return;
        }

        catchingUp = true;
        try
        {
            for (var attempt = 0; !leaving.IsCancellationRequested; attempt++)
            {
                var changes = await Client.ChangesAsync(Channel.Id, log.LastChange, leaving.Token);
                if (!changes.Succeeded)
                {
                    if (!changes.Problem.MayPass || attempt == Patience.Length)
                    {
                        problem = changes.Problem;
                        StateHasChanged();
                        return;
                    }

                    await Task.Delay(Patience[attempt], Time, leaving.Token);
                    continue;
                }

                foreach (var message in changes.Value.Messages)
                {
                    Learn(message);
                }

                if (!log.Apply(changes.Value))
                {
                    var where = handle is null ? null : await handle.InvokeAsync<PanePlace?>("where", leaving.Token);
                    await LoadAsync(null, where);
                }

                problem = null;
                return;
            }
        }
        catch (Exception e) when (e is JSDisconnectedException or OperationCanceledException)
        {
            // Nobody looks any more.
        }
        finally
        {
            catchingUp = false;
        }
    }

    /// <summary>From js/community-channel.js: the reader comes near the oldest row.</summary>
    [JSInvokable]
    public async Task Older()
    {
        if (log.FirstSeq is { } first && log.HasOlder)
        {
            var page = await Client.MessagesAsync(Channel.Id, ChannelLog.PageSize, leaving.Token, before: first);
            problem = page.Problem;
            if (page.Succeeded)
            {
                foreach (var message in page.Value)
                {
                    Learn(message);
                }

                log.Prepend(page.Value);
                await LoadMineAsync(page.Value);
            }
        }
    }

    [JSInvokable]
    public async Task Newer()
    {
        if (log.LastSeq is { } last && log.HasNewer)
        {
            var page = await Client.MessagesAsync(Channel.Id, ChannelLog.PageSize, leaving.Token, after: last);
            problem = page.Problem;
            if (page.Succeeded)
            {
                foreach (var message in page.Value)
                {
                    Learn(message);
                }

                log.Append(page.Value, isEnd: page.Value.Count < ChannelLog.PageSize);
                if (!log.HasNewer)
                {
                    await CatchUpAsync();
                }
            }
        }
    }

    [JSInvokable]
    public async Task Latest()
    {
        log.DrawNewLine(null);
        await LoadNewestAsync();
    }

    private async Task LoadNewestAsync()
    {
        var found = await Client.MessagesAsync(Channel.Id, ChannelLog.PageSize, leaving.Token);
        problem = found.Problem;
        if (found.Succeeded)
        {
            place = "end";
            load++;
            log.Reset(found.Value, hasOlder: found.Value is [{ Seq: > 1 }, ..], hasNewer: false, log.LastChange);
            StateHasChanged();
        }
    }

    /// <summary>From js/community-channel.js: whether the newest is on the screen, and whether somebody looks at it.</summary>
    [JSInvokable]
    public async Task Seen(bool atEnd, bool focused)
    {
        reading = atEnd && focused;
        if (reading && !holdsUnread)
        {
            await MarkReadAsync();
        }
    }

    public async Task MarkReadAsync()
    {
        if (markingRead)
        {
            return;
        }

        markingRead = true;
        try
        {
            while (State.Channel(Channel.Id) is { } now && now.LastSeq > now.LastReadSeq)
            {
                var seq = now.LastSeq;
                State.HasRead(Channel.Id, seq);
                if (await Client.MarkReadAsync(Channel.Id, seq) is { Succeeded: false })
                {
                    break;
                }

                if (!reading)
                {
                    break;
                }
            }
        }
        finally
        {
            markingRead = false;
        }
    }

    /// <summary>Esc: all of it is read, and the line is gone.</summary>
    public async Task LeaveUnreadAsync()
    {
        holdsUnread = false;
        log.DrawNewLine(null);
        await MarkReadAsync();
    }

    /// <summary>From js/community-channel.js: a message to write. It is shown at once, and kept by the browser until <c>drop</c> says that it is stored.</summary>
    [JSInvokable]
    public async Task Send(SentMessage sent)
    {
        if (log.HasNewer)
        {
            await LoadNewestAsync();
        }

        holdsUnread = false;
        replyTo = null;
        actProblem = null;
        log.Add(new PendingMessage(sent.Nonce, sent.Content, sent.ReplyToId, sent.At) { Attachments = sent.Attachments });
        _ = DeliverAsync(sent);
    }

    public void Retry(PendingMessage pending) => _ = DeliverAsync(new SentMessage(pending.Nonce, pending.Content, pending.ReplyToId, pending.At) { Attachments = pending.Attachments });

    public async Task ForgetAsync(PendingMessage pending)
    {
        log.Forget(pending.Nonce);
        await DropAsync(pending.Nonce);
    }

    private async Task DeliverAsync(SentMessage sent)
    {
        if (!delivering.Add(sent.Nonce))
        {
            return;
        }

        try
        {
            var pending = new PendingMessage(sent.Nonce, sent.Content, sent.ReplyToId, sent.At) { Attachments = sent.Attachments };
            log.FindPending(sent.Nonce)?.Replace(pending);
            for (var attempt = 0; ; attempt++)
            {
                var stored = await Client.PostAsync(Channel.Id, Request(sent), leaving.Token);
                if (stored.Succeeded)
                {
                    var joins = log.Stored(stored.Value);
                    StateHasChanged();
                    await DropAsync(sent.Nonce);
                    if (!joins)
                    {
                        await CatchUpAsync();
                    }

                    return;
                }

                if (stored.Problem is { Status: 429, RetryAfter: { } wait } && handle is not null)
                {
                    await handle.InvokeVoidAsync("cool", leaving.Token, Math.Ceiling(wait.TotalSeconds));
                }
                else if (stored.Problem.MayPass && attempt < Patience.Length)
                {
                    await Task.Delay(Patience[attempt], Time, leaving.Token);
                    continue;
                }

                log.FindPending(sent.Nonce)?.Replace(pending with { Problem = stored.Problem });
                return;
            }
        }
        catch (Exception e) when (e is JSDisconnectedException or OperationCanceledException)
        {
            // The browser keeps it, and sends it again when it is back.
        }
        finally
        {
            delivering.Remove(sent.Nonce);
        }
    }

    private static PostMessageRequest Request(SentMessage sent) => new(sent.Content, sent.Nonce, sent.ReplyToId) { AttachmentIds = sent.Attachments };

    private async Task DropAsync(string nonce)
    {
        if (handle is not null)
        {
            await handle.InvokeVoidAsync("drop", leaving.Token, nonce);
        }
    }

    [JSInvokable]
    public string TextOf(Guid id) => log.Find(id)?.Message is { } message ? PlainText(message) : "";

    [JSInvokable]
    public async Task Jump(string target)
    {
        if (Guid.TryParse(target, out var id) && log.Find(id)?.Message is { } here)
        {
            await GoAsync(here.Seq);
        }
        else if (long.TryParse(target, System.Globalization.CultureInfo.InvariantCulture, out var seq))
        {
            await GoAsync(seq);
        }
    }

    /// <summary>↑ in an empty box. False: there is nothing of one's own to edit.</summary>
    [JSInvokable]
    public bool EditLast()
    {
        if (log.LastOwn() is not { } last)
        {
            return false;
        }

        BeginEdit(last);
        return true;
    }

    /// <summary>From js/community-channel.js: something that somebody wants with a message.</summary>
    [JSInvokable]
    public async Task Act(string act, Guid id, string? value)
    {
        actProblem = null;
        if (act == "unreply")
        {
            replyTo = null;
        }
        else if (log.Find(id) is { Message: { } message } entry)
        {
            switch (act)
            {
                case "reply":
                    replyTo = entry;
                    if (handle is not null)
                    {
                        await handle.InvokeVoidAsync("focus", leaving.Token);
                    }

                    break;
                case "unread":
                    holdsUnread = true;
                    log.DrawNewLine(message.Seq);
                    State.HasRead(Channel.Id, message.Seq - 1);
                    actProblem = (await Client.MarkReadAsync(Channel.Id, message.Seq - 1)).Problem;
                    break;
                case "edit":
                    BeginEdit(entry);
                    break;
                case "keep":
                    entry.Edit(false);
                    editing = null;
                    break;
                case "delete":
                    deleting = entry;
                    break;
                default:
                    await ActFurtherAsync(act, entry, message, value);
                    break;
            }
        }

        StateHasChanged();
    }

    private void BeginEdit(MessageEntry entry)
    {
        editing?.Edit(false);
        editing = entry;
        entry.Edit(true);
    }

    /// <summary>What autocompletion offers for what stands after the sign.</summary>
    [JSInvokable]
    public Task<IReadOnlyList<Suggestion>> Suggest(string sign, string words) => SuggestAsync(sign, words);

    public string NameOf(Guid id) => State.NameOf(id) ?? "somebody";

    public MessageEntry? Find(Guid id) => log.Find(id);

    public static string Cut(string text, int length)
    {
        text = text.ReplaceLineEndings(" ");
        return text.Length <= length ? text : text[..(char.IsHighSurrogate(text[length - 1]) ? length - 1 : length)] + "…";
    }

    private void Learn(ChannelMessageResponse message) => State.Learn(message.Author.Id, message.Author.Name);

    public async ValueTask DisposeAsync()
    {
        State.Happened -= Hear;
        State.ThreadHappened -= HearThread;
        State.Missed -= CatchUp;
        await leaving.CancelAsync();
        try
        {
            if (handle is not null)
            {
                await handle.InvokeVoidAsync("dispose");
                await handle.DisposeAsync();
            }
        }
        catch (JSDisconnectedException)
        {
            // The browser is gone, and its listeners with it.
        }

        self?.Dispose();
        leaving.Dispose();
    }
}

public sealed record PanePlace(long Seq, int Top);

public sealed record PaneStart(PanePlace? Place, IReadOnlyList<SentMessage> Pending);

public sealed record SentMessage(string Nonce, string Content, Guid? ReplyToId, DateTimeOffset At)
{
    public IReadOnlyList<Guid>? Attachments { get; init; }
}

/// <param name="Insert">What is put into the box.</param>
/// <param name="Stands">What of it is sent in its place; null: it itself.</param>
public sealed record Suggestion(string Text, string Insert, string? Stands = null, string? Detail = null, string? Sign = null);
