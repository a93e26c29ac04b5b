using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using ChatSphere.Contracts;
using ChatSphere.Contracts.Accounts;
using ChatSphere.Contracts.Admin;
using ChatSphere.Data.Accounts;
using ChatSphere.Tests.Infrastructure;

namespace ChatSphere.Tests.Admin;

/// <summary>A system of its own: here administrators are unmade.</summary>
public sealed class GovernedApp : ChatSphereApp;

public sealed class LosingAdministratorsTests(GovernedApp app) : IClassFixture<GovernedApp>
{
    [Fact]
    public async Task Two_administrators_who_remove_each_other_at_once_leave_one()
    {
        var first = await app.AdministratorAsync();
        await first.SendAsync(HttpMethod.Put, $"/v1/users/{first.Account.Id}/roles", new SetRolesRequest([Role.MemberId])).RefusedAsync(HttpStatusCode.Conflict, ErrorCodes.LastAdministrator);
        await first.PostAsync($"/v1/users/{first.Account.Id}/disable", new DisableUserRequest("test")).RefusedAsync(HttpStatusCode.Conflict, ErrorCodes.LastAdministrator);

        var second = await (await app.SomebodyAsync()).WithRolesAsync(app, Role.MemberId, Role.AdministratorId);
        await second.MayEverywhereAsync(Permissions.SystemManage);
        var answers = await Task.WhenAll(
            first.PostAsync($"/v1/users/{second.Account.Id}/disable", new DisableUserRequest("test")),
            second.PostAsync($"/v1/users/{first.Account.Id}/disable", new DisableUserRequest("test")));
        Assert.Single(answers, a => a.StatusCode == HttpStatusCode.NoContent);

        var left = answers[0].StatusCode == HttpStatusCode.NoContent ? first : second;
        await KeepingRightsTests.EndedAsync(left == first ? second : first);
        Assert.Contains(Permissions.SystemManage.Name, (await left.GetAsync<AccountResponse>("/v1/accounts/me")).Permissions);
        await left.SendAsync(HttpMethod.Put, $"/v1/users/{left.Account.Id}/roles", new SetRolesRequest([Role.MemberId])).RefusedAsync(HttpStatusCode.Conflict, ErrorCodes.LastAdministrator);
    }
}

public sealed class AdministeringUsersTests(ChatSphereApp app)
{
    [Fact]
    public async Task Disabling_ends_sessions_keys_and_open_streams_and_enabling_lets_in_again()
    {
        var administrator = await app.AdministratorAsync();
        var ann = await app.SomebodyAsync();
        var key = await ann.HasKeyAsync(Permissions.AccountRead);
        var stream = Task.Run(async () =>
        {
            await foreach (var _ in ann.StreamAsync("/v1/events"))
            {
            }
        });
        Assert.Equal(HttpStatusCode.OK, (await key.GetAsync("/v1/accounts/me")).StatusCode);
        (await administrator.PostAsync($"/v1/users/{ann.Account.Id}/disable", new DisableUserRequest("left the company"))).EnsureSuccessStatusCode();
        await KeepingRightsTests.EndedAsync(ann);
        await KeepingRightsTests.EndedAsync(key);
        await stream.WaitAsync(TimeSpan.FromSeconds(60));
        Assert.Equal(UserState.Disabled, (await administrator.GetAsync<UserResponse>($"/v1/users/{ann.Account.Id}")).State);

        (await administrator.PostAsync($"/v1/users/{ann.Account.Id}/enable")).EnsureSuccessStatusCode();
        await ann.SignInAgainAsync();
        Assert.Equal(HttpStatusCode.OK, (await ann.GetAsync("/v1/accounts/me")).StatusCode);
    }

    [Fact]
    public async Task Who_may_manage_users_cannot_touch_those_who_may_more()
    {
        var keeper = await app.SomebodyWhoMayAsync(Permissions.UsersManage, Permissions.UsersRead);
        var administrator = await app.AdministratorAsync();
        await keeper.PostAsync($"/v1/users/{administrator.Account.Id}/disable", new DisableUserRequest("coup")).RefusedAsync(HttpStatusCode.Forbidden, ErrorCodes.GrantExceedsOwn);
        await keeper.PostAsync($"/v1/users/{administrator.Account.Id}/end-sessions").RefusedAsync(HttpStatusCode.Forbidden, ErrorCodes.GrantExceedsOwn);
        var member = await app.SomebodyAsync();
        (await keeper.PostAsync($"/v1/users/{member.Account.Id}/end-sessions")).EnsureSuccessStatusCode();
        await KeepingRightsTests.EndedAsync(member);
    }

