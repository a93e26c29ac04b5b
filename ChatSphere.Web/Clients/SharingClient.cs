using ChatSphere.Contracts.Sharing;

namespace ChatSphere.Web.Clients;

public sealed class SharingClient(ApiCalls api)
{
    public Task<ApiResult<IReadOnlyList<ShareResponse>>> ListAsync(Guid botId) => api.GetAsync<IReadOnlyList<ShareResponse>>($"v1/bots/{botId}/shares");

    public Task<ApiResult<IReadOnlyList<ShareResponse>>> AddAsync(Guid botId, ShareRequest share) => api.PostAsync<IReadOnlyList<ShareResponse>>($"v1/bots/{botId}/shares", share);

    public Task<ApiResult<Nothing>> RemoveAsync(Guid botId, Guid shareId) => api.DeleteAsync($"v1/bots/{botId}/shares/{shareId}");

    public Task<ApiResult<IReadOnlyList<ShareableGroupResponse>>> GroupsAsync() => api.GetAsync<IReadOnlyList<ShareableGroupResponse>>("v1/sharing/groups");

    public Task<ApiResult<Nothing>> LeaveAsync(Guid botId) => api.PostAsync<Nothing>($"v1/bots/{botId}/leave");
}
