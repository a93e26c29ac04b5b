namespace ChatSphere.Data.Audit;

public static partial class AuditActions
{
    public const string PolicyPublished = "privacy.policy_published";

    /// <summary>Details: <c>policyId</c>, <c>given</c>.</summary>
    public const string ConsentChanged = "privacy.consent_changed";
    public const string ExportRequested = "privacy.export_requested";
    public const string ExportDownloaded = "privacy.export_downloaded";
    public const string ExportDeleted = "privacy.export_deleted";

    /// <summary>Details: <c>dueAt</c>.</summary>
    public const string ErasureRequested = "privacy.erasure_requested";
    public const string ErasureCancelled = "privacy.erasure_cancelled";
    public const string AccountErased = "privacy.account_erased";

    /// <summary>After a restore of an older backup.</summary>
    public const string AccountErasedAgain = "privacy.account_erased_again";
    public const string HoldPlaced = "privacy.hold_placed";
    public const string HoldLifted = "privacy.hold_lifted";

    /// <summary>Details: <c>kind</c>, <c>groupId</c>, <c>days</c>.</summary>
    public const string RetentionChanged = "privacy.retention_changed";

    /// <summary>Details: <c>kind</c>, <c>groupId</c>, <c>days</c>, <c>deleted</c>.</summary>
    public const string RetentionApplied = "privacy.retention_applied";
    public const string OwnRetentionChanged = "privacy.own_retention_changed";

    // The names that the history of rights knows them by, whoever did it.
    internal const string LeftGroupByErasure = "rights.group_left";
    public const string DisabledForErasure = "account.disabled";
    public const string EnabledAfterCancellation = "account.enabled";
}
