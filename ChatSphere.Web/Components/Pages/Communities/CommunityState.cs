using ChatSphere.Contracts.Communities;
using ChatSphere.Contracts.Live;
using ChatSphere.Web.Clients;

namespace ChatSphere.Web.Components.Pages.Communities;

/// <summary>What one screen knows of its person's servers and channels. Everything runs on the circuit's own context.</summary>
public sealed class CommunityState(CommunityClient client, Guid me, string myName)
{
    private readonly Dictionary<Guid, ServerHere> servers = [];
    private readonly Dictionary<Guid, ServerHere> byChannel = [];
    private readonly Dictionary<Guid, (ServerHere Server, ChannelResponse Channel)> threads = [];
    private readonly Dictionary<Guid, string> names = [];

    public Guid Me => me;

    public string MyName => myName;

    /// <summary>The place of direct and group messages, which is no server and is shown like one.</summary>
    public ServerHere Direct { get; } = new() { Server = new ServerResponse(Guid.Empty, "Direct messages", "", Guid.Empty, false, [], default) };

    /// <summary>By name; empty until they are loaded.</summary>
    public IReadOnlyList<ServerHere> Servers { get; private set; } = [];

    public bool IsLoaded { get; private set; }

    public ApiProblem? Problem { get; private set; }

    /// <summary>Servers, channels, or what is unread in them.</summary>
    public event Action? Changed;

    /// <summary>What happened in a channel, in the order of its numbers.</summary>
    public event Action<ChannelMessageEvent>? Happened;

    /// <summary>A thread was written in, or is different.</summary>
    public event Action<ThreadChangedEvent>? ThreadHappened;

    /// <summary>Anything may have been missed.</summary>
    public event Action? Missed;

    public ServerHere? Server(Guid id) => id == Guid.Empty ? Direct : servers.GetValueOrDefault(id);

    public ServerHere? ServerOf(Guid channelId) => byChannel.GetValueOrDefault(channelId);

    public ChannelResponse? Channel(Guid id) => byChannel.GetValueOrDefault(id)?.Channel(id) ?? (threads.TryGetValue(id, out var thread) ? thread.Channel : null);

    /// <summary>A thread that is on the screen: in no list of channels, and kept up to date like one.</summary>
    public void Hold(ServerHere server, ChannelResponse thread) => threads[thread.Id] = (server, thread);

    public async Task LoadEmojiAsync(ServerHere server, CancellationToken cancellationToken)
    {
        if (await client.EmojiAsync(server.Id, cancellationToken) is { Value: { } emoji })
        {
            (server.Emoji, server.HasEmoji) = (emoji, true);
            Changed?.Invoke();
        }
    }

    /// <summary>My roles in a server, which its messages may name.</summary>
    public async Task LoadMyselfAsync(ServerHere server, CancellationToken cancellationToken)
    {
        if (await client.MemberAsync(server.Id, me, cancellationToken) is { Value: { } myself })
        {
            server.MyRoles = myself.RoleIds.ToHashSet();
            Changed?.Invoke();
        }
    }

    public IReadOnlyDictionary<Guid, string> Names => names;

    public string? NameOf(Guid id) => id == me ? MyNameIn(id) : names.GetValueOrDefault(id);

    public void Learn(Guid id, string name)
    {
        if (name.Length > 0)
        {
            names[id] = name;
        }
    }

    public async Task LoadAsync(CancellationToken cancellationToken)
    {
        var loaded = await client.ServersAsync(cancellationToken);
        Problem = loaded.Problem;
        if (!loaded.Succeeded)
        {
            Changed?.Invoke();
            return;
        }

        var before = servers.ToDictionary();
        servers.Clear();
        byChannel.Clear();
        foreach (var channel in Direct.Channels)
        {
            byChannel[channel.Id] = Direct;
        }

        foreach (var server in loaded.Value.Where(s => s.DeleteAfter is null && !s.IsClosed))
        {
            var here = before.GetValueOrDefault(server.Id) ?? new ServerHere();
            here.Server = server;
            servers[server.Id] = here;
            foreach (var channel in here.Channels)
            {
                byChannel[channel.Id] = here;
            }
        }

        Servers = [.. loaded.Value.Where(s => servers.ContainsKey(s.Id)).Select(s => servers[s.Id])];
        IsLoaded = true;
        Changed?.Invoke();
    }

