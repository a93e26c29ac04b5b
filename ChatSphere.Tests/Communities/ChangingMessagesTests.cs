using System.Net;
using ChatSphere.Contracts;
using ChatSphere.Contracts.Communities;
using ChatSphere.Contracts.Live;
using ChatSphere.Data.Communities;
using ChatSphere.Tests.Infrastructure;

namespace ChatSphere.Tests.Communities;

public sealed class ChangingMessagesTests(ChatSphereApp app)
{
    [Fact]
    public async Task An_edit_is_seen_live_numbered_and_its_history_is_for_author_and_moderators()
    {
        var (ann, ben, cas) = (await app.SomebodyAsync(), await app.SomebodyAsync(), await app.SomebodyAsync());
        var channel = (await ann.HasServerAsync(ben, cas)).General();
        using var end = new CancellationTokenSource();
        var his = new LiveListening(cas, end.Token);
        await his.Connected;
        var message = await ben.WritesAsync(channel, "Teh bees");

        await ann.EditsAsync(message, "Mine now").RefusedAsync(HttpStatusCode.Forbidden, ErrorCodes.PermissionMissing);
        var edited = await (await ben.EditsAsync(message, "The bees")).ReadAsync<ChannelMessageResponse>();
        Assert.Equal((1, 2, "The bees", true), (edited.Seq, edited.Change, edited.Content, edited.EditedAt is not null));
        await his.UntilAsync(e => e.Name == LiveEventTypes.ChannelMessage && e.As<ChannelMessageEvent>() is { Change: 2, After: 1, Message.Content: "The bees" });

        // The same again is no change.
        Assert.Equal(2, (await (await ben.EditsAsync(message, "The bees")).ReadAsync<ChannelMessageResponse>()).Change);
        foreach (var reader in new[] { ann, ben })
        {
            Assert.Equal(["Teh bees"], (await reader.GetAsync<List<MessageEditResponse>>(message.Path("/edits"))).Select(e => e.Content));
        }

        await cas.GetAsync(message.Path("/edits")).RefusedAsync(HttpStatusCode.Forbidden, ErrorCodes.RightMissing);
        await ben.EditsAsync(message, " ").RefusedAsync(HttpStatusCode.BadRequest, ErrorCodes.RequestInvalid);
        await end.CancelAsync();
    }

    [Fact]
    public async Task Twenty_edits_at_once_are_twenty_numbers_and_the_last_one_stands()
    {
        var ann = await app.SomebodyAsync();
        var channel = (await ann.HasServerAsync()).General();
        var message = await ann.WritesAsync(channel, "Version 0");
        var edited = await Task.WhenAll(Enumerable.Range(1, 20).Select(async i => await (await ann.EditsAsync(message, $"Version {i}")).ReadAsync<ChannelMessageResponse>()));
        Assert.Equal(Enumerable.Range(2, 20).Select(i => (long)i), edited.Select(e => e.Change).Order());
        Assert.Equal(edited.MaxBy(e => e.Change)!.Content, (await ann.SeesAsync(message)).Content);
        Assert.Equal(20, (await ann.GetAsync<List<MessageEditResponse>>(message.Path("/edits"))).Count);
    }

    [Fact]
    public async Task What_is_deleted_leaves_an_empty_place_with_its_number()
    {
        var (ann, ben, cas) = (await app.SomebodyAsync(), await app.SomebodyAsync(), await app.SomebodyAsync());
        var channel = (await ann.HasServerAsync(ben, cas)).General();
        var message = await ben.WritesAsync(channel, $"A secret for <@{ann.Account.Id}>", "n-1");
        var answer = await (await cas.PostsAsync(channel, new PostMessageRequest("What?", ReplyToId: message.Id))).ReadAsync<ChannelMessageResponse>();
        Assert.Equal("A secret", answer.ReplyTo!.Content[..8]);
        (await ann.ReactsAsync(message, "👍")).EnsureSuccessStatusCode();
        (await ben.EditsAsync(message, "A bigger secret")).EnsureSuccessStatusCode();

        await cas.DeletesAsync(message).RefusedAsync(HttpStatusCode.Forbidden, ErrorCodes.RightMissing);
        Assert.Equal(HttpStatusCode.NoContent, (await ann.DeletesAsync(message)).StatusCode);
        await ann.DeletesAsync(message).RefusedAsync(HttpStatusCode.NotFound, ErrorCodes.NotFound);
        var place = (await ben.HistoryAsync(channel))[0];
        Assert.Equal((1, 5, "", true, 0), (place.Seq, place.Change, place.Content, place.DeletedAt is not null, place.Reactions.Count));
        Assert.Empty(place.Mentions);
        Assert.Equal((true, ""), ((await ben.SeesAsync(answer)).ReplyTo!.IsDeleted, (await ben.SeesAsync(answer)).ReplyTo!.Content));
        await ben.EditsAsync(message, "Back").RefusedAsync(HttpStatusCode.NotFound, ErrorCodes.NotFound);
        await ann.ReactsAsync(message, "👍").RefusedAsync(HttpStatusCode.NotFound, ErrorCodes.NotFound);
        await ben.GetAsync(message.Path("/edits")).RefusedAsync(HttpStatusCode.NotFound, ErrorCodes.NotFound);
        await using var database = await app.DatabaseAsync();
        Assert.Equal(0L, await database.AskAsync("select count(*) from communities.message_edits where message_id = $1", message.Id));

        // A late repeat of what was sent does not bring it back.
        var repeated = await ben.WritesAsync(channel, $"A secret for <@{ann.Account.Id}>", "n-1");
        Assert.Equal((message.Id, true), (repeated.Id, repeated.DeletedAt is not null));
    }

