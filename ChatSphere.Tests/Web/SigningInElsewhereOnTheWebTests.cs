using System.Net;
using System.Text.RegularExpressions;
using ChatSphere.Contracts.Accounts;
using ChatSphere.Tests.Accounts;
using ChatSphere.Tests.Infrastructure;

namespace ChatSphere.Tests.Web;

/// <summary>From the button on the page to the provider and back, as a browser goes.</summary>
public sealed partial class SigningInElsewhereOnTheWebTests(ChatSphereApp app)
{
    [Fact]
    public async Task The_button_leads_to_the_provider_and_the_answer_signs_this_browser_in_once()
    {
        var who = Elsewhere.Anybody();
        using var browser = await BrowserAsync();
        var back = await LeaveAsync(browser, "/sign-in?returnUrl=%2Fbots", "elsewhere-main", who);
        using var returned = await browser.GetAsync(back);
        Assert.Equal("/bots", Path(returned));
        Assert.Contains(who.Email!, await browser.GetStringAsync("/bots"), StringComparison.Ordinal);

        using var again = await browser.GetAsync(back);
        Assert.Contains("completed already", await again.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_answer_that_somebody_else_is_made_to_open_signs_nobody_in()
    {
        using var eve = await BrowserAsync();
        var back = await LeaveAsync(eve, "/sign-in", "elsewhere-main", Elsewhere.Anybody());
        using var victim = await BrowserAsync();
        using var opened = await victim.GetAsync(back);
        Assert.DoesNotContain(opened.Headers.TryGetValues("Set-Cookie", out var cookies) ? cookies : [], c => c.StartsWith("chatsphere=", StringComparison.Ordinal));
        Assert.Contains("begun elsewhere", await opened.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task People_are_taken_back_to_this_site_only()
    {
        using var browser = await BrowserAsync();
        using var returned = await browser.GetAsync(await LeaveAsync(browser, "/sign-in?returnUrl=%2F%2Fevil.example%2F", "elsewhere-main", Elsewhere.Anybody()));
        Assert.Equal("/chat", Path(returned));
    }

    [Fact]
    public async Task The_owner_links_in_the_settings_and_the_second_step_is_asked_for_after_signing_in_there()
    {
        var ann = await app.SomebodyAsync();
        var who = Elsewhere.Anybody();
        using var browser = await BrowserAsync();
        using var page = await browser.GetAsync("/sign-in");
        using var signedIn = await PostAsync(browser, "/sign-in", await page.Content.ReadAsStringAsync(), "sign-in", ("Input.Email", ann.Account.Email), ("Input.Password", Person.Password));
        Assert.Equal(HttpStatusCode.Redirect, signedIn.StatusCode);
        using var linked = await browser.GetAsync(await LeaveAsync(browser, "/settings/security", "link-main", who));
        Assert.Equal("/settings/security", Path(linked));
        Assert.Equal([new LinkedAccountResponse("main", "Main Street")], await ann.GetAsync<List<LinkedAccountResponse>>("/v1/accounts/me/external"));

        var (phone, _) = await ann.HasAppAsync();
        using var another = await BrowserAsync();
        using var returned = await another.GetAsync(await LeaveAsync(another, "/sign-in", "elsewhere-main", who));
        Assert.Equal("/sign-in/second-step", Path(returned));
        var step = await another.GetStringAsync("/sign-in/second-step");
        using var wrong = await PostAsync(another, "/sign-in/second-step", step, "code", ("Code.Text", phone.Wrong()));
        Assert.Contains("That code is wrong", await wrong.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        using var right = await PostAsync(another, "/sign-in/second-step", step, "code", ("Code.Text", phone.Next()));
        Assert.Equal("/chat", Path(right));
    }

    private async Task<HttpClient> BrowserAsync()
    {
        var system = await app.App;
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        await system.ResourceNotifications.WaitForResourceHealthyAsync("web", limit.Token);
        return new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, CookieContainer = new CookieContainer() }) { BaseAddress = await app.AddressOfAsync("web") };
    }

    /// <summary>Presses the button and signs in at the provider; where the provider sends the browser back to.</summary>
    private async Task<Uri> LeaveAsync(HttpClient browser, string path, string form, Elsewhere who)
    {
        using var pressed = await PostAsync(browser, path, await browser.GetStringAsync(path), form);
        var link = Leaving().Match(await pressed.Content.ReadAsStringAsync());
        Assert.True(link.Success, "There is no link to the provider.");
        return await (await app.Elsewhere).VisitAsync(WebUtility.HtmlDecode(link.Groups[1].Value), who);
    }

    private static Task<HttpResponseMessage> PostAsync(HttpClient browser, string path, string page, string form, params (string Name, string Value)[] fields) => browser.PostAsync(path, new FormUrlEncodedContent(
        [new("_handler", form), new("__RequestVerificationToken", Token().Match(page).Groups[1].Value), .. fields.Select(f => KeyValuePair.Create(f.Name, f.Value))]));

    private static string? Path(HttpResponseMessage response) => response.Headers.Location is { } to ? to.IsAbsoluteUri ? to.AbsolutePath : to.OriginalString : null;

    [GeneratedRegex("""data-leave[^>]*href="([^"]+)""")]
    private static partial Regex Leaving();

    [GeneratedRegex("""name="__RequestVerificationToken" value="([^"]+)""")]
    private static partial Regex Token();
}