    /// <returns>What is wrong, or null.</returns>
    public async Task<ApiProblem?> LoadDirectAsync(CancellationToken cancellationToken)
    {
        var loaded = await client.DirectChannelsAsync(cancellationToken);
        if (!loaded.Succeeded)
        {
            return loaded.Problem;
        }

        foreach (var channel in Direct.Channels)
        {
            byChannel.Remove(channel.Id);
        }

        Direct.Channels = [.. loaded.Value.Items.Select(Named)];
        Direct.IsLoaded = true;
        foreach (var channel in Direct.Channels)
        {
            byChannel[channel.Id] = Direct;
        }

        Changed?.Invoke();
        return null;
    }

    /// <summary>One that is not in the list: it was put out of sight, or is new.</summary>
    public async Task LoadDirectAsync(Guid id, CancellationToken cancellationToken)
    {
        if (await client.DirectChannelAsync(id, cancellationToken) is { Value: { } found } && Channel(id) is null)
        {
            Direct.Channels = [Named(found), .. Direct.Channels];
            byChannel[id] = Direct;
            Changed?.Invoke();
        }
    }

    /// <returns>What is wrong, or null.</returns>
    public async Task<ApiProblem?> LoadServerAsync(Guid id, CancellationToken cancellationToken)
    {
        if (id == Guid.Empty)
        {
            return await LoadDirectAsync(cancellationToken);
        }

        var loaded = await client.ServerAsync(id, cancellationToken);
        if (!loaded.Succeeded)
        {
            return loaded.Problem;
        }

        if (!servers.TryGetValue(id, out var here))
        {
            servers[id] = here = new ServerHere { Server = loaded.Value.Server };
            Servers = [.. servers.Values.OrderBy(s => s.Server.Name, StringComparer.InvariantCultureIgnoreCase)];
        }

        foreach (var channel in here.Channels)
        {
            byChannel.Remove(channel.Id);
        }

        // While the answer was on its way, events went on: of two numbers the later counts.
        here.Server = loaded.Value.Server;
        var known = here.Channels.ToDictionary(c => c.Id);
        here.Channels = [.. loaded.Value.Channels.Select(c => known.TryGetValue(c.Id, out var k) && k.LastChange > c.LastChange ? c with { LastSeq = k.LastSeq, LastChange = k.LastChange, LastReadSeq = k.LastReadSeq, Mentions = k.Mentions } : c)];
        here.Roles = loaded.Value.Roles;
        here.Members = loaded.Value.Members;
        here.IsLoaded = true;
        foreach (var channel in here.Channels)
        {
            byChannel[channel.Id] = here;
        }

        Changed?.Invoke();
        return null;
    }

    public void Remove(Guid serverId)
    {
        if (servers.Remove(serverId, out var gone))
        {
            foreach (var channel in gone.Channels)
            {
                byChannel.Remove(channel.Id);
            }

            Servers = [.. Servers.Where(s => s != gone)];
            Changed?.Invoke();
        }
    }

    public void Tell(ChannelMessageEvent happened)
    {
        var message = happened.Message;
        Learn(message.Author.Id, message.Author.Name);
        if (Channel(happened.ChannelId) is { } channel)
        {
            var isNew = message.Seq > channel.LastSeq;
            var mine = message.Author.Id == me;
            Put(channel with
            {
                LastChange = Math.Max(channel.LastChange, happened.Change),
                LastSeq = Math.Max(channel.LastSeq, message.Seq),
                LastReadSeq = mine && isNew ? message.Seq : channel.LastReadSeq,
                Mentions = channel.Mentions + (isNew && !mine && IsMentionedIn(message) ? 1 : 0),
                LastMessageAt = isNew ? message.CreatedAt : channel.LastMessageAt,
            });
        }

        Happened?.Invoke(happened);
    }