    [Fact]
    public async Task Many_are_deleted_at_once_in_the_order_of_their_numbers()
    {
        var (ann, ben) = (await app.SomebodyAsync(), await app.SomebodyAsync());
        var server = await ann.HasServerAsync(ben);
        var channel = server.General();
        var written = new List<ChannelMessageResponse>();
        for (var i = 0; i < 6; i++)
        {
            written.Add(await ben.WritesAsync(channel, $"Message {i}"));
        }

        using var end = new CancellationTokenSource();
        var hers = new LiveListening(ann, end.Token);
        await hers.Connected;
        var some = new DeleteMessagesRequest([written[4].Id, written[1].Id, written[2].Id]);
        await ben.PostAsync($"/v1/channels/{channel}/messages/delete", some).RefusedAsync(HttpStatusCode.Forbidden, ErrorCodes.RightMissing);
        await ann.PostAsync($"/v1/channels/{channel}/messages/delete", new DeleteMessagesRequest([written[0].Id, Guid.NewGuid()])).RefusedAsync(HttpStatusCode.BadRequest, ErrorCodes.RequestInvalid);
        await ann.PostAsync($"/v1/channels/{channel}/messages/delete", new DeleteMessagesRequest([written[0].Id])).RefusedAsync(HttpStatusCode.BadRequest, ErrorCodes.RequestInvalid);
        Assert.Equal(HttpStatusCode.NoContent, (await ann.PostAsync($"/v1/channels/{channel}/messages/delete", some)).StatusCode);
        await hers.UntilAsync(e => e.Name == LiveEventTypes.ChannelMessage && e.As<ChannelMessageEvent>().Change == 9);

        // What was written before may be told once more; whoever has it already takes no notice.
        Assert.Equal([(7L, 2L), (8L, 3L), (9L, 5L)], hers.Seen.Where(e => e.Name == LiveEventTypes.ChannelMessage).Select(e => e.As<ChannelMessageEvent>()).Where(e => e.Change > 6).Select(e => (e.Change, e.Message.Seq)));
        Assert.Equal(["Message 0", "", "", "Message 3", "", "Message 5"], (await ben.HistoryAsync(channel)).Select(m => m.Content));
        await end.CancelAsync();
    }

    [Fact]
    public async Task A_message_of_one_channel_is_not_found_through_another()
    {
        var ann = await app.SomebodyAsync();
        var (one, other) = ((await ann.HasServerAsync()).General(), (await ann.HasServerAsync()).General());
        var message = await ann.WritesAsync(one, "Here");
        var there = message with { ChannelId = other };
        await ann.GetAsync(there.Path()).RefusedAsync(HttpStatusCode.NotFound, ErrorCodes.NotFound);
        await ann.EditsAsync(there, "There").RefusedAsync(HttpStatusCode.NotFound, ErrorCodes.NotFound);
        await ann.DeletesAsync(there).RefusedAsync(HttpStatusCode.NotFound, ErrorCodes.NotFound);
        await ann.ReactsAsync(there, "👍").RefusedAsync(HttpStatusCode.NotFound, ErrorCodes.NotFound);
        await ann.SendAsync(HttpMethod.Put, there.Path("/pin")).RefusedAsync(HttpStatusCode.NotFound, ErrorCodes.NotFound);
    }

