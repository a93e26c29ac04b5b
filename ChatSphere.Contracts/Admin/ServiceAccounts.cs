using System.ComponentModel.DataAnnotations;

namespace ChatSphere.Contracts.Admin;

/// <summary>An account of a program: it never signs in, it has API keys only.</summary>
/// <param name="Keys">How many of its keys work.</param>
public sealed record ServiceAccountResponse(Guid Id, string Name, bool Disabled, IReadOnlyList<RoleReference> Roles, int Keys, DateTimeOffset CreatedAt);

/// <param name="RoleIds">What it may do; none that grants what you do not hold.</param>
public sealed record CreateServiceAccountRequest(
    [property: Required, StringLength(64, MinimumLength = 1)] string Name,
    [property: Required, MaxLength(100)] IReadOnlyList<Guid> RoleIds);

/// <summary>What is null stays as it is.</summary>
public sealed record UpdateServiceAccountRequest(
    [property: StringLength(64, MinimumLength = 1)] string? Name = null,
    [property: MaxLength(100)] IReadOnlyList<Guid>? RoleIds = null,
    bool? Disabled = null);
