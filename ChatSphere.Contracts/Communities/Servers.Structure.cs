using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace ChatSphere.Contracts.Communities;

public sealed partial record ServerResponse
{
    /// <summary>Changes with the picture; null: none.</summary>
    public string? Icon { get; init; }

    /// <summary>Its owner only: deleted, and gone for good after this.</summary>
    public DateTimeOffset? DeleteAfter { get; init; }

    /// <summary>The site's moderators closed it.</summary>
    public bool IsClosed { get; init; }
}

public sealed partial record ServerRoleResponse
{
    /// <summary>The bot that it came with and that alone holds it.</summary>
    public Guid? BotId { get; init; }
}

public sealed partial record InvitePreviewResponse
{
    /// <summary>I am in it already.</summary>
    public bool IsMember { get; init; }
}

/// <summary>What is null stays as it is.</summary>
public sealed partial record UpdateServerRequest(
    [property: StringLength(100, MinimumLength = 1)] string? Name = null,
    [property: StringLength(1_000)] string? Description = null,
    bool? IsDiscoverable = null);

public sealed record ServerIconResponse(string Version, string ContentType, int Width, int Height);

public sealed record TransferServerRequest(Guid MemberId);

/// <summary>A server that anybody may join.</summary>
public sealed partial record DiscoverableServerResponse(Guid Id, string Name, string Description, string? Icon, int Members, bool IsMember, DateTimeOffset CreatedAt);

[JsonConverter(typeof(SnakeCaseEnum<ServerMemberKind>))]
public enum ServerMemberKind
{
    Person,
    Bot,
}

/// <param name="Name">The account's or the bot's own.</param>
/// <param name="Nickname">Shown here in place of it; empty: none.</param>
/// <param name="Avatar">Changes with the picture; null: none.</param>
/// <param name="RoleIds">Without everyone's.</param>
public sealed partial record ServerMemberResponse(
    Guid MemberId, ServerMemberKind Kind, string Name, string Nickname, string? Avatar, IReadOnlyList<Guid> RoleIds, DateTimeOffset JoinedAt, DateTimeOffset? TimedOutUntil);

/// <param name="Nickname">Empty: none any more.</param>
public sealed record UpdateMemberRequest([property: Required(AllowEmptyStrings = true), StringLength(64)] string Nickname);

/// <param name="Reason">For the log of the server.</param>
public sealed record RemoveMemberRequest([property: StringLength(500)] string? Reason = null);

/// <param name="Until">At most 28 days from now.</param>
public sealed record TimeOutMemberRequest(DateTimeOffset Until, [property: StringLength(500)] string? Reason = null);

/// <param name="DeleteMessagesMinutes">What they wrote in the last so many minutes is deleted; up to 7 days.</param>
public sealed record BanMemberRequest([property: StringLength(500)] string? Reason = null, [property: Range(0, 7 * 24 * 60)] int DeleteMessagesMinutes = 0);

/// <param name="BannedBy">Who did it.</param>
public sealed record ServerBanResponse(Guid AccountId, string Name, string? Avatar, Guid BannedBy, string BannedByName, string Reason, DateTimeOffset CreatedAt);

/// <param name="Permissions">The bits, as a decimal number; only such as one holds.</param>
/// <param name="Color">0xRRGGBB.</param>
public sealed partial record CreateRoleRequest(
    [property: Required, StringLength(64, MinimumLength = 1)] string Name,
    [property: StringLength(19)] string? Permissions = null,
    [property: Range(0, 0xFFFFFF)] int? Color = null,
    bool IsHoisted = false,
    bool IsMentionable = false);

/// <summary>What is null stays as it is.</summary>
/// <param name="Color">0xRRGGBB; -1: none any more.</param>
public sealed partial record UpdateRoleRequest(
    [property: StringLength(64, MinimumLength = 1)] string? Name = null,
    [property: StringLength(19)] string? Permissions = null,
    [property: Range(-1, 0xFFFFFF)] int? Color = null,
    bool? IsHoisted = null,
    bool? IsMentionable = null);

/// <param name="RoleIds">All roles but everyone's, the highest first.</param>
public sealed record OrderRolesRequest([property: Required, MaxLength(250)] IReadOnlyList<Guid> RoleIds);

/// <summary>What is null stays as it is.</summary>
/// <param name="ParentId">The category; all zeros: none any more.</param>
public sealed partial record UpdateChannelRequest(
    [property: StringLength(100, MinimumLength = 1)] string? Name = null,
    [property: StringLength(1_024)] string? Topic = null,
    [property: Range(0, 21_600)] int? SlowModeSeconds = null,
    Guid? ParentId = null);

/// <param name="ParentId">The category; null: none.</param>
public sealed record ChannelPlace(Guid ChannelId, Guid? ParentId = null);

/// <param name="Channels">All that one sees, categories too, from the top.</param>
public sealed record OrderChannelsRequest([property: Required, MaxLength(500)] IReadOnlyList<ChannelPlace> Channels);

[JsonConverter(typeof(SnakeCaseEnum<OverwriteKind>))]
public enum OverwriteKind
{
    Role,
    Member,
}

/// <param name="TargetId">A role's or a member's id; everyone's role has the server's.</param>
/// <param name="Allow">The bits, as a decimal number.</param>
/// <param name="Deny">The bits, as a decimal number.</param>
public sealed record OverwriteResponse(Guid TargetId, OverwriteKind Target, string Name, string Allow, string Deny);

/// <param name="InStep">The channel's overwrites are those of its category and follow them; null: it is in none.</param>
public sealed record ChannelOverwritesResponse(IReadOnlyList<OverwriteResponse> Overwrites, bool? InStep);

/// <summary>What is neither allowed nor denied is as without this overwrite. With nothing in either it goes.</summary>
public sealed record PutOverwriteRequest(OverwriteKind Target, [property: Required, StringLength(19)] string Allow, [property: Required, StringLength(19)] string Deny);

/// <summary>What somebody else would see.</summary>
/// <param name="May">In the server as a whole.</param>
/// <param name="Channels">Those that I see too.</param>
public sealed record ViewAsResponse(IReadOnlyList<string> May, IReadOnlyList<ViewAsChannelResponse> Channels);

public sealed record ViewAsChannelResponse(Guid Id, string Name, ChannelKind Kind, Guid? ParentId, bool IsVisible, IReadOnlyList<string> May);

[JsonConverter(typeof(SnakeCaseEnum<ServerLogTargetKind>))]
public enum ServerLogTargetKind
{
    Server,
    Member,
    Role,
    Channel,
    Invite,
}

/// <param name="ActorName">Null: nobody of this server, or somebody whose account is gone.</param>
/// <param name="TargetName">As it is called now; null: it is gone, and the details tell.</param>
/// <param name="Details">An object, by action.</param>
public sealed record ServerLogEntryResponse(
    Guid Id, DateTimeOffset At, Guid? ActorId, string? ActorName, string Action, ServerLogTargetKind Target, Guid? TargetId, string? TargetName, string Reason, JsonElement? Details);

/// <summary>A server as the site's moderators see it.</summary>
public sealed record ModeratedServerResponse(
    Guid Id, string Name, string Description, Guid OwnerId, string OwnerName, int Members, bool IsDiscoverable, DateTimeOffset CreatedAt, DateTimeOffset? ClosedAt, DateTimeOffset? DeleteAfter);

/// <param name="Reason">For the audit log.</param>
public sealed record CloseServerRequest([property: Required, StringLength(400, MinimumLength = 1)] string Reason);
