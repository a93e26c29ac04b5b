namespace ChatSphere.Contracts;

public static partial class ErrorCodes
{
    /// <summary>
    /// 429: a budget of tokens or money is used up; <c>Retry-After</c> says when it begins anew. 402: what was asked for is more than the whole budget. The problem carries
    /// <c>scope</c>, <c>period</c>, <c>unit</c>, <c>resets</c>, and where the budget is the caller's to see <c>limit</c> and <c>spent</c>.
    /// </summary>
    public const string BudgetExceeded = "budget_exceeded";
}
