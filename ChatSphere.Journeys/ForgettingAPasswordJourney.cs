using System.Text.RegularExpressions;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace ChatSphere.Journeys;

/// <summary>A person who has forgotten the password, and then finds a device that should not be signed in any more.</summary>
public sealed partial class ForgettingAPasswordJourney(RunningSystem system)
{
    [Fact]
    public async Task A_forgotten_password_is_set_anew_from_the_mail_and_another_device_is_signed_out()
    {
        if (Environment.GetEnvironmentVariable("CHATSPHERE_WEB") is { Length: > 0 })
        {
            Assert.Skip("The mails of a system that runs already cannot be read from here.");
        }

        await using var browser = await system.BrowserAsync();
        var web = await system.WebAsync();
        var page = await browser.NewPageAsync();
        var email = $"{Guid.NewGuid():n}@example.com";
        await page.GotoAsync(new Uri(web, "/register").ToString());
        await page.GetByLabel("Your name").FillAsync("Ada Lindqvist");
        await page.GetByLabel("E-mail").FillAsync(email);
        await page.GetByLabel("Password").FillAsync("a horse of another colour");
        await page.GetByRole(AriaRole.Button, new() { Name = "Create account" }).ClickAsync();
        await Expect(page).ToHaveURLAsync(new Uri(web, "/bots").ToString());
        await page.GetByLabel("Account").ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign out" }).ClickAsync();

        await page.GotoAsync(new Uri(web, "/sign-in").ToString());
        await page.GetByRole(AriaRole.Link, new() { Name = "Forgot your password?" }).ClickAsync();

        // Both pages have a field of this name.
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Forgot your password?" })).ToBeVisibleAsync();
        await page.GetByLabel("E-mail").FillAsync(email);
        await page.GetByRole(AriaRole.Button, new() { Name = "Send the link" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Status)).ToContainTextAsync("on its way");

        await page.GotoAsync(await LinkAsync(email));
        await page.GetByLabel("New password").FillAsync("seven blue wheelbarrows 12");
        await page.GetByRole(AriaRole.Button, new() { Name = "Set password" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Status)).ToContainTextAsync("Your new password is set");
        await SignInAsync(page, web, email);

        var elsewhere = await browser.NewPageAsync();
        await SignInAsync(elsewhere, web, email);
        await page.GotoAsync(new Uri(web, "/settings/sessions").ToString());
        await Expect(page.Locator("[data-session]")).ToHaveCountAsync(2);
        await page.Locator("[data-session]").GetByRole(AriaRole.Button).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Status)).ToContainTextAsync("Signed out");
        await Expect(page.Locator("[data-session]")).ToHaveCountAsync(1);

        // There, the next page asks to sign in again, within the seconds that it takes every node to notice.
        await HoldsAsync(async () =>
        {
            await elsewhere.GotoAsync(new Uri(web, "/bots").ToString());
            Assert.Contains("/sign-in", elsewhere.Url, StringComparison.Ordinal);
        });
    }

    private static async Task SignInAsync(IPage page, Uri web, string email)
    {
        await page.GotoAsync(new Uri(web, "/sign-in").ToString());
        await page.GetByLabel("E-mail").FillAsync(email);
        await page.GetByLabel("Password").FillAsync("seven blue wheelbarrows 12");
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign in", Exact = true }).ClickAsync();
        await Expect(page).ToHaveURLAsync(new Regex("/chat"));
    }

    private static async Task HoldsAsync(Func<Task> holds)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (true)
        {
            try
            {
                await holds();
                return;
            }
            catch (Xunit.Sdk.XunitException) when (!limit.IsCancellationRequested)
            {
            }
        }
    }

    private async Task<string> LinkAsync(string email)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (!limit.IsCancellationRequested)
        {
            foreach (var file in Directory.Exists(system.MailFolder) ? Directory.GetFiles(system.MailFolder, "*-reset_password-*.eml") : [])
            {
                var mail = await File.ReadAllTextAsync(file, limit.Token);
                if (mail.Contains(email, StringComparison.Ordinal))
                {
                    return Link().Match(mail).Value;
                }
            }

            await Task.Delay(200, limit.Token);
        }

        throw new TimeoutException("No mail came.");
    }

    [GeneratedRegex(@"http://\S+/reset-password\?token=[\w-]+")]
    private static partial Regex Link();
}
