using ChatSphere.Contracts.Models;

namespace ChatSphere.Web.Clients;

public sealed class ModelsClient(ApiCalls api)
{
    public Task<ApiResult<IReadOnlyList<ProviderResponse>>> ProvidersAsync(bool own) => api.GetAsync<IReadOnlyList<ProviderResponse>>(Path(own));

    public Task<ApiResult<ProviderResponse>> ProviderAsync(bool own, Guid id) => api.GetAsync<ProviderResponse>($"{Path(own)}/{id}");

    public Task<ApiResult<ProviderResponse>> ConnectAsync(bool own, CreateProviderRequest request) => api.PostAsync<ProviderResponse>(Path(own), request);

    public Task<ApiResult<ProviderResponse>> ChangeAsync(bool own, Guid id, UpdateProviderRequest request) => api.PatchAsync<ProviderResponse>($"{Path(own)}/{id}", request);

    public Task<ApiResult<Nothing>> DisconnectAsync(bool own, Guid id) => api.DeleteAsync($"{Path(own)}/{id}");

    public Task<ApiResult<ProviderTestResponse>> TestAsync(bool own, Guid id) => api.PostAsync<ProviderTestResponse>($"{Path(own)}/{id}/test");

    public Task<ApiResult<AdminModelsResponse>> ModelsAsync() => api.GetAsync<AdminModelsResponse>("v1/admin/models");

    public Task<ApiResult<AdminModelResponse>> PutModelAsync(PutModelRequest request) => api.PutAsync<AdminModelResponse>("v1/admin/models", request);

    public Task<ApiResult<Nothing>> ResetModelAsync(string model) => api.DeleteAsync("v1/admin/models" + ApiCalls.Query(("model", model)));

    public Task<ApiResult<EmbeddingsResponse>> EmbeddingsAsync() => api.GetAsync<EmbeddingsResponse>("v1/admin/embeddings");

    public Task<ApiResult<EmbeddingsResponse>> ChooseEmbeddingsAsync(ChooseEmbeddingsRequest request) => api.PutAsync<EmbeddingsResponse>("v1/admin/embeddings", request);

    public Task<ApiResult<Nothing>> CancelEmbeddingsAsync() => api.DeleteAsync("v1/admin/embeddings/rebuild");

    private static string Path(bool own) => own ? "v1/providers" : "v1/admin/providers";
}
