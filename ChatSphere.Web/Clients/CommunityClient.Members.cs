using ChatSphere.Contracts;
using ChatSphere.Contracts.Communities;

namespace ChatSphere.Web.Clients;

public sealed partial class CommunityClient
{
    /// <param name="role">Only who has this role.</param>
    /// <param name="words">The beginning of the name.</param>
    public Task<ApiResult<Page<ServerMemberResponse>>> MembersAsync(Guid serverId, CancellationToken cancellationToken, Guid? role = null, string? words = null, string? cursor = null, int limit = 100) =>
        api.GetAsync<Page<ServerMemberResponse>>($"v1/servers/{serverId}/members" + ApiCalls.Query(("role", role), ("q", words), ("cursor", cursor), ("limit", limit)), cancellationToken);

    public Task<ApiResult<ServerMemberResponse>> MemberAsync(Guid serverId, Guid memberId, CancellationToken cancellationToken) =>
        api.GetAsync<ServerMemberResponse>($"v1/servers/{serverId}/members/{memberId}", cancellationToken);
}
