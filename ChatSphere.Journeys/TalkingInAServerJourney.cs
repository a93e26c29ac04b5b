using System.Text.RegularExpressions;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace ChatSphere.Journeys;

/// <summary>Two people in two browsers and one channel: what one writes the other sees, and nothing is lost when a connection is.</summary>
public sealed partial class TalkingInAServerJourney(RunningSystem system)
{
    [Fact]
    public async Task Ann_makes_a_server_Ben_joins_and_they_talk()
    {
        await using var browser = await system.BrowserAsync();
        var web = await system.WebAsync();
        var (ann, ben) = (await RegisterAsync(browser, web, "Ann Berg"), await RegisterAsync(browser, web, "Ben Dahl"));
        var sockets = new List<IWebSocketRoute>();
        var away = false;
        await ben.RouteWebSocketAsync(new Regex("/_blazor"), socket =>
        {
            if (away)
            {
                _ = socket.CloseAsync(new() { Code = 4001 });
                return;
            }

            socket.ConnectToServer();
            sockets.Add(socket);
        });

        await ben.RouteAsync(new Regex("/_blazor"), route => away ? route.AbortAsync() : route.ContinueAsync());

        await ann.GotoAsync(new Uri(web, "/servers").ToString());
        await Expect(ann.GetByRole(AriaRole.Heading, new() { Name = "A place for your people" })).ToBeVisibleAsync();
        await KeepAsync(ann, "community-none");
        await ann.GetByRole(AriaRole.Link, new() { Name = "Make a server" }).Last.ClickAsync();
        await ann.GetByLabel("Name", new() { Exact = true }).FillAsync("Bee keepers");
        await ann.GetByRole(AriaRole.Button, new() { Name = "Make server" }).ClickAsync();
        await ann.WaitForURLAsync(ServerAddress());
        var server = ServerAddress().Match(ann.Url).Value;
        await ann.GotoAsync(new Uri(web, server).ToString());
        await Expect(Box(ann)).ToBeVisibleAsync();

        await ann.Locator(".community-server-menu summary").ClickAsync();
        await ann.GetByRole(AriaRole.Button, new() { Name = "Invite people" }).ClickAsync();
        var invite = await ann.Locator(".community-link").InnerTextAsync();
        await ben.GotoAsync(new Uri(web, new Uri(invite).PathAndQuery).ToString());
        await ben.GetByRole(AriaRole.Button, new() { Name = "Join" }).ClickAsync();
        await Expect(Box(ben)).ToBeVisibleAsync();

        // To and fro, live.
        await WriteAsync(ann, "Welcome to the **hive**, Ben.");
        await Expect(Message(ben, "Welcome to the hive, Ben.")).ToBeVisibleAsync();
        await WriteAsync(ben, "Thank you! https://bees.example/guide");
        await Expect(Message(ann, "Thank you!").Locator("a.outside")).ToHaveAttributeAsync("href", "https://bees.example/guide");

        // A mention, chosen from what is offered.
        await Box(ann).PressSequentiallyAsync("Look, @Ben");
        await Expect(ann.Locator("[data-suggest] [role=option]").First).ToContainTextAsync("Ben Dahl");
        await Box(ann).PressAsync("Enter");
        await Box(ann).PressSequentiallyAsync("they are out");
        await Box(ann).PressAsync("Enter");
        await Expect(Message(ben, "Look, @Ben Dahl they are out").Locator(".community-mention-me")).ToBeVisibleAsync();

        // Edited with the arrow, reacted to from the row's own tools.
        await Box(ann).PressAsync("ArrowUp");
        await ann.Locator("[data-edit] textarea").FillAsync("Look, @Ben Dahl they are swarming");
        await ann.Locator("[data-edit] textarea").PressAsync("Enter");
        await Expect(Message(ben, "they are swarming")).ToContainTextAsync("(edited)");
        await Message(ben, "they are swarming").HoverAsync();
        await ben.GetByRole(AriaRole.Button, new() { Name = "React", Exact = true }).ClickAsync();
        await ben.Locator("[data-picker] input").FillAsync("bee");
        await ben.Locator("[data-picker] input").PressAsync("Enter");
        await Expect(Message(ann, "they are swarming").Locator(".community-reaction")).ToContainTextAsync("1");
        await KeepAsync(ann, "community-talk");

        // An answer of its own, and a thread beside it.
        await Message(ben, "they are swarming").HoverAsync();
        await ben.GetByRole(AriaRole.Button, new() { Name = "Begin a thread" }).ClickAsync();
        var beside = ben.Locator(".community-side [data-attached] [data-box]");
        await beside.FillAsync("Where to?");
        await beside.PressAsync("Enter");
        await Expect(Message(ann, "they are swarming").Locator(".community-thread-link")).ToContainTextAsync("1 answer");
        await KeepAsync(ben, "community-thread");
        await ben.Locator(".community-side-head").GetByRole(AriaRole.Button, new() { Name = "Close" }).ClickAsync();
        await Expect(ben.Locator(".community-side")).ToHaveCountAsync(0);

        // Ben's connection goes. What he writes waits in sight, what Ann writes is there when he is back, and nothing is there twice.
        await Box(ben).FillAsync("half a tho");
        away = true;
        foreach (var socket in sockets)
        {
            await socket.CloseAsync(new() { Code = 4001 });
        }

        await WriteAsync(ann, "Are you there?");
        await Expect(ben.Locator("#components-reconnect-modal.components-reconnect-show, #components-reconnect-modal.components-reconnect-failed")).ToBeAttachedAsync();
        await Box(ben).FillAsync("Sent into the dark");
        await Box(ben).PressAsync("Enter");
        await Expect(ben.Locator("[data-waiting]")).ToContainTextAsync("Sent into the dark");
        away = false;
        await Expect(Message(ben, "Are you there?")).ToBeVisibleAsync();
        await Expect(Message(ann, "Sent into the dark")).ToBeVisibleAsync();
        await Expect(Message(ben, "Sent into the dark")).ToHaveCountAsync(1);
        await Expect(ben.Locator("[data-waiting] p")).ToHaveCountAsync(0);

        // A long history: no more than a window of it is in the page, and a reload comes back to where one was.
        await Box(ben).FillAsync("a draft that stays");
        for (var i = 1; i <= 70; i++)
        {
            await WriteAsync(ann, $"Hive number {i}\n\nhas bees.");
        }

        await Expect(Message(ann, "Hive number 70")).ToBeVisibleAsync(new() { Timeout = 60_000 });
        await ben.Locator("[data-scroller]").First.EvaluateAsync("s => { s.scrollTop = s.scrollHeight / 2; }");
        var where = ben.Locator("[data-latest]").First;
        await Expect(where).ToBeVisibleAsync();
        var before = await TopRowAsync(ben);
        await ben.ReloadAsync();
        await Expect(Box(ben)).ToHaveValueAsync("a draft that stays");
        await Expect(Message(ben, "Hive number").First).ToBeAttachedAsync();
        Assert.InRange(await TopRowAsync(ben), before - 1, before + 1);
        Assert.InRange(await ben.Locator("[data-rows] > li").CountAsync(), 1, 200);
        await where.ClickAsync();
        await Expect(Message(ben, "Hive number 70")).ToBeInViewportAsync();
        await KeepAsync(ben, "community-end");

        // Going anywhere by name, and what it looks like in the hand and at night.
        await ben.Keyboard.PressAsync("Control+k");
        await ben.Locator("[data-switcher] input").FillAsync("gnrl");
        await Expect(ben.Locator("[data-switcher] [role=option]").First).ToContainTextAsync("general");
        await KeepAsync(ben, "community-switcher");
        await ben.Keyboard.PressAsync("Escape");
        await ben.SetViewportSizeAsync(360, 740);
        await Expect(Box(ben)).ToBeVisibleAsync();
        Assert.True(await ben.EvaluateAsync<bool>("document.documentElement.scrollWidth <= innerWidth"));
        await KeepAsync(ben, "community-narrow");
        await ben.GetByRole(AriaRole.Button, new() { Name = "Servers and channels" }).ClickAsync();
        await Expect(ben.Locator(".community-drawer")).ToBeInViewportAsync();
        await KeepAsync(ben, "community-drawer");
        await ann.Locator("[data-theme-toggle]").ClickAsync();
        await KeepAsync(ann, "community-dark");
    }

