using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace ChatSphere.Journeys;

/// <summary>Two people: one has a bot that knows something, the other may ask it and no more.</summary>
public sealed class SharingABotJourney(RunningSystem system)
{
    [Fact]
    public async Task Ann_shares_a_bot_with_Bob_who_asks_it_and_cannot_change_it()
    {
        await using var browser = await system.BrowserAsync();
        var web = await system.WebAsync();
        var (ann, _) = await RegisterAsync(browser, web, "Ann Berg");
        var (bob, address) = await RegisterAsync(browser, web, "Bob Dahl");

        await ann.GotoAsync(new Uri(web, "/bots/new").ToString());
        await ann.GetByLabel("Name").FillAsync("Harbour guide");
        await ann.GetByLabel("Model", new() { Exact = true }).SelectOptionAsync(new SelectOptionValue { Value = "mock-cite" });
        await ann.GetByRole(AriaRole.Button, new() { Name = "Create bot" }).ClickAsync();
        await Expect(ann.Locator(".drop[data-attached]")).ToBeVisibleAsync();
        await ann.Locator(".drop input[type=file]").SetInputFilesAsync(new FilePayload
        {
            Name = "Harbour.md", MimeType = "text/markdown", Buffer = "# Harbour\n\nThe evening ferry to Skagen leaves at a quarter past nine from pier four.\n"u8.ToArray(),
        });
        await Expect(ann.Locator("[data-document][data-status=ready]")).ToBeVisibleAsync(new() { Timeout = 90_000 });

        await ann.GetByRole(AriaRole.Link, new() { Name = "Edit bot" }).ClickAsync();
        await ann.GetByRole(AriaRole.Link, new() { Name = "Sharing", Exact = true }).ClickAsync();
        await ann.GetByLabel("Their e-mail").FillAsync("nobody-at-all@example.com");
        await ann.GetByRole(AriaRole.Button, new() { Name = "Share" }).First.ClickAsync();
        await Expect(ann.Locator("#email-error")).ToBeVisibleAsync();
        await ann.GetByLabel("Their e-mail").FillAsync(address);
        await ann.GetByRole(AriaRole.Button, new() { Name = "Share" }).First.ClickAsync();
        await Expect(ann.Locator(".rows")).ToContainTextAsync("Bob Dahl");
        await KeepAsync(ann, "share");

        await bob.GotoAsync(new Uri(web, "/bots").ToString());
        await Expect(bob.Locator(".card")).ToContainTextAsync("Shared by Ann Berg");
        await KeepAsync(bob, "shared-bots");
        await bob.GetByRole(AriaRole.Link, new() { Name = "Harbour guide", Exact = true }).ClickAsync();
        var question = bob.GetByLabel("Your question");
        await question.FillAsync("When does the evening ferry to Skagen leave?");
        await question.PressAsync("Enter");
        var answer = bob.Locator("article.answer").First;
        await Expect(answer).ToHaveAttributeAsync("data-status", "complete", new() { Timeout = 90_000 });
        await answer.Locator(".prose button.cite").First.ClickAsync();
        await Expect(bob.Locator("mark.quoted").First).ToContainTextAsync("quarter past nine");
        await KeepAsync(bob, "shared-answer");

        // He sees whose it is, and nothing to change it with.
        await bob.GotoAsync(ann.Url[..ann.Url.IndexOf("/share", StringComparison.Ordinal)]);
        await Expect(bob.GetByText("Ann Berg shares this bot with you.")).ToBeVisibleAsync();
        await Expect(bob.GetByLabel("Instructions")).ToHaveCountAsync(0);
        await Expect(bob.GetByRole(AriaRole.Button, new() { Name = "Save" })).ToHaveCountAsync(0);
        await KeepAsync(bob, "shared-about");
    }

