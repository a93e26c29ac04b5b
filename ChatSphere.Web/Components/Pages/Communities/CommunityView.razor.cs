using System.Text.Json;
using ChatSphere.Contracts.Communities;
using ChatSphere.Contracts.Live;
using ChatSphere.Web.Clients;
using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;
using System.Security.Claims;

namespace ChatSphere.Web.Components.Pages.Communities;

/// <summary>The screen of servers: which one, which channel, and what is unread anywhere.</summary>
public sealed partial class CommunityView
{
    // Beyond these, what is unread is known when a server is opened.
    private const int MostWatched = 50;
    private readonly CancellationTokenSource leaving = new();
    private readonly HashSet<Guid> refreshing = [];
    private HashSet<Guid> folded = [];
    private CommunityState? state;
    private TimeZoneInfo? zone;
    private ElementReference root;
    private ElementReference nameBox;
    private ChannelPane? pane;
    private IJSObjectReference? handle;
    private DotNetObjectReference<CommunityView>? self;
    private ApiProblem? problem;
    private ApiProblem? addProblem;
    private Guid? loadedServer;
    private (Guid? Server, Guid? Channel)? went;
    private Guid? channelId;
    private string connection = "";
    private string? invite;
    private string newName = "";
    private ChannelKind newKind;
    private Guid? newParent;
    private bool adding;
    private bool copied;
    private bool missing;
    private bool drawerOpen;

    [Parameter]
    public Guid? ServerId { get; set; }

    [Parameter]
    public Guid? ChannelId { get; set; }

    [Parameter]
    public long? Seq { get; set; }

    /// <summary>For what is uploaded.</summary>
    [Parameter]
    public string? FormToken { get; set; }

    private ServerHere? Server => ServerId is { } id ? state?.Server(id) : null;

    private ChannelResponse? Channel => channelId is { } id && Server?.Channel(id) is { } found && ServerHere.IsWritten(found) ? found : null;

    private bool AnyUnread => state is not null && (state.Direct.IsUnread || state.Servers.Any(s => s.IsUnread));

    protected override async Task OnInitializedAsync()
    {
        var user = (await Authentication.GetAuthenticationStateAsync()).User;
        if (!Guid.TryParse(user.FindFirstValue(ClaimTypes.NameIdentifier), out var me))
        {
            return;
        }

        state = new CommunityState(Client, me, user.Identity?.Name ?? "");
        state.Changed += Redraw;
        _ = ListenAsync();
        await LoadAsync();
        _ = WatchOthersAsync();
    }

    protected override async Task OnParametersSetAsync()
    {
        if (state is { IsLoaded: true } && (ServerId, ChannelId) != went)
        {
            await GoAsync();
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
            await using (var channels = await Js.InvokeAsync<IJSObjectReference>("import", leaving.Token, "/" + Assets["js/community-channel.js"].TrimStart('/')))
            {
                zone = ZoneOf(await channels.InvokeAsync<BrowserZone>("zone", leaving.Token));
            }

            await using var module = await Js.InvokeAsync<IJSObjectReference>("import", leaving.Token, "/" + Assets["js/community.js"].TrimStart('/'));
            handle = await module.InvokeAsync<IJSObjectReference>("attach", leaving.Token, root, self);
            var kept = await handle.InvokeAsync<KeptChoices>("kept", leaving.Token);
            folded = [.. kept.Folded];
            Side = kept.People ? Side.People : Side.None;
            StateHasChanged();
        }
        catch (Exception e) when (e is JSDisconnectedException or OperationCanceledException)
        {
            // Gone before it was here.
        }
    }

    private async Task LoadAsync()
    {
        await state!.LoadAsync(leaving.Token);
        problem = state.Problem;
        if (state.IsLoaded)
        {
            await GoAsync();
        }
    }

    /// <summary>To the server and channel of the address; without a channel to the first.</summary>
    private async Task GoAsync()
    {
        went = (ServerId, ChannelId);
        missing = false;
        adding = false;
        invite = null;
        var wanted = ServerId ?? (state!.Servers is [var topmost, ..] ? topmost.Id : null);
        if (wanted is not { } id)
        {
            (loadedServer, channelId) = (null, null);
            return;
        }

        var isOther = loadedServer != id;
        loadedServer = id;
        if (state!.Server(id) is { IsLoaded: true } && isOther)
        {
            // It is shown as it was known, and looked at again.
            _ = RefreshAsync(id);
            _ = LoadFurtherAsync(state.Server(id)!);
        }
        else if (state.Server(id) is not { IsLoaded: true })
        {
            var failed = await state.LoadServerAsync(id, leaving.Token);
            if (loadedServer != id)
            {
                return;
            }

            missing = failed?.IsNotFound is true;
            problem = missing ? null : failed;
            if (failed is not null)
            {
                return;
            }

            _ = LoadFurtherAsync(state.Server(id)!);
        }

        if (channelId != ChannelId && Side is not Side.People)
        {
            CloseFurther();
        }

        if (ChannelId is { } channel)
        {
            if (id == Guid.Empty && state.Channel(channel) is null)
            {
                await state.LoadDirectAsync(channel, leaving.Token);
            }

            if (state.Server(id)!.Channel(channel) is null)
            {
                missing = ServerId == id;
            }

            channelId = channel;
        }
        else if (state.Server(id)!.First is { } first)
        {
            Navigation.NavigateTo($"{state.Server(id)!.Address}/{first.Id}", new NavigationOptions { ReplaceHistoryEntry = true });
        }
        else if (ServerId is null)
        {
            Navigation.NavigateTo($"/servers/{id}", new NavigationOptions { ReplaceHistoryEntry = true });
        }
    }