    public void HasRead(Guid channelId, long seq)
    {
        if (Channel(channelId) is { } channel && (channel.LastReadSeq != seq || channel.Mentions > 0))
        {
            // How many mentions are left behind a line drawn in the middle, only the server can say.
            Put(channel with { LastReadSeq = seq, Mentions = seq >= channel.LastSeq ? 0 : channel.Mentions });
        }
    }

    public void Put(ChannelResponse channel)
    {
        if (threads.TryGetValue(channel.Id, out var thread))
        {
            threads[channel.Id] = (thread.Server, channel);
            Changed?.Invoke();
        }
        else if (byChannel.TryGetValue(channel.Id, out var here))
        {
            here.Channels = [.. here.Channels.Select(c => c.Id == channel.Id ? channel : c)];
            Changed?.Invoke();
        }
    }

    public void Tell(ThreadChangedEvent happened) => ThreadHappened?.Invoke(happened);

    public void TellMissed() => Missed?.Invoke();

    public bool IsMentionedIn(ChannelMessageResponse message) =>
        message.MentionsEveryone || message.MentionedAccounts.Contains(me) || (message.ServerId is { } server && servers.TryGetValue(server, out var here) && message.MentionedRoles.Any(here.MyRoles.Contains));

    private ChannelResponse Named(DirectChannelResponse direct)
    {
        foreach (var person in direct.People)
        {
            Learn(person.Id, person.Name);
        }

        Direct.People[direct.Channel.Id] = direct.People;
        return direct.Channel.Name.Length > 0 ? direct.Channel
            : direct.Channel with { Name = string.Join(", ", Direct.OthersIn(direct.Channel.Id, me).Select(p => p.Name)) is { Length: > 0 } others ? others : "Nobody else" };
    }

    private string MyNameIn(Guid id) => names.GetValueOrDefault(id) ?? myName;
}

/// <summary>One server, and its channels in the order in which they are shown.</summary>
public sealed class ServerHere
{
    public ServerResponse Server { get; set; } = null!;

    public IReadOnlyList<ChannelResponse> Channels { get; set; } = [];

    public IReadOnlyList<ServerRoleResponse> Roles { get; set; } = [];

    public IReadOnlySet<Guid> MyRoles { get; set; } = new HashSet<Guid>();

    /// <summary>The server's own.</summary>
    public IReadOnlyList<ServerEmojiResponse> Emoji { get; set; } = [];

    public bool HasEmoji { get; set; }

    public int Members { get; set; }

    public bool IsLoaded { get; set; }

    public Guid Id => Server.Id;

    /// <summary>Of direct messages: who is in which.</summary>
    public Dictionary<Guid, IReadOnlyList<AuthorResponse>> People { get; } = [];

    public bool IsDirect => Id == Guid.Empty;

    /// <summary>Where it is on this site.</summary>
    public string Address => IsDirect ? "/direct" : $"/servers/{Id}";

    public IReadOnlyList<AuthorResponse> OthersIn(Guid channelId, Guid me) => [.. People.GetValueOrDefault(channelId, []).Where(p => p.Id != me)];

    /// <summary>Where its picture is; null: it has none.</summary>
    public string? Icon => Server.Icon is { } version ? $"/content/servers/{Id}?v={version}" : null;

    public bool IsUnread => Channels.Any(IsUnreadIn);

    public int Mentions => Channels.Sum(c => c.Mentions);

    public ChannelResponse? Channel(Guid id) => Channels.FirstOrDefault(c => c.Id == id);

    /// <summary>Where who comes in goes first.</summary>
    public ChannelResponse? First => Channels.FirstOrDefault(IsWritten);

    public bool May(string right) => Server.May.Contains(right);

    /// <summary>Messages are read there.</summary>
    public static bool IsWritten(ChannelResponse channel) => channel.Kind is ChannelKind.Text or ChannelKind.Announcement or ChannelKind.Direct or ChannelKind.Group;

    public static bool IsUnreadIn(ChannelResponse channel) => IsWritten(channel) && channel.LastSeq > channel.LastReadSeq;
}
