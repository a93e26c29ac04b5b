using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace ChatSphere.Journeys;

/// <summary>The main job, as a person does it: from an empty account to an answer and the place in the document that it stands on.</summary>
public sealed partial class AskingADocumentJourney(RunningSystem system)
{
    private const string Rule = "Goods may be returned within thirty days of delivery, provided that they are unused and the receipt is enclosed.";

    [Fact]
    public async Task A_person_registers_adds_a_document_asks_and_sees_where_it_says_so()
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

        await page.GotoAsync(web.ToString());
        await KeepAsync(page, "landing");
        await page.GetByRole(AriaRole.Link, new() { Name = "Create an account" }).ClickAsync();
        await page.GetByLabel("Your name").FillAsync("Ada Lindqvist");
        await page.GetByLabel("E-mail").FillAsync($"{Guid.NewGuid():n}@example.com");
        await page.GetByLabel("Password").FillAsync("a horse of another colour");
        await page.GetByRole(AriaRole.Button, new() { Name = "Create account" }).ClickAsync();

        await page.GetByRole(AriaRole.Link, new() { Name = "Create a bot" }).ClickAsync();
        await page.GetByLabel("Name").FillAsync("Policy guide");
        await page.GetByLabel("Instructions").FillAsync("Answer briefly and quote the rule that applies.");
        await page.GetByLabel("Model", new() { Exact = true }).SelectOptionAsync(new SelectOptionValue { Value = "mock-cite" });
        await KeepAsync(page, "new-bot");
        await page.GetByRole(AriaRole.Button, new() { Name = "Create bot" }).ClickAsync();

        await DropAsync(page, "Returns policy.md", Policy());
        var document = page.Locator("[data-document]").Filter(new() { HasText = "Returns policy.md" });
        await Expect(document).ToBeVisibleAsync(new() { Timeout = 20_000 });
        await KeepAsync(page, "reading");
        await Expect(document).ToHaveAttributeAsync("data-status", "ready", new() { Timeout = 60_000 });
        await KeepAsync(page, "knowledge");

        await page.GetByRole(AriaRole.Link, new() { Name = "Ask it" }).ClickAsync();
        var question = page.GetByLabel("Your question");
        await question.FillAsync("Within how many days may goods be returned?");
        await question.PressAsync("Enter");
        await Expect(page.Locator("article.said")).ToHaveTextAsync("Within how many days may goods be returned?");
        var answer = page.Locator("article.answer").First;
        await Expect(answer).ToHaveAttributeAsync("data-status", "complete", new() { Timeout = 60_000 });
        await Expect(page).ToHaveURLAsync(ConversationAddress());
        await KeepAsync(page, "answer");

        await answer.Locator(".prose button.cite").First.ClickAsync();
        var mark = page.Locator("mark.quoted").First;
        await Expect(mark).ToContainTextAsync("thirty days");
        await Expect(mark).ToBeInViewportAsync();
        await KeepAsync(page, "source");

        var said = await answer.Locator(".prose").InnerTextAsync();
        await page.ReloadAsync();
        await Expect(page.Locator("article.answer .prose").First).ToHaveTextAsync(said, new() { UseInnerText = true });
        await Expect(page.Locator("article.said")).ToHaveCountAsync(1);
        await Expect(page.Locator(".chat-list .talk")).ToHaveCountAsync(1);

        Assert.Empty(complaints);
    }

    /// <summary>As the file manager does it: a drop event with the file in it.</summary>
    private static async Task DropAsync(IPage page, string name, string text)
    {
        await Expect(page.Locator(".drop")).ToBeVisibleAsync();
        // The uploader is attached just after the box is drawn; a person is slower than that.
        await Expect(page.Locator(".drop[data-attached]")).ToBeVisibleAsync();
        await page.EvaluateAsync(
            """
            ({ name, text }) => {
              const files = new DataTransfer();
              files.items.add(new File([text], name, { type: "text/markdown" }));
              for (const type of ["dragenter", "dragover", "drop"]) {
                document.querySelector(".drop").dispatchEvent(new DragEvent(type, { dataTransfer: files, bubbles: true, cancelable: true }));
              }
            }
            """,
            new { name, text });
    }

    private static string Policy()
    {
        var text = new StringBuilder("# Policies of the shop\n\n");
        string[] themes = ["Opening hours", "Gift vouchers", "Repairs in the workshop", "Delivery abroad", "Parking", "Lost property", "Loyalty points", "Invoices"];
        foreach (var theme in themes)
        {
            text.Append("## ").Append(theme).Append("\n\n");
            for (var i = 1; i <= 6; i++)
            {
                text.Append(CultureInfo.InvariantCulture, $"{theme}, paragraph {i}. The staff at the desk explain this to everyone who asks, and note it in the book of the day. ");
                text.Append("Exceptions are decided by the head of the branch and are written down with the date and a name.\n\n");
            }
        }

        return text.Append("## Returns\n\n").Append(Rule).Append(" Opened software is excluded.\n\n## Complaints\n\nComplaints are answered in writing within two weeks.\n").ToString();
    }

    /// <summary>For people who want to look: <c>CHATSPHERE_SCREENSHOTS</c> names the folder.</summary>
    private static async Task KeepAsync(IPage page, string name)
    {
        if (Environment.GetEnvironmentVariable("CHATSPHERE_SCREENSHOTS") is { Length: > 0 } folder)
        {
            await page.ScreenshotAsync(new() { Path = Path.Combine(folder, name + ".png") });
        }
    }

    [GeneratedRegex("/chat/[0-9a-f-]{36}$")]
    private static partial Regex ConversationAddress();
}
