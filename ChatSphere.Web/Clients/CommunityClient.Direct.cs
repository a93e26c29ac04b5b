using ChatSphere.Contracts;
using ChatSphere.Contracts.Communities;

namespace ChatSphere.Web.Clients;

public sealed partial class CommunityClient
{
    /// <summary>Most recent first.</summary>
    public Task<ApiResult<Page<DirectChannelResponse>>> DirectChannelsAsync(CancellationToken cancellationToken) =>
        api.GetAsync<Page<DirectChannelResponse>>("v1/direct-channels" + ApiCalls.Query(("limit", 100)), cancellationToken);

    public Task<ApiResult<DirectChannelResponse>> DirectChannelAsync(Guid id, CancellationToken cancellationToken) => api.GetAsync<DirectChannelResponse>($"v1/direct-channels/{id}", cancellationToken);

    /// <summary>With one it is the channel that two people have; with more it is a new group.</summary>
    public Task<ApiResult<DirectChannelResponse>> OpenDirectAsync(IReadOnlyList<Guid> accounts) => api.PostAsync<DirectChannelResponse>("v1/direct-channels", new OpenDirectChannelRequest(accounts));

    public Task<ApiResult<Nothing>> HideDirectAsync(Guid id) => api.DeleteAsync($"v1/direct-channels/{id}");
}
