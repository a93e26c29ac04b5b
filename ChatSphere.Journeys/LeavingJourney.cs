using System.IO.Compression;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace ChatSphere.Journeys;

/// <summary>A person takes everything along, and leaves.</summary>
public sealed class LeavingJourney(RunningSystem system)
{
    [Fact]
    public async Task A_person_downloads_everything_deletes_the_account_and_cannot_come_back()
    {
        await using var browser = await system.BrowserAsync();
        var web = await system.WebAsync();
        var page = await browser.NewPageAsync();
        var email = $"{Guid.NewGuid():n}@example.com";
        await page.GotoAsync(new Uri(web, "/register").ToString());
        await page.GetByLabel("Your name").FillAsync("Ida Leaving");
        await page.GetByLabel("E-mail").FillAsync(email);
        await page.GetByLabel("Password").FillAsync("a horse of another colour");
        await page.GetByRole(AriaRole.Button, new() { Name = "Create account" }).ClickAsync();
        await Expect(page).ToHaveURLAsync(new Uri(web, "/bots").ToString());

        await page.GotoAsync(new Uri(web, "/settings/privacy").ToString());
        await page.GetByRole(AriaRole.Button, new() { Name = "Make a copy" }).ClickAsync();
        var export = page.Locator("[data-export]").First;
        await Expect(export).ToHaveAttributeAsync("data-status", "ready", new() { Timeout = 60_000 });
        var download = await page.RunAndWaitForDownloadAsync(() => export.GetByRole(AriaRole.Link, new() { Name = "Download" }).ClickAsync());
        await using (var file = File.OpenRead(await download.PathAsync()))
        {
            await using var zip = new ZipArchive(file);
            Assert.Contains(zip.Entries, e => e.FullName == "README.txt");
            using var account = new StreamReader(await zip.GetEntry("accounts/account.json")!.OpenAsync(TestContext.Current.CancellationToken));
            Assert.Contains(email, await account.ReadToEndAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
        }

        await KeepAsync(page, "privacy");
        await page.GetByRole(AriaRole.Button, new() { Name = "Delete account…" }).ClickAsync();
        await page.GetByLabel("Type your e-mail to confirm").FillAsync(email);
        await KeepAsync(page, "delete-account");
        await page.GetByRole(AriaRole.Button, new() { Name = "Delete my account" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Your account is being deleted" })).ToBeVisibleAsync();
        await KeepAsync(page, "goodbye");

        await page.GotoAsync(new Uri(web, "/sign-in").ToString());
        await page.GetByLabel("E-mail").FillAsync(email);
        await page.GetByLabel("Password").FillAsync("a horse of another colour");
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign in", Exact = true }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("do not match");
    }

    private static async Task KeepAsync(IPage page, string name)
    {
        if (Environment.GetEnvironmentVariable("CHATSPHERE_SCREENSHOTS") is { Length: > 0 } folder)
        {
            await page.ScreenshotAsync(new() { Path = Path.Combine(folder, name + ".png"), FullPage = true });
        }
    }
}
