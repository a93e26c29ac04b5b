using System.ComponentModel.DataAnnotations;

namespace ChatSphere.Contracts.Admin;

public sealed record GroupReference(Guid Id, string Name);

/// <param name="ExternalId">The provisioning client's own id for it (SCIM).</param>
/// <param name="Members">How many are in it.</param>
/// <param name="Roles">What its members have through it.</param>
public sealed record GroupResponse(Guid Id, string Name, string Description, string? ExternalId, int Members, IReadOnlyList<RoleReference> Roles, DateTimeOffset CreatedAt);

/// <param name="Name">Unique without regard to case.</param>
public sealed record CreateGroupRequest(
    [property: Required, StringLength(80, MinimumLength = 1)] string Name,
    [property: StringLength(400)] string? Description = null);

/// <summary>What is null stays as it is.</summary>
public sealed record UpdateGroupRequest(
    [property: StringLength(80, MinimumLength = 1)] string? Name = null,
    [property: StringLength(400)] string? Description = null);

/// <param name="Email">Null for a service account.</param>
public sealed record GroupMemberResponse(Guid AccountId, string DisplayName, string? Email, bool Disabled, DateTimeOffset AddedAt);