    [Fact]
    public async Task Users_are_found_by_the_beginning_of_name_or_e_mail_and_invited_ones_are_told_apart()
    {
        var administrator = await app.AdministratorAsync();
        var name = $"Zoë {Guid.NewGuid():n}";
        var email = $"{Guid.NewGuid():n}@Example.com";
        var made = await (await administrator.PostAsync("/v1/users", new CreateUserRequest(email, name))).ReadAsync<UserResponse>();
        Assert.Equal(UserState.Invited, made.State);
        Assert.Equal(Role.MemberId, made.Roles.Single().Id);
        foreach (var q in new[] { name[..20], name.ToUpperInvariant(), email[..20], email.ToUpperInvariant() })
        {
            Assert.Equal(made.Id, (await administrator.GetAsync<Page<UserResponse>>($"/v1/users?q={Uri.EscapeDataString(q)}&state=invited")).Items.Single().Id);
        }

        Assert.Empty((await administrator.GetAsync<Page<UserResponse>>("/v1/users?q=%25_%5C")).Items);
        await administrator.PostAsync("/v1/users", new CreateUserRequest(email.ToUpperInvariant(), "Another")).RefusedAsync(HttpStatusCode.Conflict, ErrorCodes.EmailTaken);
    }

    [Fact]
    public async Task A_file_makes_accounts_says_which_rows_are_bad_and_may_be_sent_again()
    {
        var administrator = await app.AdministratorAsync();
        var group = await app.HasGroupAsync();
        var id = Guid.NewGuid().ToString("n");
        var csv = $"\uFEFFemail,displayName,roles,groups\r\n{id}-a@example.com,\"Ann, the \"\"first\"\"\",moderator,{group.Name}\r\nnot an address,Bob,,\r\n{id}-c@example.com,=cmd|' /C calc'!A0,,\r\n\r\n{id}-d@example.com,Dan,nosuch,\r\n{id}-e@example.com,\"Two\nlines\",,\r\n{id}-A@example.com,Again,,\r\n{id}-f@example.com,Finn,,";
        var tried = await ImportAsync(administrator, csv, "?dryRun=true");
        Assert.True(tried.DryRun);
        Assert.Empty((await administrator.GetAsync<Page<UserResponse>>($"/v1/users?q={id}")).Items);

        var done = await ImportAsync(administrator, csv, "");
        Assert.Equal((tried.Created, tried.FailedRows), (done.Created, done.FailedRows));
        Assert.Equal(2, done.Created);
        Assert.Equal([3, 4, 6, 7, 9], done.Failed.Select(f => f.Line));
        var ann = (await administrator.GetAsync<Page<UserResponse>>($"/v1/users?q={id}-a")).Items.Single();
        Assert.Equal("Ann, the \"first\"", ann.DisplayName);
        Assert.Equal([Role.ModeratorId, Role.MemberId], ann.Roles.Select(r => r.Id));
        Assert.Equal(group.Id, ann.Groups.Single().Id);

        var again = await ImportAsync(administrator, csv, "");
        Assert.Equal((0, 0, 2), (again.Created, again.Updated, again.Unchanged));
        await administrator.PostAsync("/v1/users/import", new StringContent("name\nx", Encoding.UTF8, "text/csv")).RefusedAsync(HttpStatusCode.BadRequest, ErrorCodes.RequestInvalid);
    }

    [Fact]
    public async Task A_service_account_acts_by_keys_and_never_beyond_whoever_made_it()
    {
        var keeper = await app.SomebodyWhoMayAsync(Permissions.ServiceAccountsManage, Permissions.UsersRead);
        var role = await app.HasRoleAsync(Permissions.UsersRead);
        var strong = await app.HasRoleAsync(Permissions.PlansManage);
        await keeper.PostAsync("/v1/service-accounts", new CreateServiceAccountRequest("robot", [strong.Id])).RefusedAsync(HttpStatusCode.Forbidden, ErrorCodes.GrantExceedsOwn);
        var robot = await (await keeper.PostAsync("/v1/service-accounts", new CreateServiceAccountRequest("robot", [role.Id]))).ReadAsync<ServiceAccountResponse>();
        await keeper.PostAsync($"/v1/service-accounts/{robot.Id}/keys", new CreateApiKeyRequest("k", [Permissions.PlansManage.Name])).RefusedAsync(HttpStatusCode.Forbidden, ErrorCodes.GrantExceedsOwn);
        var created = await (await keeper.PostAsync($"/v1/service-accounts/{robot.Id}/keys", new CreateApiKeyRequest("k", [Permissions.UsersRead.Name]))).ReadAsync<CreatedApiKeyResponse>();
        var key = new Person(keeper.Client, keeper.Account, new TokenResponse(created.Key, 0, ""));
        Assert.Equal(HttpStatusCode.OK, (await key.GetAsync("/v1/users?limit=1")).StatusCode);
        (await keeper.SendAsync(HttpMethod.Delete, $"/v1/service-accounts/{robot.Id}")).EnsureSuccessStatusCode();
        await KeepingRightsTests.EndedAsync(key);
    }

