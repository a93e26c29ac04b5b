using System.ComponentModel.DataAnnotations;
using System.Text.Json;

namespace ChatSphere.Contracts.Accounts;

/// <param name="HasPassword">False for an account that was made by signing in elsewhere and has none yet.</param>
/// <param name="Totp">An authenticator app is set up.</param>
/// <param name="RecoveryCodesLeft">How many unused recovery codes there are.</param>
/// <param name="Required">A role of the account requires a second factor: the last one cannot be removed.</param>
public sealed record FactorsResponse(bool HasPassword, bool Totp, int RecoveryCodesLeft, IReadOnlyList<PasskeyResponse> Passkeys, bool Required);

public sealed record PasskeyResponse(Guid Id, string Name, DateTimeOffset CreatedAt, DateTimeOffset? LastUsedAt);

/// <param name="Secret">Base32, for typing it into an app.</param>
/// <param name="Uri">The same as <c>otpauth://</c>, for a QR code.</param>
public sealed record TotpSetupResponse(string Secret, string Uri);

/// <param name="Code">Six digits from the app.</param>
public sealed record ConfirmTotpRequest([property: Required, StringLength(16)] string Code);

/// <param name="RecoveryCodes">Each works once. Shown now and never again.</param>
public sealed record RecoveryCodesResponse(IReadOnlyList<string> RecoveryCodes);

/// <param name="Ticket">From the <c>second_factor_needed</c> problem of the first step.</param>
/// <param name="Method"><c>totp</c> or <c>recovery_code</c>.</param>
/// <param name="Code">Six digits, or a recovery code with or without its dashes.</param>
public sealed record SecondFactorRequest(
    [property: Required, StringLength(100)] string Ticket,
    [property: Required, RegularExpression("totp|recovery_code", ErrorMessage = "It is totp or recovery_code.")] string Method,
    [property: Required, StringLength(64)] string Code);

/// <param name="Ticket">Bring it back with the credential; good once.</param>
/// <param name="Options">For <c>navigator.credentials.create</c> or <c>get</c>, as JSON of WebAuthn level 3.</param>
public sealed record PasskeyOptionsResponse(string Ticket, JsonElement Options);

/// <param name="SecondFactorTicket">Where the passkey is to be the second factor after a password.</param>
public sealed record PasskeyOptionsRequest([property: StringLength(100)] string? SecondFactorTicket = null);

/// <param name="Ticket">From the options.</param>
/// <param name="Credential">What the authenticator answered, as JSON of WebAuthn level 3.</param>
/// <param name="Name">To know it again by.</param>
public sealed record AddPasskeyRequest(
    [property: Required, StringLength(100)] string Ticket,
    [property: Required] JsonElement Credential,
    [property: Required, StringLength(80, MinimumLength = 1)] string Name);

public sealed record RenamePasskeyRequest([property: Required, StringLength(80, MinimumLength = 1)] string Name);

/// <param name="Ticket">From the options.</param>
/// <param name="Credential">What the authenticator answered, as JSON of WebAuthn level 3.</param>
/// <param name="SecondFactorTicket">Where the passkey is the second factor after a password.</param>
public sealed record PasskeySignInRequest(
    [property: Required, StringLength(100)] string Ticket,
    [property: Required] JsonElement Credential,
    [property: StringLength(100)] string? SecondFactorTicket = null);

/// <param name="Ticket">From the options.</param>
/// <param name="Credential">What the authenticator answered, as JSON of WebAuthn level 3.</param>
public sealed record PasskeyProof([property: Required, StringLength(100)] string Ticket, [property: Required] JsonElement Credential);

/// <summary>A passkey alone is enough; without one, the password, and the authenticator app's code where there is an app.</summary>
public sealed record ReauthenticateRequest(
    [property: StringLength(128)] string? Password = null,
    [property: StringLength(16)] string? TotpCode = null,
    PasskeyProof? Passkey = null);
