using System.ComponentModel.DataAnnotations;

namespace ChatSphere.Contracts.Accounts;

/// <param name="Name">For whoever made it to know it by.</param>
/// <param name="Scopes">Names of permissions that can be delegated and that the account holds. What the key may do is these, and no more than the account itself may at the time.</param>
/// <param name="ExpiresInDays">Null: works until it is revoked.</param>
public sealed record CreateApiKeyRequest(
    [property: Required, StringLength(80, MinimumLength = 1)] string Name,
    [property: Required, MinLength(1), MaxLength(100)] IReadOnlyList<string> Scopes,
    [property: Range(1, 3650)] int? ExpiresInDays = null);

/// <param name="LastUsedAt">To the minute; null: never.</param>
public sealed record ApiKeyResponse(Guid Id, string Name, IReadOnlyList<string> Scopes, DateTimeOffset CreatedAt, DateTimeOffset? ExpiresAt, DateTimeOffset? LastUsedAt);

/// <param name="Key">Shown this once: what is kept of it is a hash.</param>
public sealed record CreatedApiKeyResponse(string Key, ApiKeyResponse Details);
