using System.Net;
using ChatSphere.Contracts;
using ChatSphere.Contracts.Bots;
using ChatSphere.Contracts.Sharing;
using ChatSphere.Tests.Infrastructure;
using ChatSphere.Tests.Sharing;

namespace ChatSphere.Tests.Bots;

public sealed class KeepingVersionsTests(ChatSphereApp app)
{
    [Fact]
    public async Task Each_change_is_a_version_that_one_can_look_at_and_go_back_to()
    {
        var ann = await app.SomebodyAsync();
        var bot = await ann.HasBotAsync(instructions: "Be brief.\nBe kind.\nQuote the rule.");
        Assert.Equal(1, bot.Version);
        bot = await ann.ChangesAsync(bot.Id, new UpdateBotRequest(Instructions: "Be brief.\nBe strict.\nQuote the rule.", Temperature: 0.2) { Note = "Stricter" });
        Assert.Equal(2, bot.Version);

        // Saying what is so already makes no version.
        Assert.Equal(2, (await ann.ChangesAsync(bot.Id, new UpdateBotRequest(Temperature: 0.2))).Version);

        var versions = (await ann.GetAsync<Page<BotVersionResponse>>($"/v1/bots/{bot.Id}/versions")).Items;
        Assert.Equal([(2, VersionOrigin.Changed, true, "Stricter"), (1, VersionOrigin.Created, false, null)], versions.Select(v => (v.Number, v.Origin, v.IsLive, v.Note)));
        Assert.All(versions, v => Assert.Equal(ann.Account.Id, v.Author?.Id));
        Assert.Equal("Be brief.\nBe kind.\nQuote the rule.", (await ann.GetAsync<BotVersionResponse>($"/v1/bots/{bot.Id}/versions/1")).Settings?.Instructions);

        var diff = await ann.GetAsync<BotDiffResponse>($"/v1/bots/{bot.Id}/diff?from=1&to=live");
        Assert.Equal(["instructions", "temperature"], diff.Settings.Select(s => s.Setting));
        Assert.Equal(
            [("same", "Be brief."), ("removed", "Be kind."), ("added", "Be strict."), ("same", "Quote the rule.")],
            diff.Settings[0].Lines!.Select(l => (l.Kind, l.Text)));
        Assert.Equal(0.2, diff.Settings[1].After.GetDouble());

        var back = await ann.DoesAsync(bot.Id, "rollback", new RollBackBotRequest(1, "It was too strict"));
        Assert.Equal((3, "Be brief.\nBe kind.\nQuote the rule.", null), (back.Version, back.Instructions, back.Temperature));
        var newest = await ann.GetAsync<BotVersionResponse>($"/v1/bots/{bot.Id}/versions/3");
        Assert.Equal((VersionOrigin.RolledBack, 1), (newest.Origin, newest.RestoredFrom));
        await ann.PostAsync($"/v1/bots/{bot.Id}/rollback", new RollBackBotRequest(9)).RefusedAsync(HttpStatusCode.BadRequest, ErrorCodes.RequestInvalid);
        await ann.GetAsync($"/v1/bots/{bot.Id}/versions/9").RefusedAsync(HttpStatusCode.NotFound, ErrorCodes.NotFound);
    }

