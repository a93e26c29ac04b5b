using ChatSphere.Contracts.Plans;

namespace ChatSphere.Web.Clients;

public sealed class PlansClient(ApiCalls api)
{
    public Task<ApiResult<IReadOnlyList<PlanResponse>>> ListAsync() => api.GetAsync<IReadOnlyList<PlanResponse>>("v1/plans");

    public Task<ApiResult<PlanResponse>> CreateAsync(CreatePlanRequest request) => api.PostAsync<PlanResponse>("v1/plans", request);

    public Task<ApiResult<PlanResponse>> UpdateAsync(Guid id, UpdatePlanRequest request) => api.PatchAsync<PlanResponse>($"v1/plans/{id}", request);

    public Task<ApiResult<SubscriptionResponse>> MineAsync() => api.GetAsync<SubscriptionResponse>("v1/accounts/me/subscription");

    public Task<ApiResult<PlanUsageResponse>> UsageAsync() => api.GetAsync<PlanUsageResponse>("v1/accounts/me/usage");

    public Task<ApiResult<SubscriptionResponse>> ChangeAsync(string planKey) => api.PostAsync<SubscriptionResponse>("v1/accounts/me/subscription", new ChangeSubscriptionRequest(planKey));

    public Task<ApiResult<Nothing>> KeepAsync() => api.DeleteAsync("v1/accounts/me/subscription/pending");

    public Task<ApiResult<IReadOnlyList<SeatResponse>>> SeatsAsync() => api.GetAsync<IReadOnlyList<SeatResponse>>("v1/accounts/me/subscription/seats");

    public Task<ApiResult<Nothing>> GiveSeatAsync(Guid accountId) => api.PutAsync<Nothing>($"v1/accounts/me/subscription/seats/{accountId}", new { });

    public Task<ApiResult<Nothing>> TakeSeatAsync(Guid accountId) => api.DeleteAsync($"v1/accounts/me/subscription/seats/{accountId}");

    public Task<ApiResult<Nothing>> LeaveSeatAsync() => api.DeleteAsync("v1/accounts/me/seat");

    public Task<ApiResult<SubscriberResponse>> FindAsync(string email) => api.GetAsync<SubscriberResponse>("v1/subscriptions" + ApiCalls.Query(("email", email)));

    public Task<ApiResult<SubscriptionResponse>> AssignAsync(Guid accountId, AssignPlanRequest request) => api.PutAsync<SubscriptionResponse>($"v1/users/{accountId}/subscription", request);
}
