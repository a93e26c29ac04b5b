using System.ComponentModel.DataAnnotations;

namespace ChatSphere.Contracts.Accounts;

/// <param name="Name">For addresses.</param>
/// <param name="DisplayName">For people.</param>
public sealed record ExternalProviderResponse(string Name, string DisplayName);

/// <param name="AuthorizationUrl">Where to send the browser.</param>
/// <param name="Binding">A secret to keep with that browser, and to bring with the answer: an answer that arrives in another browser is worth nothing.</param>
public sealed record ExternalStartResponse(string AuthorizationUrl, string Binding);

/// <summary>What the provider sent back to <c>/sign-in/callback/{provider}</c>, and the binding.</summary>
/// <param name="Error">The provider's reason for not signing in, by RFC 6749.</param>
/// <param name="Iss">Who answers, by RFC 9207.</param>
public sealed record ExternalCallbackRequest(
    [property: Required, StringLength(100)] string State,
    [property: Required, StringLength(100)] string Binding,
    [property: StringLength(2000)] string? Code = null,
    [property: StringLength(200)] string? Error = null,
    [property: StringLength(500)] string? Iss = null);

/// <param name="Name">The provider's, or null when it is no longer configured.</param>
public sealed record LinkedAccountResponse(string? Name, string DisplayName);