    /// <summary>To the talk with somebody alone.</summary>
    public async Task WriteToAsync(Guid account)
    {
        var opened = await Client.OpenDirectAsync([account]);
        SideProblem = opened.Problem;
        problem = Side is Side.None ? opened.Problem : problem;
        if (opened.Succeeded)
        {
            Navigation.NavigateTo($"/direct/{opened.Value.Channel.Id}");
        }

        StateHasChanged();
    }

    private async Task LoadFurtherAsync(ServerHere server)
    {
        if (server.IsDirect)
        {
            return;
        }

        await state!.LoadMyselfAsync(server, leaving.Token);
        await state.LoadEmojiAsync(server, leaving.Token);
    }

    private void OpenAsync(Guid channel)
    {
        if (channelId != channel && Side is not Side.People)
        {
            CloseFurther();
        }

        // At once; the address follows.
        channelId = channel;
        drawerOpen = false;
    }

    /// <summary>What is unread elsewhere, after what somebody waits for.</summary>
    private async Task WatchOthersAsync()
    {
        if (!state!.Direct.IsLoaded)
        {
            await state.LoadDirectAsync(leaving.Token);
        }

        foreach (var server in state.Servers.Where(s => !s.IsLoaded).Take(MostWatched).ToList())
        {
            if (leaving.IsCancellationRequested)
            {
                return;
            }

            await state.LoadServerAsync(server.Id, leaving.Token);
        }
    }

    private async Task ListenAsync()
    {
        try
        {
            await foreach (var live in Live.ReadAsync(leaving.Token))
            {
                await HandleAsync(live);
            }
        }
        catch (OperationCanceledException)
        {
            // The page is gone.
        }
    }

    private async Task HandleAsync(LiveEvent live)
    {
        switch (live.Type)
        {
            case LiveEventTypes.ChannelMessage when live.Data.Deserialize<ChannelMessageEvent>(ApiTransport.Json) is { } message:
                state!.Tell(message);
                if (message.Message.ServerId is null && state.Channel(message.ChannelId) is null)
                {
                    // Somebody writes to me for the first time, or again after I had put it out of sight.
                    _ = RefreshAsync(Guid.Empty);
                }

                break;
            case LiveEventTypes.ChannelRead when live.Data.Deserialize<ChannelReadEvent>(ApiTransport.Json) is { } read:
                state!.HasRead(read.ChannelId, read.LastReadSeq);
                break;
            case LiveEventTypes.ServerChanged when live.Data.Deserialize<ServerChangedEvent>(ApiTransport.Json) is { } changed:
                _ = RefreshAsync(changed.ServerId);
                break;
            case LiveEventTypes.ServerLeft when live.Data.Deserialize<ServerLeftEvent>(ApiTransport.Json) is { } left:
                state!.Remove(left.ServerId);
                if (ServerId == left.ServerId)
                {
                    Navigation.NavigateTo("/servers");
                }

                break;
            case LiveFeeds.Away:
                connection = "Reconnecting…";
                StateHasChanged();
                break;
            case LiveEventTypes.Ready or LiveEventTypes.Resync:
                _ = ResyncAsync(wasAway: connection.Length > 0);
                break;
            default:
                HandleFurther(live);
                break;
        }
    }

    private async Task ResyncAsync(bool wasAway)
    {
        state!.TellMissed();
        await state.LoadAsync(leaving.Token);
        await state.LoadDirectAsync(leaving.Token);
        if (loadedServer is { } id && await state.LoadServerAsync(id, leaving.Token) is { IsNotFound: true })
        {
            state.Remove(id);
            missing = true;
        }

        if (wasAway)
        {
            connection = "Caught up";
            StateHasChanged();
            await Task.Delay(TimeSpan.FromSeconds(4), leaving.Token).ContinueWith(_ => { }, TaskScheduler.Default);
            await InvokeAsync(() =>
            {
                connection = connection == "Caught up" ? "" : connection;
                StateHasChanged();
            });
        }
    }

    /// <summary>Many changes at once are looked at once.</summary>
    private async Task RefreshAsync(Guid serverId)
    {
        if (!refreshing.Add(serverId))
        {
            return;
        }

        try
        {
            await Task.Delay(TimeSpan.FromMilliseconds(150), leaving.Token);
            refreshing.Remove(serverId);
            if (await state!.LoadServerAsync(serverId, leaving.Token) is { IsNotFound: true })
            {
                state.Remove(serverId);
            }

            if (ServerId == serverId)
            {
                missing = state.Server(serverId) is null || (channelId is { } id && state.Channel(id) is null);
                StateHasChanged();
            }
        }
        catch (OperationCanceledException)
        {
            // The page is gone.
        }
    }

