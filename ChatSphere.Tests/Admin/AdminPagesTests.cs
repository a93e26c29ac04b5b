using System.Net;
using System.Text;
using System.Text.RegularExpressions;
using ChatSphere.Contracts.Admin;
using ChatSphere.Tests.Infrastructure;

namespace ChatSphere.Tests.Admin;

/// <summary>The administrator's pages as a browser without scripts sees them.</summary>
public sealed partial class AdminPagesTests(ChatSphereApp app)
{
    [Fact]
    public async Task A_file_is_tried_first_and_then_brought_in()
    {
        using var browser = await SignedInAsync(await app.AdministratorAsync());
        var email = $"{Guid.NewGuid():n}@example.com";
        var file = $"email,displayName\n{email},Ines Imported\nno address,Nobody\n";
        var tried = await SubmitAsync(browser, "/admin/users", await ReadAsync(browser, "/admin/users"), "import", file, ("dryRun", "1"));
        Assert.Contains("1 created, 0 updated, 0 unchanged, 1 failed", tried, StringComparison.Ordinal);
        Assert.Contains("Line 3", tried, StringComparison.Ordinal);
        Assert.Contains("Nobody is found", await ReadAsync(browser, $"/admin/users?q={email}"), StringComparison.Ordinal);
        var done = await SubmitAsync(browser, "/admin/users", tried, "import", file);
        Assert.Contains("Done: 1 created", done, StringComparison.Ordinal);
        Assert.Contains("Ines Imported", await ReadAsync(browser, $"/admin/users?q={email}"), StringComparison.Ordinal);
        var wrong = await SubmitAsync(browser, "/admin/users", done, "import", "name\nIda\n");
        Assert.Contains("The first line names the columns", wrong, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_group_is_renamed_filled_given_a_role_and_deleted()
    {
        var administrator = await app.AdministratorAsync();
        var ann = await app.SomebodyAsync("Ann of the group");
        using var browser = await SignedInAsync(administrator);
        var group = await (await administrator.PostAsync("/v1/groups", new CreateGroupRequest($"Before {Guid.NewGuid():n}"))).ReadAsync<GroupResponse>();
        var path = $"/admin/groups/{group.Id}";
        var name = $"After {Guid.NewGuid():n}";
        Assert.Contains(name, await SubmitAsync(browser, path, await ReadAsync(browser, path), "group", null, ("Input.Name", name), ("Input.Description", "Sailors")), StringComparison.Ordinal);
        var search = $"{path}?q={ann.Account.Email}";
        var filled = await SubmitAsync(browser, search, await ReadAsync(browser, search), $"add-{ann.Account.Id}");
        Assert.Contains($"remove-{ann.Account.Id}", filled, StringComparison.Ordinal);
        var guest = (await administrator.GetAsync<RoleResponse[]>("/v1/roles")).Single(r => r.Name == "guest");
        var given = await SubmitAsync(browser, path, filled, "roles", null, ("role", guest.Id.ToString()));
        Assert.Equal(guest.Id, Assert.Single((await administrator.GetAsync<GroupResponse>($"/v1/groups/{group.Id}")).Roles).Id);
        Assert.Contains("Nobody is in this group", await SubmitAsync(browser, path, given, $"remove-{ann.Account.Id}"), StringComparison.Ordinal);
        Assert.DoesNotContain(name, await SubmitAsync(browser, path, given, "delete"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_service_account_gets_a_key_with_chosen_scopes_that_is_shown_once_and_revoked()
    {
        var administrator = await app.AdministratorAsync();
        using var browser = await SignedInAsync(administrator);
        var member = (await administrator.GetAsync<RoleResponse[]>("/v1/roles")).Single(r => r.Name == "member");
        var account = await (await administrator.PostAsync("/v1/service-accounts", new CreateServiceAccountRequest("Night watch", [member.Id]))).ReadAsync<ServiceAccountResponse>();
        var path = $"/admin/service-accounts/{account.Id}";
        var made = await SubmitAsync(browser, path, await ReadAsync(browser, path), "key", null, ("Key.Name", "Lantern"), ("Key.Days", "30"), ("scope", "bots.read"));
        Assert.Contains("data-key", made, StringComparison.Ordinal);
        var listed = await ReadAsync(browser, path);
        Assert.DoesNotContain("data-key", listed, StringComparison.Ordinal);
        Assert.Matches("Lantern<small>bots.read</small><small>Never used · works until", listed);
        var none = await SubmitAsync(browser, path, made, "key", null, ("Key.Name", "Nothing"), ("Key.Days", "30"));
        Assert.DoesNotContain("data-key", none, StringComparison.Ordinal);
        var revoke = RevokeForm().Match(listed).Value;
        Assert.Contains("It has no keys", await SubmitAsync(browser, path, listed, revoke), StringComparison.Ordinal);
        Assert.Contains("This account is disabled", await SubmitAsync(browser, path, listed, "disable"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_rule_for_what_is_with_a_bot_is_looked_at_saved_and_taken_away()
    {
        const string path = "/admin/privacy";
        var ann = await app.SomebodyAsync();
        var bot = await ann.HasBotAsync();
        using var browser = await SignedInAsync(await app.AdministratorAsync());
        (string, string)[] fields = [("Retained", "Conversations"), ("Place", "bot"), ("PlaceId", bot.Id.ToString()), ("Days", "3000")];
        var page = await ReadAsync(browser, path);
        var unknown = await SubmitAsync(browser, path, page, "place", null, ("Act", "save"), ("Retained", "Documents"), ("Place", "group"), ("PlaceId", bot.Id.ToString()), ("Days", "3000"));
        Assert.Contains("There is no such group.", unknown, StringComparison.Ordinal);
        var preview = await SubmitAsync(browser, path, page, "place", null, [("Act", "preview"), .. fields]);
        Assert.Contains($"With 3000 days, 0 conversations of the bot {bot.Id} would be deleted now", preview, StringComparison.Ordinal);
        var rule = $"rule-Conversations-{bot.Id}";
        Assert.DoesNotContain(rule, preview, StringComparison.Ordinal);
        var saved = await SubmitAsync(browser, path, preview, "place", null, [("Act", "save"), .. fields]);
        Assert.Contains(rule, saved, StringComparison.Ordinal);
        Assert.Contains($"Conversations of the bot {bot.Name}<small>3000 days</small>", saved, StringComparison.Ordinal);
        Assert.DoesNotContain(rule, await SubmitAsync(browser, path, saved, rule, null, ("Act", "save"), ("Days", "")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_program_that_does_not_answer_is_refused_and_what_was_typed_stays_but_for_its_secrets()
    {
        using var browser = await SignedInAsync(await app.AdministratorAsync());
        var page = await ReadAsync(browser, "/admin/tools");
        (string, string)[] fields = [("Input.Name", "Nothing much"), ("Input.Command", "/bin/false"), ("Input.Arguments", "--quiet\n--once"), ("variable", "TOKEN"), ("value", "a-secret-of-ours"), ("variable", ""), ("value", "")];
        var refused = await SubmitAsync(browser, "/admin/tools", page, "add", null, fields);
        Assert.Contains("The program cannot be started, or ended, or does not speak MCP.", refused, StringComparison.Ordinal);
        Assert.Contains("value=\"Nothing much\"", refused, StringComparison.Ordinal);
        Assert.Contains("value=\"TOKEN\"", refused, StringComparison.Ordinal);
        Assert.DoesNotContain("a-secret-of-ours", refused, StringComparison.Ordinal);
        var twice = await SubmitAsync(browser, "/admin/tools", page, "add", null, [.. fields[..5], ("variable", "TOKEN"), ("value", "x")]);
        Assert.Contains("this one is there twice", twice, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Somebody_reads_what_happened_to_their_account()
    {
        var ann = await app.SomebodyAsync();
        using var browser = await SignedInAsync(ann);
        var page = await ReadAsync(browser, "/settings/sessions");
        Assert.Contains("Recent security events", page, StringComparison.Ordinal);
        Assert.Matches("data-event=\"account.signed_in\"", page);
        Assert.Contains("signed in<small>", page, StringComparison.Ordinal);
    }

    private async Task<HttpClient> SignedInAsync(Person person)
    {
        await (await app.App).ResourceNotifications.WaitForResourceHealthyAsync("web", TestContext.Current.CancellationToken);
        var browser = new HttpClient(new HttpClientHandler { CookieContainer = new CookieContainer() }) { BaseAddress = await app.AddressOfAsync("web") };
        await SubmitAsync(browser, "/sign-in", await ReadAsync(browser, "/sign-in"), "sign-in", null, ("Input.Email", person.Account.Email), ("Input.Password", Person.Password));
        return browser;
    }

    private static async Task<string> ReadAsync(HttpClient browser, string path)
    {
        using var response = await browser.GetAsync(path);
        var page = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, $"{path} answered {(int)response.StatusCode}");
        return WebUtility.HtmlDecode(page);
    }

    private static async Task<string> SubmitAsync(HttpClient browser, string path, string page, string form, string? file = null, params (string Name, string Value)[] fields)
    {
        var token = AntiforgeryToken().Match(page);
        Assert.True(token.Success, $"{path} has no form.");
        Assert.Contains($"value=\"{form}\"", page, StringComparison.Ordinal);
        using var content = new MultipartFormDataContent();
        foreach (var (name, value) in fields.Append(("_handler", form)).Append(("__RequestVerificationToken", token.Groups[1].Value)))
        {
            content.Add(new StringContent(value), name);
        }

        if (file is not null)
        {
            content.Add(new ByteArrayContent(Encoding.UTF8.GetBytes(file)), "File", "people.csv");
        }

        using var response = await browser.PostAsync(path, content);
        var answer = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, $"{path} answered {(int)response.StatusCode}");
        return WebUtility.HtmlDecode(answer);
    }

    [GeneratedRegex("name=\"__RequestVerificationToken\" value=\"([^\"]+)\"")]
    private static partial Regex AntiforgeryToken();

    [GeneratedRegex("revoke-[0-9a-f-]{36}")]
    private static partial Regex RevokeForm();
}
