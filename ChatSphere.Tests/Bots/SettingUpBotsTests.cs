using System.Net;
using ChatSphere.Contracts;
using ChatSphere.Contracts.Bots;
using ChatSphere.Contracts.Conversations;
using ChatSphere.Contracts.Knowledge;
using ChatSphere.Contracts.Sharing;
using ChatSphere.Tests.Infrastructure;
using ChatSphere.Tests.People;
using ChatSphere.Tests.Sharing;

namespace ChatSphere.Tests.Bots;

public sealed class SettingUpBotsTests(ChatSphereApp app)
{
    [Fact]
    public async Task What_people_see_before_they_ask_is_kept_and_taken_back()
    {
        var ann = await app.SomebodyAsync();
        var bot = await (await ann.PostAsync("/v1/bots", new CreateBotRequest("Guide", "Be brief.", "extractive", 0.5)
        {
            Description = "Knows the rules.",
            Greeting = "Hello! Ask me about the rules.",
            Starters = ["What is the notice period?", " When do we close? "],
        })).ReadAsync<BotResponse>();
        Assert.Equal(("Knows the rules.", "Hello! Ask me about the rules."), (bot.Description, bot.Greeting));
        Assert.Equal(["What is the notice period?", "When do we close?"], bot.Starters);

        var changed = await ann.ChangesAsync(bot.Id, new UpdateBotRequest { Reset = ["temperature", "greeting", "starters", "model"] });
        Assert.Equal((null, "", null, "Knows the rules.", "Be brief."), (changed.Temperature, changed.Greeting, changed.Model, changed.Description, changed.Instructions));
        Assert.Empty(changed.Starters);
    }

    [Fact]
    public async Task Too_many_starters_empty_ones_and_unknown_settings_are_refused()
    {
        var ann = await app.SomebodyAsync();
        var bot = await ann.HasBotAsync();
        await ann.SendAsync(HttpMethod.Patch, $"/v1/bots/{bot.Id}", new UpdateBotRequest { Starters = [.. Enumerable.Repeat("x", 7)] }).RefusedAsync(HttpStatusCode.BadRequest, ErrorCodes.RequestInvalid);
        await ann.SendAsync(HttpMethod.Patch, $"/v1/bots/{bot.Id}", new UpdateBotRequest { Starters = [" "] }).RefusedAsync(HttpStatusCode.BadRequest, ErrorCodes.RequestInvalid);
        await ann.SendAsync(HttpMethod.Patch, $"/v1/bots/{bot.Id}", new UpdateBotRequest { Starters = [new string('x', 201)] }).RefusedAsync(HttpStatusCode.BadRequest, ErrorCodes.RequestInvalid);
        await ann.SendAsync(HttpMethod.Patch, $"/v1/bots/{bot.Id}", new UpdateBotRequest { Reset = ["name"] }).RefusedAsync(HttpStatusCode.BadRequest, ErrorCodes.RequestInvalid);
        await ann.SendAsync(HttpMethod.Patch, $"/v1/bots/{bot.Id}", new UpdateBotRequest { Greeting = "a\0b" }).RefusedAsync(HttpStatusCode.BadRequest, ErrorCodes.RequestInvalid);
    }

    [Fact]
    public async Task A_bot_that_was_put_away_is_in_no_list_and_answers_nobody_but_what_was_said_stays()
    {
        var ann = await app.SomebodyAsync();
        var bob = await app.SomebodyAsync();
        var bot = await ann.HasBotAsync();
        await ann.SharesAsync(bot.Id, SharedRight.Edit.With(bob));
        var talk = await bob.TalksWithAsync(bot.Id);
        await bob.AnswerAsync(talk.Id, "Who are you?");

        await bob.PostAsync($"/v1/bots/{bot.Id}/archive").RefusedAsync(HttpStatusCode.Forbidden, ErrorCodes.PermissionMissing);
        Assert.NotNull((await ann.DoesAsync(bot.Id, "archive")).ArchivedAt);
        Assert.Empty((await ann.GetAsync<Page<BotResponse>>("/v1/bots")).Items);
        Assert.DoesNotContain((await bob.GetAsync<Page<BotResponse>>("/v1/bots?scope=all")).Items, b => b.Id == bot.Id);
        Assert.Equal(bot.Id, (await ann.GetAsync<Page<BotResponse>>("/v1/bots?scope=archived")).Items.Single().Id);
        Assert.Equal(2, (await bob.MessagesAsync(talk.Id)).Count);
        await bob.PostAsync("/v1/conversations", new CreateConversationRequest(bot.Id)).RefusedAsync(HttpStatusCode.Conflict, ErrorCodes.BotArchived);
        await bob.PostAsync($"/v1/conversations/{talk.Id}/turns", new CreateTurnRequest("And now?")).RefusedAsync(HttpStatusCode.Conflict, ErrorCodes.BotUnavailable);

        Assert.Null((await ann.DoesAsync(bot.Id, "unarchive")).ArchivedAt);
        Assert.Equal(bot.Id, (await ann.GetAsync<Page<BotResponse>>("/v1/bots")).Items.Single().Id);
        await bob.AnswerAsync(talk.Id, "And now?");
    }