    private void Redraw() => InvokeAsync(StateHasChanged);

    private async Task InviteAsync()
    {
        var made = await Client.InviteAsync(Server!.Id);
        problem = made.Problem;
        invite = made.Value?.Code;
        copied = false;
        drawerOpen = false;
    }

    private async Task CopyInviteAsync()
    {
        await using var site = await Js.InvokeAsync<IJSObjectReference>("import", leaving.Token, "/" + Assets["js/community.js"].TrimStart('/'));
        copied = await site.InvokeAsync<bool>("copy", leaving.Token, Navigation.ToAbsoluteUri($"/invite/{invite}").ToString());
    }

    private async Task AddChannel(Guid? parent)
    {
        (adding, newParent, newName, newKind, addProblem, drawerOpen) = (true, parent, "", ChannelKind.Text, null, false);
        StateHasChanged();
        await Task.Yield();
        try
        {
            await nameBox.FocusAsync();
        }
        catch (Exception e) when (e is JSException or JSDisconnectedException or InvalidOperationException)
        {
            // It is not there to be focused.
        }
    }

    private async Task CreateChannelAsync()
    {
        var created = await Client.CreateChannelAsync(Server!.Id, new CreateChannelRequest(newName.Trim(), newKind, newParent));
        addProblem = created.Problem;
        if (created.Succeeded)
        {
            adding = false;
            await state!.LoadServerAsync(Server.Id, leaving.Token);
            if (ServerHere.IsWritten(created.Value))
            {
                Navigation.NavigateTo($"/servers/{Server.Id}/{created.Value.Id}");
            }
        }
    }

    /// <summary>From js/community.js: the categories that are folded now.</summary>
    [JSInvokable]
    public void Fold(IReadOnlyList<Guid> ids)
    {
        folded = [.. ids];
        StateHasChanged();
    }

    /// <summary>From js/community.js, for the quick switcher: everywhere one could go.</summary>
    [JSInvokable]
    public async Task<IReadOnlyList<Place>> Places()
    {
        var places = new List<Place>();
        places.AddRange(state!.Direct.Channels.Select(c => new Place("person", c.Name, "Direct message", $"/direct/{c.Id}", ServerHere.IsUnreadIn(c), c.Mentions)));
        foreach (var server in state.Servers)
        {
            places.AddRange(server.Channels.Where(ServerHere.IsWritten).Select(c => new Place("channel", c.Name, server.Server.Name, $"/servers/{server.Id}/{c.Id}", ServerHere.IsUnreadIn(c), c.Mentions)));
        }

        places.AddRange(state.Servers.Select(s => new Place("server", s.Server.Name, "Server", $"/servers/{s.Id}", false, 0)));
        if ((await Conversations.ListAsync(new ConversationFilter(), null, leaving.Token)).Value is { } chats)
        {
            places.AddRange(chats.Items.Select(c => new Place("chat", c.Title ?? "Chat", c.BotName, $"/chat/{c.Id}", false, 0)));
        }

        return places;
    }

    [JSInvokable]
    public Task MarkChannelRead() => pane?.LeaveUnreadAsync() ?? Task.CompletedTask;

    [JSInvokable]
    public async Task MarkServerRead()
    {
        if (Server is not { } server)
        {
            return;
        }

        await MarkChannelRead();
        if (server.IsDirect)
        {
            return;
        }

        var read = await Client.MarkServerReadAsync(server.Id);
        problem = read.Problem;
        if (read.Succeeded)
        {
            foreach (var channel in server.Channels.Where(ServerHere.IsUnreadIn).ToList())
            {
                state!.HasRead(channel.Id, channel.LastSeq);
            }
        }
    }

    [JSInvokable]
    public void CloseSide()
    {
        // The drawer lies over all else; the rest stays for the next press.
        if (drawerOpen)
        {
            drawerOpen = false;
        }
        else
        {
            CloseFurther();
        }

        StateHasChanged();
    }

    private static TimeZoneInfo ZoneOf(BrowserZone zone)
    {
        try
        {
            return TimeZoneInfo.FindSystemTimeZoneById(zone.Name);
        }
        catch (Exception e) when (e is TimeZoneNotFoundException or InvalidTimeZoneException or ArgumentException)
        {
            // Machines without a table of time zones: as it is there now.
            var offset = TimeSpan.FromMinutes(Math.Clamp(zone.Minutes, -14 * 60, 14 * 60));
            return offset == TimeSpan.Zero ? TimeZoneInfo.Utc : TimeZoneInfo.CreateCustomTimeZone("browser", offset, null, null);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (state is not null)
        {
            state.Changed -= Redraw;
        }

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

    private sealed record BrowserZone(string Name, int Minutes);

    private sealed record KeptChoices(IReadOnlyList<Guid> Folded, bool People);
}

/// <summary>Somewhere to go.</summary>
/// <param name="Kind"><c>channel</c>, <c>server</c>, <c>chat</c>, <c>person</c>.</param>
public sealed record Place(string Kind, string Text, string Detail, string Url, bool Unread, int Mentions);
