using ChatSphere.Contracts.Conversations;

namespace ChatSphere.Web.Clients;

public sealed class PromptsClient(ApiCalls api)
{
    public Task<ApiResult<IReadOnlyList<PromptResponse>>> ListAsync() => api.GetAsync<IReadOnlyList<PromptResponse>>("v1/prompts");

    public Task<ApiResult<PromptResponse>> CreateAsync(PromptRequest request) => api.PostAsync<PromptResponse>("v1/prompts", request);

    public Task<ApiResult<PromptResponse>> UpdateAsync(Guid id, PromptRequest request) => api.PutAsync<PromptResponse>($"v1/prompts/{id}", request);

    public Task<ApiResult<Nothing>> DeleteAsync(Guid id) => api.DeleteAsync($"v1/prompts/{id}");
}
