using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace ChatSphere.Journeys;

/// <summary>With Chromium's virtual authenticator: a real browser's WebAuthn from the button in the settings to the next sign-in.</summary>
public sealed class SigningInWithAPasskeyJourney(RunningSystem system)
{
    [Fact]
    public async Task A_person_adds_a_passkey_signs_out_and_signs_in_with_it()
    {
        await using var browser = await Browser.OpenAsync(TestContext.Current.CancellationToken);
        var web = await system.WebAsync();
        var page = await browser.NewPageAsync();
        var complaints = new List<string>();
        page.PageError += (_, error) => complaints.Add(error);
        page.Console += (_, message) =>
        {
            if (message.Type == "error")
            {
                complaints.Add(message.Text);
            }
        };
        var devTools = await page.Context.NewCDPSessionAsync(page);
        await devTools.SendAsync("WebAuthn.enable");
        await devTools.SendAsync("WebAuthn.addVirtualAuthenticator", new Dictionary<string, object>
        {
            ["options"] = new Dictionary<string, object>
            {
                ["protocol"] = "ctap2", ["transport"] = "internal", ["hasResidentKey"] = true, ["hasUserVerification"] = true, ["isUserVerified"] = true, ["automaticPresenceSimulation"] = true,
            },
        });

        await page.GotoAsync(new Uri(web, "/register").ToString());
        await page.GetByLabel("Your name").FillAsync("Ada Lindqvist");
        await page.GetByLabel("E-mail").FillAsync($"{Guid.NewGuid():n}@example.com");
        await page.GetByLabel("Password").FillAsync("a horse of another colour");
        await page.GetByRole(AriaRole.Button, new() { Name = "Create account" }).ClickAsync();
        await Expect(page.GetByLabel("Account", new() { Exact = true })).ToBeVisibleAsync();

        await page.GotoAsync(new Uri(web, "/settings/security").ToString());
        await page.GetByLabel("Name for a new passkey").FillAsync("Virtual key");
        await page.GetByRole(AriaRole.Button, new() { Name = "Add a passkey" }).ClickAsync();
        var row = page.GetByRole(AriaRole.Listitem).Filter(new() { HasText = "Virtual key" });
        await Expect(row).ToContainTextAsync("not used yet");

        await page.GetByLabel("Account", new() { Exact = true }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign out" }).ClickAsync();
        await page.GotoAsync(new Uri(web, "/sign-in?returnUrl=%2Fsettings%2Fsecurity").ToString());
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign in with a passkey" }).ClickAsync();

        await Expect(page).ToHaveURLAsync(new Uri(web, "/settings/security").ToString());
        await Expect(row).ToContainTextAsync("last used");
        Assert.Empty(complaints);
    }
}
