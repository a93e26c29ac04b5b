using System.Text.Json;
using ChatSphere.Contracts.Communities;
using ChatSphere.Contracts.Live;
using ChatSphere.Web.Clients;

namespace ChatSphere.Web.Components.Pages.Communities;

/// <summary>What may stand beside a channel, one at a time.</summary>
public enum Side
{
    None,
    People,
    Thread,
    Threads,
    Pins,
}

public sealed partial class CommunityView
{
    public Side Side { get; private set; }

    public bool PeopleOpen => Side is Side.People;

    /// <summary>The thread beside the channel.</summary>
    public ThreadResponse? Thread { get; private set; }

    public ApiProblem? SideProblem { get; private set; }

    private bool SideIsOpen => Side is not Side.None && Server is not null;

    public ChannelResponse? ThreadChannel => Thread is { } thread ? state?.Channel(thread.Id) : null;

    /// <summary>Opens one thing beside the channel, or closes it when it is open.</summary>
    public void Toggle(Side side)
    {
        Side = Side == side ? Side.None : side;
        Thread = null;
        SideProblem = null;
        StateHasChanged();
    }

    public void TogglePeople() => Toggle(Side.People);

    public async Task OpenThreadAsync(Guid id)
    {
        Side = Side.Thread;
        SideProblem = null;
        var (thread, channel) = (await Client.ThreadAsync(id, leaving.Token), await Client.ChannelAsync(id, leaving.Token));
        SideProblem = thread.Problem ?? channel.Problem;
        if (thread.Succeeded && channel.Succeeded && Server is { } server)
        {
            state!.Hold(server, channel.Value);
            Thread = thread.Value;
        }

        StateHasChanged();
    }

    public async Task FollowAsync()
    {
        if (Thread is { } thread)
        {
            var done = await Client.FollowAsync(thread.Id, !thread.IsFollowed);
            SideProblem = done.Problem;
            Thread = done.Succeeded ? thread with { IsFollowed = !thread.IsFollowed } : thread;
            StateHasChanged();
        }
    }

    public async Task PutThreadAwayAsync()
    {
        if (Thread is { } thread)
        {
            var done = await Client.ChangeThreadAsync(thread.Id, new UpdateThreadRequest(IsArchived: !thread.IsArchived));
            SideProblem = done.Problem;
            Thread = done.Value ?? thread;
            StateHasChanged();
        }
    }

    /// <summary>To a message of the channel, by its number.</summary>
    public void GoTo(long seq)
    {
        if (Server is { } server && channelId is { } channel)
        {
            Navigation.NavigateTo($"{server.Address}/{channel}/{seq}");
        }
    }

    private void HandleFurther(LiveEvent live)
    {
        switch (live.Type)
        {
            case LiveEventTypes.ThreadChanged when live.Data.Deserialize<ThreadChangedEvent>(ApiTransport.Json) is { } changed:
                state!.Tell(changed);
                if (changed.ThreadId != Thread?.Id)
                {
                    break;
                }

                if (changed.IsDeleted)
                {
                    CloseSide();
                }
                else
                {
                    Thread = Thread with { Name = changed.Name, IsArchived = changed.IsArchived, IsLocked = changed.IsLocked, Messages = changed.Messages, LastMessageAt = changed.LastMessageAt };
                    StateHasChanged();
                }

                break;
            case LiveEventTypes.DirectChannelChanged:
                _ = RefreshAsync(Guid.Empty);
                break;
            case LiveEventTypes.EmojiChanged when live.Data.Deserialize<EmojiChangedEvent>(ApiTransport.Json) is { } emoji && state!.Server(emoji.ServerId) is { HasEmoji: true } server:
                _ = state.LoadEmojiAsync(server, leaving.Token);
                break;
            default:
                break;
        }
    }

    private void CloseFurther()
    {
        Side = Side.None;
        Thread = null;
    }
}
