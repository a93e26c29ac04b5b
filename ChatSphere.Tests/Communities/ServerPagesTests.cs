using System.Net;
using System.Text.RegularExpressions;
using ChatSphere.Contracts.Communities;
using ChatSphere.Data.Communities;
using ChatSphere.Tests.Infrastructure;

namespace ChatSphere.Tests.Communities;

/// <summary>The pages on which servers are run, as a browser without scripts sees them.</summary>
public sealed partial class ServerPagesTests(ChatSphereApp app)
{
    [Fact]
    public async Task Roles_and_channels_are_made_and_their_rights_chosen()
    {
        var (ann, ben) = (await app.SomebodyAsync(), await app.SomebodyAsync());
        var id = (await ann.HasServerAsync(ben)).Server.Id;
        var root = $"/servers/{id}/settings";
        using var browser = await SignedInAsync(ann);
        var made = await SubmitAsync(browser, $"{root}/roles", "role", ("Name", "Keepers"));
        var role = (await ann.ServerAsync(id)).Roles.Single(r => r.Name == "Keepers").Id;
        Assert.Contains("Keepers", made, StringComparison.Ordinal);
        await SubmitAsync(browser, $"{root}/roles/{role}", "role", ("Name", "Bee keepers"), ("coloured", "1"), ("color", "#3366cc"), ("hoisted", "1"), ("right", "manage_messages"), ("right", "kick_members"));
        var saved = (await ann.ServerAsync(id)).Roles.Single(r => r.Id == role);
        Assert.Equal(("Bee keepers", 0x3366CC, true, false, (ServerPermissions.ManageMessages | ServerPermissions.KickMembers).Wire()), (saved.Name, saved.Color, saved.IsHoisted, saved.IsMentionable, saved.Permissions));
        await SubmitAsync(browser, $"{root}/members/{ben.Account.Id}", "roles", ("role", role.ToString()));
        Assert.Equal([role], (await ann.MemberAsync(id, ben)).RoleIds);

        await SubmitAsync(browser, $"{root}/channels", "channel", ("Input.Name", "hives"), ("Input.Kind", "Text"));
        var channel = (await ann.ServerAsync(id)).Channels.Single(c => c.Name == "hives").Id;
        await SubmitAsync(browser, $"{root}/channels/{channel}?target={id}", "overwrite", ("right-view_channel", "deny"), ("right-send_messages", "neutral"));
        Assert.DoesNotContain((await ben.ServerAsync(id)).Channels, c => c.Id == channel);
        var seen = await ReadAsync(browser, $"{root}/view-as?roleIds={role}");
        Assert.Matches("hives</strong>.*hidden", seen);
        Assert.Contains("general", seen, StringComparison.Ordinal);
        await SubmitAsync(browser, $"{root}/channels/{channel}?target={id}", "overwrite", ("clear", "1"));
        Assert.Contains((await ben.ServerAsync(id)).Channels, c => c.Id == channel);

        await SubmitAsync(browser, $"{root}/channels", "order", ("up", channel.ToString()));
        Assert.Equal(["hives", "general"], (await ann.ServerAsync(id)).Channels.Select(c => c.Name));
        Assert.Contains("changed the role Bee keepers", await ReadAsync(browser, $"{root}/audit"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Somebody_who_is_not_signed_in_signs_in_first_and_comes_back_to_the_invite()
    {
        var (ann, ben) = (await app.SomebodyAsync(), await app.SomebodyAsync());
        var id = (await ann.HasServerAsync()).Server.Id;
        using var hers = await SignedInAsync(ann);
        var link = Link().Match(await SubmitAsync(hers, $"/servers/{id}/settings/invites", "invite", ("minutes", "60"), ("uses", "1")));
        Assert.True(link.Success);
        var path = $"/invite/{link.Groups[1].Value}";
        await (await app.App).ResourceNotifications.WaitForResourceHealthyAsync("web", TestContext.Current.CancellationToken);
        using var his = new HttpClient(new HttpClientHandler { CookieContainer = new CookieContainer() }) { BaseAddress = await app.AddressOfAsync("web") };
        using (var asked = await his.GetAsync(path))
        {
            Assert.Equal("/sign-in", asked.RequestMessage!.RequestUri!.AbsolutePath);
            Assert.Contains(Uri.EscapeDataString(path), asked.RequestMessage.RequestUri.Query, StringComparison.OrdinalIgnoreCase);
            Assert.Contains("You are invited to this server", await SubmitAsync(his, asked.RequestMessage.RequestUri.PathAndQuery, "sign-in", ("Input.Email", ben.Account.Email), ("Input.Password", Person.Password)), StringComparison.Ordinal);
        }

        await SubmitAsync(his, path, "join");
        Assert.Equal(2, (await ben.ServerAsync(id)).Members);
        Assert.Contains("This invite works no more", await ReadAsync(his, path), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_is_made_changed_found_by_others_left_deleted_and_taken_back()
    {
        var (ann, ben) = (await app.SomebodyAsync(), await app.SomebodyAsync());
        using var hers = await SignedInAsync(ann);
        using var his = await SignedInAsync(ben);
        var name = $"Hive {Guid.NewGuid():n}";
        await SubmitAsync(hers, "/servers/new", "server", ("Name", name));
        var id = (await ann.GetAsync<List<ServerResponse>>("/v1/servers")).Single(s => s.Name == name).Id;
        await SubmitAsync(hers, $"/servers/{id}/settings", "server", ("Input.Name", name), ("Input.Description", "Bees & more"), ("Input.IsDiscoverable", "true"));
        Assert.Contains("Bees & more", await ReadAsync(his, $"/discover?q={name}"), StringComparison.Ordinal);
        await SubmitAsync(his, $"/discover?q={name}", $"join-{id}");
        Assert.Contains("Leave", await ReadAsync(his, $"/servers/{id}/settings/leave"), StringComparison.Ordinal);
        await SubmitAsync(his, $"/servers/{id}/settings/leave", "leave");
        Assert.Equal(1, (await ann.ServerAsync(id)).Members);

        // Not a member: it is not there.
        using (var gone = await his.GetAsync($"/servers/{id}/settings"))
        {
            Assert.Equal(HttpStatusCode.NotFound, gone.StatusCode);
        }

        Assert.Contains(name, await SubmitAsync(hers, $"/servers/{id}/settings/leave", "delete"), StringComparison.Ordinal);
        await SubmitAsync(hers, "/servers/new", $"restore-{id}");
        Assert.Equal(name, (await ann.ServerAsync(id)).Server.Name);
    }

    private async Task<HttpClient> SignedInAsync(Person person)
    {
        await (await app.App).ResourceNotifications.WaitForResourceHealthyAsync("web", TestContext.Current.CancellationToken);
        var browser = new HttpClient(new HttpClientHandler { CookieContainer = new CookieContainer() }) { BaseAddress = await app.AddressOfAsync("web") };
        await SubmitAsync(browser, "/sign-in", "sign-in", ("Input.Email", person.Account.Email), ("Input.Password", Person.Password));
        return browser;
    }

    private static async Task<string> ReadAsync(HttpClient browser, string path)
    {
        using var response = await browser.GetAsync(path);
        Assert.True(response.IsSuccessStatusCode, $"{path} answered {(int)response.StatusCode}");
        return WebUtility.HtmlDecode(await response.Content.ReadAsStringAsync());
    }

    private static async Task<string> SubmitAsync(HttpClient browser, string path, string form, params (string Name, string Value)[] fields)
    {
        var page = await ReadAsync(browser, path);
        Assert.Contains($"value=\"{form}\"", page, StringComparison.Ordinal);
        using var content = new MultipartFormDataContent();
        foreach (var (name, value) in fields.Append(("_handler", form)).Append(("__RequestVerificationToken", AntiforgeryToken().Match(page).Groups[1].Value)))
        {
            content.Add(new StringContent(value), name);
        }

        using var response = await browser.PostAsync(path, content);
        Assert.True(response.IsSuccessStatusCode, $"{path} answered {(int)response.StatusCode}");
        return WebUtility.HtmlDecode(await response.Content.ReadAsStringAsync());
    }

    [GeneratedRegex("name=\"__RequestVerificationToken\" value=\"([^\"]+)\"")]
    private static partial Regex AntiforgeryToken();

    [GeneratedRegex("/invite/([A-Za-z0-9_-]{22})<")]
    private static partial Regex Link();
}
