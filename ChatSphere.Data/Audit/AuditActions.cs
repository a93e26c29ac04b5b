namespace ChatSphere.Data.Audit;

/// <summary>What is written down, <c>thing.happened</c>. A name never changes its meaning.</summary>
public static partial class AuditActions
{
    public const string AccountRegistered = "account.registered";
    public const string SignedIn = "account.signed_in";
    public const string SignInFailed = "account.sign_in_failed";
    public const string SignedOut = "account.signed_out";
    public const string RefreshTokenReused = "account.refresh_token_reused";

    /// <summary>Details: <c>roleId</c>, <c>role</c>. Target: the account.</summary>
    public const string RoleGiven = "rights.role_given";

    /// <summary>Details: <c>roleId</c>, <c>role</c>. Target: the account.</summary>
    public const string RoleTaken = "rights.role_taken";
}
