using ChatSphere.Contracts.Accounts;
using ChatSphere.Contracts.Admin;

namespace ChatSphere.Tests.Infrastructure;

/// <summary>People who may do particular things, and programs that act for them.</summary>
internal static class Rights
{
    /// <summary>A new member who may do this as well, by a role of its own. Known on every node from the start.</summary>
    public static async Task<Person> SomebodyWhoMayAsync(this ChatSphereApp app, params Permission[] permissions)
    {
        // Their token has not been used yet, so no node remembers what it allowed before.
        var person = await app.SomebodyAsync();
        var role = await app.HasRoleAsync(permissions);
        return await person.WithRolesAsync(app, role.Id, Data.Accounts.Role.MemberId);
    }

    /// <summary>A new custom role.</summary>
    public static async Task<RoleResponse> HasRoleAsync(this ChatSphereApp app, params Permission[] permissions) =>
        await (await (await app.AdministratorAsync()).PostAsync("/v1/roles", new CreateRoleRequest($"Role {Guid.NewGuid():n}", [.. permissions.Select(p => p.Name)]))).ReadAsync<RoleResponse>();

    /// <summary>Gives exactly these roles. Nodes that have seen the person before learn of it within seconds: <see cref="MayEverywhereAsync"/>.</summary>
    public static async Task<Person> WithRolesAsync(this Person person, ChatSphereApp app, params Guid[] roleIds)
    {
        await (await (await app.AdministratorAsync()).SendAsync(HttpMethod.Put, $"/v1/users/{person.Account.Id}/roles", new SetRolesRequest(roleIds))).ReadAsync<UserResponse>();
        return person;
    }

    /// <summary>Once every node says so: asked again and again for longer than a node may remember something else.</summary>
    public static async Task MayEverywhereAsync(this Person person, Permission permission, bool may = true)
    {
        var seen = 0;
        await Person.EventuallyAsync(() => person.GetAsync<AccountResponse>("/v1/accounts/me"), a => (seen = a.Permissions.Contains(permission.Name) == may ? seen + 1 : 0) >= 32);
    }

    /// <summary>The same person by an API key with these scopes.</summary>
    public static async Task<Person> HasKeyAsync(this Person person, params Permission[] scopes)
    {
        var created = await (await person.PostAsync("/v1/accounts/me/api-keys", new CreateApiKeyRequest("test", [.. scopes.Select(s => s.Name)]))).ReadAsync<CreatedApiKeyResponse>();
        return new Person(person.Client, person.Account, new TokenResponse(created.Key, 0, ""));
    }

    /// <summary>A new group with these members.</summary>
    public static async Task<GroupResponse> HasGroupAsync(this ChatSphereApp app, params Person[] members)
    {
        var administrator = await app.AdministratorAsync();
        var group = await (await administrator.PostAsync("/v1/groups", new CreateGroupRequest($"Group {Guid.NewGuid():n}"))).ReadAsync<GroupResponse>();
        foreach (var member in members)
        {
            (await administrator.SendAsync(HttpMethod.Put, $"/v1/groups/{group.Id}/members/{member.Account.Id}")).EnsureSuccessStatusCode();
        }

        return group;
    }
}
