using System.Text.RegularExpressions;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace ChatSphere.Journeys;

/// <summary>A bot that may calculate, but asks before it does; and what a model does for whoever reads the answer.</summary>
public sealed partial class UsingToolsJourney(RunningSystem system)
{
    [Fact]
    public async Task Ann_lets_a_bot_calculate_once_and_has_its_answer_summed_up_and_translated()
    {
        await using var browser = await system.BrowserAsync();
        var web = await system.WebAsync();
        var ann = await browser.NewPageAsync();
        await ann.GotoAsync(new Uri(web, "/register").ToString());
        await ann.GetByLabel("Your name").FillAsync("Ann Berg");
        await ann.GetByLabel("E-mail").FillAsync($"{Guid.NewGuid():n}@example.com");
        await ann.GetByLabel("Password").FillAsync("a horse of another colour");
        await ann.GetByRole(AriaRole.Button, new() { Name = "Create account" }).ClickAsync();
        await Expect(ann.GetByRole(AriaRole.Link, new() { Name = "Create a bot" })).ToBeVisibleAsync();

        // The model does whatever it is told to, so what it is told is what happens.
        await ann.GotoAsync(new Uri(web, "/bots/new").ToString());
        await ann.GetByLabel("Name").FillAsync("Bookkeeper");
        await ann.GetByLabel("Model", new() { Exact = true }).SelectOptionAsync(new SelectOptionValue { Value = "mock-obey" });
        await ann.GetByRole(AriaRole.Button, new() { Name = "Create bot" }).ClickAsync();
        await Expect(ann.Locator(".drop[data-attached]")).ToBeVisibleAsync();
        await ann.GotoAsync(BotPage().Match(ann.Url).Value + "/tools");
        await ann.GetByRole(AriaRole.Button, new() { Name = "Switch Calculator on" }).ClickAsync();
        await ann.GetByRole(AriaRole.Button, new() { Name = "Ask before Calculator" }).ClickAsync();
        await Expect(ann.GetByText("Asks first")).ToBeVisibleAsync();

        await ann.GotoAsync(new Uri(web, "/chat").ToString());
        await Expect(ann.Locator(".chat[data-ready]")).ToBeVisibleAsync();
        await ann.GetByLabel("Your question").FillAsync("CALL calculator {\"expression\":\"6 * 7.5\"}");
        await ann.GetByLabel("Your question").PressAsync("Enter");
        var asked = ann.GetByRole(AriaRole.Group, new() { Name = "Approve" });
        await Expect(asked).ToContainTextAsync("6 * 7.5");
        await KeepAsync(ann, "approval");
        await asked.GetByRole(AriaRole.Button, new() { Name = "Approve", Exact = true }).ClickAsync();
        var answer = ann.Locator("article.answer");
        await Expect(answer).ToHaveAttributeAsync("data-status", "complete", new() { Timeout = 30_000 });
        await Expect(answer.Locator(".tool-call")).ToHaveCountAsync(1);
        await answer.Locator(".tool-call summary").ClickAsync();
        await Expect(answer.Locator(".tool-call")).ToContainTextAsync("45");

        // Opened by the keyboard, as all of it can be.
        var summarise = ann.GetByRole(AriaRole.Button, new() { Name = "Summarise this chat" });
        await summarise.FocusAsync();
        await ann.Keyboard.PressAsync("Enter");
        var dialog = ann.GetByRole(AriaRole.Dialog, new() { Name = "Summary" });
        await Expect(dialog.Locator(".help-text")).Not.ToBeEmptyAsync();
        await Expect(dialog.GetByRole(AriaRole.Button, new() { Name = "Copy" })).ToBeVisibleAsync();
        await Expect(dialog).ToContainTextAsync("Mood of what you wrote");
        await KeepAsync(ann, "summary");
        await ann.Keyboard.PressAsync("Escape");
        await Expect(dialog).ToBeHiddenAsync();

        await ann.SetViewportSizeAsync(360, 740);
        await ann.GetByLabel("Translate").ClickAsync();
        Assert.True(await ann.Locator(".help-tongues").EvaluateAsync<bool>("sheet => { const place = sheet.getBoundingClientRect(); return place.left >= 0 && place.right <= innerWidth; }"));
        await ann.GetByRole(AriaRole.Button, new() { Name = "Svenska" }).ClickAsync();
        var translation = ann.GetByRole(AriaRole.Region, new() { Name = "Translation into Svenska" });
        await Expect(translation).ToContainTextAsync("translated by");
        await Expect(ann.GetByRole(AriaRole.Button, new() { Name = "Svenska" })).ToBeHiddenAsync();
        await KeepAsync(ann, "translation-narrow");
        Assert.True(await ann.EvaluateAsync<bool>("document.documentElement.scrollWidth <= innerWidth"));
        await translation.GetByRole(AriaRole.Button, new() { Name = "Hide" }).ClickAsync();
        await Expect(translation).ToHaveCountAsync(0);
    }

    [GeneratedRegex(@"^.*/bots/[0-9a-f-]{36}")]
    private static partial Regex BotPage();

    /// <summary>For people who want to look: <c>CHATSPHERE_SCREENSHOTS</c> names the folder.</summary>
    private static async Task KeepAsync(IPage page, string name)
    {
        if (Environment.GetEnvironmentVariable("CHATSPHERE_SCREENSHOTS") is { Length: > 0 } folder)
        {
            await page.ScreenshotAsync(new() { Path = Path.Combine(folder, name + ".png") });
        }
    }
}
