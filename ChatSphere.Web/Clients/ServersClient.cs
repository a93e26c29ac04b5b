using System.Net.Http.Headers;
using ChatSphere.Contracts;
using ChatSphere.Contracts.Communities;
using ChatSphere.Web.Sessions;

namespace ChatSphere.Web.Clients;

/// <summary>Servers as those see them who run them, find them or come by an invite.</summary>
public sealed partial class ServersClient(ApiCalls api, ApiTransport transport, CurrentSession session)
{
    public Task<ApiResult<ServerDetailResponse>> GetAsync(Guid id) => api.GetAsync<ServerDetailResponse>($"v1/servers/{id}");

    public Task<ApiResult<ServerResponse>> CreateAsync(string name) => api.PostAsync<ServerResponse>("v1/servers", new CreateServerRequest(name));

    public Task<ApiResult<ServerResponse>> UpdateAsync(Guid id, UpdateServerRequest request) => api.PatchAsync<ServerResponse>($"v1/servers/{id}", request);

    public Task<ApiResult<ServerResponse>> DeleteAsync(Guid id) => As<ServerResponse>(HttpMethod.Delete, $"v1/servers/{id}");

    public Task<ApiResult<ServerResponse>> RestoreAsync(Guid id) => api.PostAsync<ServerResponse>($"v1/servers/{id}/restore");

    public Task<ApiResult<IReadOnlyList<ServerResponse>>> DeletedAsync() => api.GetAsync<IReadOnlyList<ServerResponse>>("v1/servers/deleted");

    public Task<ApiResult<Nothing>> LeaveAsync(Guid id) => api.PostAsync<Nothing>($"v1/servers/{id}/leave");

    public Task<ApiResult<ServerResponse>> TransferAsync(Guid id, Guid memberId) => api.PostAsync<ServerResponse>($"v1/servers/{id}/transfer", new TransferServerRequest(memberId));

    public async Task<ApiResult<ServerIconResponse>> PutIconAsync(Guid id, byte[] picture)
    {
        if (await session.IdAsync() is not { } who)
        {
            return new(default, ApiProblem.Ended());
        }

        return await transport.SendAsync<ServerIconResponse>(
            who,
            () =>
            {
                // What it is, the API finds out by itself.
                var content = new ByteArrayContent(picture);
                content.Headers.ContentType = new MediaTypeHeaderValue("image/png");
                return new(HttpMethod.Put, ApiCalls.Address($"v1/servers/{id}/icon")) { Content = content };
            },
            CancellationToken.None);
    }

    public Task<ApiResult<Nothing>> DeleteIconAsync(Guid id) => api.DeleteAsync($"v1/servers/{id}/icon");

    public Task<ApiResult<Page<DiscoverableServerResponse>>> DiscoverAsync(string? q, string? cursor) =>
        api.GetAsync<Page<DiscoverableServerResponse>>("v1/discover/servers" + ApiCalls.Query(("q", q), ("cursor", cursor), ("limit", 24)));

    public Task<ApiResult<ServerResponse>> JoinAsync(Guid id) => api.PostAsync<ServerResponse>($"v1/discover/servers/{id}/join");

    public Task<ApiResult<InvitePreviewResponse>> InviteAsync(string code) => api.GetAsync<InvitePreviewResponse>($"v1/invites/{Uri.EscapeDataString(code)}");

    public Task<ApiResult<ServerResponse>> AcceptAsync(string code) => api.PostAsync<ServerResponse>($"v1/invites/{Uri.EscapeDataString(code)}/accept");

    public Task<ApiResult<IReadOnlyList<InviteResponse>>> InvitesAsync(Guid id) => api.GetAsync<IReadOnlyList<InviteResponse>>($"v1/servers/{id}/invites");

    public Task<ApiResult<InviteResponse>> CreateInviteAsync(Guid id, CreateInviteRequest request) => api.PostAsync<InviteResponse>($"v1/servers/{id}/invites", request);

    public Task<ApiResult<Nothing>> RevokeInviteAsync(Guid id, Guid inviteId) => api.DeleteAsync($"v1/servers/{id}/invites/{inviteId}");

    public Task<ApiResult<IReadOnlyList<ServerPermissionResponse>>> PermissionsAsync() => api.GetAsync<IReadOnlyList<ServerPermissionResponse>>("v1/server-permissions");

    public Task<ApiResult<Page<ServerMemberResponse>>> MembersAsync(Guid id, string? q = null, Guid? role = null, string? cursor = null, int? limit = null) =>
        api.GetAsync<Page<ServerMemberResponse>>($"v1/servers/{id}/members" + ApiCalls.Query(("q", q), ("role", role), ("cursor", cursor), ("limit", limit)));

    public Task<ApiResult<ServerMemberResponse>> MemberAsync(Guid id, Guid memberId) => api.GetAsync<ServerMemberResponse>($"v1/servers/{id}/members/{memberId}");

    public Task<ApiResult<ServerMemberResponse>> RenameAsync(Guid id, Guid memberId, string nickname) => api.PatchAsync<ServerMemberResponse>($"v1/servers/{id}/members/{memberId}", new UpdateMemberRequest(nickname));

    public Task<ApiResult<Nothing>> GiveRoleAsync(Guid id, Guid memberId, Guid roleId) => api.PutAsync<Nothing>($"v1/servers/{id}/members/{memberId}/roles/{roleId}", new { });