    [Fact]
    public async Task Reactions_are_counted_once_a_person_and_cleared_by_moderators()
    {
        var (ann, ben, cas) = (await app.SomebodyAsync(), await app.SomebodyAsync(), await app.SomebodyAsync());
        var channel = (await ann.HasServerAsync(ben, cas)).General();
        var message = await ann.WritesAsync(channel, "Honey?");
        await Task.WhenAll(Enumerable.Range(0, 10).Select(async _ => (await ben.ReactsAsync(message, "❤")).EnsureSuccessStatusCode()));
        (await cas.ReactsAsync(message, "❤️")).EnsureSuccessStatusCode();
        (await cas.ReactsAsync(message, "👩🏽‍🚀")).EnsureSuccessStatusCode();
        var reactions = (await ann.SeesAsync(message)).Reactions;
        Assert.Equal([("❤️", 2), ("👩🏽‍🚀", 1)], reactions.Select(r => (r.Emoji, r.Count)));
        Assert.Equal([ben.Account.Id, cas.Account.Id], reactions[0].AccountIds);
        Assert.Equal(4, (await ann.SeesAsync(message)).Change);

        var page = await ann.GetAsync<Page<ReactedResponse>>(message.Path($"/reactions/{Uri.EscapeDataString("❤")}?limit=1"));
        Assert.Equal(ben.Account.Id, page.Items.Single().AccountId);
        Assert.Equal(cas.Account.Id, (await ann.GetAsync<Page<ReactedResponse>>(message.Path($"/reactions/{Uri.EscapeDataString("❤")}?limit=1&cursor={page.Next}"))).Items.Single().AccountId);
        Assert.Equal(["❤️", "👩🏽‍🚀"], (await cas.GetAsync<List<MyReactionsResponse>>($"/v1/channels/{channel}/my-reactions?from=1&to=9")).Single().Emoji.Order(StringComparer.Ordinal));

        (await cas.SendAsync(HttpMethod.Delete, message.Path($"/reactions/{Uri.EscapeDataString("❤")}"))).EnsureSuccessStatusCode();
        Assert.Equal(1, (await ann.SeesAsync(message)).Reactions[0].Count);
        await ben.SendAsync(HttpMethod.Delete, message.Path("/reactions")).RefusedAsync(HttpStatusCode.Forbidden, ErrorCodes.RightMissing);
        (await ann.SendAsync(HttpMethod.Delete, message.Path("/reactions"))).EnsureSuccessStatusCode();
        Assert.Empty((await ann.SeesAsync(message)).Reactions);
    }

    [Theory]
    [InlineData("x")]
    [InlineData("👍👍")]
    [InlineData("<b>")]
    [InlineData("12")]
    [InlineData("‍")]
    [InlineData("00000000-0000-0000-0000-000000000001")]
    public async Task Only_one_emoji_is_a_reaction(string emoji)
    {
        var ann = await app.SomebodyAsync();
        var message = await ann.WritesAsync((await ann.HasServerAsync()).General(), "Honey?");
        await ann.ReactsAsync(message, emoji).RefusedAsync(HttpStatusCode.BadRequest, ErrorCodes.EmojiInvalid);
    }

    [Fact]
    public async Task A_message_takes_twenty_kinds_of_reactions()
    {
        var ann = await app.SomebodyAsync();
        var message = await ann.WritesAsync((await ann.HasServerAsync()).General(), "Fruit");
        var results = await Task.WhenAll(Enumerable.Range(0x1F345, 25).Select(async rune => (await ann.ReactsAsync(message, char.ConvertFromUtf32(rune))).StatusCode));
        Assert.Equal((20, 5), (results.Count(r => r == HttpStatusCode.OK), results.Count(r => r == HttpStatusCode.Conflict)));
        Assert.Equal(20, (await ann.SeesAsync(message)).Reactions.Count);
    }

    [Fact]
    public async Task Fifty_are_pinned_and_whoever_may_not_does_not()
    {
        var (ann, ben) = (await app.SomebodyAsync(), await app.SomebodyAsync());
        var channel = (await ann.HasServerAsync(ben)).General();
        var written = new List<ChannelMessageResponse>();
        for (var i = 0; i < 52; i++)
        {
            written.Add(await ann.WritesAsync(channel, $"Message {i}"));
        }

        await ben.SendAsync(HttpMethod.Put, written[0].Path("/pin")).RefusedAsync(HttpStatusCode.Forbidden, ErrorCodes.RightMissing);
        var results = await Task.WhenAll(written.Select(async m => (await ann.SendAsync(HttpMethod.Put, m.Path("/pin"))).StatusCode));
        Assert.Equal((50, 2), (results.Count(r => r == HttpStatusCode.OK), results.Count(r => r == HttpStatusCode.Conflict)));
        var pins = await ben.GetAsync<List<ChannelMessageResponse>>($"/v1/channels/{channel}/pins");
        Assert.Equal(50, pins.Count);
        Assert.All(pins, p => Assert.True(p.IsPinned));
        (await ann.SendAsync(HttpMethod.Delete, pins[0].Path("/pin"))).EnsureSuccessStatusCode();
        Assert.DoesNotContain(await ben.GetAsync<List<ChannelMessageResponse>>($"/v1/channels/{channel}/pins"), p => p.Id == pins[0].Id);
    }

