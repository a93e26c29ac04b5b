using ChatSphere.Contracts;
using ChatSphere.Contracts.Privacy;

namespace ChatSphere.Web.Clients;

public sealed class PrivacyClient(ApiCalls api)
{
    public Task<ApiResult<Page<ExportResponse>>> ExportsAsync(CancellationToken cancellationToken = default) => api.GetAsync<Page<ExportResponse>>("v1/accounts/me/exports", cancellationToken);

    public Task<ApiResult<ExportResponse>> RequestExportAsync() => api.PostAsync<ExportResponse>("v1/accounts/me/exports");

    public Task<ApiResult<Nothing>> DeleteExportAsync(Guid id) => api.DeleteAsync($"v1/accounts/me/exports/{id}");

    public Task<ApiResult<ErasureAcceptedResponse>> EraseMeAsync(string email) => api.PostAsync<ErasureAcceptedResponse>("v1/accounts/me/erasure", new RequestErasureRequest(email));

    public Task<ApiResult<Nothing>> CancelMyErasureAsync(string token) => api.PostAnonymouslyAsync<Nothing>("v1/accounts/erasure/cancel", new CancelErasureRequest(token));

    public Task<ApiResult<ConsentsResponse>> ConsentsAsync() => api.GetAsync<ConsentsResponse>("v1/accounts/me/consents");

    public Task<ApiResult<ConsentsResponse>> ConsentAsync(Guid policyId, bool given) => api.PostAsync<ConsentsResponse>("v1/accounts/me/consents", new GiveConsentRequest(policyId, given));

    public Task<ApiResult<OwnRetentionResponse>> OwnRetentionAsync() => api.GetAsync<OwnRetentionResponse>("v1/accounts/me/retention");

    public Task<ApiResult<OwnRetentionResponse>> SetOwnRetentionAsync(int? days) => api.PutAsync<OwnRetentionResponse>("v1/accounts/me/retention", new SetOwnRetentionRequest(days));

    public Task<ApiResult<IReadOnlyList<RetentionRuleResponse>>> RetentionAsync() => api.GetAsync<IReadOnlyList<RetentionRuleResponse>>("v1/privacy/retention");

    public Task<ApiResult<IReadOnlyList<RetentionRuleResponse>>> SetRetentionAsync(SetRetentionRequest request) => api.PutAsync<IReadOnlyList<RetentionRuleResponse>>("v1/privacy/retention", request);

    public Task<ApiResult<RetentionPreviewResponse>> PreviewAsync(RetainedKind kind, int days, Guid? groupId, Guid? botId) =>
        api.GetAsync<RetentionPreviewResponse>("v1/privacy/retention/preview" + ApiCalls.Query(("kind", kind), ("days", days), ("groupId", groupId), ("botId", botId)));

    public Task<ApiResult<Page<LegalHoldResponse>>> HoldsAsync() => api.GetAsync<Page<LegalHoldResponse>>("v1/privacy/holds?limit=100");

    public Task<ApiResult<LegalHoldResponse>> PlaceHoldAsync(Guid accountId, string reason) => api.PostAsync<LegalHoldResponse>("v1/privacy/holds", new PlaceHoldRequest(accountId, reason));

    public Task<ApiResult<Nothing>> LiftHoldAsync(Guid id) => api.DeleteAsync($"v1/privacy/holds/{id}");

    public Task<ApiResult<Page<ErasureResponse>>> ErasuresAsync() => api.GetAsync<Page<ErasureResponse>>("v1/privacy/erasures?limit=50");

    public Task<ApiResult<ErasureResponse>> EraseAsync(Guid accountId, string reason) => api.PostAsync<ErasureResponse>($"v1/users/{accountId}/erasure", new ActForPersonRequest(reason));

    public Task<ApiResult<Nothing>> CancelErasureAsync(Guid id) => api.PostAsync<Nothing>($"v1/privacy/erasures/{id}/cancel");

    public Task<ApiResult<Page<ExportResponse>>> AllExportsAsync() => api.GetAsync<Page<ExportResponse>>("v1/privacy/exports?limit=50");

    public Task<ApiResult<ExportResponse>> ExportAsync(Guid accountId, string reason) => api.PostAsync<ExportResponse>($"v1/users/{accountId}/export", new ActForPersonRequest(reason));

    public Task<ApiResult<PolicyResponse>> PublishAsync(PublishPolicyRequest request) => api.PostAsync<PolicyResponse>("v1/privacy/policies", request);
}
