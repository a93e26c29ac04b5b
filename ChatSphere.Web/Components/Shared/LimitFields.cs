using System.Globalization;
using ChatSphere.Contracts.Budgets;
using ChatSphere.Web.Clients;

namespace ChatSphere.Web.Components.Shared;

/// <summary>The four limits as a form has them: empty is none.</summary>
public sealed class LimitFields
{
    public string? TokensPerDay { get; set; }

    public string? TokensPerMonth { get; set; }

    public string? MoneyPerDay { get; set; }

    public string? MoneyPerMonth { get; set; }

    public static LimitFields Of(BudgetLimits limits) => new()
    {
        TokensPerDay = limits.TokensPerDay?.ToString(CultureInfo.InvariantCulture),
        TokensPerMonth = limits.TokensPerMonth?.ToString(CultureInfo.InvariantCulture),
        MoneyPerDay = limits.MoneyPerDay?.ToString("0.########", CultureInfo.InvariantCulture),
        MoneyPerMonth = limits.MoneyPerMonth?.ToString("0.########", CultureInfo.InvariantCulture),
    };

    public (BudgetLimits? Limits, ApiProblem? Problem) Read()
    {
        var errors = new Dictionary<string, string[]>();
        var limits = new BudgetLimits(
            (long?)Number("tokensPerDay", TokensPerDay, whole: true), (long?)Number("tokensPerMonth", TokensPerMonth, whole: true), Number("moneyPerDay", MoneyPerDay), Number("moneyPerMonth", MoneyPerMonth));
        return errors.Count == 0 ? (limits, null) : (null, new ApiProblem(400, Contracts.ErrorCodes.RequestInvalid, "Some numbers cannot be read.") { Errors = errors });

        decimal? Number(string field, string? text, bool whole = false)
        {
            if (string.IsNullOrWhiteSpace(text))
            {
                return null;
            }

            if (decimal.TryParse(text.Trim(), NumberStyles.AllowDecimalPoint | NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
                && number >= 0 && number <= (whole ? BudgetLimits.MostTokens : (decimal)BudgetLimits.MostMoney) && (!whole || number == decimal.Truncate(number)))
            {
                return number;
            }

            errors[field] = [whole ? "A whole number, 0 or more; empty for no limit." : "An amount, 0 or more; empty for no limit."];
            return null;
        }
    }
}
