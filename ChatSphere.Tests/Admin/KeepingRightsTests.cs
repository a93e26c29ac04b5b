using System.Net;
using ChatSphere.Contracts;
using ChatSphere.Contracts.Accounts;
using ChatSphere.Contracts.Admin;
using ChatSphere.Data.Accounts;
using ChatSphere.Tests.Infrastructure;

namespace ChatSphere.Tests.Admin;

/// <summary>Roles, groups and keys: what they grant, and what nobody can grant.</summary>
public sealed class KeepingRightsTests(ChatSphereApp app)
{
    [Fact]
    public async Task A_role_grants_what_it_says_and_taking_it_works_on_every_node()
    {
        var ann = await app.SomebodyWhoMayAsync(Permissions.UsersRead);
        await (await ann.GetAsync("/v1/users?limit=1")).ReadAsync<Page<UserResponse>>();
        await ann.WithRolesAsync(app, Role.MemberId);
        await ann.MayEverywhereAsync(Permissions.UsersRead, may: false);
        await ann.GetAsync("/v1/users").RefusedAsync(HttpStatusCode.Forbidden, ErrorCodes.PermissionMissing);
    }

    [Fact]
    public async Task A_group_gives_its_roles_to_its_members_only_while_they_are_in_it()
    {
        var administrator = await app.AdministratorAsync();
        var ann = await app.SomebodyAsync();
        var group = await app.HasGroupAsync(ann);
        var role = await app.HasRoleAsync(Permissions.AuditRead);
        var with = await (await administrator.SendAsync(HttpMethod.Put, $"/v1/groups/{group.Id}/roles", new SetRolesRequest([role.Id]))).ReadAsync<GroupResponse>();
        Assert.Equal(role.Id, with.Roles.Single().Id);
        await ann.MayEverywhereAsync(Permissions.AuditRead);
        (await administrator.SendAsync(HttpMethod.Delete, $"/v1/groups/{group.Id}/members/{ann.Account.Id}")).EnsureSuccessStatusCode();
        await ann.MayEverywhereAsync(Permissions.AuditRead, may: false);
        Assert.Empty((await administrator.GetAsync<Page<GroupMemberResponse>>($"/v1/groups/{group.Id}/members")).Items);
    }

    [Fact]
    public async Task Nobody_grants_what_they_do_not_hold()
    {
        var keeper = await app.SomebodyWhoMayAsync(Permissions.RolesManage, Permissions.UsersRead, Permissions.GroupsManage);
        var other = await app.SomebodyAsync();
        await keeper.PostAsync("/v1/roles", new CreateRoleRequest("Mine", [Permissions.SystemManage.Name])).RefusedAsync(HttpStatusCode.Forbidden, ErrorCodes.GrantExceedsOwn);
        foreach (var (target, role) in new[] { (keeper, Role.AdministratorId), (other, Role.AdministratorId), (keeper, (await app.HasRoleAsync(Permissions.PlansManage)).Id) })
        {
            await keeper.SendAsync(HttpMethod.Put, $"/v1/users/{target.Account.Id}/roles", new SetRolesRequest([Role.MemberId, role])).RefusedAsync(HttpStatusCode.Forbidden, ErrorCodes.GrantExceedsOwn);
        }

        // Nor does a role that they hold become more than they hold, nor a stronger one less.
        var strong = await app.HasRoleAsync(Permissions.PlansManage);
        await keeper.SendAsync(HttpMethod.Patch, $"/v1/roles/{strong.Id}", new UpdateRoleRequest(Permissions: [])).RefusedAsync(HttpStatusCode.Forbidden, ErrorCodes.GrantExceedsOwn);
        await keeper.SendAsync(HttpMethod.Delete, $"/v1/roles/{strong.Id}").RefusedAsync(HttpStatusCode.Forbidden, ErrorCodes.GrantExceedsOwn);

        // Nor by the way of a group.
        var group = await app.HasGroupAsync();
        (await (await app.AdministratorAsync()).SendAsync(HttpMethod.Put, $"/v1/groups/{group.Id}/roles", new SetRolesRequest([strong.Id]))).EnsureSuccessStatusCode();
        await keeper.SendAsync(HttpMethod.Put, $"/v1/groups/{group.Id}/members/{keeper.Account.Id}").RefusedAsync(HttpStatusCode.Forbidden, ErrorCodes.GrantExceedsOwn);
        Assert.DoesNotContain(Permissions.PlansManage.Name, (await keeper.GetAsync<AccountResponse>("/v1/accounts/me")).Permissions);
    }

    [Fact]
    public async Task Built_in_roles_keep_their_names_and_unknown_permissions_are_refused()
    {
        var administrator = await app.AdministratorAsync();
        await administrator.SendAsync(HttpMethod.Patch, $"/v1/roles/{Role.MemberId}", new UpdateRoleRequest("Citizen")).RefusedAsync(HttpStatusCode.Conflict, ErrorCodes.RoleFixed);
        await administrator.SendAsync(HttpMethod.Delete, $"/v1/roles/{Role.GuestId}").RefusedAsync(HttpStatusCode.Conflict, ErrorCodes.RoleFixed);
        await administrator.SendAsync(HttpMethod.Patch, $"/v1/roles/{Role.AdministratorId}", new UpdateRoleRequest(Permissions: [])).RefusedAsync(HttpStatusCode.Conflict, ErrorCodes.RoleFixed);
        foreach (var permissions in (string[][])[["-1"], ["account.everything"], ["*"], [null!]])
        {
            await administrator.PostAsync("/v1/roles", new CreateRoleRequest($"R{Guid.NewGuid():n}", permissions)).RefusedAsync(HttpStatusCode.BadRequest, ErrorCodes.RequestInvalid);
        }
    }

