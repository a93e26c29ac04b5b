using ChatSphere.Contracts;
using ChatSphere.Contracts.Accounts;
using ChatSphere.Contracts.Admin;

namespace ChatSphere.Web.Clients;

/// <summary>Users, roles, groups and service accounts, and one's own API keys.</summary>
public sealed class AdminClient(ApiCalls api)
{
    public Task<ApiResult<IReadOnlyList<PermissionResponse>>> PermissionsAsync() => api.GetAsync<IReadOnlyList<PermissionResponse>>("v1/permissions");

    public Task<ApiResult<IReadOnlyList<ApiKeyResponse>>> KeysAsync() => api.GetAsync<IReadOnlyList<ApiKeyResponse>>("v1/accounts/me/api-keys");

    public Task<ApiResult<CreatedApiKeyResponse>> CreateKeyAsync(CreateApiKeyRequest request) => api.PostAsync<CreatedApiKeyResponse>("v1/accounts/me/api-keys", request);

    public Task<ApiResult<Nothing>> RevokeKeyAsync(Guid id) => api.DeleteAsync($"v1/accounts/me/api-keys/{id}");

    public Task<ApiResult<IReadOnlyList<RoleResponse>>> RolesAsync() => api.GetAsync<IReadOnlyList<RoleResponse>>("v1/roles");

    public Task<ApiResult<RoleResponse>> CreateRoleAsync(CreateRoleRequest request) => api.PostAsync<RoleResponse>("v1/roles", request);

    public Task<ApiResult<RoleResponse>> UpdateRoleAsync(Guid id, UpdateRoleRequest request) => api.PatchAsync<RoleResponse>($"v1/roles/{id}", request);

    public Task<ApiResult<Nothing>> DeleteRoleAsync(Guid id) => api.DeleteAsync($"v1/roles/{id}");

    public Task<ApiResult<Page<GroupResponse>>> GroupsAsync(string? cursor) => api.GetAsync<Page<GroupResponse>>("v1/groups" + ApiCalls.Query(("cursor", cursor)));

    public Task<ApiResult<GroupResponse>> CreateGroupAsync(CreateGroupRequest request) => api.PostAsync<GroupResponse>("v1/groups", request);

    public Task<ApiResult<GroupResponse>> GroupAsync(Guid id) => api.GetAsync<GroupResponse>($"v1/groups/{id}");

    public Task<ApiResult<GroupResponse>> UpdateGroupAsync(Guid id, UpdateGroupRequest request) => api.PatchAsync<GroupResponse>($"v1/groups/{id}", request);

    public Task<ApiResult<Page<GroupMemberResponse>>> GroupMembersAsync(Guid id, string? cursor) => api.GetAsync<Page<GroupMemberResponse>>($"v1/groups/{id}/members" + ApiCalls.Query(("cursor", cursor)));

    public Task<ApiResult<Nothing>> AddGroupMemberAsync(Guid id, Guid accountId) => api.PutAsync<Nothing>($"v1/groups/{id}/members/{accountId}", new { });

    public Task<ApiResult<Nothing>> RemoveGroupMemberAsync(Guid id, Guid accountId) => api.DeleteAsync($"v1/groups/{id}/members/{accountId}");

    public Task<ApiResult<GroupResponse>> SetGroupRolesAsync(Guid id, IReadOnlyList<Guid> roleIds) => api.PutAsync<GroupResponse>($"v1/groups/{id}/roles", new SetRolesRequest(roleIds));

    public Task<ApiResult<Nothing>> DeleteGroupAsync(Guid id) => api.DeleteAsync($"v1/groups/{id}");

    public Task<ApiResult<Page<UserResponse>>> UsersAsync(string? q, string? state, string? cursor) =>
        api.GetAsync<Page<UserResponse>>("v1/users" + ApiCalls.Query(("q", string.IsNullOrWhiteSpace(q) ? null : q), ("state", string.IsNullOrEmpty(state) ? null : state), ("cursor", cursor)));

    public Task<ApiResult<UserResponse>> UserAsync(Guid id) => api.GetAsync<UserResponse>($"v1/users/{id}");

    public Task<ApiResult<UserResponse>> CreateUserAsync(CreateUserRequest request) => api.PostAsync<UserResponse>("v1/users", request);

    /// <param name="csv">The file as it is: UTF-8, with a line of column names.</param>
    public Task<ApiResult<ImportUsersResponse>> ImportUsersAsync(byte[] csv, bool dryRun) =>
        api.PostBytesAsync<ImportUsersResponse>("v1/users/import" + ApiCalls.Query(("dryRun", dryRun ? "true" : "false")), csv, "text/csv");

    public Task<ApiResult<Nothing>> DisableUserAsync(Guid id, string reason) => api.PostAsync<Nothing>($"v1/users/{id}/disable", new DisableUserRequest(reason));

    public Task<ApiResult<Nothing>> EnableUserAsync(Guid id) => api.PostAsync<Nothing>($"v1/users/{id}/enable");

    public Task<ApiResult<Nothing>> EndSessionsAsync(Guid id) => api.PostAsync<Nothing>($"v1/users/{id}/end-sessions");

    public Task<ApiResult<UserResponse>> SetUserRolesAsync(Guid id, IReadOnlyList<Guid> roleIds) => api.PutAsync<UserResponse>($"v1/users/{id}/roles", new SetRolesRequest(roleIds));

    public Task<ApiResult<Page<ServiceAccountResponse>>> ServiceAccountsAsync(string? cursor) => api.GetAsync<Page<ServiceAccountResponse>>("v1/service-accounts" + ApiCalls.Query(("cursor", cursor)));

    public Task<ApiResult<ServiceAccountResponse>> CreateServiceAccountAsync(CreateServiceAccountRequest request) => api.PostAsync<ServiceAccountResponse>("v1/service-accounts", request);

    public Task<ApiResult<ServiceAccountResponse>> ServiceAccountAsync(Guid id) => api.GetAsync<ServiceAccountResponse>($"v1/service-accounts/{id}");

    public Task<ApiResult<ServiceAccountResponse>> UpdateServiceAccountAsync(Guid id, UpdateServiceAccountRequest request) => api.PatchAsync<ServiceAccountResponse>($"v1/service-accounts/{id}", request);

    public Task<ApiResult<IReadOnlyList<ApiKeyResponse>>> ServiceKeysAsync(Guid id) => api.GetAsync<IReadOnlyList<ApiKeyResponse>>($"v1/service-accounts/{id}/keys");

    public Task<ApiResult<Nothing>> RevokeServiceKeyAsync(Guid id, Guid keyId) => api.DeleteAsync($"v1/service-accounts/{id}/keys/{keyId}");

    public Task<ApiResult<Nothing>> DeleteServiceAccountAsync(Guid id) => api.DeleteAsync($"v1/service-accounts/{id}");

    public Task<ApiResult<CreatedApiKeyResponse>> CreateServiceKeyAsync(Guid id, CreateApiKeyRequest request) => api.PostAsync<CreatedApiKeyResponse>($"v1/service-accounts/{id}/keys", request);
}
