using ChatSphere.Contracts;
using ChatSphere.Contracts.Context;

namespace ChatSphere.Web.Clients;

/// <summary>What is given to conversations, and what is remembered about the person.</summary>
public sealed class ContextClient(ApiCalls api)
{
    public Task<ApiResult<IReadOnlyList<AttachmentResponse>>> AttachmentsAsync(Guid conversationId, CancellationToken cancellationToken = default) =>
        api.GetAsync<IReadOnlyList<AttachmentResponse>>($"v1/conversations/{conversationId}/attachments", cancellationToken);

    public Task<ApiResult<Nothing>> RemoveAttachmentAsync(Guid conversationId, Guid id) => api.DeleteAsync($"v1/conversations/{conversationId}/attachments/{id}");

    public Task<ApiResult<MemoryPreferences>> MemoryPreferencesAsync() => api.GetAsync<MemoryPreferences>("v1/memories/preferences");

    public Task<ApiResult<MemoryPreferences>> SetMemoryAsync(MemoryChoice mode) => api.PutAsync<MemoryPreferences>("v1/memories/preferences", new MemoryPreferences(mode));

    public Task<ApiResult<Page<MemoryResponse>>> MemoriesAsync(string? cursor = null) => api.GetAsync<Page<MemoryResponse>>("v1/memories" + ApiCalls.Query(("cursor", cursor), ("limit", 100)));

    public Task<ApiResult<MemoryResponse>> RememberAsync(string text) => api.PostAsync<MemoryResponse>("v1/memories", new CreateMemoryRequest(text));

    public Task<ApiResult<MemoryResponse>> ChangeMemoryAsync(Guid id, string? text, bool? keep) => api.PatchAsync<MemoryResponse>($"v1/memories/{id}", new UpdateMemoryRequest(text, keep));

    public Task<ApiResult<Nothing>> ForgetAsync(Guid id) => api.DeleteAsync($"v1/memories/{id}");

    public Task<ApiResult<Nothing>> ForgetAllAsync() => api.DeleteAsync("v1/memories");
}
