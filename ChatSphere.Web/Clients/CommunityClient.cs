using ChatSphere.Contracts.Communities;

namespace ChatSphere.Web.Clients;

/// <summary>Servers and channels as the screen of a community needs them.</summary>
public sealed partial class CommunityClient(ApiCalls api)
{
    public Task<ApiResult<IReadOnlyList<ServerResponse>>> ServersAsync(CancellationToken cancellationToken) => api.GetAsync<IReadOnlyList<ServerResponse>>("v1/servers", cancellationToken);

    public Task<ApiResult<ServerDetailResponse>> ServerAsync(Guid id, CancellationToken cancellationToken) => api.GetAsync<ServerDetailResponse>($"v1/servers/{id}", cancellationToken);

    public Task<ApiResult<ChannelResponse>> ChannelAsync(Guid id, CancellationToken cancellationToken) => api.GetAsync<ChannelResponse>($"v1/channels/{id}", cancellationToken);

    public Task<ApiResult<InviteResponse>> InviteAsync(Guid serverId) => api.PostAsync<InviteResponse>($"v1/servers/{serverId}/invites", new CreateInviteRequest());

    public Task<ApiResult<ChannelResponse>> CreateChannelAsync(Guid serverId, CreateChannelRequest request) => api.PostAsync<ChannelResponse>($"v1/servers/{serverId}/channels", request);

    /// <summary>Oldest first. With none of the three, the newest.</summary>
    public Task<ApiResult<IReadOnlyList<ChannelMessageResponse>>> MessagesAsync(Guid channelId, int limit, CancellationToken cancellationToken, long? before = null, long? after = null, long? around = null) =>
        api.GetAsync<IReadOnlyList<ChannelMessageResponse>>(
            $"v1/channels/{channelId}/messages" + ApiCalls.Query(("before", before), ("after", after), ("around", around), ("limit", limit)), cancellationToken);

    public Task<ApiResult<ChannelChangesResponse>> ChangesAsync(Guid channelId, long after, CancellationToken cancellationToken) =>
        api.GetAsync<ChannelChangesResponse>($"v1/channels/{channelId}/changes" + ApiCalls.Query(("after", after)), cancellationToken);

    /// <summary>The nonce makes it safe to send twice.</summary>
    public Task<ApiResult<ChannelMessageResponse>> PostAsync(Guid channelId, PostMessageRequest request, CancellationToken cancellationToken) =>
        api.PostAsync<ChannelMessageResponse>($"v1/channels/{channelId}/messages", request, cancellationToken: cancellationToken);

    public Task<ApiResult<Nothing>> MarkReadAsync(Guid channelId, long seq) => api.PutAsync<Nothing>($"v1/channels/{channelId}/read", new MarkReadRequest(seq));
}
