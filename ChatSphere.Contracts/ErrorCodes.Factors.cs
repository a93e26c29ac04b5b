namespace ChatSphere.Contracts;

public static partial class ErrorCodes
{
    /// <summary>401: the code or the passkey is not right, or the time for it has passed. The ticket is gone after five wrong codes.</summary>
    public const string SecondFactorInvalid = "second_factor_invalid";

    /// <summary>400: the code is not the one that the app shows now.</summary>
    public const string TotpCodeInvalid = "totp_code_invalid";

    /// <summary>400: the passkey was not made for this, or it was made too late.</summary>
    public const string PasskeyInvalid = "passkey_invalid";

    /// <summary>409: a role of the account requires a second factor, and this is the last one.</summary>
    public const string FactorRequired = "factor_required";

    /// <summary>409: without it nobody could sign in to this account any more.</summary>
    public const string LastWayIn = "last_way_in";

    /// <summary>403: what was brought does not prove who it is.</summary>
    public const string ReauthenticationFailed = "reauthentication_failed";

    /// <summary>403: right so far, and not enough; <c>methods</c> says what would complete it.</summary>
    public const string ReauthenticationIncomplete = "reauthentication_incomplete";

    /// <summary>401: the provider did not sign the person in, or its answer is not to be trusted.</summary>
    public const string ExternalSignInFailed = "external_sign_in_failed";

    /// <summary>503: the provider does not answer, or not as it should.</summary>
    public const string ProviderUnavailable = "provider_unavailable";

    /// <summary>409: the provider tells no e-mail address, and an account needs one.</summary>
    public const string EmailMissing = "email_missing";

    /// <summary>409: that account elsewhere is linked to an account here already.</summary>
    public const string LoginTaken = "login_taken";

    /// <summary>409: this stands in for an authenticator app, and there is none.</summary>
    public const string FactorMissing = "factor_missing";

    /// <summary>409: the account has as many passkeys as it may have.</summary>
    public const string PasskeysFull = "passkeys_full";
}
