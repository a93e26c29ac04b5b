using System.Text.Json;
using ChatSphere.Contracts;
using ChatSphere.Contracts.Bots;
using ChatSphere.Contracts.Conversations;
using ChatSphere.Contracts.Live;
using ChatSphere.Contracts.Sharing;
using ChatSphere.Web.Clients;
using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;

namespace ChatSphere.Web.Components.Pages.Conversations;

public sealed partial class ChatView
{
    private readonly CancellationTokenSource leaving = new();
    private readonly List<ConversationResponse> conversations = [];
    private readonly List<ThreadMessage> messages = [];
    private IReadOnlyList<BotResponse>? bots;
    private BotResponse? chosen;
    private ConversationResponse? here;
    private Guid? loadedConversation;
    private bool started;
    private Task listLoading = Task.CompletedTask;
    private Task conversationLoading = Task.CompletedTask;
    private string? moreConversations;
    private string? earlier;
    private ApiProblem? listProblem;
    private ApiProblem? problem;
    private ApiProblem? sendProblem;
    private bool missing;
    private bool botDeleted;
    private bool stopping;
    private bool sending;
    private bool listOpen;
    private ElementReference root;
    private Passage? passage;
    private string spoken = "";
    private (string Text, Guid Conversation, string Models, string Key)? unsent;
    private CancellationTokenSource? following;
    private readonly HashSet<Guid> followedTurns = [];
    private AttachmentTray? tray;
    private IJSObjectReference? handle;
    private DotNetObjectReference<ChatView>? self;

    [Parameter]
    public Guid? ConversationId { get; set; }

    [Parameter]
    public Guid? BotId { get; set; }

    /// <summary>For what is uploaded.</summary>
    [Parameter]
    public string? FormToken { get; set; }

    [Parameter]
    public Guid? MessageId { get; set; }

    /// <summary>What the browser reads, as in BCP 47.</summary>
    [Parameter]
    public string Language { get; set; } = "en";

    private bool IsAnswering => messages.Exists(m => m.IsGenerating) || comparing?.Exists(m => m.IsGenerating) is true;

    private string Placeholder => here is not null ? $"Ask {here.BotName}" : chosen is not null ? $"Ask {chosen.Name}" : "Ask a question";

