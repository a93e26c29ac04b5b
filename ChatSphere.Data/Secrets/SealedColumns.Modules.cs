namespace ChatSphere.Data.Secrets;

public static partial class SealedColumns
{
    public static readonly SealedColumn AuthenticatorSecrets = new("accounts.authenticator_apps", "sealed_secret", "accounts.authenticator-app");
    public static readonly SealedColumn AuthenticatorPending = new("accounts.authenticator_apps", "sealed_pending", "accounts.authenticator-app");
    public static readonly SealedColumn ErasureAddresses = new("privacy.erasures", "sealed_address", "privacy.erasure-address");
    public static readonly SealedColumn AuditKeys = new("audit.keys", "protected_private_key", "audit.checkpoint-key");
}
