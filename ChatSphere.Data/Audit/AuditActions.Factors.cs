namespace ChatSphere.Data.Audit;

public static partial class AuditActions
{
    public const string TotpEnabled = "factors.totp_enabled";
    public const string TotpRemoved = "factors.totp_removed";
    public const string RecoveryCodesMade = "factors.recovery_codes_made";

    /// <summary>Details: <c>left</c>.</summary>
    public const string RecoveryCodeUsed = "factors.recovery_code_used";

    /// <summary>Details: <c>method</c>.</summary>
    public const string SecondFactorFailed = "factors.second_factor_failed";
    public const string PasskeyAdded = "factors.passkey_added";
    public const string PasskeyRemoved = "factors.passkey_removed";

    /// <summary>Details: <c>problem</c>.</summary>
    public const string PasskeyRefused = "factors.passkey_refused";

    /// <summary>The authenticator counts less than it did: there may be a copy of it. Refused.</summary>
    public const string PasskeyCounterWentBack = "factors.passkey_counter_went_back";

    /// <summary>Details: <c>methods</c>.</summary>
    public const string Reauthenticated = "account.reauthenticated";
    public const string ReauthenticationFailed = "account.reauthentication_failed";

    /// <summary>Details: <c>provider</c>.</summary>
    public const string LoginLinked = "factors.login_linked";

    /// <summary>Details: <c>provider</c>.</summary>
    public const string LoginUnlinked = "factors.login_unlinked";

    /// <summary>Details: <c>provider</c>, <c>problem</c>.</summary>
    public const string ExternalSignInRefused = "factors.external_sign_in_refused";
}