    [Fact]
    public async Task An_identity_provider_keeps_users_and_groups_over_SCIM()
    {
        var scim = await ProvisionerAsync();
        var email = $"{Guid.NewGuid():n}@example.com";
        var made = await SendAsync(scim, HttpMethod.Post, "/scim/v2/Users", new { schemas = new[] { "urn:ietf:params:scim:schemas:core:2.0:User" }, userName = email, externalId = "e-1", name = new { givenName = "Ann", familyName = "Other" }, active = true }, 201);
        var id = (string)made["id"]!;
        Assert.Equal("Ann Other", (string?)made["displayName"]);
        Assert.Equal("uniqueness", (string?)(await SendAsync(scim, HttpMethod.Post, "/scim/v2/Users", new { userName = email.ToUpperInvariant() }, 409))["scimType"]);
        var found = await SendAsync(scim, HttpMethod.Get, $"/scim/v2/Users?filter={Uri.EscapeDataString($"userName eq \"{email.ToUpperInvariant()}\"")}", null, 200);
        Assert.Equal(id, (string?)found["Resources"]![0]!["id"]);
        Assert.Equal("invalidFilter", (string?)(await SendAsync(scim, HttpMethod.Get, "/scim/v2/Users?filter=userName%20co%20%22x%22", null, 400))["scimType"]);

        var group = await SendAsync(scim, HttpMethod.Post, "/scim/v2/Groups", new { displayName = $"G {Guid.NewGuid():n}", members = new[] { new { value = id } } }, 201);
        Assert.Equal(id, (string?)group["members"]![0]!["value"]);
        var without = await SendAsync(scim, HttpMethod.Patch, $"/scim/v2/Groups/{(string)group["id"]!}", new { Operations = new object[] { new { op = "Remove", path = $"members[value eq \"{id}\"]" } } }, 200);
        Assert.Empty(without["members"]!.AsArray());

        // As Entra writes it.
        var off = await SendAsync(scim, HttpMethod.Patch, $"/scim/v2/Users/{id}", new { Operations = new object[] { new { op = "Replace", path = "active", value = "False" } } }, 200);
        Assert.False((bool)off["active"]!);
        Assert.Equal(UserState.Disabled, (await (await app.AdministratorAsync()).GetAsync<UserResponse>($"/v1/users/{id}")).State);
        using var stale = await scim.SendAsync(HttpMethod.Put, $"/scim/v2/Users/{id}", Scim(new { userName = email, active = true }), r => r.Headers.TryAddWithoutValidation("If-Match", (string)made["meta"]!["version"]!));
        Assert.Equal(HttpStatusCode.PreconditionFailed, stale.StatusCode);

        using var deleted = await scim.SendAsync(HttpMethod.Delete, $"/scim/v2/Users/{id}");
        Assert.Equal(HttpStatusCode.NoContent, deleted.StatusCode);
        Assert.Equal("404", (string?)(await SendAsync(scim, HttpMethod.Get, $"/scim/v2/Users/{id}", null, 404))["status"]);
        Assert.Equal(id, (string?)(await SendAsync(scim, HttpMethod.Post, "/scim/v2/Users", new { userName = email }, 201))["id"]);
        await SendAsync(scim, HttpMethod.Delete, $"/scim/v2/Users/{(await app.AdministratorAsync()).Account.Id}", null, 403);
    }

    private async Task<Person> ProvisionerAsync()
    {
        var administrator = await app.AdministratorAsync();
        var role = await app.HasRoleAsync(Permissions.UsersManage, Permissions.GroupsManage);
        var account = await (await administrator.PostAsync("/v1/service-accounts", new CreateServiceAccountRequest("directory", [role.Id]))).ReadAsync<ServiceAccountResponse>();
        var key = await (await administrator.PostAsync($"/v1/service-accounts/{account.Id}/keys", new CreateApiKeyRequest("scim", [Permissions.UsersManage.Name, Permissions.GroupsManage.Name]))).ReadAsync<CreatedApiKeyResponse>();
        return new Person(administrator.Client, administrator.Account, new TokenResponse(key.Key, 0, ""));
    }

    private static StringContent Scim(object body) => new(JsonSerializer.Serialize(body)) { Headers = { ContentType = new MediaTypeHeaderValue("application/scim+json") } };

    private static async Task<JsonNode> SendAsync(Person scim, HttpMethod method, string path, object? body, int status)
    {
        using var response = await scim.SendAsync(method, path, body is null ? null : Scim(body));
        var text = await response.Content.ReadAsStringAsync();
        Assert.True((int)response.StatusCode == status, $"{method} {path} answered {(int)response.StatusCode}: {text}");
        Assert.Equal("application/scim+json", response.Content.Headers.ContentType?.MediaType);
        return JsonNode.Parse(text)!;
    }

    private static async Task<ImportUsersResponse> ImportAsync(Person who, string csv, string query) =>
        await (await who.PostAsync("/v1/users/import" + query, new StringContent(csv, Encoding.UTF8, "text/csv"))).ReadAsync<ImportUsersResponse>();
}
