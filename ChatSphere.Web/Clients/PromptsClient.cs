using ChatSphere.Contracts.Conversations;

namespace ChatSphere.Web.Clients;

public sealed class PromptsClient(ApiCalls api)
{
    /// <summary>One's own, and those that others share.</summary>
    public Task<ApiResult<IReadOnlyList<PromptResponse>>> ListAsync() => api.GetAsync<IReadOnlyList<PromptResponse>>("v1/prompts?scope=all");

    public Task<ApiResult<PromptResponse>> GetAsync(Guid id) => api.GetAsync<PromptResponse>($"v1/prompts/{id}");

    public Task<ApiResult<PromptResponse>> CreateAsync(PromptRequest request) => api.PostAsync<PromptResponse>("v1/prompts", request);

    public Task<ApiResult<PromptResponse>> UpdateAsync(Guid id, PromptRequest request) => api.PutAsync<PromptResponse>($"v1/prompts/{id}", request);

    public Task<ApiResult<Nothing>> DeleteAsync(Guid id) => api.DeleteAsync($"v1/prompts/{id}");

    public Task<ApiResult<IReadOnlyList<PromptShareResponse>>> SharesAsync(Guid id) => api.GetAsync<IReadOnlyList<PromptShareResponse>>($"v1/prompts/{id}/shares");

    public Task<ApiResult<IReadOnlyList<PromptShareResponse>>> ShareAsync(Guid id, SharePromptRequest request) => api.PostAsync<IReadOnlyList<PromptShareResponse>>($"v1/prompts/{id}/shares", request);

    public Task<ApiResult<Nothing>> RemoveShareAsync(Guid id, Guid shareId) => api.DeleteAsync($"v1/prompts/{id}/shares/{shareId}");
}
