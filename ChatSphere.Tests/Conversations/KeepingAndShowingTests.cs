using System.IO.Compression;
using System.Net;
using System.Net.Http.Json;
using ChatSphere.Contracts;
using ChatSphere.Contracts.Conversations;
using ChatSphere.Tests.Infrastructure;

namespace ChatSphere.Tests.Conversations;

/// <summary>Links, search, prompts and exports.</summary>
public sealed class KeepingAndShowingTests(ChatSphereApp app)
{
    private const string Quick = "mock-itl1-len5";

    [Fact]
    public async Task A_link_shows_the_branch_as_it_was_until_it_is_taken_back()
    {
        var ann = await app.SomebodyAsync();
        var talk = await ann.TalksWithAsync((await ann.HasBotAsync(Quick)).Id);
        var first = await ann.HasAnsweredAsync(talk.Id, "Shown to all");
        var hidden = await ann.HasAnsweredAsync(talk.Id, "On another branch");
        await ann.HasAnsweredAsync(talk.Id, new CreateTurnRequest("On this branch") { Edits = hidden.UserMessageId });
        var link = await (await ann.PostAsync($"/v1/conversations/{talk.Id}/shared-links", new ShareConversationRequest(7))).ReadAsync<SharedLinkResponse>();
        await ann.HasAnsweredAsync(talk.Id, "Said later");

        using var nobody = await app.AnonymousAsync();
        var path = PathOf(link);
        using var response = await nobody.GetAsync(path);
        Assert.Contains("noindex", response.Headers.GetValues("X-Robots-Tag").Single(), StringComparison.Ordinal);
        var shown = await response.ReadAsync<SharedConversationResponse>();
        Assert.Equal(["Shown to all", "On this branch"], shown.Messages.Where(m => m.Role is MessageRole.User).Select(m => m.Text));
        Assert.Equal(4, link.Messages);
        var mine = Assert.Single(await ann.GetAsync<List<SharedLinkResponse>>("/v1/shared-links"));
        Assert.Null(mine.Url);

        var eve = await app.SomebodyAsync();
        await eve.SendAsync(HttpMethod.Delete, $"/v1/shared-links/{link.Id}").RefusedAsync(HttpStatusCode.NotFound, ErrorCodes.NotFound);
        Assert.Equal(HttpStatusCode.NoContent, (await ann.SendAsync(HttpMethod.Delete, $"/v1/shared-links/{link.Id}")).StatusCode);
        await nobody.GetAsync(path).RefusedAsync(HttpStatusCode.NotFound, ErrorCodes.NotFound);
        await nobody.GetAsync("/v1/shared/" + new string('A', 43)).RefusedAsync(HttpStatusCode.NotFound, ErrorCodes.NotFound);

        // With the conversation its links go.
        var second = await (await ann.PostAsync($"/v1/conversations/{talk.Id}/shared-links", new ShareConversationRequest())).ReadAsync<SharedLinkResponse>();
        await ann.SendAsync(HttpMethod.Delete, $"/v1/conversations/{talk.Id}");
        await nobody.GetAsync(PathOf(second)).RefusedAsync(HttpStatusCode.NotFound, ErrorCodes.NotFound);
        Assert.NotEqual(Guid.Empty, first.Id);
    }

    [Fact]
    public async Task A_link_ends_on_a_day_or_at_a_moment_and_not_at_both()
    {
        var ann = await app.SomebodyAsync();
        var talk = await ann.TalksWithAsync((await ann.HasBotAsync(Quick)).Id);
        await ann.HasAnsweredAsync(talk.Id, "Hello");
        var now = TimeProvider.System.GetUtcNow();
        Task<HttpResponseMessage> ShareAsync(ShareConversationRequest request) => ann.PostAsync($"/v1/conversations/{talk.Id}/shared-links", request);
        var link = await (await ShareAsync(new() { ExpiresAt = now.AddHours(30).ToOffset(TimeSpan.FromHours(2)) })).ReadAsync<SharedLinkResponse>();
        Assert.InRange(link.ExpiresAt!.Value, now.AddHours(29), now.AddHours(31));
        Assert.Null((await (await ShareAsync(new())).ReadAsync<SharedLinkResponse>()).ExpiresAt);
        foreach (var wrong in (ShareConversationRequest[])[new() { ExpiresAt = now.AddMinutes(-1) }, new() { ExpiresAt = now.AddYears(11) }, new(7) { ExpiresAt = now.AddDays(1) }, new(0)])
        {
            await ShareAsync(wrong).RefusedAsync(HttpStatusCode.BadRequest, ErrorCodes.RequestInvalid);
        }

        // One that ends while somebody looks on.
        var brief = await (await ShareAsync(new() { ExpiresAt = TimeProvider.System.GetUtcNow().AddSeconds(2) })).ReadAsync<SharedLinkResponse>();
        using var nobody = await app.AnonymousAsync();
        await Person.EventuallyAsync(async () => (await nobody.GetAsync(PathOf(brief))).StatusCode, s => s is HttpStatusCode.NotFound);
        Assert.DoesNotContain(await ann.GetAsync<List<SharedLinkResponse>>("/v1/shared-links"), l => l.Id == brief.Id);
    }

    private static string PathOf(SharedLinkResponse link) => "/v1/shared/" + new Uri(link.Url!).Segments[^1];

