using ChatSphere.Contracts.Budgets;

namespace ChatSphere.Web.Clients;

public sealed class BudgetsClient(ApiCalls api)
{
    public Task<ApiResult<BudgetResponse>> MineAsync() => api.GetAsync<BudgetResponse>("v1/usage/mine/budget");

    public Task<ApiResult<UsageReportResponse>> UsageAsync(UsageBy by, DateOnly? from = null, DateOnly? to = null) => api.GetAsync<UsageReportResponse>("v1/usage/mine" + Range(by, from, to));

    public Task<ApiResult<BudgetResponse>> OfBotAsync(Guid botId) => api.GetAsync<BudgetResponse>($"v1/bots/{botId}/budget");

    public Task<ApiResult<BudgetResponse>> SetOfBotAsync(Guid botId, BudgetLimits limits) => api.PutAsync<BudgetResponse>($"v1/bots/{botId}/budget", limits);

    public Task<ApiResult<BudgetsResponse>> ListAsync() => api.GetAsync<BudgetsResponse>("v1/admin/budgets");

    public Task<ApiResult<BudgetsResponse>> SetDefaultAsync(BudgetLimits limits) => api.PutAsync<BudgetsResponse>("v1/admin/budgets/default", limits);

    public Task<ApiResult<BudgetResponse>> SetOfAccountAsync(Guid accountId, BudgetLimits limits) => api.PutAsync<BudgetResponse>($"v1/admin/budgets/accounts/{accountId}", limits);

    public Task<ApiResult<Nothing>> RemoveOfAccountAsync(Guid accountId) => api.DeleteAsync($"v1/admin/budgets/accounts/{accountId}");

    public Task<ApiResult<BudgetResponse>> SetOfGroupAsync(Guid groupId, BudgetLimits limits) => api.PutAsync<BudgetResponse>($"v1/admin/budgets/groups/{groupId}", limits);

    public Task<ApiResult<Nothing>> RemoveOfGroupAsync(Guid groupId) => api.DeleteAsync($"v1/admin/budgets/groups/{groupId}");

    public Task<ApiResult<UsageReportResponse>> UsageOfAllAsync(UsageBy by, DateOnly? from, DateOnly? to) => api.GetAsync<UsageReportResponse>("v1/admin/usage" + Range(by, from, to));

    private static string Range(UsageBy by, DateOnly? from, DateOnly? to) => ApiCalls.Query(("by", by.ToString().ToLowerInvariant()), ("from", from?.ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture)), ("to", to?.ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture)));
}
