using System.ComponentModel.DataAnnotations;

namespace ChatSphere.Contracts.Admin;

/// <param name="Name">Its wire name, as in roles and in the scopes of API keys.</param>
/// <param name="Description">What it allows.</param>
/// <param name="Delegable">Whether an API key can carry it.</param>
public sealed record PermissionResponse(string Name, string Description, bool Delegable);

public sealed record RoleReference(Guid Id, string Name);

/// <param name="Permissions">Names from the catalogue. The administrator's are all there are.</param>
/// <param name="RequiresMfa">Who has it needs a second factor before any of their roles grants anything.</param>
/// <param name="IsBuiltIn">Cannot be renamed or deleted.</param>
/// <param name="Accounts">How many have it by themselves.</param>
/// <param name="Groups">How many groups have it.</param>
public sealed record RoleResponse(
    Guid Id, string Name, string Description, IReadOnlyList<string> Permissions, bool RequiresMfa, bool IsBuiltIn, int Accounts, int Groups);

/// <param name="Name">Unique without regard to case.</param>
/// <param name="Permissions">Names from the catalogue, none that you do not hold yourself.</param>
public sealed record CreateRoleRequest(
    [property: Required, StringLength(80, MinimumLength = 1)] string Name,
    [property: Required, MaxLength(100)] IReadOnlyList<string> Permissions,
    [property: StringLength(400)] string? Description = null,
    bool RequiresMfa = false);

/// <summary>What is null stays as it is.</summary>
public sealed record UpdateRoleRequest(
    [property: StringLength(80, MinimumLength = 1)] string? Name = null,
    [property: StringLength(400)] string? Description = null,
    [property: MaxLength(100)] IReadOnlyList<string>? Permissions = null,
    bool? RequiresMfa = null);

/// <param name="RoleIds">All roles that it has afterwards.</param>
public sealed record SetRolesRequest([property: Required, MaxLength(100)] IReadOnlyList<Guid> RoleIds);
