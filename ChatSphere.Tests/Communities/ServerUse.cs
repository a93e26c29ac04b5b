using ChatSphere.Contracts;
using ChatSphere.Contracts.Communities;
using ChatSphere.Data.Communities;
using ChatSphere.Tests.Infrastructure;

namespace ChatSphere.Tests.Communities;

/// <summary>What people do who run servers.</summary>
internal static class ServerUse
{
    public static string Wire(this ServerPermissions permissions) => permissions.ToWire();

    public static async Task<ServerRoleResponse> HasRoleAsync(this Person person, Guid serverId, string name, ServerPermissions permissions = ServerPermissions.None) =>
        await (await person.PostAsync($"/v1/servers/{serverId}/roles", new CreateRoleRequest(name, permissions.ToWire()))).ReadAsync<ServerRoleResponse>();

    public static async Task GivesAsync(this Person person, Guid serverId, Person to, Guid roleId)
    {
        using var given = await person.SendAsync(HttpMethod.Put, $"/v1/servers/{serverId}/members/{to.Account.Id}/roles/{roleId}");
        given.EnsureSuccessStatusCode();
    }

    /// <summary>A member with a role of their own that allows this. The later one is made, the lower it stands.</summary>
    public static async Task<ServerRoleResponse> MakesAsync(this Person owner, Guid serverId, Person member, ServerPermissions permissions, string? role = null)
    {
        var made = await owner.HasRoleAsync(serverId, role ?? $"Role {Guid.NewGuid():n}", permissions);
        await owner.GivesAsync(serverId, member, made.Id);
        return made;
    }

    public static async Task<ChannelResponse> HasChannelAsync(this Person person, Guid serverId, string name, Contracts.Communities.ChannelKind kind = Contracts.Communities.ChannelKind.Text, Guid? parent = null) =>
        await (await person.PostAsync($"/v1/servers/{serverId}/channels", new CreateChannelRequest(name, kind, parent))).ReadAsync<ChannelResponse>();

    public static async Task<ChannelOverwritesResponse> OverwritesAsync(this Person person, Guid channelId, Guid target, ServerPermissions allow, ServerPermissions deny, OverwriteKind kind = OverwriteKind.Role) =>
        await (await person.SendAsync(HttpMethod.Put, $"/v1/channels/{channelId}/overwrites/{target}", new PutOverwriteRequest(kind, allow.ToWire(), deny.ToWire()))).ReadAsync<ChannelOverwritesResponse>();

    public static Task<ServerDetailResponse> ServerAsync(this Person person, Guid serverId) => person.GetAsync<ServerDetailResponse>($"/v1/servers/{serverId}");

    public static Task<ServerMemberResponse> MemberAsync(this Person person, Guid serverId, Person member) => person.GetAsync<ServerMemberResponse>($"/v1/servers/{serverId}/members/{member.Account.Id}");

    public static async Task<IReadOnlyList<ServerLogEntryResponse>> LogAsync(this Person person, Guid serverId, string query = "") =>
        (await person.GetAsync<Page<ServerLogEntryResponse>>($"/v1/servers/{serverId}/audit?limit=200{query}")).Items;

    public static async Task<InviteResponse> InvitesAsync(this Person person, Guid serverId, CreateInviteRequest? request = null) =>
        await (await person.PostAsync($"/v1/servers/{serverId}/invites", request ?? new CreateInviteRequest())).ReadAsync<InviteResponse>();

    public static Task<HttpResponseMessage> BansAsync(this Person person, Guid serverId, Person whom, string? reason = null) =>
        person.SendAsync(HttpMethod.Put, $"/v1/servers/{serverId}/bans/{whom.Account.Id}", new BanMemberRequest(reason));
}
