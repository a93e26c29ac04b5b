using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;

namespace ChatSphere.Contracts.Communities;

public sealed partial record CreateServerRequest([property: Required, StringLength(100, MinimumLength = 1)] string Name);

/// <summary>A server as one of its members sees it in the list.</summary>
/// <param name="May">The <see cref="ServerRights"/> that I have in the server as a whole.</param>
public sealed partial record ServerResponse(Guid Id, string Name, string Description, Guid OwnerId, bool IsDiscoverable, IReadOnlyList<string> May, DateTimeOffset CreatedAt);

/// <summary>All that the screen of a server needs.</summary>
/// <param name="Channels">Those that I may see, and their categories; in the order in which they are shown.</param>
/// <param name="Roles">Highest first; the last is everyone's, which has the server's id.</param>
/// <param name="Members">How many there are.</param>
public sealed partial record ServerDetailResponse(ServerResponse Server, IReadOnlyList<ChannelResponse> Channels, IReadOnlyList<ServerRoleResponse> Roles, int Members);

/// <param name="Permissions">The bits, as a decimal number.</param>
/// <param name="Color">0xRRGGBB; null: none.</param>
public sealed partial record ServerRoleResponse(Guid Id, string Name, string Permissions, int Position, int? Color, bool IsHoisted, bool IsMentionable);

/// <param name="Name">One of <see cref="ServerRights"/>.</param>
/// <param name="Bit">Its value, as a decimal number.</param>
public sealed record ServerPermissionResponse(string Name, string Bit, string Description, bool InChannels);

/// <param name="RoleIds">What who comes by it is given; only roles below one's own.</param>
public sealed partial record CreateInviteRequest([property: Range(1, 365 * 24 * 60)] int? ExpiresInMinutes = 7 * 24 * 60, [property: Range(1, 10_000)] int? MaxUses = null, [property: MaxLength(20)] IReadOnlyList<Guid>? RoleIds = null);

public sealed partial record InviteResponse(Guid Id, string Code, Guid ServerId, Guid CreatedBy, DateTimeOffset? ExpiresAt, int? MaxUses, int Uses, IReadOnlyList<Guid> RoleIds, DateTimeOffset CreatedAt);

/// <summary>What an invite leads to, for who has its code.</summary>
public sealed partial record InvitePreviewResponse(string Code, Guid ServerId, string ServerName, string ServerDescription, int Members);

[JsonConverter(typeof(SnakeCaseEnum<ChannelKind>))]
public enum ChannelKind
{
    Text,
    Announcement,
    Voice,
    Category,
    Thread,
    Direct,
    Group,
}

public sealed partial record CreateChannelRequest(
    [property: Required, StringLength(100, MinimumLength = 1)] string Name,
    ChannelKind Kind = ChannelKind.Text,
    Guid? ParentId = null,
    [property: StringLength(1_024)] string? Topic = null);

/// <param name="ServerId">Null for direct and group messages.</param>
/// <param name="ParentId">The category; of a thread the channel.</param>
/// <param name="May">The <see cref="ServerRights"/> that I have here.</param>
/// <param name="LastSeq">Of the newest message; what is unread is this less <paramref name="LastReadSeq"/>.</param>
/// <param name="LastChange">Of the newest change to any message.</param>
/// <param name="Mentions">Unread messages that mention me.</param>
public sealed partial record ChannelResponse(
    Guid Id, Guid? ServerId, ChannelKind Kind, Guid? ParentId, string Name, string Topic, int Position, int SlowModeSeconds, IReadOnlyList<string> May,
    long LastSeq, long LastChange, long LastReadSeq, int Mentions, DateTimeOffset? LastMessageAt);
