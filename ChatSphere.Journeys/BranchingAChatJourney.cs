using System.Text.RegularExpressions;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace ChatSphere.Journeys;

/// <summary>A chat with branches, answers side by side, and a link by which somebody else reads it.</summary>
public sealed partial class BranchingAChatJourney(RunningSystem system)
{
    [Fact]
    public async Task Ann_words_a_question_anew_compares_models_and_shares_what_came_of_it()
    {
        await using var browser = await system.BrowserAsync();
        var web = await system.WebAsync();
        var ann = await RegisterAsync(browser, web);
        await ann.GotoAsync(new Uri(web, "/bots/new").ToString());
        await ann.GetByLabel("Name").FillAsync("Gardener");
        await ann.GetByLabel("Model", new() { Exact = true }).SelectOptionAsync(new SelectOptionValue { Value = "mock-cite" });
        await ann.GetByRole(AriaRole.Button, new() { Name = "Create bot" }).ClickAsync();
        await Expect(ann.Locator(".drop[data-attached]")).ToBeVisibleAsync();

        await ann.GotoAsync(new Uri(web, "/chat").ToString());
        await Expect(ann.Locator(".chat[data-ready]")).ToBeVisibleAsync();
        await AskAsync(ann, "When are roses pruned?");
        await AnsweredAsync(ann);

        // Worded anew: the old wording is one arrow away.
        await ann.GetByRole(AriaRole.Button, new() { Name = "Edit question" }).First.ClickAsync();
        await ann.GetByLabel("Your question, worded anew").FillAsync("When are old roses pruned?");
        await ann.GetByRole(AriaRole.Button, new() { Name = "Ask this" }).ClickAsync();
        await Expect(ann.Locator(".said-text")).ToHaveTextAsync("When are old roses pruned?");
        await AnsweredAsync(ann);
        await Expect(ann.Locator(".said [data-siblings]")).ToHaveTextAsync("2/2");
        await ann.GetByRole(AriaRole.Button, new() { Name = "Previous wording" }).ClickAsync();
        await Expect(ann.Locator(".said-text")).ToHaveTextAsync("When are roses pruned?");

        // Answered again: two answers.
        await ann.GetByLabel("Answer again").ClickAsync();
        await ann.GetByRole(AriaRole.Button, new() { Name = "Same model" }).ClickAsync();
        await Expect(ann.Locator(".answer [data-siblings]")).ToHaveTextAsync("2/2");
        await AnsweredAsync(ann);
        await ann.GetByLabel("Good answer").ClickAsync();
        await ann.GetByLabel("What was good about it?").FillAsync("Short and right.");
        await ann.GetByRole(AriaRole.Button, new() { Name = "Send", Exact = true }).First.ClickAsync();
        await Expect(ann.GetByLabel("Good answer")).ToHaveAttributeAsync("aria-pressed", "true");
        await ann.GetByRole(AriaRole.Button, new() { Name = "Branches" }).ClickAsync();
        await Expect(ann.Locator(".tree-row")).ToHaveCountAsync(5);
        await KeepAsync(ann, "branches");
        await ann.GetByRole(AriaRole.Button, new() { Name = "Close branches" }).ClickAsync();

        // Two models at once; one is chosen.
        await ann.GetByLabel("Models to ask").ClickAsync();
        await ann.Locator(".composer-models label").Filter(new() { HasText = "mock-cite" }).First.ClickAsync();
        await ann.Locator(".composer-models label").Filter(new() { HasText = "extractive" }).First.ClickAsync();
        await ann.GetByLabel("Models to ask").ClickAsync();
        await AskAsync(ann, "And how is compost turned?");
        await Expect(ann.Locator(".compare-column")).ToHaveCountAsync(2);
        await Expect(ann.Locator(".compare-choose:enabled")).ToHaveCountAsync(2, new() { Timeout = 60_000 });
        await KeepAsync(ann, "side-by-side");
        await ann.Locator(".compare-choose").Nth(1).ClickAsync();
        await Expect(ann.Locator(".compare")).ToHaveCountAsync(0);
        await Expect(ann.Locator(".answer-model").Last).ToContainTextAsync("extractive");

        // A link, read by nobody in particular, until it is taken back.
        await ann.Locator(".talk").First.HoverAsync();
        await ann.Locator(".talk-tools button").First.ClickAsync();
        await ann.GetByRole(AriaRole.Button, new() { Name = "Share…" }).ClickAsync();
        await ann.GetByLabel("The link works").SelectOptionAsync("7");
        await ann.GetByRole(AriaRole.Button, new() { Name = "Make a link" }).ClickAsync();
        var link = await ann.Locator("[data-shared-link]").InnerTextAsync();
        var path = new Uri(link).AbsolutePath;
        await using var elsewhere = await ann.Context.Browser!.NewContextAsync();
        var bob = await elsewhere.NewPageAsync();
        var response = await bob.GotoAsync(new Uri(web, path).ToString());
        Assert.Contains("sandbox", response!.Headers["content-security-policy"], StringComparison.Ordinal);
        Assert.Contains("noindex", response.Headers["x-robots-tag"], StringComparison.Ordinal);
        await Expect(bob.Locator(".said-text")).ToHaveTextAsync([Roses(), Compost()]);
        Assert.Equal(0, await bob.Locator("script, form, button:not(.cite):not(.code-copy)").CountAsync());
        Assert.Equal("grid", await bob.Locator(".shared").First.EvaluateAsync<string>("e => getComputedStyle(e).display"));
        await KeepAsync(bob, "shared-chat");
        await ann.GotoAsync(new Uri(web, "/settings/chats").ToString());
        await KeepAsync(ann, "chats-and-links");
        await ann.GetByRole(AriaRole.Button, new() { Name = "Take back" }).ClickAsync();
        await Expect(ann.GetByText("You share nothing.")).ToBeVisibleAsync();
        await bob.ReloadAsync();
        await Expect(bob.GetByRole(AriaRole.Heading, new() { Name = "This link does not work" })).ToBeVisibleAsync();
    }

