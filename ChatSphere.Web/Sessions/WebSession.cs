namespace ChatSphere.Web.Sessions;

/// <summary>What Web knows of a signed-in browser. It never leaves the server: the cookie holds <see cref="Id"/> and nothing else.</summary>
/// <param name="Id">256 random bits, base64url.</param>
/// <param name="Rotation">Counts the refreshes, so that the newer of two copies is known.</param>
/// <param name="Address">The browser's, as last seen when the session was renewed.</param>
public sealed record WebSession(
    string Id,
    Guid UserId,
    string Email,
    string DisplayName,
    string AccessToken,
    DateTimeOffset AccessTokenExpiresAt,
    string RefreshToken,
    int Rotation,
    IReadOnlyList<string>? Permissions = null,
    string? Address = null)
{
    public const string IdClaim = "sid";

    /// <summary>One for each permission, as of the last sign-in or renewal: for what to show. What is allowed, the API decides.</summary>
    public const string PermissionClaim = "permission";
}
