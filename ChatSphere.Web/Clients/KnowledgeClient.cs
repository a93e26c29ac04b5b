using ChatSphere.Contracts;
using ChatSphere.Contracts.Knowledge;

namespace ChatSphere.Web.Clients;

public sealed class KnowledgeClient(ApiCalls api)
{
    public Task<ApiResult<Page<DocumentResponse>>> ListAsync(Guid botId, string? cursor, int? limit, CancellationToken cancellationToken) =>
        api.GetAsync<Page<DocumentResponse>>($"v1/bots/{botId}/documents" + ApiCalls.Query(("cursor", cursor), ("limit", limit)), cancellationToken);

    public Task<ApiResult<DocumentResponse>> GetAsync(Guid id) => api.GetAsync<DocumentResponse>($"v1/documents/{id}");

    public Task<ApiResult<DocumentContentResponse>> ContentAsync(Guid id, int start, int length, CancellationToken cancellationToken) =>
        api.GetAsync<DocumentContentResponse>($"v1/documents/{id}/content" + ApiCalls.Query(("start", start), ("length", length)), cancellationToken);

    public Task<ApiResult<Nothing>> DeleteAsync(Guid id) => api.DeleteAsync($"v1/documents/{id}");

    public Task<ApiResult<DocumentResponse>> CancelAsync(Guid id) => api.PostAsync<DocumentResponse>($"v1/documents/{id}/cancel");

    public Task<ApiResult<DocumentResponse>> RetryAsync(Guid id) => api.PostAsync<DocumentResponse>($"v1/documents/{id}/retry");
}
