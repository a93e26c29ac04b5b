namespace ChatSphere.Data.Audit;

public static partial class AuditActions
{
    /// <summary>Details: <c>permission</c>, <c>method</c>, <c>route</c>. At most once a minute for one actor and permission.</summary>
    public const string AccessDenied = "access.denied";

    /// <summary>Details: <c>format</c> and which filters were set.</summary>
    public const string AuditExported = "audit.exported";

    /// <summary>Details: <c>valid</c>, <c>links</c>, <c>problem</c>, <c>firstBadSeq</c>.</summary>
    public const string AuditVerified = "audit.verified";

    /// <summary>Details: <c>cidr</c>, <c>kind</c>, <c>expiresAt</c>, <c>forced</c>. Target: the rule.</summary>
    public const string AddressRuleAdded = "network.rule_added";

    /// <summary>Details: <c>cidr</c>, <c>kind</c>, <c>forced</c>. Target: the rule.</summary>
    public const string AddressRuleRemoved = "network.rule_removed";
}
