using System.Globalization;
using ChatSphere.Contracts.Budgets;
using ChatSphere.Contracts.Conversations;

namespace ChatSphere.Web.Components.Shared;

/// <summary>Tokens and money in words.</summary>
public static class BudgetText
{
    public static string Tokens(decimal tokens) => tokens.ToString("N0", CultureInfo.CurrentCulture) + (tokens == 1 ? " token" : " tokens");

    /// <summary>Answers cost fractions of a cent, so as many places as it takes to see something, but no more than six.</summary>
    public static string Money(decimal money, string currency) =>
        $"{(money is > 0 and < 0.000001m ? "< 0.000001" : money.ToString(money is 0 or >= 1 ? "N2" : money >= 0.01m ? "0.00##" : "0.00####", CultureInfo.CurrentCulture))} {currency}";

    /// <summary>The line under an answer.</summary>
    public static string Of(UsageResponse usage) =>
        $"{(usage.Estimated ? "about " : "")}{Tokens((decimal)usage.InputTokens + usage.OutputTokens)}{(usage.Cost is { } cost ? cost > 0 ? " · " + Money(cost, usage.Currency ?? "") : " · no cost" : " · no price known")}";

    public static string Period(BudgetPeriod period) => period == BudgetPeriod.Day ? "Today" : "This month";
}
