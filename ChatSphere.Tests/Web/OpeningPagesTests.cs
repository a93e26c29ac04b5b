extern alias web;

using System.Net;
using System.Text.RegularExpressions;
using ChatSphere.Tests.Infrastructure;
using Microsoft.AspNetCore.Components;

namespace ChatSphere.Tests.Web;

/// <summary>Every page of the settings and of the administration opens for who has nothing yet, also one that nobody thinks of here.</summary>
public sealed partial class OpeningPagesTests(ChatSphereApp app)
{
    [Fact]
    public async Task Each_page_of_ones_own_and_of_administrators_opens()
    {
        var pages = typeof(web::ChatSphere.Web.Clients.ApiCalls).Assembly.GetTypes()
            .SelectMany(t => t.GetCustomAttributes(typeof(RouteAttribute), false).Cast<RouteAttribute>()).Select(r => r.Template)
            .Where(p => Section().IsMatch(p) && !p.Contains('{', StringComparison.Ordinal)).Order(StringComparer.Ordinal).ToList();
        Assert.Contains("/settings/prompts", pages);
        Assert.Contains("/admin/tools", pages);
        Assert.True(pages.Count >= 20, $"Only {pages.Count} were found.");
        var administrator = await app.AdministratorAsync();
        await (await app.App).ResourceNotifications.WaitForResourceHealthyAsync("web", TestContext.Current.CancellationToken);
        using var browser = new HttpClient(new HttpClientHandler { CookieContainer = new CookieContainer() }) { BaseAddress = await app.AddressOfAsync("web") };
        var token = AntiforgeryToken().Match(await browser.GetStringAsync("/sign-in")).Groups[1].Value;
        using var form = new FormUrlEncodedContent([new("_handler", "sign-in"), new("__RequestVerificationToken", token), new("Input.Email", administrator.Account.Email), new("Input.Password", Person.Password)]);
        using var signedIn = await browser.PostAsync("/sign-in", form);
        foreach (var page in pages)
        {
            // What needs to know of what is sent back to where that is chosen.
            using var response = await browser.GetAsync(page);
            Assert.True(response.StatusCode is HttpStatusCode.OK or HttpStatusCode.NotFound, $"{page} answered {(int)response.StatusCode}");
            Assert.True(response.StatusCode is HttpStatusCode.OK || page is "/admin/models/model", $"{page} is not there");
            Assert.DoesNotContain("/sign-in", response.RequestMessage!.RequestUri!.AbsolutePath, StringComparison.Ordinal);
        }
    }

    [GeneratedRegex("^/(settings|admin)/")]
    private static partial Regex Section();

    [GeneratedRegex("name=\"__RequestVerificationToken\"[^>]*value=\"([^\"]+)\"")]
    private static partial Regex AntiforgeryToken();
}
