namespace ChatSphere.Data.Audit;

public static partial class AuditActions
{
    /// <summary>A limit on spending was set or taken away. Target: the account or bot; none: everybody. Details: the limits <c>from</c> and <c>to</c>.</summary>
    public const string BudgetChanged = "budget.changed";

    /// <summary>Somebody looked at who used how much as a file. Details: <c>from</c>, <c>to</c>, <c>by</c>.</summary>
    public const string UsageExported = "budget.usage_exported";
}
