using System.Collections.Frozen;
using ChatSphere.Api.Pictures;
using ChatSphere.Contracts;
using ChatSphere.Contracts.Communities;
using ChatSphere.Data.Communities;
using Microsoft.AspNetCore.Http.HttpResults;
using ChannelKind = ChatSphere.Contracts.Communities.ChannelKind;

namespace ChatSphere.Api.Responses;

internal static class ServerResponses
{
    private static readonly FrozenDictionary<ServerPermissions, string> Names = ServerPermissionNames.ByName.ToFrozenDictionary(p => p.Value, p => p.Key);

    /// <summary>The bits by their names.</summary>
    public static IReadOnlyList<string> May(ServerPermissions permissions) => [.. Names.Where(n => permissions.HasFlag(n.Key)).OrderBy(n => n.Key).Select(n => n.Value)];

    public static ServerResponse From(Server server, ServerPermissions permissions) =>
        new(server.Id, server.Name, server.Description, server.OwnerId, server.IsDiscoverable, May(permissions), server.CreatedAt)
        {
            Icon = AvatarImage.VersionOf(server.IconSha256),
            DeleteAfter = server.DeleteAfter,
            IsClosed = server.ClosedAt is not null,
        };

    public static ServerRoleResponse From(ServerRole role) =>
        new(role.Id, role.Name, ((ServerPermissions)role.Permissions).ToWire(), role.Position, role.Color, role.IsHoisted, role.IsMentionable) { BotId = role.BotId };

    public static ChannelResponse From(Channel channel, ServerPermissions permissions, ChannelCounter? counter, long lastRead, int mentions) => new(
        channel.Id, channel.ServerId, (ChannelKind)channel.Kind, channel.ParentId, channel.Name, channel.Topic, channel.Position, channel.SlowModeSeconds, May(permissions),
        counter?.LastSeq ?? 0, counter?.LastChange ?? 0, lastRead, mentions, counter?.LastMessageAt);

    /// <summary>The refusal of who sees a thing and may not do this with it.</summary>
    public static ProblemHttpResult Missing(ServerPermissions right) => TypedResults.Problem(
        $"This needs the right {Names[right]} here.", statusCode: StatusCodes.Status403Forbidden, type: Http.Problems.TypeOf(ErrorCodes.RightMissing),
        extensions: new Dictionary<string, object?> { ["code"] = ErrorCodes.RightMissing, ["right"] = Names[right] });
}