    public Task<ApiResult<Nothing>> TakeRoleAsync(Guid id, Guid memberId, Guid roleId) => api.DeleteAsync($"v1/servers/{id}/members/{memberId}/roles/{roleId}");

    public Task<ApiResult<Nothing>> RemoveAsync(Guid id, Guid memberId, string? reason) => api.PostAsync<Nothing>($"v1/servers/{id}/members/{memberId}/kick", new RemoveMemberRequest(reason));

    public Task<ApiResult<ServerMemberResponse>> TimeOutAsync(Guid id, Guid memberId, TimeOutMemberRequest request) => api.PutAsync<ServerMemberResponse>($"v1/servers/{id}/members/{memberId}/timeout", request);

    public Task<ApiResult<Nothing>> EndTimeOutAsync(Guid id, Guid memberId) => api.DeleteAsync($"v1/servers/{id}/members/{memberId}/timeout");

    public Task<ApiResult<Page<ServerBanResponse>>> BansAsync(Guid id, string? cursor) => api.GetAsync<Page<ServerBanResponse>>($"v1/servers/{id}/bans" + ApiCalls.Query(("cursor", cursor)));

    public Task<ApiResult<Nothing>> BanAsync(Guid id, Guid accountId, BanMemberRequest request) => api.PutAsync<Nothing>($"v1/servers/{id}/bans/{accountId}", request);

    public Task<ApiResult<Nothing>> LiftBanAsync(Guid id, Guid accountId) => api.DeleteAsync($"v1/servers/{id}/bans/{accountId}");

    public Task<ApiResult<ServerRoleResponse>> CreateRoleAsync(Guid id, CreateRoleRequest request) => api.PostAsync<ServerRoleResponse>($"v1/servers/{id}/roles", request);

    public Task<ApiResult<ServerRoleResponse>> UpdateRoleAsync(Guid id, Guid roleId, UpdateRoleRequest request) => api.PatchAsync<ServerRoleResponse>($"v1/servers/{id}/roles/{roleId}", request);

    public Task<ApiResult<Nothing>> DeleteRoleAsync(Guid id, Guid roleId) => api.DeleteAsync($"v1/servers/{id}/roles/{roleId}");

    public Task<ApiResult<Nothing>> OrderRolesAsync(Guid id, IReadOnlyList<Guid> order) => api.PutAsync<Nothing>($"v1/servers/{id}/roles/order", new OrderRolesRequest(order));

    public Task<ApiResult<ViewAsResponse>> ViewAsAsync(Guid id, IEnumerable<Guid> roleIds, Guid? memberId) => api.GetAsync<ViewAsResponse>(
        $"v1/servers/{id}/view-as" + ApiCalls.Query([.. roleIds.Select(r => ("roleIds", (object?)r)), ("memberId", memberId)]));

    public Task<ApiResult<ChannelResponse>> CreateChannelAsync(Guid id, CreateChannelRequest request) => api.PostAsync<ChannelResponse>($"v1/servers/{id}/channels", request);

    public Task<ApiResult<ChannelResponse>> UpdateChannelAsync(Guid channelId, UpdateChannelRequest request) => api.PatchAsync<ChannelResponse>($"v1/channels/{channelId}", request);

    public Task<ApiResult<Nothing>> DeleteChannelAsync(Guid channelId) => api.DeleteAsync($"v1/channels/{channelId}");

    public Task<ApiResult<Nothing>> OrderChannelsAsync(Guid id, IReadOnlyList<ChannelPlace> order) => api.PutAsync<Nothing>($"v1/servers/{id}/channels/order", new OrderChannelsRequest(order));

    public Task<ApiResult<ChannelOverwritesResponse>> OverwritesAsync(Guid channelId) => api.GetAsync<ChannelOverwritesResponse>($"v1/channels/{channelId}/overwrites");

    public Task<ApiResult<ChannelOverwritesResponse>> PutOverwriteAsync(Guid channelId, Guid targetId, PutOverwriteRequest request) =>
        api.PutAsync<ChannelOverwritesResponse>($"v1/channels/{channelId}/overwrites/{targetId}", request);

    public Task<ApiResult<ChannelOverwritesResponse>> SyncAsync(Guid channelId) => api.PostAsync<ChannelOverwritesResponse>($"v1/channels/{channelId}/overwrites/sync");

    public Task<ApiResult<Page<ServerLogEntryResponse>>> LogAsync(Guid id, string? action, string? cursor) =>
        api.GetAsync<Page<ServerLogEntryResponse>>($"v1/servers/{id}/audit" + ApiCalls.Query(("action", action), ("cursor", cursor)));

    public Task<ApiResult<Page<ModeratedServerResponse>>> ModeratedAsync(string? q, string? cursor) => api.GetAsync<Page<ModeratedServerResponse>>("v1/moderation/servers" + ApiCalls.Query(("q", q), ("cursor", cursor)));

    public Task<ApiResult<ModeratedServerResponse>> CloseAsync(Guid id, string reason) => api.PostAsync<ModeratedServerResponse>($"v1/moderation/servers/{id}/close", new CloseServerRequest(reason));

    public Task<ApiResult<ModeratedServerResponse>> ReopenAsync(Guid id) => api.PostAsync<ModeratedServerResponse>($"v1/moderation/servers/{id}/reopen");

    private async Task<ApiResult<T>> As<T>(HttpMethod method, string path) =>
        await session.IdAsync() is { } who ? await transport.SendAsync<T>(who, () => new(method, ApiCalls.Address(path)), CancellationToken.None) : new(default, ApiProblem.Ended());
}
