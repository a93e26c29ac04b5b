using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;

namespace ChatSphere.Contracts.Budgets;

/// <summary>Whose spending is limited.</summary>
[JsonConverter(typeof(SnakeCaseEnum<BudgetScope>))]
public enum BudgetScope
{
    /// <summary>What one account asks, wherever it asks.</summary>
    Account,

    /// <summary>What all who ask a bot may cost together.</summary>
    Bot,

    /// <summary>What all members of a group may cost together.</summary>
    Group,
}

/// <summary>By UTC.</summary>
[JsonConverter(typeof(SnakeCaseEnum<BudgetPeriod>))]
public enum BudgetPeriod
{
    Day,
    Month,
}

/// <summary>How much language models may be used. Null: no limit. Days and months are those of UTC; money is in the deployment's currency.</summary>
public sealed record BudgetLimits(
    [property: Range(0L, BudgetLimits.MostTokens)] long? TokensPerDay = null,
    [property: Range(0L, BudgetLimits.MostTokens)] long? TokensPerMonth = null,
    [property: Range(0d, BudgetLimits.MostMoney)] decimal? MoneyPerDay = null,
    [property: Range(0d, BudgetLimits.MostMoney)] decimal? MoneyPerMonth = null)
{
    public const long MostTokens = 1_000_000_000_000_000;
    public const double MostMoney = 1_000_000_000;
}

/// <summary>A budget, and how much of it is left.</summary>
/// <param name="Spent">By answers that ended.</param>
/// <param name="Reserved">By answers that are being written: at most so much more.</param>
/// <param name="Limit">Null: none.</param>
/// <param name="Left">Null: no limit.</param>
public sealed record BudgetAmount(decimal Spent, decimal Reserved, decimal? Limit, decimal? Left);

/// <param name="Starts">The period's first moment.</param>
/// <param name="Resets">The first moment of the next.</param>
public sealed record BudgetPeriodResponse(BudgetPeriod Period, DateTimeOffset Starts, DateTimeOffset Resets, BudgetAmount Tokens, BudgetAmount Money);

/// <param name="Limits">In effect.</param>
/// <param name="IsDefault">True: those that hold for everybody.</param>
/// <param name="Currency">Of all money here.</param>
/// <param name="PricesKnown">False: no price is known of the default model, so its answers count in tokens only.</param>
public sealed record BudgetResponse(BudgetLimits Limits, bool IsDefault, string Currency, bool PricesKnown, IReadOnlyList<BudgetPeriodResponse> Periods);

/// <param name="Default">For every account that has none of its own.</param>
/// <param name="Accounts">Those that have one of their own.</param>
public sealed record BudgetsResponse(BudgetLimits Default, string Currency, IReadOnlyList<AccountBudgetResponse> Accounts)
{
    /// <summary>Groups whose members share a budget. It holds beside the budget that each of them has.</summary>
    public IReadOnlyList<GroupBudgetResponse> Groups { get; init; } = [];
}

public sealed record AccountBudgetResponse(Guid AccountId, string DisplayName, BudgetLimits Limits, DateTimeOffset UpdatedAt);

public sealed record GroupBudgetResponse(Guid GroupId, string Name, BudgetLimits Limits, DateTimeOffset UpdatedAt);