    private static ILocator Box(IPage page) => page.Locator(".community-main [data-attached] [data-box]");

    private static ILocator Message(IPage page, string text) => page.Locator(".community-main [data-message]").Filter(new() { HasText = text });

    private static async Task WriteAsync(IPage page, string text)
    {
        await Box(page).FillAsync(text);
        await Box(page).PressAsync("Enter");
    }

    private static Task<int> TopRowAsync(IPage page) => page.Locator("[data-scroller]").First.EvaluateAsync<int>(
        "s => Number([...s.querySelectorAll('[data-message]')].find(r => r.offsetTop + r.offsetHeight > s.scrollTop + 1).dataset.seq)");

    private static async Task<IPage> RegisterAsync(Browser browser, Uri web, string name)
    {
        var page = await browser.NewPageAsync();
        await page.GotoAsync(new Uri(web, "/register").ToString());
        await page.GetByLabel("Your name").FillAsync(name);
        await page.GetByLabel("E-mail").FillAsync($"{Guid.NewGuid():n}@example.com");
        await page.GetByLabel("Password").FillAsync("a horse of another colour");
        await page.GetByRole(AriaRole.Button, new() { Name = "Create account" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Link, new() { Name = "Create a bot" })).ToBeVisibleAsync();
        return page;
    }

    /// <summary>For people who want to look: <c>CHATSPHERE_SCREENSHOTS</c> names the folder.</summary>
    private static async Task KeepAsync(IPage page, string name)
    {
        if (Environment.GetEnvironmentVariable("CHATSPHERE_SCREENSHOTS") is { Length: > 0 } folder)
        {
            await page.ScreenshotAsync(new() { Path = Path.Combine(folder, name + ".png") });
        }
    }

    [GeneratedRegex("/servers/[0-9a-f]{8}-[0-9a-f-]{27}")]
    private static partial Regex ServerAddress();
}
