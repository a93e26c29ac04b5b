using ChatSphere.Contracts.Communities;

namespace ChatSphere.Web.Text;

/// <summary>Where a message of a channel is on the screen, and what its place is called.</summary>
public static class ChannelPlaces
{
    /// <summary>Null: it has no page of its own.</summary>
    public static string? Address(Guid? serverId, Guid channelId, long? seq = null) => serverId is { } server ? $"/servers/{server}/{channelId}" + (seq is { } number ? $"/{number}" : "") : null;

    public static string Name(ChannelKind kind, string channel, string? server) => kind switch
    {
        ChannelKind.Direct => "Direct message",
        ChannelKind.Group => channel.Length > 0 ? channel : "Group",
        ChannelKind.Thread => $"{channel}{(server is null ? "" : $" · {server}")}",
        _ => $"#{channel}{(server is null ? "" : $" · {server}")}",
    };
}
