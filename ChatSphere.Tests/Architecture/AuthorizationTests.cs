using System.Net;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using ChatSphere.Contracts;
using ChatSphere.Contracts.Accounts;
using ChatSphere.Tests.Infrastructure;

namespace ChatSphere.Tests.Architecture;

/// <summary>Who may call what, for every operation of the OpenAPI document: a new route is held to it without anybody thinking of it.</summary>
public sealed partial class AuthorizationTests(ChatSphereApp app)
{
    private sealed record Route(string Method, string Path, string? Permission, bool IsPublic)
    {
        public string Name => $"{Method} {Path}";
    }

    [Fact]
    public async Task Every_operation_names_one_permission_of_the_catalogue_or_is_public()
    {
        var (routes, _) = await RoutesAsync();
        Assert.True(routes.Count > 60, $"Only {routes.Count} operations.");
        Assert.Equal([], routes.Where(r => r.Permission is null == !r.IsPublic).Select(r => r.Name));
        Assert.Equal([], routes.Where(r => r.Permission is { } p && Permissions.Find(p) is null).Select(r => $"{r.Name}: {r.Permission}"));

        // What is public, by name: nothing becomes public by oversight.
        Assert.All(routes.Where(r => r.IsPublic), r => Assert.Matches(@"^\w+ (/\.well-known/|/openapi/|/v1/accounts/|/v1/webhooks/|/v1/privacy/|/v1/shared/|/v1/plans|/v1/policies|/v1/notifications/unsubscribe)", r.Name));
    }

    [Fact]
    public async Task SCIM_lets_nobody_in_without_a_token()
    {
        using var client = await app.AnonymousAsync();
        var tried = await EachAsync(r => r.Path.StartsWith("/scim", StringComparison.Ordinal), async (route, openApi) =>
        {
            using var response = await client.SendAsync(new HttpRequestMessage(new HttpMethod(route.Method), Parameter().Replace(route.Path, Guid.NewGuid().ToString())) { Content = EndpointTests.Body(route.Method, route.Path, openApi) });
            Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
            Assert.Equal("401", (string?)JsonNode.Parse(await response.Content.ReadAsStringAsync())!["status"]);
        });
        Assert.True(tried >= 15, $"Only {tried} operations were tried.");
    }

    [Fact]
    public async Task Every_operation_refuses_a_key_without_its_scope_and_says_which()
    {
        var administrator = await app.AdministratorAsync();
        var reads = await administrator.HasKeyAsync(Permissions.AccountRead);
        var finds = await administrator.HasKeyAsync(Permissions.PeopleRead);
        await EachAsync(r => r.Permission is not null, async (route, openApi) =>
            await RefusedAsync(route.Permission == Permissions.AccountRead.Name ? finds : reads, route, openApi));
    }

    [Fact]
    public async Task Every_operation_for_administrators_refuses_a_member_and_says_why()
    {
        var member = await app.SomebodyAsync();
        var may = (await member.GetAsync<AccountResponse>("/v1/accounts/me")).Permissions.ToHashSet();
        Assert.DoesNotContain(Permissions.UsersRead.Name, may);
        var tried = await EachAsync(r => r.Permission is { } p && !may.Contains(p), (route, openApi) => RefusedAsync(member, route, openApi));
        Assert.True(tried > 30, $"Only {tried} operations were tried.");
    }

    [Fact]
    public async Task A_guest_does_what_guests_may_and_nothing_else()
    {
        var guest = await (await app.SomebodyAsync()).WithRolesAsync(app, Data.Accounts.Role.GuestId);
        var may = (await guest.GetAsync<AccountResponse>("/v1/accounts/me")).Permissions.ToHashSet();
        Assert.DoesNotContain(Permissions.BotsWrite.Name, may);
        await EachAsync(r => r.Permission is { } p && !may.Contains(p), (route, openApi) => RefusedAsync(guest, route, openApi));
    }

    private static async Task RefusedAsync(Person who, Route route, JsonNode openApi)
    {
        var path = Parameter().Replace(route.Path, Guid.NewGuid().ToString());
        using var response = await who.SendAsync(new HttpMethod(route.Method), path, EndpointTests.Body(route.Method, route.Path, openApi));
        var body = await response.Content.ReadAsStringAsync();
        Assert.True(response.StatusCode == HttpStatusCode.Forbidden, $"{route.Name} answered {(int)response.StatusCode}: {body}");
        var problem = JsonNode.Parse(body)!;
        Assert.Equal(ErrorCodes.PermissionMissing, (string?)problem["code"]);
        Assert.Contains(route.Permission!, (string?)problem["detail"], StringComparison.Ordinal);
    }

    private async Task<int> EachAsync(Func<Route, bool> which, Func<Route, JsonNode, Task> check)
    {
        var (routes, openApi) = await RoutesAsync();
        var chosen = routes.Where(which).ToList();
        Assert.NotEmpty(chosen);
        foreach (var route in chosen)
        {
            await check(route, openApi);
        }

        return chosen.Count;
    }

    private async Task<(List<Route> Routes, JsonNode OpenApi)> RoutesAsync()
    {
        using var client = await app.AnonymousAsync();
        var openApi = JsonNode.Parse(await client.GetStringAsync("/openapi/v1.json"))!;
        return ([.. openApi["paths"]!.AsObject().SelectMany(p => p.Value!.AsObject().Where(o => o.Value?["responses"] is not null)
            .Select(o => new Route(o.Key.ToUpperInvariant(), p.Key, (string?)o.Value!["x-permission"], o.Value["security"] is JsonArray { Count: 0 })))], openApi);
    }

    [GeneratedRegex(@"\{(\w+)\}")]
    private static partial Regex Parameter();
}
