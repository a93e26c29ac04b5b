using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace ChatSphere.Journeys;

/// <summary>With Chromium's virtual authenticator: a real browser's WebAuthn from the button in the settings to the next sign-in.</summary>
public sealed class SigningInWithAPasskeyJourney(RunningSystem system)
{
    [Fact]
    public async Task A_person_adds_a_passkey_signs_out_and_signs_in_with_it()
    {
        await using var browser = await system.BrowserAsync();
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
        await KeepAsync(page, "security");

        await page.GetByLabel("Account", new() { Exact = true }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign out" }).ClickAsync();
        await page.GotoAsync(new Uri(web, "/sign-in?returnUrl=%2Fsettings%2Fsecurity").ToString());
        await KeepAsync(page, "sign-in");
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign in with a passkey" }).ClickAsync();

        await Expect(page).ToHaveURLAsync(new Uri(web, "/settings/security").ToString());
        await Expect(row).ToContainTextAsync("last used");
        Assert.Empty(complaints);
    }

    [Fact]
    public async Task A_person_sets_up_an_app_is_asked_for_its_code_and_gets_in_without_the_phone()
    {
        await using var browser = await system.BrowserAsync();
        var web = await system.WebAsync();
        var page = await browser.NewPageAsync();
        var email = $"{Guid.NewGuid():n}@example.com";
        await page.GotoAsync(new Uri(web, "/register").ToString());
        await page.GetByLabel("Your name").FillAsync("Ada Lindqvist");
        await page.GetByLabel("E-mail").FillAsync(email);
        await page.GetByLabel("Password").FillAsync("a horse of another colour");
        await page.GetByRole(AriaRole.Button, new() { Name = "Create account" }).ClickAsync();
        await Expect(page.GetByLabel("Account", new() { Exact = true })).ToBeVisibleAsync();

        await page.GotoAsync(new Uri(web, "/settings/security").ToString());
        await page.GetByRole(AriaRole.Button, new() { Name = "Set up", Exact = true }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Img, new() { Name = "QR code for your authenticator app" })).ToBeVisibleAsync();
        await page.GetByText("Can’t scan it?").ClickAsync();
        var secret = (await page.Locator("details .secret").InnerTextAsync()).Replace(" ", "", StringComparison.Ordinal);
        await KeepAsync(page, "authenticator-app");

        // A wrong code leaves the picture where it is.
        await page.GetByLabel("Code from the app").FillAsync("12345");
        await page.GetByRole(AriaRole.Button, new() { Name = "Turn on" }).ClickAsync();
        await Expect(page.Locator("#totp-code-error")).ToBeVisibleAsync();

        // The code of the step before, so that the present one is left for signing in. It must not turn two steps old on the way.
        if (30 - (TimeProvider.System.GetUtcNow().ToUnixTimeSeconds() % 30) is < 12 and var left)
        {
            await Task.Delay(TimeSpan.FromSeconds(left), TestContext.Current.CancellationToken);
        }

        await page.GetByLabel("Code from the app").FillAsync(Code(secret, -1));
        await page.GetByRole(AriaRole.Button, new() { Name = "Turn on" }).ClickAsync();
        var codes = page.Locator("#recovery-codes li");
        await Expect(codes).ToHaveCountAsync(10);
        var recovery = await codes.First.InnerTextAsync();
        await KeepAsync(page, "recovery-codes");
        await page.SetViewportSizeAsync(360, 740);
        await KeepAsync(page, "recovery-codes-360");

        await SignOutAndInAsync(page, web, email);
        await KeepAsync(page, "second-step-360");
        await page.GetByLabel("Code from your app").FillAsync(Code(secret, 0));
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign in", Exact = true }).ClickAsync();
        await Expect(page).ToHaveURLAsync(new Uri(web, "/settings/security").ToString());
        await KeepAsync(page, "security-360");

        await SignOutAndInAsync(page, web, email);
        await page.GetByRole(AriaRole.Link, new() { Name = "I don’t have my phone" }).ClickAsync();
        await page.GetByLabel("Recovery code").FillAsync(recovery);
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign in", Exact = true }).ClickAsync();
        await Expect(page.GetByText("9 left.")).ToBeVisibleAsync();

        await page.GotoAsync(new Uri(web, "/confirm-identity").ToString());
        await KeepAsync(page, "confirm-identity-360");
        await page.GetByLabel("Password").FillAsync("a horse of another colour");
        await page.GetByLabel("Code from your app").FillAsync(Code(secret, 1));
        await page.GetByRole(AriaRole.Button, new() { Name = "Confirm", Exact = true }).ClickAsync();
        await Expect(page).ToHaveURLAsync(new Uri(web, "/settings/security").ToString());
    }

    private static async Task SignOutAndInAsync(IPage page, Uri web, string email)
    {
        await page.GetByLabel("Account", new() { Exact = true }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign out" }).ClickAsync();
        await Expect(page.GetByLabel("Account", new() { Exact = true })).ToBeHiddenAsync();
        await page.GotoAsync(new Uri(web, "/sign-in?returnUrl=%2Fsettings%2Fsecurity").ToString());
        await page.GetByLabel("E-mail").FillAsync(email);
        await page.GetByLabel("Password").FillAsync("a horse of another colour");
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign in", Exact = true }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "One more step" })).ToBeVisibleAsync();
    }

    /// <summary>What the app shows, some steps of thirty seconds from now.</summary>
    private static string Code(string secret, int stepsAway)
    {
        var bits = string.Concat(secret.Select(c => Convert.ToString("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".IndexOf(c, StringComparison.Ordinal), 2).PadLeft(5, '0')));
        byte[] key = [.. bits.Chunk(8).Where(b => b.Length == 8).Select(b => Convert.ToByte(new string(b), 2))];
        var counter = new byte[8];
        BinaryPrimitives.WriteInt64BigEndian(counter, (DateTimeOffset.UtcNow.ToUnixTimeSeconds() / 30) + stepsAway);
#pragma warning disable CA5350 // As the apps do.
        var mac = HMACSHA1.HashData(key, counter);
#pragma warning restore CA5350
        return ((BinaryPrimitives.ReadInt32BigEndian(mac.AsSpan(mac[^1] & 15)) & 0x7fffffff) % 1_000_000).ToString("D6", CultureInfo.InvariantCulture);
    }

    private static async Task KeepAsync(IPage page, string name)
    {
        if (Environment.GetEnvironmentVariable("CHATSPHERE_SCREENSHOTS") is { Length: > 0 } folder)
        {
            await page.ScreenshotAsync(new() { Path = Path.Combine(folder, name + ".png"), FullPage = true });
        }
    }
}
