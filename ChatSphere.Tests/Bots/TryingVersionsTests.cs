using System.Net;
using ChatSphere.Contracts;
using ChatSphere.Contracts.Bots;
using ChatSphere.Contracts.Sharing;
using ChatSphere.Tests.Infrastructure;
using ChatSphere.Tests.Sharing;

namespace ChatSphere.Tests.Bots;

public sealed class TryingVersionsTests(ChatSphereApp app)
{
    [Fact]
    public async Task A_share_of_the_conversations_gets_the_new_version_and_stays_with_it()
    {
        var ann = await app.SomebodyAsync();
        var bot = await ann.HasBotAsync("mock-len3");
        await ann.ChangesAsync(bot.Id, new UpdateBotRequest { ReviewBeforePublishing = true });
        await ann.ChangesAsync(bot.Id, new UpdateBotRequest(Model: "mock-len7"));
        await ann.PostAsync($"/v1/bots/{bot.Id}/canary/promote").RefusedAsync(HttpStatusCode.Conflict, ErrorCodes.CanaryMissing);
        var trial = await ann.DoesAsync(bot.Id, "publish", new PublishBotRequest(Percent: 50));
        Assert.Equal(("mock-len3", 1, new BotCanaryResponse(2, 50), null), (trial.Model, trial.Version, trial.Canary, trial.Draft));

        // Which one a conversation gets depends on its id alone: sixteen of them all alike would be one in 32,768.
        var seen = new Dictionary<Guid, int?>();
        for (var i = 0; i < 16; i++)
        {
            var talk = await ann.TalksWithAsync(bot.Id);
            var answer = (await ann.AnswerAsync(talk.Id, "Hello?")).Message();
            Assert.Equal(answer.BotVersion == 2 ? "mock-len7" : "mock-len3", answer.Model);
            seen[talk.Id] = answer.BotVersion;
        }

        Assert.Equal([1, 2], seen.Values.Distinct().Order());
        foreach (var (talk, version) in seen.Take(4))
        {
            Assert.Equal(version, (await ann.AnswerAsync(talk, "And again?")).Message().BotVersion);
        }

        // More get it; who has it keeps it.
        await (await ann.SendAsync(HttpMethod.Put, $"/v1/bots/{bot.Id}/canary", new ShareCanaryRequest(99))).ReadAsync<BotResponse>();
        var had = seen.First(s => s.Value == 2).Key;
        Assert.Equal(2, (await ann.AnswerAsync(had, "Still?")).Message().BotVersion);

        var promoted = await ann.DoesAsync(bot.Id, "canary/promote");
        Assert.Equal(("mock-len7", 2, null), (promoted.Model, promoted.Version, promoted.Canary));
        var before = seen.First(s => s.Value == 1).Key;
        Assert.Equal((2, "mock-len7"), (await ann.AnswerAsync(before, "And now?")).Message() is var last ? (last.BotVersion, last.Model) : default);
    }

    [Fact]
    public async Task A_trial_that_ends_is_the_draft_again_and_only_editors_know_of_it()
    {
        var ann = await app.SomebodyAsync();
        var bob = await app.SomebodyAsync();
        var bot = await ann.HasBotAsync("mock-len3");
        await ann.SharesAsync(bot.Id, SharedRight.Use.With(bob));
        await ann.ChangesAsync(bot.Id, new UpdateBotRequest { ReviewBeforePublishing = true });
        await ann.ChangesAsync(bot.Id, new UpdateBotRequest(Instructions: "Be someone else."));
        await ann.DoesAsync(bot.Id, "publish", new PublishBotRequest(Percent: 10));
        Assert.Null((await bob.BotAsync(bot.Id)).Canary);
        var ended = await (await ann.SendAsync(HttpMethod.Delete, $"/v1/bots/{bot.Id}/canary")).ReadAsync<BotResponse>();
        Assert.Equal((null, "Be someone else.", "Answer from the documents."), (ended.Canary, ended.Draft?.Instructions, ended.Instructions));
        Assert.Equal(3, (await ann.DoesAsync(bot.Id, "publish", new PublishBotRequest())).Version);
    }
}
