using System.ComponentModel.DataAnnotations;

namespace ChatSphere.Contracts.Accounts;

/// <param name="Email">Unique without regard to case.</param>
/// <param name="Password">12 to 128 characters; any characters; not one of the most common passwords.</param>
/// <param name="DisplayName">What others see.</param>
/// <param name="AcceptedPolicies">Ids of the texts that the person has agreed to while registering. What is required and not among them is asked after signing in.</param>
public sealed record RegisterRequest(
    [property: Required, EmailAddress, StringLength(254)] string Email,
    [property: Required, StringLength(128, MinimumLength = 12)] string Password,
    [property: Required, StringLength(64, MinimumLength = 1)] string DisplayName,
    [property: MaxLength(50)] IReadOnlyList<Guid>? AcceptedPolicies = null);

public sealed record SignInRequest(
    [property: Required, StringLength(254)] string Email,
    [property: Required, StringLength(128)] string Password);

/// <param name="RefreshToken">From sign-in or the last refresh; each works once.</param>
public sealed record RefreshRequest([property: Required, StringLength(200)] string RefreshToken);

/// <param name="Token">As printed on the console.</param>
public sealed record SetUpRequest([property: Required, StringLength(200)] string Token);

/// <param name="AccessToken">A JWT for the <c>Authorization: Bearer</c> header.</param>
/// <param name="ExpiresIn">Seconds until the access token expires.</param>
/// <param name="RefreshToken">Opaque, single use.</param>
public sealed record TokenResponse(string AccessToken, int ExpiresIn, string RefreshToken);

/// <param name="Permissions">What the credential of this request allows, by names of the catalogue.</param>
public sealed record AccountResponse(Guid Id, string Email, string DisplayName, DateTimeOffset CreatedAt, IReadOnlyList<string> Permissions);
