using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace ChatSphere.Journeys;

/// <summary>An administrator finds somebody and disables them; the page that they had open is of no use from then on.</summary>
public sealed class DisablingSomebodyJourney(RunningSystem system)
{
    [Fact]
    public async Task Who_is_disabled_is_signed_out_within_seconds()
    {
        await using var browser = await system.BrowserAsync();
        var web = await system.WebAsync();
        Assert.NotNull(system.SetupToken);
        var administrator = await browser.NewPageAsync();
        await RegisterAsync(administrator, web, "Ada Administering", $"{Guid.NewGuid():n}@example.com");
        await administrator.GotoAsync(new Uri(web, "/setup").ToString());
        await administrator.GetByLabel("Setup token").FillAsync(system.SetupToken);
        await administrator.GetByRole(AriaRole.Button, new() { Name = "Continue" }).ClickAsync();
        await Expect(administrator).ToHaveURLAsync(new Uri(web, "/admin/users").ToString());

        var person = await browser.NewPageAsync();
        var email = $"{Guid.NewGuid():n}@example.com";
        await RegisterAsync(person, web, "Pat Leaving", email);

        await administrator.GetByLabel("Name or e-mail begins with").FillAsync(email);
        await administrator.GetByRole(AriaRole.Button, new() { Name = "Search" }).ClickAsync();
        await administrator.GetByRole(AriaRole.Link, new() { Name = "Pat Leaving" }).ClickAsync();
        await administrator.GetByRole(AriaRole.Button, new() { Name = "Disable…" }).ClickAsync();
        await administrator.GetByLabel("Reason, for the audit log").FillAsync("Has left the company");
        await administrator.GetByRole(AriaRole.Button, new() { Name = "Disable account" }).ClickAsync();
        await Expect(administrator.GetByRole(AriaRole.Heading, new() { Name = "This account is disabled" })).ToBeVisibleAsync();

        await person.GetByRole(AriaRole.Link, new() { Name = "Create a bot" }).First.ClickAsync();

        // A node that did not do it itself hears of it within three seconds; until then a click may still get through.
        for (var clicks = 0; clicks < 100 && !person.Url.Contains("/sign-in", StringComparison.Ordinal); clicks++)
        {
            await person.GotoAsync(new Uri(web, "/bots/new").ToString());
        }

        await Expect(person).ToHaveURLAsync(new System.Text.RegularExpressions.Regex("/sign-in"));
    }

    private static async Task RegisterAsync(IPage page, Uri web, string name, string email)
    {
        await page.GotoAsync(new Uri(web, "/register").ToString());
        await page.GetByLabel("Your name").FillAsync(name);
        await page.GetByLabel("E-mail").FillAsync(email);
        await page.GetByLabel("Password").FillAsync("a horse of another colour");
        await page.GetByRole(AriaRole.Button, new() { Name = "Create account" }).ClickAsync();
        await Expect(page).ToHaveURLAsync(new Uri(web, "/bots").ToString());
    }
}