    [Fact]
    public async Task Two_editors_do_not_overwrite_each_other()
    {
        var ann = await app.SomebodyAsync();
        var bob = await app.SomebodyAsync();
        var bot = await ann.HasBotAsync();
        await ann.SharesAsync(bot.Id, SharedRight.Edit.With(bob));
        using (var read = await bob.GetAsync($"/v1/bots/{bot.Id}"))
        {
            Assert.Equal($"\"{bot.Revision}\"", read.Headers.ETag?.Tag);
        }

        await (await ann.TriesToChangeAsync(bot.Id, new UpdateBotRequest(Name: "Ann's"), bot.Revision)).ReadAsync<BotResponse>();
        await bob.TriesToChangeAsync(bot.Id, new UpdateBotRequest(Name: "Bob's"), bot.Revision).RefusedAsync(HttpStatusCode.PreconditionFailed, ErrorCodes.BotChanged);
        Assert.Equal("Ann's", (await bob.BotAsync(bot.Id)).Name);

        // All at once: exactly one of those who saw the same is first, and the numbers have no gap.
        var seen = (await ann.BotAsync(bot.Id)).Revision;
        var tried = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => (i % 2 == 0 ? ann : bob).TriesToChangeAsync(bot.Id, new UpdateBotRequest(Name: $"No. {i}"), seen)));
        Assert.Equal(1, tried.Count(r => r.StatusCode == HttpStatusCode.OK));
        Assert.Equal(7, tried.Count(r => r.StatusCode == HttpStatusCode.PreconditionFailed));
        var blind = await Task.WhenAll(Enumerable.Range(0, 6).Select(i => ann.SendAsync(HttpMethod.Patch, $"/v1/bots/{bot.Id}", new UpdateBotRequest(Name: $"Blind {i}"))));
        Assert.All(blind, r => Assert.Equal(HttpStatusCode.OK, r.StatusCode));
        Assert.Equal(Enumerable.Range(1, 9).Reverse(), (await ann.GetAsync<Page<BotVersionResponse>>($"/v1/bots/{bot.Id}/versions")).Items.Select(v => v.Number));
    }

    [Fact]
    public async Task With_review_a_change_waits_until_it_is_published()
    {
        var ann = await app.SomebodyAsync();
        var bob = await app.SomebodyAsync();
        var bot = await ann.HasBotAsync();
        await ann.SharesAsync(bot.Id, SharedRight.Use.With(bob));
        await ann.ChangesAsync(bot.Id, new UpdateBotRequest { ReviewBeforePublishing = true });
        var changed = await ann.ChangesAsync(bot.Id, new UpdateBotRequest(Name: "New name"));
        Assert.Equal(("Librarian", "New name", 1), (changed.Name, changed.Draft?.Name, changed.Version));

        // A second change goes on from the draft; others see neither.
        changed = await ann.ChangesAsync(bot.Id, new UpdateBotRequest(Temperature: 0.3));
        Assert.Equal(("New name", 0.3), (changed.Draft?.Name, changed.Draft?.Temperature));
        var seen = await bob.BotAsync(bot.Id);
        Assert.Equal(("Librarian", null), (seen.Name, seen.Draft));
        Assert.Equal(["name", "temperature"], (await ann.GetAsync<BotDiffResponse>($"/v1/bots/{bot.Id}/diff")).Settings.Select(s => s.Setting));
        await ann.SendAsync(HttpMethod.Patch, $"/v1/bots/{bot.Id}", new UpdateBotRequest { ReviewBeforePublishing = false }).RefusedAsync(HttpStatusCode.Conflict, ErrorCodes.DraftExists);
        await bob.PostAsync($"/v1/bots/{bot.Id}/publish", new PublishBotRequest()).RefusedAsync(HttpStatusCode.Forbidden, ErrorCodes.PermissionMissing);

        var published = await ann.DoesAsync(bot.Id, "publish", new PublishBotRequest("Better name"));
        Assert.Equal(("New name", 0.3, null, 2), (published.Name, published.Temperature, published.Draft, published.Version));
        await ann.PostAsync($"/v1/bots/{bot.Id}/publish", new PublishBotRequest()).RefusedAsync(HttpStatusCode.Conflict, ErrorCodes.DraftMissing);

        await ann.ChangesAsync(bot.Id, new UpdateBotRequest(Name: "Worse name"));
        var discarded = await (await ann.SendAsync(HttpMethod.Delete, $"/v1/bots/{bot.Id}/draft")).ReadAsync<BotResponse>();
        Assert.Equal(("New name", null), (discarded.Name, discarded.Draft));
    }

    [Fact]
    public async Task Who_may_only_talk_with_a_bot_does_not_see_what_it_was()
    {
        var ann = await app.SomebodyAsync();
        var bob = await app.SomebodyAsync();
        var eve = await app.SomebodyAsync();
        var bot = await ann.HasBotAsync();
        await ann.SharesAsync(bot.Id, SharedRight.Use.With(bob));
        foreach (var path in new[] { "versions", "versions/1", "diff", "golden-questions" })
        {
            await bob.GetAsync($"/v1/bots/{bot.Id}/{path}").RefusedAsync(HttpStatusCode.Forbidden, ErrorCodes.PermissionMissing);
            await eve.GetAsync($"/v1/bots/{bot.Id}/{path}").RefusedAsync(HttpStatusCode.NotFound, ErrorCodes.NotFound);
        }
    }
}
