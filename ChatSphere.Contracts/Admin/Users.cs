using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;

namespace ChatSphere.Contracts.Admin;

[JsonConverter(typeof(SnakeCaseEnum<UserState>))]
public enum UserState
{
    Active,

    /// <summary>Was made by somebody else and has never set a password.</summary>
    Invited,

    /// <summary>Signs in no more; every session has ended.</summary>
    Disabled,
}

/// <param name="HasSecondFactor">An authenticator app or a passkey.</param>
/// <param name="LastSeenAt">The last use of any session, to the refresh of its token; null: never signed in.</param>
/// <param name="Roles">Those given to the account itself; groups may bring more.</param>
/// <param name="ExternalId">The provisioning client's own id (SCIM).</param>
public sealed record UserResponse(
    Guid Id, string Email, string DisplayName, UserState State, bool EmailConfirmed, bool HasSecondFactor, DateTimeOffset CreatedAt, DateTimeOffset? DisabledAt, DateTimeOffset? LastSeenAt,
    IReadOnlyList<RoleReference> Roles, IReadOnlyList<GroupReference> Groups, string? ExternalId);

/// <param name="RoleIds">Null: a member. Others need <c>roles.manage</c> and only what you hold yourself.</param>
public sealed record CreateUserRequest(
    [property: Required, EmailAddress, StringLength(254)] string Email,
    [property: Required, StringLength(64, MinimumLength = 1)] string DisplayName,
    [property: MaxLength(100)] IReadOnlyList<Guid>? RoleIds = null);

/// <summary>What is null stays as it is.</summary>
public sealed record UpdateUserRequest([property: StringLength(64, MinimumLength = 1)] string? DisplayName = null);

/// <param name="Reason">For the audit log.</param>
public sealed record DisableUserRequest([property: Required, StringLength(400, MinimumLength = 1)] string Reason);

/// <param name="Line">In the file, counted from 1; the header is line 1.</param>
public sealed record ImportFailure(int Line, string Reason);

/// <param name="Unchanged">Accounts that were as the file says already.</param>
/// <param name="Failed">At most 1000 of them, in the order of the file.</param>
/// <param name="FailedRows">How many there are in all.</param>
/// <param name="DryRun">Nothing was changed; this is what would have been.</param>
public sealed record ImportUsersResponse(int Created, int Updated, int Unchanged, int FailedRows, IReadOnlyList<ImportFailure> Failed, bool DryRun);
