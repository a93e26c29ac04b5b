using System.Net;
using System.Text.RegularExpressions;
using ChatSphere.Contracts.Plans;
using ChatSphere.Tests.Infrastructure;

namespace ChatSphere.Tests.Plans;

/// <summary>The pages as a browser without scripts sees them.</summary>
public sealed partial class PlanPagesTests(ChatSphereApp app)
{
    [Fact]
    public async Task People_see_what_they_use_and_are_told_where_to_pay()
    {
        var ann = await app.SomebodyAsync();
        await ann.HasBotAsync();
        using var browser = await SignedInAsync(ann);
        var page = await ReadAsync(browser, "/settings/plan");
        Assert.Contains(ann.Account.Id.ToString(), page, StringComparison.Ordinal);
        Assert.Matches(@"1\s+of 20", page);
        Assert.Contains("Change to Pro?", page, StringComparison.Ordinal);
        var answer = await SubmitAsync(browser, "/settings/plan", page, "choose-pro");
        Assert.Contains($"https://pay.example/pro/{ann.Account.Id}", answer, StringComparison.Ordinal);
        Assert.Contains("It begins when it is paid", answer, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task Somebody_at_a_limit_is_told_which_and_led_to_the_plan()
    {
        var ann = await app.SomebodyWithAsync(new PlanLimits(Bots: 1));
        await ann.HasBotAsync();
        using var browser = await SignedInAsync(ann);
        var answer = await SubmitAsync(browser, "/bots/new", await ReadAsync(browser, "/bots/new"), "bot", ("Input.Name", "Second"), ("Input.Instructions", ""));
        Assert.Contains("allows 1 bot, and you have 1", answer, StringComparison.Ordinal);
        Assert.Contains("href=\"/settings/plan\"", answer, StringComparison.Ordinal);
        Assert.Matches("used up", await ReadAsync(browser, "/settings/plan"));
    }

    [Fact]
    public async Task A_planned_change_is_shown_and_taken_back()
    {
        var ann = await app.SomebodyAsync();
        var now = TimeProvider.System.GetUtcNow();
        await app.WebhookAsync(Planning.Message("subscription.created", ann.Account.Id, "team", now.AddDays(30), now.AddSeconds(-5))).TakenAsync();
        using var browser = await SignedInAsync(ann);
        var planned = await SubmitAsync(browser, "/settings/plan", await ReadAsync(browser, "/settings/plan"), "choose-free");
        Assert.Contains("Then you have Free", planned, StringComparison.Ordinal);
        var kept = await SubmitAsync(browser, "/settings/plan", planned, "keep");
        Assert.Contains("Your plan goes on", kept, StringComparison.Ordinal);
        Assert.Null((await ann.SubscriptionAsync()).Pending);

        // Seats are given by account number.
        var bob = await app.SomebodyAsync("Bob of the harbour");
        Assert.Contains("no account number", await SubmitAsync(browser, "/settings/plan", kept, "give", ("Input.Person", "bob@example.com")), StringComparison.Ordinal);
        Assert.Contains("Bob of the harbour", await SubmitAsync(browser, "/settings/plan", kept, "give", ("Input.Person", bob.Account.Id.ToString())), StringComparison.Ordinal);
        Assert.Equal(PlanSource.Seat, (await bob.SubscriptionAsync()).Source);
    }

    [Fact]
    public async Task An_administrator_makes_a_plan_changes_it_and_gives_it_to_somebody()
    {
        var administrator = await app.AdministratorAsync();
        var ann = await app.SomebodyAsync();
        using var browser = await SignedInAsync(administrator);
        var key = $"web-{Guid.NewGuid():n}"[..20];
        var made = await SubmitAsync(browser, "/admin/plans/new", await ReadAsync(browser, "/admin/plans/new"), "plan",
            ("Input.Key", key), ("Input.Name", "Harbour"), ("Input.Bots", "3"), ("Input.Gigabytes", "1.5"), ("Input.Currency", "EUR"), ("Input.AllModels", "true"));
        Assert.Contains(key, made, StringComparison.Ordinal);
        var plan = (await administrator.GetAsync<PlanResponse[]>("/v1/plans")).Single(p => p.Key == key);
        Assert.Equal((3, 3L << 29, null, null), (plan.Limits.Bots, plan.Limits.StorageBytes, plan.Limits.MessagesPerDay, plan.Limits.Models));
        var edit = await ReadAsync(browser, $"/admin/plans/{plan.Id}");
        Assert.Contains("value=\"1.5\"", edit, StringComparison.Ordinal);
        var list = await SubmitAsync(browser, "/admin/plans", await ReadAsync(browser, "/admin/plans"), "assign", ("Input.Email", ann.Account.Email), ("Input.PlanKey", key));
        Assert.Contains("The plan is theirs", list, StringComparison.Ordinal);
        Assert.Equal(key, (await ann.SubscriptionAsync()).Plan.Key);
        Assert.Contains("Nobody here has this e-mail", await SubmitAsync(browser, "/admin/plans", list, "assign", ("Input.Email", $"{Guid.NewGuid():n}@example.com"), ("Input.PlanKey", key)), StringComparison.Ordinal);
    }

    private async Task<HttpClient> SignedInAsync(Person person)
    {
        await (await app.App).ResourceNotifications.WaitForResourceHealthyAsync("web", TestContext.Current.CancellationToken);
        var browser = new HttpClient(new HttpClientHandler { CookieContainer = new CookieContainer() }) { BaseAddress = await app.AddressOfAsync("web") };
        await SubmitAsync(browser, "/sign-in", await ReadAsync(browser, "/sign-in"), "sign-in", ("Input.Email", person.Account.Email), ("Input.Password", Person.Password));
        return browser;
    }

    private static async Task<string> ReadAsync(HttpClient browser, string path)
    {
        using var response = await browser.GetAsync(path);
        var page = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, $"{path} answered {(int)response.StatusCode}");
        return WebUtility.HtmlDecode(page);
    }

    private static async Task<string> SubmitAsync(HttpClient browser, string path, string page, string form, params (string Name, string Value)[] fields)
    {
        var token = AntiforgeryToken().Match(page);
        Assert.True(token.Success, $"{path} has no form.");
        Assert.Contains($"value=\"{form}\"", page, StringComparison.Ordinal);
        using var content = new FormUrlEncodedContent(
            [new("_handler", form), new("__RequestVerificationToken", token.Groups[1].Value), .. fields.Select(f => KeyValuePair.Create(f.Name, f.Value))]);
        using var response = await browser.PostAsync(path, content);
        var answer = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, $"{path} answered {(int)response.StatusCode}");
        return WebUtility.HtmlDecode(answer);
    }

    [GeneratedRegex("name=\"__RequestVerificationToken\" value=\"([^\"]+)\"")]
    private static partial Regex AntiforgeryToken();
}