    [Fact]
    public async Task Only_who_may_be_named_is_called_and_code_calls_nobody()
    {
        var (ann, ben, eve, cas) = (await app.SomebodyAsync(), await app.SomebodyAsync(), await app.SomebodyAsync(), await app.SomebodyAsync());
        var server = await ann.HasServerAsync(ben, cas);
        var channel = server.General();
        var quiet = await app.HasRoleAsync(server.Server.Id, ServerPermissions.None, mentionable: false, ben);
        var loud = await app.HasRoleAsync(server.Server.Id, ServerPermissions.None, mentionable: true, ben);
        await app.DeniesAsync(channel, cas.Account.Id, OverwriteTarget.Member, ServerPermissions.ViewChannel);
        var text = $"@everyone @here <@{ann.Account.Id}> `<@{ann.Account.Id}>` <@{eve.Account.Id}> <@{cas.Account.Id}> <@&{quiet}> <@&{loud}> <@&{server.Server.Id}>";

        var bens = await ben.WritesAsync(channel, text);
        Assert.Equal(([ann.Account.Id], [loud], false), (bens.MentionedAccounts.ToArray(), bens.MentionedRoles.ToArray(), bens.MentionsEveryone), Same);
        Assert.Equal([(ann.Account.Id, MentionKind.Person), (loud, MentionKind.Role)], bens.Mentions.Select(m => (m.Id, m.Kind)));
        var anns = await ann.WritesAsync(channel, text);
        Assert.True(anns.MentionsEveryone);
        Assert.Equal(new[] { quiet, loud }.Order(), anns.MentionedRoles.Order());

        foreach (var code in new[] { $"`<@{ann.Account.Id}> @everyone`", $"```\n<@{ann.Account.Id}>\n@everyone\n```", $"    <@{ann.Account.Id}> @everyone", $"~~~\n@here <@{ann.Account.Id}>" })
        {
            var coded = await ann.WritesAsync(channel, code);
            Assert.Equal((0, false, 0), (coded.MentionedAccounts.Count, coded.MentionsEveryone, coded.Mentions.Count));
        }

        static bool Same((Guid[] Accounts, Guid[] Roles, bool Everyone) a, (Guid[] Accounts, Guid[] Roles, bool Everyone) b) => a.Accounts.SequenceEqual(b.Accounts) && a.Roles.SequenceEqual(b.Roles) && a.Everyone == b.Everyone;
    }

    [Fact]
    public async Task An_edit_names_and_does_not_call()
    {
        var (ann, ben) = (await app.SomebodyAsync(), await app.SomebodyAsync());
        var channel = (await ann.HasServerAsync(ben)).General();
        var message = await ann.WritesAsync(channel, "Nobody");
        var edited = await (await ann.EditsAsync(message, $"Now <@{ben.Account.Id}> and @everyone")).ReadAsync<ChannelMessageResponse>();
        Assert.Equal((0, false), (edited.MentionedAccounts.Count, edited.MentionsEveryone));
        Assert.Equal(ben.Account.Id, edited.Mentions.Single().Id);
        Assert.Equal(0, (await ben.ChannelAsync(channel)).Mentions);

        var calling = await ann.WritesAsync(channel, $"You, <@{ben.Account.Id}>!");
        Assert.Equal(1, (await ben.ChannelAsync(channel)).Mentions);
        (await ann.EditsAsync(calling, "Nobody after all")).EnsureSuccessStatusCode();
        Assert.Equal(0, (await ben.ChannelAsync(channel)).Mentions);
    }

    [Fact]
    public async Task Fifty_at_most_are_called_by_one_message()
    {
        var ann = await app.SomebodyAsync();
        var server = await ann.HasServerAsync();
        await using var database = await app.DatabaseAsync();
        var ids = Enumerable.Range(0, 80).Select(_ => Guid.NewGuid()).ToArray();
        await database.ExecuteAsync("insert into communities.server_members (server_id, member_id, kind, nickname, joined_at) select $1, id, 'Person', '', now() from unnest($2) id", server.Server.Id, ids);
        var message = await ann.WritesAsync(server.General(), string.Concat(ids.Select(id => $"<@{id}>")));
        Assert.Equal(ids.Take(50).Order(), message.MentionedAccounts.Order());
    }

    [Theory]
    [InlineData('>')]
    [InlineData('*')]
    [InlineData('[')]
    [InlineData('`')]
    [InlineData('|')]
    public async Task Deep_markdown_is_taken_at_once(char mark)
    {
        var ann = await app.SomebodyAsync();
        var channel = (await ann.HasServerAsync()).General();
        var message = await ann.WritesAsync(channel, new string(mark, 3_900) + $" `x` <@{ann.Account.Id}>");
        Assert.Equal(1, message.Seq);
    }
}