    [Fact]
    public async Task Of_many_who_make_a_role_of_one_name_one_makes_it()
    {
        var administrator = await app.AdministratorAsync();
        var name = $"Role {Guid.NewGuid():n}";
        var answers = await Task.WhenAll(Enumerable.Range(0, 12).Select(i => administrator.PostAsync("/v1/roles", new CreateRoleRequest(i % 2 == 0 ? name : name.ToUpperInvariant(), []))));
        Assert.Single(answers, a => a.StatusCode == HttpStatusCode.Created);
        Assert.Equal(11, answers.Count(a => a.StatusCode == HttpStatusCode.Conflict));
    }

    [Fact]
    public async Task A_key_does_what_its_scopes_say_is_shown_once_and_ends_when_revoked()
    {
        var ann = await app.SomebodyAsync();
        var created = await (await ann.PostAsync("/v1/accounts/me/api-keys", new CreateApiKeyRequest("reader", [Permissions.BotsRead.Name, Permissions.AccountRead.Name], 30))).ReadAsync<CreatedApiKeyResponse>();
        Assert.StartsWith("csk_", created.Key, StringComparison.Ordinal);
        var key = new Person(ann.Client, ann.Account, new TokenResponse(created.Key, 0, ""));
        Assert.Equal([Permissions.AccountRead.Name, Permissions.BotsRead.Name], (await key.GetAsync<AccountResponse>("/v1/accounts/me")).Permissions);
        Assert.Equal(HttpStatusCode.OK, (await key.GetAsync("/v1/bots")).StatusCode);
        await key.PostAsync("/v1/bots", new { name = "x" }).RefusedAsync(HttpStatusCode.Forbidden, ErrorCodes.PermissionMissing);
        var listed = await (await ann.GetAsync("/v1/accounts/me/api-keys")).Content.ReadAsStringAsync();
        Assert.DoesNotContain(created.Key[8..], listed, StringComparison.Ordinal);
        Assert.NotNull((await ann.GetAsync<List<ApiKeyResponse>>("/v1/accounts/me/api-keys")).Single().LastUsedAt);

        (await ann.SendAsync(HttpMethod.Delete, $"/v1/accounts/me/api-keys/{created.Details.Id}")).EnsureSuccessStatusCode();
        await EndedAsync(key);
    }

    [Fact]
    public async Task A_key_carries_nothing_that_its_owner_does_not_hold_or_that_cannot_be_delegated()
    {
        var ann = await app.SomebodyAsync();
        await ann.PostAsync("/v1/accounts/me/api-keys", new CreateApiKeyRequest("k", [Permissions.UsersManage.Name])).RefusedAsync(HttpStatusCode.Forbidden, ErrorCodes.GrantExceedsOwn);
        await ann.PostAsync("/v1/accounts/me/api-keys", new CreateApiKeyRequest("k", [Permissions.AccountManage.Name])).RefusedAsync(HttpStatusCode.BadRequest, ErrorCodes.RequestInvalid);
        await ann.PostAsync("/v1/accounts/me/api-keys", new CreateApiKeyRequest("k", ["everything"])).RefusedAsync(HttpStatusCode.BadRequest, ErrorCodes.RequestInvalid);

        // What the owner loses, the key loses.
        var keeper = await app.SomebodyWhoMayAsync(Permissions.UsersRead);
        var key = await keeper.HasKeyAsync(Permissions.UsersRead, Permissions.AccountRead);
        Assert.Equal(HttpStatusCode.OK, (await key.GetAsync("/v1/users")).StatusCode);
        await keeper.WithRolesAsync(app, Role.MemberId);
        await key.MayEverywhereAsync(Permissions.UsersRead, may: false);
    }

    [Fact]
    public async Task Another_persons_key_is_not_there()
    {
        var ann = await app.SomebodyAsync();
        var eve = await app.SomebodyAsync();
        await ann.HasKeyAsync(Permissions.AccountRead);
        var id = (await ann.GetAsync<List<ApiKeyResponse>>("/v1/accounts/me/api-keys")).Single().Id;
        await eve.SendAsync(HttpMethod.Delete, $"/v1/accounts/me/api-keys/{id}").RefusedAsync(HttpStatusCode.NotFound, ErrorCodes.NotFound);
        Assert.Single(await ann.GetAsync<List<ApiKeyResponse>>("/v1/accounts/me/api-keys"));
    }

    /// <summary>On every node.</summary>
    internal static async Task EndedAsync(Person person)
    {
        var refused = 0;
        await Person.EventuallyAsync(async () => (await person.GetAsync("/v1/accounts/me")).StatusCode, s => (refused = s == HttpStatusCode.Unauthorized ? refused + 1 : 0) >= 6);
    }
}