    [Fact]
    public async Task Words_are_found_on_every_branch_of_ones_own_conversations_only()
    {
        var (ann, eve) = (await app.SomebodyAsync(), await app.SomebodyAsync());
        var bot = await ann.HasBotAsync(Quick);
        var word = $"kettle{Guid.NewGuid().ToString("n")[..8]}";
        var talk = await ann.TalksWithAsync(bot.Id);
        var first = await ann.HasAnsweredAsync(talk.Id, $"How hot is the {word} when it whistles?");
        var second = await ann.HasAnsweredAsync(talk.Id, new CreateTurnRequest($"And the <b>{word}</b> of my aunt") { Edits = first.UserMessageId });
        var secret = await (await ann.PostAsync("/v1/conversations", new CreateConversationRequest(bot.Id) { Temporary = true })).ReadAsync<ConversationResponse>();
        await ann.HasAnsweredAsync(secret.Id, $"Nobody finds this {word}");

        var page = await ann.GetAsync<FoundMessagesResponse>($"/v1/conversations/search?q={word}");
        Assert.Equal([second.UserMessageId, first.UserMessageId], page.Items.Select(f => f.MessageId));
        Assert.All(page.Items, f => Assert.Equal([word], f.Matches.Select(m => f.Excerpt[m.Start..m.End])));
        var one = await ann.GetAsync<FoundMessagesResponse>($"/v1/conversations/search?q={word}&limit=1");
        Assert.Equal([first.UserMessageId], (await ann.GetAsync<FoundMessagesResponse>($"/v1/conversations/search?q={word}&limit=1&cursor={one.Next}")).Items.Select(f => f.MessageId));
        Assert.Empty((await eve.GetAsync<FoundMessagesResponse>($"/v1/conversations/search?q={word}")).Items);
        Assert.Single((await ann.GetAsync<FoundMessagesResponse>($"/v1/conversations/search?q={word}%20-aunt")).Items);
        await ann.GetAsync("/v1/conversations/search?q=%20").RefusedAsync(HttpStatusCode.BadRequest, ErrorCodes.RequestInvalid);
    }

    [Fact]
    public async Task Prompts_are_kept_by_name_with_their_places()
    {
        var (ann, eve) = (await app.SomebodyAsync(), await app.SomebodyAsync());
        var kept = await (await ann.PostAsync("/v1/prompts", new PromptRequest("mail", "Write to {{who}} in a {{tone:friendly|formal}} tone about {{topic=the garden}}. {{who}}!"))).ReadAsync<PromptResponse>();
        Assert.Equal(["who", "tone", "topic"], kept.Variables.Select(v => v.Name));
        Assert.Equal((null, "friendly", "the garden"), (kept.Variables[0].Default, kept.Variables[1].Default, kept.Variables[2].Default));
        Assert.Equal(["friendly", "formal"], kept.Variables[1].Choices);
        Assert.Equal("Write to {{x}} in a formal tone about the garden. {{x}}!", PromptTemplate.Fill(kept.Text, new Dictionary<string, string> { ["who"] = "{{x}}", ["tone"] = "formal" }));
        await ann.PostAsync("/v1/prompts", new PromptRequest("mail", "Another")).RefusedAsync(HttpStatusCode.Conflict, ErrorCodes.NameTaken);
        await ann.PostAsync("/v1/prompts", new PromptRequest("Two words", "x")).RefusedAsync(HttpStatusCode.BadRequest, ErrorCodes.RequestInvalid);
        Assert.Equal(HttpStatusCode.Created, (await eve.PostAsync("/v1/prompts", new PromptRequest("mail", "Her own"))).StatusCode);
        await eve.SendAsync(HttpMethod.Delete, $"/v1/prompts/{kept.Id}").RefusedAsync(HttpStatusCode.NotFound, ErrorCodes.NotFound);
        await ann.SendAsync(HttpMethod.Put, $"/v1/prompts/{kept.Id}", new PromptRequest("letter", "Dear {{who}}"));
        Assert.Equal("letter", Assert.Single(await ann.GetAsync<List<PromptResponse>>("/v1/prompts")).Name);
    }

    [Fact]
    public async Task A_conversation_is_exported_as_it_reads_or_whole_and_all_of_them_in_one_file()
    {
        var ann = await app.SomebodyAsync();
        var bot = await ann.HasBotAsync(Quick);
        var talk = await ann.TalksWithAsync(bot.Id);
        var first = await ann.HasAnsweredAsync(talk.Id, "The old wording");
        await ann.HasAnsweredAsync(talk.Id, new CreateTurnRequest("The new wording") { Edits = first.UserMessageId });
        await ann.HasAnsweredAsync((await ann.TalksWithAsync(bot.Id)).Id, "Another talk");
        var markdown = await (await ann.GetAsync($"/v1/conversations/{talk.Id}/export")).Content.ReadAsStringAsync();
        Assert.Contains("The new wording", markdown, StringComparison.Ordinal);
        Assert.DoesNotContain("## You\n\nThe old wording", markdown, StringComparison.Ordinal);
        var json = await (await ann.GetAsync($"/v1/conversations/{talk.Id}/export?format=json")).Content.ReadFromJsonAsync<System.Text.Json.Nodes.JsonNode>();
        Assert.Equal(4, json!["messages"]!.AsArray().Count);
        await using var zip = new ZipArchive(await (await ann.GetAsync("/v1/conversations/export?format=json")).Content.ReadAsStreamAsync());
        Assert.Equal(2, zip.Entries.Count);
        var eve = await app.SomebodyAsync();
        await eve.GetAsync($"/v1/conversations/{talk.Id}/export").RefusedAsync(HttpStatusCode.NotFound, ErrorCodes.NotFound);
    }
}
