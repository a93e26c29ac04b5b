using System.Net;
using ChatSphere.Contracts;
using ChatSphere.Contracts.Communities;
using ChatSphere.Contracts.Search;
using ChatSphere.Tests.Communities;
using ChatSphere.Tests.Infrastructure;

namespace ChatSphere.Tests.Search;

/// <summary>What people look for in channels.</summary>
internal static class SearchUse
{
    public static Task<FoundChannelMessagesResponse> FindsAsync(this Person person, string q, string more = "") => person.GetAsync<FoundChannelMessagesResponse>($"/v1/search/messages?q={Uri.EscapeDataString(q)}{more}");

    /// <summary>Once the index has heard of all of it.</summary>
    public static async Task<IReadOnlyList<FoundChannelMessageResponse>> FindsAsync(this Person person, string q, int count) =>
        (await Person.EventuallyAsync(() => person.FindsAsync(q), f => f.Items.Count >= count, seconds: 60)).Items is var items && items.Count == count ? items : throw new InvalidOperationException($"{items.Count} found in place of {count}.");

    /// <summary>A word that no other test uses.</summary>
    public static string Word() => "zq" + Guid.NewGuid().ToString("n")[..10];
}

public sealed class SearchingChannelsTests(ChatSphereApp app)
{
    [Fact]
    public async Task Messages_are_found_by_words_stems_phrases_and_scripts_without_spaces_and_the_matches_are_marked()
    {
        var (ann, word) = (await app.SomebodyAsync(), SearchUse.Word());
        var general = (await ann.HasServerAsync()).General();
        var english = await ann.WritesAsync(general, $"{word} The keepers were moving all of their beehives to the meadow before the winter came");
        await ann.WritesAsync(general, $"{word} Die Bienen flogen am Morgen über die blühenden Wiesen und kamen abends wieder in ihre Häuser zurück");
        await ann.WritesAsync(general, $"{word} 春に蜂蜜を集めます");
        await ann.WritesAsync(general, $"{word} costs 100% of a_b \\ (see https://example.org/x)");
        await ann.FindsAsync(word, 4);

        var move = Assert.Single((await ann.FindsAsync($"{word} moved")).Items);
        Assert.Equal((english.Id, english.Seq, general, "general"), (move.MessageId, move.Seq, move.ChannelId, move.ChannelName));
        Assert.Contains(move.Matches, m => move.Excerpt[m.Start..m.End] == "moving");
        Assert.Single((await ann.FindsAsync($"{word} Biene")).Items);
        Assert.Single((await ann.FindsAsync($"{word} \"were moving all\"")).Items);
        Assert.Empty((await ann.FindsAsync($"{word} \"moving were all\"")).Items);
        var honey = Assert.Single((await ann.FindsAsync("蜜 " + word)).Items);
        Assert.Contains("春に蜂蜜を集めます", honey.Excerpt, StringComparison.Ordinal);
        Assert.Single((await ann.FindsAsync($"{word} 蜂蜜")).Items);
        Assert.Empty((await ann.FindsAsync($"{word} 蜜蜂")).Items);
        Assert.Equal(3, (await ann.FindsAsync($"{word} -moved")).Items.Count);
        Assert.Single((await ann.FindsAsync($"{word} has:link")).Items);
        Assert.Equal(3, (await ann.FindsAsync($"{word} -has:link")).Items.Count);
        Assert.Equal(4, (await ann.FindsAsync(word, "&order=best")).Items.Count);
    }

