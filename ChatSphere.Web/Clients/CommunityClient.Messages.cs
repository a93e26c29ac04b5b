using ChatSphere.Contracts;
using ChatSphere.Contracts.Communities;

namespace ChatSphere.Web.Clients;

public sealed partial class CommunityClient
{
    public Task<ApiResult<ChannelMessageResponse>> EditAsync(Guid channelId, Guid id, string content) => api.PatchAsync<ChannelMessageResponse>($"v1/channels/{channelId}/messages/{id}", new EditMessageRequest(content));

    public Task<ApiResult<Nothing>> DeleteAsync(Guid channelId, Guid id) => api.DeleteAsync($"v1/channels/{channelId}/messages/{id}");

    public Task<ApiResult<ChannelMessageResponse>> MessageAsync(Guid channelId, Guid id, CancellationToken cancellationToken) =>
        api.GetAsync<ChannelMessageResponse>($"v1/channels/{channelId}/messages/{id}", cancellationToken);

    public Task<ApiResult<ChannelMessageResponse>> ReactAsync(Guid channelId, Guid id, string emoji) =>
        api.PutAsync<ChannelMessageResponse>($"v1/channels/{channelId}/messages/{id}/reactions/{Uri.EscapeDataString(emoji)}", new { });

    public Task<ApiResult<Nothing>> TakeReactionBackAsync(Guid channelId, Guid id, string emoji) => api.DeleteAsync($"v1/channels/{channelId}/messages/{id}/reactions/{Uri.EscapeDataString(emoji)}");

    /// <summary>Mine, to the messages of a range.</summary>
    public Task<ApiResult<IReadOnlyList<MyReactionsResponse>>> MyReactionsAsync(Guid channelId, long from, long to, CancellationToken cancellationToken) =>
        api.GetAsync<IReadOnlyList<MyReactionsResponse>>($"v1/channels/{channelId}/my-reactions" + ApiCalls.Query(("from", from), ("to", to)), cancellationToken);

    public Task<ApiResult<ChannelMessageResponse>> PinAsync(Guid channelId, Guid id) => api.PutAsync<ChannelMessageResponse>($"v1/channels/{channelId}/messages/{id}/pin", new { });

    public Task<ApiResult<Nothing>> UnpinAsync(Guid channelId, Guid id) => api.DeleteAsync($"v1/channels/{channelId}/messages/{id}/pin");

    public Task<ApiResult<IReadOnlyList<ChannelMessageResponse>>> PinsAsync(Guid channelId, CancellationToken cancellationToken) =>
        api.GetAsync<IReadOnlyList<ChannelMessageResponse>>($"v1/channels/{channelId}/pins", cancellationToken);

    public Task<ApiResult<ChannelMessageResponse>> VoteAsync(Guid channelId, Guid id, IReadOnlyList<int> options) =>
        api.PutAsync<ChannelMessageResponse>($"v1/channels/{channelId}/messages/{id}/vote", new VoteRequest(options));

    public Task<ApiResult<MyVoteResponse>> MyVoteAsync(Guid channelId, Guid id) => api.GetAsync<MyVoteResponse>($"v1/channels/{channelId}/messages/{id}/vote");

    public Task<ApiResult<Page<ThreadResponse>>> ThreadsAsync(Guid channelId, bool archived, CancellationToken cancellationToken) =>
        api.GetAsync<Page<ThreadResponse>>($"v1/channels/{channelId}/threads" + ApiCalls.Query(("archived", archived ? "true" : "false"), ("limit", 50)), cancellationToken);

    public Task<ApiResult<ThreadResponse>> CreateThreadAsync(Guid channelId, CreateThreadRequest request) => api.PostAsync<ThreadResponse>($"v1/channels/{channelId}/threads", request);

    public Task<ApiResult<ThreadResponse>> ThreadAsync(Guid id, CancellationToken cancellationToken) => api.GetAsync<ThreadResponse>($"v1/threads/{id}", cancellationToken);

    public Task<ApiResult<ThreadResponse>> ChangeThreadAsync(Guid id, UpdateThreadRequest request) => api.PatchAsync<ThreadResponse>($"v1/threads/{id}", request);

    public Task<ApiResult<Nothing>> FollowAsync(Guid threadId, bool follow) => follow ? api.PutAsync<Nothing>($"v1/threads/{threadId}/follow", new { }) : api.DeleteAsync($"v1/threads/{threadId}/follow");

    public Task<ApiResult<IReadOnlyList<ServerEmojiResponse>>> EmojiAsync(Guid serverId, CancellationToken cancellationToken) =>
        api.GetAsync<IReadOnlyList<ServerEmojiResponse>>($"v1/servers/{serverId}/emoji", cancellationToken);

    public Task<ApiResult<Nothing>> MarkServerReadAsync(Guid serverId) => api.PostAsync<Nothing>($"v1/servers/{serverId}/read");

    public Task<ApiResult<Nothing>> DropAttachmentAsync(Guid channelId, Guid id) => api.DeleteAsync($"v1/channels/{channelId}/attachments/{id}");
}