    [Fact]
    public async Task Ann_shows_who_she_is_and_becomes_friends_with_Bob()
    {
        await using var browser = await system.BrowserAsync();
        var web = await system.WebAsync();
        var (ann, _) = await RegisterAsync(browser, web, "Ann Berg");
        var (bob, _) = await RegisterAsync(browser, web, "Bob Dahl");
        var handle = "ann." + Guid.NewGuid().ToString("n")[..8];

        await ann.GotoAsync(new Uri(web, "/settings/profile").ToString());
        await ann.GetByLabel("Handle").FillAsync("admin");
        await ann.GetByRole(AriaRole.Button, new() { Name = "Save profile" }).ClickAsync();
        await Expect(ann.Locator("#handle-error")).ToBeVisibleAsync();
        await ann.GetByLabel("Handle").FillAsync(handle);
        await ann.GetByLabel("What you are up to").FillAsync("On the pier");
        await ann.GetByRole(AriaRole.Button, new() { Name = "Save profile" }).ClickAsync();
        await Expect(ann.GetByRole(AriaRole.Status)).ToContainTextAsync("Saved.");
        await Expect(ann.GetByLabel("Handle")).ToHaveValueAsync(handle);

        await ann.GetByLabel("Choose a picture").SetInputFilesAsync(new FilePayload { Name = "notes.png", MimeType = "image/png", Buffer = "<svg/>"u8.ToArray() });
        await ann.GetByRole(AriaRole.Button, new() { Name = "Use this picture" }).ClickAsync();
        await Expect(ann.Locator("#picture-error")).ToBeVisibleAsync();
        await ann.GetByLabel("Choose a picture").SetInputFilesAsync(new FilePayload { Name = "me.png", MimeType = "image/png", Buffer = await ann.Locator(".brand").ScreenshotAsync() });
        await Expect(ann.Locator("[data-picture-preview]")).ToBeVisibleAsync();
        await ann.GetByRole(AriaRole.Button, new() { Name = "Use this picture" }).ClickAsync();
        await Expect(ann.Locator("img.avatar-large")).ToHaveJSPropertyAsync("complete", true);
        Assert.True(await ann.Locator("img.avatar-large").EvaluateAsync<int>("img => img.naturalWidth") > 20);

        await ann.GetByText("Dark", new() { Exact = true }).ClickAsync();
        await ann.GetByRole(AriaRole.Button, new() { Name = "Save preferences" }).ClickAsync();
        await Expect(ann.Locator("html")).ToHaveAttributeAsync("data-theme", "dark");
        await KeepAsync(ann, "profile");

        await bob.GotoAsync(new Uri(web, "/settings/people").ToString());
        await bob.GetByLabel("Their handle").FillAsync("@nobody.by.this.name");
        await bob.GetByRole(AriaRole.Button, new() { Name = "Ask", Exact = true }).ClickAsync();
        await Expect(bob.Locator("#handle-error")).ToBeVisibleAsync();
        await bob.GetByLabel("Their handle").FillAsync("@" + handle);
        await bob.GetByRole(AriaRole.Button, new() { Name = "Ask", Exact = true }).ClickAsync();
        await Expect(bob.Locator(".rows")).ToContainTextAsync("Ann Berg");
        await ann.GotoAsync(new Uri(web, "/settings/people").ToString());
        await KeepAsync(ann, "asked");
        await ann.GetByRole(AriaRole.Button, new() { Name = "Accept Bob Dahl" }).ClickAsync();
        await Expect(ann.GetByRole(AriaRole.Button, new() { Name = "Remove Bob Dahl" })).ToBeVisibleAsync();
        await bob.SetViewportSizeAsync(360, 740);
        await bob.ReloadAsync();
        await Expect(bob.GetByRole(AriaRole.Button, new() { Name = "Remove Ann Berg" })).ToBeVisibleAsync();
        await KeepAsync(bob, "people-narrow");
        Assert.True(await bob.EvaluateAsync<bool>("document.documentElement.scrollWidth <= innerWidth"));
    }

    private static async Task<(IPage Page, string Email)> RegisterAsync(Browser browser, Uri web, string name)
    {
        var page = await browser.NewPageAsync();
        var email = $"{Guid.NewGuid():n}@example.com";
        await page.GotoAsync(new Uri(web, "/register").ToString());
        await page.GetByLabel("Your name").FillAsync(name);
        await page.GetByLabel("E-mail").FillAsync(email);
        await page.GetByLabel("Password").FillAsync("a horse of another colour");
        await page.GetByRole(AriaRole.Button, new() { Name = "Create account" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Link, new() { Name = "Create a bot" })).ToBeVisibleAsync();
        return (page, email);
    }

    /// <summary>For people who want to look: <c>CHATSPHERE_SCREENSHOTS</c> names the folder.</summary>
    private static async Task KeepAsync(IPage page, string name)
    {
        if (Environment.GetEnvironmentVariable("CHATSPHERE_SCREENSHOTS") is { Length: > 0 } folder)
        {
            await page.ScreenshotAsync(new() { Path = Path.Combine(folder, name + ".png"), FullPage = true });
        }
    }
}
