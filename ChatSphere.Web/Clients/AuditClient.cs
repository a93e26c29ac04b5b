using ChatSphere.Contracts;
using ChatSphere.Contracts.Audit;
using ChatSphere.Contracts.Network;

namespace ChatSphere.Web.Clients;

public sealed class AuditClient(ApiCalls api)
{
    public Task<ApiResult<Page<AuditEventResponse>>> SearchAsync(string query) => api.GetAsync<Page<AuditEventResponse>>("v1/audit/events" + query);

    public Task<ApiResult<AuditVerificationResponse>> VerifyAsync() => api.GetAsync<AuditVerificationResponse>("v1/audit/verification");

    public Task<ApiResult<Page<SecurityEventResponse>>> MineAsync(string? cursor) => api.GetAsync<Page<SecurityEventResponse>>("v1/accounts/me/security-events" + ApiCalls.Query(("cursor", cursor)));

    public Task<ApiResult<AddressRulesResponse>> AddressRulesAsync() => api.GetAsync<AddressRulesResponse>("v1/network/rules");

    public Task<ApiResult<AddressRuleResponse>> AddAddressRuleAsync(AddAddressRuleRequest request) => api.PostAsync<AddressRuleResponse>("v1/network/rules", request);

    public Task<ApiResult<Nothing>> RemoveAddressRuleAsync(Guid id, bool force) => api.DeleteAsync($"v1/network/rules/{id}{(force ? "?force=true" : "")}");
}
