using System.IO.Compression;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using ChatSphere.Contracts;
using ChatSphere.Contracts.Privacy;
using ChatSphere.Tests.Infrastructure;

namespace ChatSphere.Tests.Privacy;

public sealed class TakingOnesDataAlongTests(ChatSphereApp app)
{
    [Fact]
    public async Task A_person_gets_a_ZIP_file_with_everything_and_nobody_else_does()
    {
        var ann = await app.SomebodyAsync("Ann");
        var eve = await app.SomebodyAsync("Mallory the curious");
        var bot = await ann.HasBotAsync(instructions: "Be brief about gardens.");
        await ann.HasDocumentAsync(bot.Id, "gardens.txt", "Roses want sun and patience.");
        var evesBot = await eve.HasBotAsync(instructions: "Mallory's secret instructions.");
        await eve.HasDocumentAsync(evesBot.Id, "eves.txt", "What Mallory knows.");
        var conversation = await ann.TalksWithAsync(bot.Id);
        await ann.AnswerAsync(conversation.Id, "What do roses want?");

        var export = await ReadyAsync(ann, "/v1/accounts/me/exports", await (await ann.PostAsync("/v1/accounts/me/exports")).ReadAsync<ExportResponse>());
        Assert.Equal((ann.Account.Id, 100), (export.AccountId, export.Percent));
        Assert.True(export.ExpiresAt > export.ReadyAt);

        using var response = await ann.GetAsync($"/v1/accounts/me/exports/{export.Id}/content");
        Assert.Equal("application/zip", response.Content.Headers.ContentType?.MediaType);
        Assert.Equal("attachment", response.Content.Headers.ContentDisposition?.DispositionType);
        Assert.Equal("nosniff", response.Headers.GetValues("X-Content-Type-Options").Single());
        var bytes = await response.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken);
        Assert.Equal(export.Size, bytes.Length);
        using var zip = new ZipArchive(new MemoryStream(bytes));
        Assert.Equal(ann.Account.Email, (string?)JsonNode.Parse(await ReadAsync(zip, "accounts/account.json"))![0]!["email"]);
        Assert.Contains("What do roses want?", await ReadAsync(zip, "conversations/messages.json"), StringComparison.Ordinal);
        Assert.Contains("Be brief about gardens.", await ReadAsync(zip, "bots/bots.json"), StringComparison.Ordinal);
        Assert.Equal("Roses want sun and patience.", await ReadAsync(zip, zip.Entries.Single(e => e.FullName.StartsWith("knowledge/files/", StringComparison.Ordinal)).FullName));
        foreach (var entry in zip.Entries)
        {
            Assert.DoesNotContain("Mallory", await ReadAsync(zip, entry.FullName), StringComparison.Ordinal);
        }

        await eve.GetAsync($"/v1/accounts/me/exports/{export.Id}/content").RefusedAsync(HttpStatusCode.NotFound, ErrorCodes.NotFound);
        await eve.SendAsync(HttpMethod.Delete, $"/v1/accounts/me/exports/{export.Id}").RefusedAsync(HttpStatusCode.NotFound, ErrorCodes.NotFound);
        Assert.Empty((await eve.GetAsync<Page<ExportResponse>>("/v1/accounts/me/exports")).Items);

        // What somebody asked for themselves is not for administrators either.
        await (await app.AdministratorAsync()).GetAsync($"/v1/privacy/exports/{export.Id}/content").RefusedAsync(HttpStatusCode.NotFound, ErrorCodes.NotFound);
        (await ann.SendAsync(HttpMethod.Delete, $"/v1/accounts/me/exports/{export.Id}")).EnsureSuccessStatusCode();
        await ann.GetAsync($"/v1/accounts/me/exports/{export.Id}/content").RefusedAsync(HttpStatusCode.NotFound, ErrorCodes.NotFound);
    }

    [Fact]
    public async Task Asked_for_many_times_at_once_it_is_made_once_at_a_time()
    {
        var ann = await app.SomebodyAsync();
        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => ann.PostAsync("/v1/accounts/me/exports")));
        Assert.All(answers, a => Assert.Contains(a.StatusCode, new[] { HttpStatusCode.Accepted, HttpStatusCode.Conflict }));
        var made = await Person.EventuallyAsync(() => ann.GetAsync<Page<ExportResponse>>("/v1/accounts/me/exports"), p => p.Items.All(e => e.Status == ExportStatus.Ready));
        Assert.Equal(answers.Count(a => a.StatusCode == HttpStatusCode.Accepted), made.Items.Count);
    }

    [Fact]
    public async Task An_administrator_exports_for_somebody_and_others_may_not()
    {
        var ann = await app.SomebodyAsync();
        var eve = await app.SomebodyAsync();
        var administrator = await app.AdministratorAsync();
        await eve.PostAsync($"/v1/users/{ann.Account.Id}/export", new ActForPersonRequest("curious")).RefusedAsync(HttpStatusCode.Forbidden, ErrorCodes.PermissionMissing);
        await administrator.PostAsync($"/v1/users/{Guid.NewGuid()}/export", new ActForPersonRequest("they wrote a letter")).RefusedAsync(HttpStatusCode.NotFound, ErrorCodes.NotFound);
        var requested = await (await administrator.PostAsync($"/v1/users/{ann.Account.Id}/export", new ActForPersonRequest("they wrote a letter"))).ReadAsync<ExportResponse>();
        var export = await ReadyAsync(administrator, "/v1/privacy/exports?limit=200", requested);
        using var zip = new ZipArchive(new MemoryStream(await (await administrator.GetAsync($"/v1/privacy/exports/{export.Id}/content")).Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken)));
        Assert.Contains(ann.Account.Email, await ReadAsync(zip, "accounts/account.json"), StringComparison.Ordinal);
    }

    private static async Task<ExportResponse> ReadyAsync(Person person, string list, ExportResponse requested) =>
        (await Person.EventuallyAsync(() => person.GetAsync<Page<ExportResponse>>(list), p => p.Items.Any(e => e.Id == requested.Id && e.Status == ExportStatus.Ready))).Items.Single(e => e.Id == requested.Id);

    private static async Task<string> ReadAsync(ZipArchive zip, string name)
    {
        await using var content = await zip.GetEntry(name)!.OpenAsync(TestContext.Current.CancellationToken);
        using var reader = new StreamReader(content, Encoding.UTF8);
        return await reader.ReadToEndAsync(TestContext.Current.CancellationToken);
    }
}
