using ChatSphere.Contracts;
using ChatSphere.Contracts.Bots;

namespace ChatSphere.Web.Clients;

public sealed class BotsClient(ApiCalls api)
{
    public async Task<ApiResult<IReadOnlyList<ModelResponse>>> ModelsAsync()
    {
        var listed = await api.GetAsync<ModelListResponse>("v1/models");
        return new(listed.Value?.Data, listed.Problem);
    }

    public Task<ApiResult<Page<BotResponse>>> ListAsync(string? cursor = null, int? limit = null, string? scope = null) =>
        api.GetAsync<Page<BotResponse>>("v1/bots" + ApiCalls.Query(("scope", scope), ("cursor", cursor), ("limit", limit)));

    public Task<ApiResult<BotResponse>> GetAsync(Guid id) => api.GetAsync<BotResponse>($"v1/bots/{id}");

    public Task<ApiResult<BotResponse>> CreateAsync(CreateBotRequest request) => api.PostAsync<BotResponse>("v1/bots", request);

    public Task<ApiResult<BotResponse>> UpdateAsync(Guid id, UpdateBotRequest request) => api.PatchAsync<BotResponse>($"v1/bots/{id}", request);

    public Task<ApiResult<Nothing>> DeleteAsync(Guid id) => api.DeleteAsync($"v1/bots/{id}");
}
