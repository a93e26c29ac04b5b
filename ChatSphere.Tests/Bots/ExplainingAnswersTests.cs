using System.Net;
using ChatSphere.Contracts;
using ChatSphere.Contracts.Bots;
using ChatSphere.Contracts.Conversations;
using ChatSphere.Contracts.Sharing;
using ChatSphere.Tests.Infrastructure;
using ChatSphere.Tests.Sharing;

namespace ChatSphere.Tests.Bots;

public sealed class ExplainingAnswersTests(ChatSphereApp app)
{
    [Fact]
    public async Task An_answer_tells_its_person_what_was_found_and_what_was_left_out()
    {
        var ann = await app.SomebodyAsync();
        var bob = await app.SomebodyAsync();
        var bot = await ann.HasBotAsync();
        var document = await ann.HasDocumentAsync(bot.Id, "keys.txt", "The spare key lies under the third stone by the well.");
        for (var i = 0; i < 10; i++)
        {
            await ann.HasDocumentAsync(bot.Id, $"other-{i}.txt", $"Stone number {i}: this stone stands in garden number {i} and was set in the year {1900 + (i * 7)} by mason {(char)('A' + i)}.");
        }

        var talk = await ann.TalksWithAsync(bot.Id);
        var answer = (await ann.AnswerAsync(talk.Id, "Where does the spare key lie, under which stone?")).Message();
        var why = await ann.GetAsync<WhyResponse>($"/v1/messages/{answer.Id}/why");
        Assert.Equal((answer.Id, talk.Id, 1, "extractive", "Where does the spare key lie, under which stone?"), (why.MessageId, why.ConversationId, why.BotVersion, why.Model, why.SearchText));
        Assert.Contains(why.Steps, s => s.Name == "retrieval");
        Assert.Contains(why.Steps, s => s.Name == "first_word");
        Assert.True(why.TotalMilliseconds > 0);
        Assert.Equal("answered", why.Models.Single().Outcome);
        var cited = why.Passages.First(p => p.Outcome == PassageOutcome.Cited);
        Assert.Equal((document.Id, "keys.txt", 1), (cited.DocumentId, cited.DocumentName, cited.LexicalRank));
        Assert.Contains("third stone", cited.Excerpt, StringComparison.Ordinal);
        Assert.Contains(why.Passages, p => p is { Number: null, Outcome: PassageOutcome.BelowCut or PassageOutcome.Duplicate });
        Assert.All(why.Passages.Where(p => p.Number is not null), p => Assert.NotNull(p.Score));

        // Nobody else, not even whose bot it is.
        await bob.GetAsync($"/v1/messages/{answer.Id}/why").RefusedAsync(HttpStatusCode.NotFound, ErrorCodes.NotFound);
        await ann.SharesAsync(bot.Id, SharedRight.Use.With(bob));
        var his = await bob.TalksWithAsync(bot.Id);
        var told = (await bob.AnswerAsync(his.Id, "Where does the spare key lie, under which stone?")).Message();
        await ann.GetAsync($"/v1/messages/{told.Id}/why").RefusedAsync(HttpStatusCode.NotFound, ErrorCodes.NotFound);

        // Who may only talk with it sees what was cited to them, and of the rest how much there was.
        var partly = await bob.GetAsync<WhyResponse>($"/v1/messages/{told.Id}/why");
        Assert.NotEmpty(partly.Passages);
        Assert.All(partly.Passages, p => Assert.Equal(PassageOutcome.Cited, p.Outcome));
        Assert.True(partly.HiddenPassages > 0);

        // And nothing once it is not shared any more.
        await ann.SharesAsync(bot.Id);
        Assert.Empty((await bob.GetAsync<WhyResponse>($"/v1/messages/{told.Id}/why")).Passages);
        await ann.SendAsync(HttpMethod.Delete, $"/v1/conversations/{talk.Id}");
        await ann.GetAsync($"/v1/messages/{answer.Id}/why").RefusedAsync(HttpStatusCode.NotFound, ErrorCodes.NotFound);
    }

    [Fact]
    public async Task An_owner_sees_numbers_of_all_and_words_of_their_own_only()
    {
        var ann = await app.SomebodyAsync();
        var bob = await app.SomebodyAsync();
        var bot = await ann.HasBotAsync();
        await ann.HasDocumentAsync(bot.Id, "keys.txt", "The spare key lies under the third stone by the well.");
        await ann.SharesAsync(bot.Id, SharedRight.Use.With(bob));
        var hers = await ann.TalksWithAsync(bot.Id);
        await ann.AnswerAsync(hers.Id, "Where does the spare key lie?");
        await ann.AnswerAsync(hers.Id, "Qzxv wplm?");
        var his = await bob.TalksWithAsync(bot.Id);
        var good = (await bob.AnswerAsync(his.Id, "Where is the spare key by the well?")).Message();
        await bob.AnswerAsync(his.Id, "Bvnq xkjt?");

        var seen = await ann.GetAsync<BotAnalyticsResponse>($"/v1/bots/{bot.Id}/analytics");
        Assert.Equal((2, 2, 4), (seen.Conversations, seen.People, seen.Questions));
        Assert.Equal(new AnswerOutcomes(2, 2, 0, 0), seen.Answers);
        Assert.Equal(30, seen.Days.Count);
        Assert.Equal(4, seen.Days.Sum(d => d.Questions));
        Assert.NotNull(seen.P50Milliseconds);
        Assert.True(seen.P95Milliseconds >= seen.P50Milliseconds);
        Assert.Equal((1, 4), (seen.Versions.Single().Version, seen.Versions.Single().Questions));
        Assert.Equal(["Qzxv wplm?"], seen.UnansweredQuestions.Select(q => q.Question));
        Assert.NotEqual(Guid.Empty, good.Id);

        await bob.GetAsync($"/v1/bots/{bot.Id}/analytics").RefusedAsync(HttpStatusCode.Forbidden, ErrorCodes.PermissionMissing);
        await ann.GetAsync($"/v1/bots/{bot.Id}/analytics?from=2026-05-02&to=2026-05-01").RefusedAsync(HttpStatusCode.BadRequest, ErrorCodes.RequestInvalid);
        Assert.Equal(0, (await ann.GetAsync<BotAnalyticsResponse>($"/v1/bots/{bot.Id}/analytics?from=2020-01-01&to=2020-01-03")).Questions);
    }
}