    private static async Task AskAsync(IPage page, string text)
    {
        await page.GetByLabel("Your question", new() { Exact = true }).FillAsync(text);
        await page.GetByLabel("Your question", new() { Exact = true }).PressAsync("Enter");
    }

    private static Task AnsweredAsync(IPage page) => Expect(page.Locator("article.answer").Last).ToHaveAttributeAsync("data-status", "complete", new() { Timeout = 60_000 });

    private static async Task<IPage> RegisterAsync(Browser browser, Uri web)
    {
        var page = await browser.NewPageAsync();
        await page.GotoAsync(new Uri(web, "/register").ToString());
        await page.GetByLabel("Your name").FillAsync("Ann Berg");
        await page.GetByLabel("E-mail").FillAsync($"{Guid.NewGuid():n}@example.com");
        await page.GetByLabel("Password").FillAsync("a horse of another colour");
        await page.GetByRole(AriaRole.Button, new() { Name = "Create account" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Link, new() { Name = "Create a bot" })).ToBeVisibleAsync();
        return page;
    }

    /// <summary>Where CHATSPHERE_SCREENSHOTS says, at the width of a phone too, light and dark.</summary>
    private static async Task KeepAsync(IPage page, string name)
    {
        if (Environment.GetEnvironmentVariable("CHATSPHERE_SCREENSHOTS") is not { Length: > 0 } folder)
        {
            return;
        }

        foreach (var (width, scheme) in new[] { (1280, ColorScheme.Light), (1280, ColorScheme.Dark), (360, ColorScheme.Light) })
        {
            await page.SetViewportSizeAsync(width, 800);
            await page.EmulateMediaAsync(new() { ColorScheme = scheme, ReducedMotion = ReducedMotion.Reduce });
            await page.ScreenshotAsync(new() { Path = Path.Combine(folder, $"talks-{name}-{width}-{scheme}.png".ToLowerInvariant()) });
        }

        await page.SetViewportSizeAsync(1280, 800);
        await page.EmulateMediaAsync(new() { ColorScheme = ColorScheme.Light, ReducedMotion = ReducedMotion.Reduce });
    }

    [GeneratedRegex("When are roses pruned")]
    private static partial Regex Roses();

    [GeneratedRegex("how is compost turned")]
    private static partial Regex Compost();
}
