using ChatSphere.Contracts;
using ChatSphere.Contracts.Notifications;
using ChatSphere.Contracts.Search;

namespace ChatSphere.Web.Clients;

/// <summary>The inbox, what goes into it, and the search over channels.</summary>
public sealed class NotificationsClient(ApiCalls api)
{
    public Task<ApiResult<Page<NotificationResponse>>> InboxAsync(bool unread, string? cursor) =>
        api.GetAsync<Page<NotificationResponse>>("v1/notifications" + ApiCalls.Query(("unread", unread ? "true" : null), ("cursor", cursor)));

    public Task<ApiResult<Nothing>> ReadAsync(Guid id) => api.PostAsync<Nothing>($"v1/notifications/{id}/read");

    public Task<ApiResult<Nothing>> ReadAllAsync() => api.PostAsync<Nothing>("v1/notifications/read-all");

    public Task<ApiResult<NotificationPreferencesBody>> PreferencesAsync() => api.GetAsync<NotificationPreferencesBody>("v1/notifications/preferences");

    public Task<ApiResult<Nothing>> SetPreferencesAsync(NotificationPreferencesBody preferences) => api.PutAsync<Nothing>("v1/notifications/preferences", preferences);

    public Task<ApiResult<List<PlacePreferenceResponse>>> PlacesAsync() => api.GetAsync<List<PlacePreferenceResponse>>("v1/notifications/places");

    public Task<ApiResult<Nothing>> SetPlaceAsync(Guid placeId, PlacePreferenceRequest request) => api.PutAsync<Nothing>($"v1/notifications/places/{placeId}", request);

    public Task<ApiResult<Nothing>> UnsubscribeAsync(string token) => api.PostAnonymouslyAsync<Nothing>("v1/notifications/unsubscribe", new UnsubscribeRequest(token));

    public Task<ApiResult<FoundChannelMessagesResponse>> SearchMessagesAsync(string words, bool best, string? cursor) =>
        api.GetAsync<FoundChannelMessagesResponse>("v1/search/messages" + ApiCalls.Query(("q", words), ("order", best ? "best" : null), ("cursor", cursor), ("limit", 25)));

    public Task<ApiResult<List<FoundThingResponse>>> SearchThingsAsync(string words) => api.GetAsync<List<FoundThingResponse>>("v1/search" + ApiCalls.Query(("q", words)));
}
