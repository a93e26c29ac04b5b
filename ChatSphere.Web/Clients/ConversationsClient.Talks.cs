using ChatSphere.Contracts;
using ChatSphere.Contracts.Conversations;

namespace ChatSphere.Web.Clients;

/// <summary>Which conversations a list is to show.</summary>
public sealed record ConversationFilter(bool Archived = false, bool Pinned = false, Guid? FolderId = null, string? Tag = null);

public sealed partial class ConversationsClient
{
    public Task<ApiResult<TurnResponse>> AnswerAgainAsync(Guid conversationId, Guid messageId, IReadOnlyList<string> models) =>
        api.PostAsync<TurnResponse>($"v1/conversations/{conversationId}/messages/{messageId}/answers", new AnswerAgainRequest(models));

    public Task<ApiResult<TurnResponse>> ContinueAsync(Guid conversationId, Guid messageId) => api.PostAsync<TurnResponse>($"v1/conversations/{conversationId}/messages/{messageId}/continue");

    public Task<ApiResult<ConversationResponse>> ChooseAsync(Guid conversationId, Guid messageId) =>
        api.PutAsync<ConversationResponse>($"v1/conversations/{conversationId}/current", new ChooseBranchRequest(messageId));

    public Task<ApiResult<IReadOnlyList<MessageResponse>>> SiblingsAsync(Guid conversationId, Guid messageId, CancellationToken cancellationToken) =>
        api.GetAsync<IReadOnlyList<MessageResponse>>($"v1/conversations/{conversationId}/messages/{messageId}/siblings", cancellationToken);

    /// <summary>All messages of all branches, newest first.</summary>
    public Task<ApiResult<Page<MessageResponse>>> TreeAsync(Guid conversationId, CancellationToken cancellationToken) =>
        api.GetAsync<Page<MessageResponse>>($"v1/conversations/{conversationId}/messages" + ApiCalls.Query(("tree", "true"), ("limit", 200)), cancellationToken);

    public Task<ApiResult<RatingResponse>> RateAsync(Guid conversationId, Guid messageId, MessageRatingValue value, string? comment) =>
        api.PutAsync<RatingResponse>($"v1/conversations/{conversationId}/messages/{messageId}/rating", new RateMessageRequest(value, comment));

    public Task<ApiResult<Nothing>> TakeRatingBackAsync(Guid conversationId, Guid messageId) => api.DeleteAsync($"v1/conversations/{conversationId}/messages/{messageId}/rating");

    public Task<ApiResult<ChangedConversationsResponse>> ChangeManyAsync(ChangeConversationsRequest change) => api.PostAsync<ChangedConversationsResponse>("v1/conversations/changes", change);

    public Task<ApiResult<IReadOnlyList<FolderResponse>>> FoldersAsync(CancellationToken cancellationToken) => api.GetAsync<IReadOnlyList<FolderResponse>>("v1/folders", cancellationToken);

    public Task<ApiResult<FolderResponse>> AddFolderAsync(string name) => api.PostAsync<FolderResponse>("v1/folders", new FolderRequest(name));

    public Task<ApiResult<Nothing>> DeleteFolderAsync(Guid id) => api.DeleteAsync($"v1/folders/{id}");

    public Task<ApiResult<IReadOnlyList<TagResponse>>> TagsAsync(CancellationToken cancellationToken) => api.GetAsync<IReadOnlyList<TagResponse>>("v1/tags", cancellationToken);

    public Task<ApiResult<FoundMessagesResponse>> SearchAsync(string words, string? cursor, CancellationToken cancellationToken) =>
        api.GetAsync<FoundMessagesResponse>("v1/conversations/search" + ApiCalls.Query(("q", words), ("cursor", cursor), ("limit", 30)), cancellationToken);

    public Task<ApiResult<SharedLinkResponse>> ShareAsync(Guid id, ShareConversationRequest request) => api.PostAsync<SharedLinkResponse>($"v1/conversations/{id}/shared-links", request);

    public Task<ApiResult<IReadOnlyList<SharedLinkResponse>>> LinksAsync() => api.GetAsync<IReadOnlyList<SharedLinkResponse>>("v1/shared-links");

    public Task<ApiResult<Nothing>> TakeLinkBackAsync(Guid linkId) => api.DeleteAsync($"v1/shared-links/{linkId}");

    public Task<ApiResult<SharedConversationResponse>> SharedAsync(string token, CancellationToken cancellationToken) =>
        api.GetAnonymouslyAsync<SharedConversationResponse>($"v1/shared/{Uri.EscapeDataString(token)}", cancellationToken);

    public Task<ApiResult<IReadOnlyList<ImportResponse>>> ImportsAsync() => api.GetAsync<IReadOnlyList<ImportResponse>>("v1/imports");
}