    protected override async Task OnParametersSetAsync()
    {
        if (!started)
        {
            started = true;
            reads = Language;
            _ = ListenAsync();
            listLoading = LoadListAsync();
            conversationLoading = LoadConversationAsync();
            await conversationLoading;
            await listLoading;
        }
        else if (ConversationId != loadedConversation || (ConversationId is null && BotId is { } wanted && chosen?.Id != wanted))
        {
            conversationLoading = LoadConversationAsync();
            await conversationLoading;
        }
        else if (MessageId is not null && MessageId != wentTo)
        {
            await GoToMessageAsync();
        }
    }

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (firstRender)
        {
            self = DotNetObjectReference.Create(this);
            await using var module = await Js.InvokeAsync<IJSObjectReference>("import", "/" + Assets["js/chat.js"].TrimStart('/'));
            handle = await module.InvokeAsync<IJSObjectReference>("attach", root, self);
            StateHasChanged();
        }
    }

    private async Task LoadListAsync()
    {
        var page = await Conversations.ListAsync(filter, null, leaving.Token);
        listProblem = page.Problem;
        if (page.Succeeded)
        {
            conversations.Clear();
            conversations.AddRange(page.Value.Items);
            if (page.Value.Next is not null && filter == new ConversationFilter() && await Conversations.ListAsync(new(Pinned: true), null, leaving.Token) is { Value: { } pinned })
            {
                // Those that stand on top whenever they were used last.
                conversations.AddRange(pinned.Items.Where(c => conversations.TrueForAll(known => known.Id != c.Id)));
            }

            moreConversations = page.Value.Next;
            here = conversations.Find(c => c.Id == ConversationId) ?? here;
            ChooseBot();
        }

        await LoadFoldersAsync();
    }

    private async Task LoadMoreConversationsAsync()
    {
        var page = await Conversations.ListAsync(filter, moreConversations, leaving.Token);
        listProblem = page.Problem;
        if (page.Succeeded)
        {
            conversations.AddRange(page.Value.Items.Where(c => conversations.TrueForAll(known => known.Id != c.Id)));
            moreConversations = page.Value.Next;
        }
    }

    private async Task LoadConversationAsync()
    {
        StopFollowing();
        var id = ConversationId;
        loadedConversation = id;
        messages.Clear();
        earlier = null;
        problem = null;
        sendProblem = null;
        missing = false;
        botDeleted = false;
        passage = null;
        comparing = null;
        treeOpen = false;
        here = conversations.Find(c => c.Id == id);
        if (id is null)
        {
            var page = await Bots.ListAsync(limit: 100);
            problem = page.Problem;
            if (page.Succeeded)
            {
                // Of those that are everyone's, only the one that was asked for.
                var listed = page.Value.Items.Where(b => b.Right is not SharedRight.View).ToList();
                if (BotId is { } wanted && listed.TrueForAll(b => b.Id != wanted) && await Bots.GetAsync(wanted) is { Value: { Right: not SharedRight.View } one })
                {
                    listed.Insert(0, one);
                }

                bots = listed;
                ChooseBot();
            }

            return;
        }

        bots = null;
        var loaded = await Conversations.MessagesAsync(id.Value, null, leaving.Token);
        if (loadedConversation != id)
        {
            return;
        }

        if (!loaded.Succeeded)
        {
            missing = loaded.Problem.IsNotFound;
            problem = missing ? null : loaded.Problem;
            return;
        }

        messages.AddRange(loaded.Value.Items.Reverse().Select(m => new ThreadMessage(m)));
        earlier = loaded.Value.Next;
        FollowAll(messages);

        // The list was asked for at the same time; only a conversation that is not in it costs a call of its own.
        await listLoading;
        here ??= conversations.Find(c => c.Id == id) ?? (await Conversations.GetAsync(id.Value, leaving.Token)).Value;
        if (here?.ActiveTurnId is not null && messages is [.., { IsAnswer: true, Place: not null } last])
        {
            await CompareAsync(last.Id, onlyIfAtOnce: true);
        }

        if (MessageId is not null)
        {
            await GoToMessageAsync();
            return;
        }

        await ScrollToLatestAsync();
    }

    private async Task LoadEarlierAsync()
    {
        var id = loadedConversation;
        var page = await Conversations.MessagesAsync(id!.Value, earlier, leaving.Token);
        problem = page.Problem;
        if (page.Succeeded && id == loadedConversation)
        {
            if (handle is not null)
            {
                await handle.InvokeVoidAsync("keepPlace");
            }

            messages.InsertRange(0, page.Value.Items.Reverse().Where(m => messages.TrueForAll(known => known.Id != m.Id)).Select(m => new ThreadMessage(m)));
            earlier = page.Value.Next;
        }
    }

    private void ChooseBot() =>
        chosen = bots?.FirstOrDefault(b => b.Id == BotId) ?? bots?.FirstOrDefault(b => b.Id == chosen?.Id)
            ?? bots?.FirstOrDefault(b => conversations.Count > 0 && b.Id == conversations[0].BotId) ?? (bots is [var first, ..] ? first : null);

    /// <summary>From js/chat.js: the text of the composer. True empties it.</summary>
    [JSInvokable]
    public async Task<bool> Send(string text)
    {
        text = text.Trim();
        if (text.Length == 0 || sending || IsAnswering || tray is { IsBusy: true })
        {
            return false;
        }

        sending = true;
        sendProblem = null;
        try
        {
            return await AskAsync(text);
        }
        finally
        {
            sending = false;
            StateHasChanged();
        }
    }

    /// <summary>The conversation that is open; one is made where there is none yet. Null: it cannot be.</summary>
    private async Task<Guid?> EnsureConversationAsync()
    {
        await conversationLoading;
        if (here is null && chosen is not null)
        {
            var created = await Conversations.CreateAsync(chosen.Id, temporary);
            if (!created.Succeeded)
            {
                sendProblem = created.Problem;
                StateHasChanged();
                return null;
            }

            here = created.Value;
            Put(here);
            loadedConversation = here.Id;
            Navigation.NavigateTo($"/chat/{here.Id}", new NavigationOptions { ReplaceHistoryEntry = true });
        }

        return here?.Id;
    }

    private async Task<bool> AskAsync(string text)
    {
        // Somebody who is faster than the page: until it has loaded, nobody is there to ask.
        await conversationLoading;
        var isNew = here is null;
        if (here is null)
        {
            if (chosen is null)
            {
                return false;
            }

            var created = await Conversations.CreateAsync(chosen.Id, temporary);
            if (!created.Succeeded)
            {
                sendProblem = created.Problem;
                return false;
            }

            here = created.Value;
            if (here.ExpiresAt is null)
            {
                Put(here);
            }
        }

        // Pressing Enter again after a lost connection is the same question, not a second one.
        var attached = tray?.Ids ?? [];
        var wanted = $"{string.Join('\n', asking)}\0{string.Join(',', attached)}";
        if (unsent is not { } last || last.Text != text || last.Conversation != here.Id || last.Models != wanted)
        {
            unsent = (text, here.Id, wanted, Guid.NewGuid().ToString("N"));
        }

        var asked = await Conversations.AskAsync(here.Id, new(text) { Models = asking.Count > 0 ? [.. asking] : null, Attachments = attached }, unsent.Value.Key);
        if (!asked.Succeeded)
        {
            botDeleted = asked.Problem.Code is ErrorCodes.BotDeleted or ErrorCodes.BotUnavailable;
            sendProblem = botDeleted ? null : asked.Problem;
            if (isNew)
            {
                // The conversation stays in the list; the question stays in the composer, and goes there next time.
                loadedConversation = here.Id;
                Navigation.NavigateTo($"/chat/{here.Id}");
            }

            return false;
        }

        unsent = null;
        comparing = null;
        var turn = asked.Value;
        var seq = messages.Count == 0 ? 1 : messages[^1].Message.Seq + 1;
        if (messages.TrueForAll(m => m.Id != turn.UserMessageId))
        {
            messages.Add(new(Blank(turn.UserMessageId, turn, seq, MessageRole.User, MessageStatus.Complete, text) with { Attachments = tray?.Shown ?? [] }));
        }

        tray?.Clear();

        Answer(turn, seq + 1);
        if (turn.Others.Count > 0)
        {
            comparing = [messages[^1], .. turn.Others.Select((t, i) => new ThreadMessage(Blank(t.AssistantMessageId, t, seq + 2 + i, MessageRole.Assistant, MessageStatus.Generating, "") with { RequestedModel = asking.ElementAtOrDefault(i + 1) }))];
            comparing[0].Replace(comparing[0].Message with { RequestedModel = asking.ElementAtOrDefault(0) });
            comparedTab = comparing[0];
            FollowAll(comparing);
        }

        if (isNew)
        {
            loadedConversation = here.Id;
            Navigation.NavigateTo($"/chat/{here.Id}", new NavigationOptions { ReplaceHistoryEntry = true });
        }

        await ScrollToLatestAsync();
        return true;
    }

    private void Answer(TurnResponse turn, int seq)
    {
        var answer = messages.Find(m => m.Id == turn.AssistantMessageId);
        if (answer is null)
        {
            answer = new(Blank(turn.AssistantMessageId, turn, seq, MessageRole.Assistant, MessageStatus.Generating, ""));
            messages.Add(answer);
        }

        if (answer.IsGenerating)
        {
            spoken = $"{here?.BotName} is answering.";
            Follow(answer);
        }
    }

    private static MessageResponse Blank(Guid id, TurnResponse turn, int seq, MessageRole role, MessageStatus status, string text) =>
        new(id, turn.ConversationId, turn.Id, seq, role, status, text, null, [], null, null, null, DateTimeOffset.UnixEpoch);

    private void FollowAll(IEnumerable<ThreadMessage> those)
    {
        foreach (var answer in those.Where(m => m.IsGenerating))
        {
            Follow(answer);
        }
    }

    private void Follow(ThreadMessage answer)
    {
        if (followedTurns.Add(answer.Message.TurnId))
        {
            following ??= CancellationTokenSource.CreateLinkedTokenSource(leaving.Token);
            _ = FollowAsync(answer, answer.Message.TurnId, following.Token);
        }
    }

    private void StopFollowing()
    {
        following?.Cancel();
        following?.Dispose();
        following = null;
        followedTurns.Clear();
        stopping = false;
    }

    private async Task FollowAsync(ThreadMessage answer, Guid turnId, CancellationToken cancellationToken)
    {
        try
        {
            var whole = false;
            while (!whole)
            {
                whole = true;
                await foreach (var happened in Conversations.FollowAsync(turnId, cancellationToken))
                {
                    if (happened is ApiProblem)
                    {
                        // The stream is no longer kept; the message is.
                        await InvokeAsync(LoadConversationAsync);
                        return;
                    }

                    if (!answer.Apply(happened))
                    {
                        whole = false;
                        break;
                    }
                }
            }

            await InvokeAsync(() =>
            {
                followedTurns.Remove(turnId);
                stopping = false;
                spoken = answer.Message.Status is MessageStatus.Complete
                    ? $"{here?.BotName} answered: {(answer.Text.Length > 600 ? answer.Text[..600] : answer.Text)}"
                    : "The answer ended early.";
                StateHasChanged();
            });
        }
        catch (OperationCanceledException)
        {
            // Another conversation is on the screen, or none.
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            await DispatchExceptionAsync(e);
        }
    }

    private async Task StopAsync()
    {
        if (!IsAnswering)
        {
            return;
        }

        stopping = true;
        foreach (var turnId in messages.Concat(comparing ?? []).Where(m => m.IsGenerating).Select(m => m.Message.TurnId).Distinct().ToList())
        {
            var stopped = await Conversations.StopAsync(turnId);
            if (!stopped.Succeeded)
            {
                stopping = false;
                sendProblem = stopped.Problem;
            }
        }
    }

    private async Task ListenAsync()
    {
        try
        {
            await foreach (var live in Live.ReadAsync(leaving.Token))
            {
                await InvokeAsync(() => TakeAsync(live));
            }
        }
        catch (OperationCanceledException)
        {
            // The page was left.
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            await DispatchExceptionAsync(e);
        }
    }

    private async Task TakeAsync(LiveEvent live)
    {
        switch (live.Type)
        {
            case LiveEventTypes.ConversationChanged when live.Data.Deserialize<ConversationResponse>(ApiTransport.Json) is { } conversation:
                Put(conversation);
                if (conversation.Id == loadedConversation && !sending && comparing is null && conversation.CurrentMessageId is { } current && messages.LastOrDefault()?.Id != current)
                {
                    await ReloadPathAsync();
                }

                break;
            case LiveEventTypes.ConversationDeleted when live.Data.Deserialize<ConversationDeletedEvent>(ApiTransport.Json) is { } deleted:
                conversations.RemoveAll(c => c.Id == deleted.Id);
                if (deleted.Id == loadedConversation)
                {
                    StopFollowing();
                    messages.Clear();
                    (comparing, here, missing) = (null, null, true);
                }

                break;
            case LiveEventTypes.FoldersChanged:
                await LoadFoldersAsync();
                break;
            case LiveEventTypes.MessageChanged when live.Data.Deserialize<MessageResponse>(ApiTransport.Json) is { } message && message.ConversationId == loadedConversation:
                Put(message);
                break;
            case LiveEventTypes.Resync:
                await LoadListAsync();
                if (loadedConversation is not null && !IsAnswering && !sending)
                {
                    await RefreshMessagesAsync();
                }

                break;
            default:
                return;
        }

        StateHasChanged();
    }

    /// <summary>Brings what was missed without taking away what is on the screen.</summary>
    private Task RefreshMessagesAsync() => ReloadPathAsync();

    private void Put(ConversationResponse conversation)
    {
        conversations.RemoveAll(c => c.Id == conversation.Id);
        if (Belongs(conversation))
        {
            var at = conversations.FindIndex(c => c.UpdatedAt <= conversation.UpdatedAt);
            conversations.Insert(at < 0 ? conversations.Count : at, conversation);
        }

        if (conversation.Id == loadedConversation || conversation.Id == here?.Id)
        {
            here = conversation;
        }
    }

    /// <summary>What is said elsewhere in the tree changes nothing here; what is new on this branch comes with the conversation's own change.</summary>
    private void Put(MessageResponse message)
    {
        // While an answer is followed, its own stream is ahead of this.
        foreach (var known in messages.Concat(comparing ?? []).Where(m => m.Id == message.Id && !(m.IsGenerating && followedTurns.Contains(m.Message.TurnId))).ToList())
        {
            known.Replace(message);
            if (known.IsGenerating)
            {
                Follow(known);
            }
        }
    }

    private async Task DeleteAsync(Guid id)
    {
        var deleted = await Conversations.DeleteAsync(id);
        if (!deleted.Succeeded && !deleted.Problem.IsNotFound)
        {
            listProblem = deleted.Problem;
            return;
        }

        conversations.RemoveAll(c => c.Id == id);
        if (id == loadedConversation)
        {
            Navigation.NavigateTo("/chat");
        }
    }

    /// <summary>From js/chat.js: a citation of a message was pressed.</summary>
    [JSInvokable]
    public void OpenCitation(Guid messageId, int number)
    {
        passage = messages.Concat(comparing ?? []).FirstOrDefault(m => m.Id == messageId)?.PassageOf(number) ?? passage;
        StateHasChanged();
    }

    /// <summary>From js/chat.js: the Markdown to copy.</summary>
    [JSInvokable]
    public string TextOf(Guid messageId) => messages.Concat(comparing ?? []).FirstOrDefault(m => m.Id == messageId)?.Text ?? "";

    [JSInvokable]
    public void Escape()
    {
        passage = null;
        listOpen = false;
        treeOpen = false;
        StateHasChanged();
    }

    private async Task ClosePanel()
    {
        passage = null;
        if (handle is not null)
        {
            await handle.InvokeVoidAsync("panelClosed");
        }
    }

    private async Task ScrollToLatestAsync()
    {
        if (handle is not null)
        {
            await handle.InvokeVoidAsync("toLatest");
        }
    }

    public async ValueTask DisposeAsync()
    {
        StopFollowing();
        await leaving.CancelAsync();
        leaving.Dispose();
        self?.Dispose();
        if (handle is not null)
        {
            try
            {
                await handle.InvokeVoidAsync("dispose");
                await handle.DisposeAsync();
            }
            catch (JSDisconnectedException)
            {
                // The tab is gone, and its listeners with it.
            }
        }
    }
}
