using ChatSphere.Contracts.Live;
using ChatSphere.Messaging.Live;

namespace ChatSphere.Api.Modules.Communities;

/// <summary>Tells the screens of a server's people, after the commit, that something about it is different.</summary>
internal sealed class CommunitySignals(CommunityFeed feed)
{
    public void ServerChanged(Guid serverId) =>
        feed.Publish(new CommunityEvent { Type = LiveEventTypes.ServerChanged, ServerId = serverId, Data = $$"""{"serverId":"{{serverId}}"}""" });

    /// <summary>These came or went: their connections are put where they belong now, and the others see a changed server.</summary>
    public void MembershipsChanged(Guid serverId, params IReadOnlyList<Guid> accounts)
    {
        feed.Publish(new CommunityEvent { Type = CommunityEvent.Memberships, ServerId = serverId, Accounts = accounts });
        ServerChanged(serverId);
    }
}