    [Fact]
    public async Task Operators_narrow_it_down_and_pages_follow_each_other()
    {
        var (ann, bob, word) = (await app.SomebodyAsync(), await app.SomebodyAsync(), SearchUse.Word());
        var server = await ann.HasServerAsync(bob);
        var general = server.General();
        var other = await (await ann.PostAsync($"/v1/servers/{server.Server.Id}/channels", new CreateChannelRequest("Garden", ChannelKind.Text))).ReadAsync<ChannelResponse>();
        await ann.WritesAsync(general, $"{word} one");
        await bob.WritesAsync(general, $"{word} two <@{ann.Account.Id}>");
        await bob.WritesAsync(other.Id, $"{word} three");
        await ann.FindsAsync(word, 3);

        Assert.Equal(2, (await ann.FindsAsync($"{word} from:{bob.Account.Id}")).Items.Count);
        Assert.Single((await ann.FindsAsync($"{word} from:me")).Items);
        Assert.Single((await ann.FindsAsync($"{word} -from:{bob.Account.Id}")).Items);
        Assert.Single((await ann.FindsAsync($"{word} mentions:me")).Items);
        Assert.Single((await ann.FindsAsync($"{word} in:garden")).Items);
        Assert.Equal(2, (await ann.FindsAsync($"{word} -in:garden")).Items.Count);
        Assert.Equal(3, (await ann.FindsAsync($"{word} server:{server.Server.Id}")).Items.Count);
        Assert.Empty((await ann.FindsAsync($"{word} is:pinned")).Items);
        Assert.Equal(3, (await ann.FindsAsync($"{word} after:2020")).Items.Count);
        Assert.Empty((await ann.FindsAsync($"{word} before:2020-05-01")).Items);
        Assert.Empty((await ann.FindsAsync($"{word} from:{Guid.NewGuid()}")).Items);
        foreach (var order in (string[])["newest", "best"])
        {
            var (seen, cursor) = (new List<Guid>(), "");
            do
            {
                var page = await ann.FindsAsync(word, $"&limit=1&order={order}&cursor={cursor}");
                seen.AddRange(page.Items.Select(i => i.MessageId));
                cursor = page.Next;
            }
            while (cursor is not null && seen.Count < 10);
            Assert.Equal(3, seen.Distinct().Count());
            Assert.Equal(3, seen.Count);
        }
    }

    [Fact]
    public async Task Only_what_one_may_see_now_is_found_and_hidden_channels_are_like_none()
    {
        var (ann, bob, eve, word) = (await app.SomebodyAsync(), await app.SomebodyAsync(), await app.SomebodyAsync(), SearchUse.Word());
        var server = await ann.HasServerAsync(bob);
        await ann.WritesAsync(server.General(), $"{word} for all of us");
        var direct = await (await ann.PostAsync("/v1/direct-channels", new OpenDirectChannelRequest([bob.Account.Id]))).ReadAsync<DirectChannelResponse>();
        await ann.WritesAsync(direct.Channel.Id, $"{word} for the two of us");
        await ann.FindsAsync(word, 2);
        Assert.Equal(2, (await bob.FindsAsync(word)).Items.Count);
        var hidden = await eve.FindsAsync(word);
        Assert.Equal((0, null), (hidden.Items.Count, hidden.Next));
        Assert.Empty((await eve.FindsAsync($"{word} in:{server.General()}")).Items);
        Assert.Empty((await eve.FindsAsync($"{word} server:{server.Server.Id}")).Items);
        Assert.Empty((await eve.FindsAsync($"{word} from:{ann.Account.Id}")).Items);

        // Everyone's role loses the right to read what was written.
        await (await app.DatabaseAsync()).ExecuteAsync($"update communities.server_roles set permissions = permissions & ~{1L << 16} where id = '{server.Server.Id}'");
        Assert.Equal(direct.Channel.Id, Assert.Single((await bob.FindsAsync(word)).Items).ChannelId);
        Assert.Equal(2, (await ann.FindsAsync(word)).Items.Count);
    }

