using System.ComponentModel.DataAnnotations;

namespace ChatSphere.Contracts.Accounts;

/// <param name="Token">From the link in the mail.</param>
public sealed record EmailTokenRequest([property: Required, StringLength(200, MinimumLength = 1)] string Token);

/// <param name="Email">Whose account it is about. The answer is the same whether there is one or not.</param>
public sealed record EmailRequest([property: Required, EmailAddress, StringLength(254)] string Email);

/// <param name="Token">From the link in the mail.</param>
/// <param name="NewPassword">By the rules of <see cref="RegisterRequest"/>.</param>
public sealed record ResetPasswordRequest(
    [property: Required, StringLength(200, MinimumLength = 1)] string Token,
    [property: Required, StringLength(128, MinimumLength = 12)] string NewPassword);

/// <param name="CurrentPassword">Left out only by an account that has none yet.</param>
/// <param name="NewPassword">By the rules of <see cref="RegisterRequest"/>.</param>
public sealed record ChangePasswordRequest(
    [property: StringLength(128)] string? CurrentPassword,
    [property: Required, StringLength(128, MinimumLength = 12)] string NewPassword);

public sealed record ChangeEmailRequest([property: Required, EmailAddress, StringLength(254)] string NewEmail);

/// <summary>A signed-in client.</summary>
/// <param name="Device">Browser and system, as far as it named itself.</param>
/// <param name="Network">The first 24 bits of the IPv4 address last used, or 48 of the IPv6 address; null when unknown.</param>
/// <param name="Methods">How the person proved who they are, by RFC 8176: <c>pwd</c>, <c>otp</c>, <c>hwk</c>, <c>fed</c>, <c>rec</c>.</param>
/// <param name="IsCurrent">The one that asks.</param>
public sealed record SessionResponse(Guid Id, string Device, string? Network, IReadOnlyList<string> Methods, DateTimeOffset CreatedAt, DateTimeOffset LastUsedAt, DateTimeOffset ExpiresAt, bool IsCurrent);
