using System.Net.Http.Headers;
using ChatSphere.Contracts;
using ChatSphere.Contracts.People;
using ChatSphere.Web.Sessions;

namespace ChatSphere.Web.Clients;

public sealed class PeopleClient(ApiCalls api, ApiTransport transport, CurrentSession session)
{
    public Task<ApiResult<ProfileResponse>> ProfileAsync() => api.GetAsync<ProfileResponse>("v1/accounts/me/profile");

    public Task<ApiResult<ProfileResponse>> UpdateProfileAsync(UpdateProfileRequest request) => api.PatchAsync<ProfileResponse>("v1/accounts/me/profile", request);

    public async Task<ApiResult<AvatarResponse>> PutAvatarAsync(byte[] picture)
    {
        if (await session.IdAsync() is not { } id)
        {
            return new(default, ApiProblem.Ended());
        }

        return await transport.SendAsync<AvatarResponse>(
            id,
            () =>
            {
                // What it is, the API finds out by itself.
                var content = new ByteArrayContent(picture);
                content.Headers.ContentType = new MediaTypeHeaderValue("image/png");
                return new(HttpMethod.Put, ApiCalls.Address("v1/accounts/me/avatar")) { Content = content };
            },
            CancellationToken.None);
    }

    public Task<ApiResult<Nothing>> DeleteAvatarAsync() => api.DeleteAsync("v1/accounts/me/avatar");

    public Task<ApiResult<Preferences>> PreferencesAsync() => api.GetAsync<Preferences>("v1/accounts/me/preferences");

    public Task<ApiResult<Preferences>> SetPreferencesAsync(Preferences preferences) => api.PutAsync<Preferences>("v1/accounts/me/preferences", preferences);

    public Task<ApiResult<PrivacySettings>> PrivacyAsync() => api.GetAsync<PrivacySettings>("v1/accounts/me/privacy-settings");

    public Task<ApiResult<PrivacySettings>> SetPrivacyAsync(PrivacySettings settings) => api.PutAsync<PrivacySettings>("v1/accounts/me/privacy-settings", settings);

    public Task<ApiResult<Page<RelationshipResponse>>> RelationshipsAsync(RelationshipKind kind) =>
        api.GetAsync<Page<RelationshipResponse>>("v1/relationships" + ApiCalls.Query(("kind", kind.ToString().ToLowerInvariant()), ("limit", 200)));

    public Task<ApiResult<PersonResponse>> AskAsync(string handle) => api.PostAsync<PersonResponse>("v1/relationships/requests", new RequestFriendshipRequest(Handle: handle));

    public Task<ApiResult<PersonResponse>> AcceptAsync(Guid accountId) => api.PostAsync<PersonResponse>($"v1/relationships/{accountId}/accept");

    public Task<ApiResult<Nothing>> EndAsync(Guid accountId) => api.DeleteAsync($"v1/relationships/{accountId}");

    public Task<ApiResult<Nothing>> BlockAsync(Guid accountId) => api.PutAsync<Nothing>($"v1/relationships/blocks/{accountId}", new { });

    public Task<ApiResult<Nothing>> UnblockAsync(Guid accountId) => api.DeleteAsync($"v1/relationships/blocks/{accountId}");
}