    [Fact]
    public async Task What_a_message_does_not_say_any_more_is_not_found()
    {
        var (ann, word) = (await app.SomebodyAsync(), SearchUse.Word());
        var general = (await ann.HasServerAsync()).General();
        var message = await ann.WritesAsync(general, $"{word} gone soon");
        await ann.FindsAsync(word, 1);
        var other = SearchUse.Word();
        (await ann.SendAsync(HttpMethod.Patch, $"/v1/channels/{general}/messages/{message.Id}", new EditMessageRequest($"{other} instead"))).EnsureSuccessStatusCode();
        Assert.Empty((await ann.FindsAsync(word)).Items);
        await ann.FindsAsync(other, 1);
        (await ann.SendAsync(HttpMethod.Delete, $"/v1/channels/{general}/messages/{message.Id}")).EnsureSuccessStatusCode();
        Assert.Empty((await ann.FindsAsync(other)).Items);
    }

    [Theory]
    [InlineData("%_\\", true)]
    [InlineData("a & ! | b", true)]
    [InlineData("\"never closed", true)]
    [InlineData("-only -not", true)]
    [InlineData("🐝", true)]
    [InlineData("!!! ??? ...", true)]
    [InlineData("蜂", true)]
    [InlineData("in:nowhere-at-all", true)]
    [InlineData("before:9999-99-99", false)]
    [InlineData("from:", false)]
    public async Task Odd_queries_find_nothing_or_are_refused(string q, bool taken)
    {
        var eve = await app.SomebodyAsync();
        if (taken)
        {
            Assert.Empty((await eve.FindsAsync(q)).Items);
        }
        else
        {
            await eve.GetAsync($"/v1/search/messages?q={Uri.EscapeDataString(q)}").RefusedAsync(HttpStatusCode.BadRequest, ErrorCodes.RequestInvalid);
        }
    }

    [Fact]
    public async Task Queries_without_words_or_beyond_measure_and_foreign_cursors_are_refused()
    {
        var eve = await app.SomebodyAsync();
        await eve.GetAsync("/v1/search/messages").RefusedAsync(HttpStatusCode.BadRequest, ErrorCodes.RequestInvalid);
        await eve.GetAsync($"/v1/search/messages?q={string.Concat(Enumerable.Repeat("from:a%20", 500))}").RefusedAsync(HttpStatusCode.BadRequest, ErrorCodes.RequestInvalid);
        await eve.GetAsync("/v1/search/messages?q=x&cursor=1000000000").RefusedAsync(HttpStatusCode.BadRequest, ErrorCodes.CursorInvalid);
        await eve.GetAsync("/v1/search?q=x&kinds=secrets").RefusedAsync(HttpStatusCode.BadRequest, ErrorCodes.RequestInvalid);
    }

    [Fact]
    public async Task Servers_channels_conversations_and_documents_are_found_by_name_by_those_who_may_see_them()
    {
        var (ann, eve, word) = (await app.SomebodyAsync(), await app.SomebodyAsync(), SearchUse.Word());
        var server = await (await ann.PostAsync("/v1/servers", new CreateServerRequest($"The {word}"))).ReadAsync<ServerResponse>();
        await ann.PostAsync($"/v1/servers/{server.Id}/channels", new CreateChannelRequest($"{word}-garden", ChannelKind.Text));
        var bot = await ann.HasBotAsync();
        await ann.HasDocumentAsync(bot.Id, $"{word}_100%.txt", "The key lies under the third stone.");
        var found = await ann.GetAsync<List<FoundThingResponse>>($"/v1/search?q={word}");
        Assert.Equal([FoundKind.Server, FoundKind.Channel, FoundKind.Document], found.Select(f => f.Kind));
        Assert.Equal((server.Id, bot.Id), (found[1].ParentId, found[2].ParentId));
        Assert.Single(await ann.GetAsync<List<FoundThingResponse>>($"/v1/search?q={word}_100%25&kinds=document"));
        Assert.Empty(await ann.GetAsync<List<FoundThingResponse>>($"/v1/search?q={word}%25x&kinds=document"));
        Assert.Empty(await eve.GetAsync<List<FoundThingResponse>>($"/v1/search?q={word}"));
    }
}