    [Fact]
    public async Task A_copy_has_the_settings_and_the_documents_and_is_ones_own()
    {
        var ann = await app.SomebodyAsync();
        var bob = await app.SomebodyAsync();
        var bot = await (await ann.PostAsync("/v1/bots", new CreateBotRequest("Guide", "Be brief.", "extractive", 0.5) { Greeting = "Hello!", Starters = ["How?"] })).ReadAsync<BotResponse>();
        var document = await ann.HasDocumentAsync(bot.Id, "keys.txt", "The spare key lies under the third stone by the well.");

        // Who may not edit it would read its instructions this way.
        await ann.SharesAsync(bot.Id, SharedRight.Use.With(bob));
        await bob.PostAsync($"/v1/bots/{bot.Id}/clone", new CloneBotRequest()).RefusedAsync(HttpStatusCode.Forbidden, ErrorCodes.PermissionMissing);

        await ann.SharesAsync(bot.Id, SharedRight.Edit.With(bob));
        var copy = await bob.DoesAsync(bot.Id, "clone", new CloneBotRequest(Knowledge: true));
        Assert.Equal(("Guide (copy)", "Be brief.", "extractive", 0.5, "Hello!", SharedRight.Owner), (copy.Name, copy.Instructions, copy.Model, copy.Temperature, copy.Greeting, copy.Right));
        Assert.Equal(["How?"], copy.Starters);
        var taken = Assert.Single((await bob.GetAsync<Page<DocumentResponse>>($"/v1/bots/{copy.Id}/documents")).Items);
        Assert.Equal((document.Name, document.Sha256), (taken.Name, taken.Sha256));
        Assert.Equal(DocumentStatus.Ready, (await bob.SettledAsync(taken.Id)).Status);

        // The original may go; the copy keeps what it has.
        await ann.SendAsync(HttpMethod.Delete, $"/v1/bots/{bot.Id}");
        await Person.EventuallyAsync(() => bob.GetAsync<BotResponse>($"/v1/bots/{copy.Id}"), b => b.Documents == 1);
        var talk = await bob.TalksWithAsync(copy.Id);
        Assert.Contains("third stone", (await bob.AnswerAsync(talk.Id, "Where does the spare key lie?")).Message().Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_picture_is_shown_to_who_sees_the_bot_and_goes_with_it()
    {
        var ann = await app.SomebodyAsync();
        var bob = await app.SomebodyAsync();
        var eve = await app.SomebodyAsync();
        var bot = await ann.HasBotAsync();
        var png = Pictures.Png(9, 7);
        var shown = await (await ann.SendAsync(HttpMethod.Put, $"/v1/bots/{bot.Id}/avatar", new ByteArrayContent(png) { Headers = { ContentType = new("image/png") } })).ReadAsync<BotAvatarResponse>();
        Assert.Equal((9, 7, "image/png"), (shown.Width, shown.Height, shown.ContentType));
        Assert.Equal(shown.Avatar, (await ann.BotAsync(bot.Id)).Avatar);

        await ann.SharesAsync(bot.Id, SharedRight.View.With(bob));
        using (var seen = await bob.GetAsync($"/v1/bots/{bot.Id}/avatar"))
        {
            Assert.Equal((HttpStatusCode.OK, "image/png"), (seen.StatusCode, seen.Content.Headers.ContentType?.MediaType));
        }

        await eve.GetAsync($"/v1/bots/{bot.Id}/avatar").RefusedAsync(HttpStatusCode.NotFound, ErrorCodes.NotFound);
        await bob.SendAsync(HttpMethod.Delete, $"/v1/bots/{bot.Id}/avatar").RefusedAsync(HttpStatusCode.Forbidden, ErrorCodes.PermissionMissing);
        await ann.SendAsync(HttpMethod.Put, $"/v1/bots/{bot.Id}/avatar", new ByteArrayContent("<svg/>"u8.ToArray()) { Headers = { ContentType = new("image/png") } })
            .RefusedAsync(HttpStatusCode.BadRequest, ErrorCodes.AvatarInvalid);
        Assert.Equal(HttpStatusCode.NoContent, (await ann.SendAsync(HttpMethod.Delete, $"/v1/bots/{bot.Id}/avatar")).StatusCode);
        await ann.GetAsync($"/v1/bots/{bot.Id}/avatar").RefusedAsync(HttpStatusCode.NotFound, ErrorCodes.NotFound);
    }
}
