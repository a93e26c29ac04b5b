using System.Net;
using ChatSphere.Contracts;
using ChatSphere.Contracts.Communities;
using ChatSphere.Contracts.Live;
using ChatSphere.Tests.Infrastructure;

namespace ChatSphere.Tests.Communities;

public sealed class PostingMessagesTests(ChatSphereApp app)
{
    [Fact]
    public async Task What_is_written_reaches_every_member_live_and_nobody_else()
    {
        var (ann, ben, eve) = (await app.SomebodyAsync(), await app.SomebodyAsync(), await app.SomebodyAsync());
        var channel = (await ann.HasServerAsync(ben)).General();
        using var end = new CancellationTokenSource();
        var (hers, his, others) = (new LiveListening(ann, end.Token), new LiveListening(ben, end.Token), new LiveListening(eve, end.Token));
        await Task.WhenAll(hers.Connected, his.Connected, others.Connected);

        var message = await ann.WritesAsync(channel, "The bees are **flying**.");
        Assert.Equal((1, 1, "The bees are **flying**.", ann.Account.Id), (message.Seq, message.Change, message.Content, message.Author.Id));
        foreach (var listening in new[] { hers, his })
        {
            await listening.UntilAsync(e => e.Name == LiveEventTypes.ChannelMessage && e.As<ChannelMessageEvent>() is { Change: 1, After: 0 } told && told.Message.Id == message.Id && told.ChannelId == channel);
        }

        Assert.DoesNotContain(others.Seen, e => e.Name == LiveEventTypes.ChannelMessage);
        await eve.PostAsync($"/v1/channels/{channel}/messages", new PostMessageRequest("Let me in")).RefusedAsync(HttpStatusCode.NotFound, ErrorCodes.NotFound);
        await eve.GetAsync($"/v1/channels/{channel}/messages").RefusedAsync(HttpStatusCode.NotFound, ErrorCodes.NotFound);
        await end.CancelAsync();
    }

    [Fact]
    public async Task Who_joins_while_connected_hears_what_comes_after()
    {
        var (ann, ben) = (await app.SomebodyAsync(), await app.SomebodyAsync());
        var server = await ann.HasServerAsync();
        using var end = new CancellationTokenSource();
        var his = new LiveListening(ben, end.Token);
        await his.Connected;
        await ben.JoinsAsync(ann, server.Server.Id);
        await his.UntilAsync(e => e.Name == LiveEventTypes.ServerChanged);
        await ann.WritesAsync(server.General(), "Welcome");
        await his.UntilAsync(e => e.Name == LiveEventTypes.ChannelMessage && e.As<ChannelMessageEvent>().Message.Content == "Welcome");
        await end.CancelAsync();
    }

    [Fact]
    public async Task Fifty_at_once_are_numbered_without_gaps_and_all_see_one_order()
    {
        var (ann, ben) = (await app.SomebodyAsync(), await app.SomebodyAsync());
        var channel = (await ann.HasServerAsync(ben)).General();
        using var end = new CancellationTokenSource();
        var (hers, his) = (new LiveListening(ann, end.Token), new LiveListening(ben, end.Token));
        await Task.WhenAll(hers.Connected, his.Connected);

        var written = await Task.WhenAll(Enumerable.Range(0, 50).Select(i => (i % 2 == 0 ? ann : ben).WritesAsync(channel, $"Number {i}")));
        Assert.Equal(Enumerable.Range(1, 50).Select(i => (long)i), written.Select(m => m.Seq).Order());
        var kept = await ben.HistoryAsync(channel);
        Assert.Equal(written.OrderBy(m => m.Seq).Select(m => m.Id), kept.Select(m => m.Id));
        foreach (var listening in new[] { hers, his })
        {
            await listening.UntilAsync(e => e.Name == LiveEventTypes.ChannelMessage && e.As<ChannelMessageEvent>().Change == 50);
            Assert.Equal(kept.Select(m => m.Id), listening.Seen.Where(e => e.Name == LiveEventTypes.ChannelMessage).Select(e => e.As<ChannelMessageEvent>()).OrderBy(e => e.Change).Select(e => e.Message.Id));
        }

        await end.CancelAsync();
    }

    [Fact]
    public async Task The_same_nonce_fifty_times_at_once_is_one_message()
    {
        var (ann, ben) = (await app.SomebodyAsync(), await app.SomebodyAsync());
        var channel = (await ann.HasServerAsync(ben)).General();
        var written = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => ann.WritesAsync(channel, "Once", "n-1")));
        Assert.Single(written.Select(m => (m.Id, m.Seq, m.Content)).Distinct());
        Assert.Single(await ann.HistoryAsync(channel));

        // Another author's word is another word, and another text is another message.
        Assert.Equal(2, (await ben.WritesAsync(channel, "Once", "n-1")).Seq);
        await ann.PostAsync($"/v1/channels/{channel}/messages", new PostMessageRequest("Twice", "n-1")).RefusedAsync(HttpStatusCode.Conflict, ErrorCodes.NonceReused);
        Assert.Equal(2, (await ann.ChannelAsync(channel)).LastSeq);
    }

    [Fact]
    public async Task What_is_unread_is_a_subtraction_and_mentions_are_counted()
    {
        var (ann, ben) = (await app.SomebodyAsync(), await app.SomebodyAsync());
        var channel = (await ann.HasServerAsync(ben)).General();
        for (var i = 1; i <= 3; i++)
        {
            await ann.WritesAsync(channel, i == 2 ? $"Look, <@{ben.Account.Id}>" : $"Message {i}");
        }

        var unread = await ben.ChannelAsync(channel);
        Assert.Equal((3, 0, 1), (unread.LastSeq, unread.LastReadSeq, unread.Mentions));
        var own = await ann.ChannelAsync(channel);
        Assert.Equal((3, 3, 0), (own.LastSeq, own.LastReadSeq, own.Mentions));
        Assert.Equal(HttpStatusCode.NoContent, (await ben.SendAsync(HttpMethod.Put, $"/v1/channels/{channel}/read", new MarkReadRequest(99))).StatusCode);
        var read = await ben.ChannelAsync(channel);
        Assert.Equal((3, 0), (read.LastReadSeq, read.Mentions));
    }

    [Fact]
    public async Task Who_was_away_asks_for_what_changed_since()
    {
        var ann = await app.SomebodyAsync();
        var channel = (await ann.HasServerAsync()).General();
        for (var i = 1; i <= 5; i++)
        {
            await ann.WritesAsync(channel, $"Message {i}");
        }

        var changes = await ann.GetAsync<ChannelChangesResponse>($"/v1/channels/{channel}/changes?after=3");
        Assert.Equal((5, false), (changes.LastChange, changes.Resync));
        Assert.Equal(["Message 4", "Message 5"], changes.Messages.Select(m => m.Content));
        Assert.Equal(["Message 2", "Message 3"], (await ann.HistoryAsync(channel, "before=4&limit=2")).Select(m => m.Content));
        Assert.Equal(["Message 4", "Message 5"], (await ann.HistoryAsync(channel, "after=3")).Select(m => m.Content));
        Assert.Equal(["Message 2", "Message 3", "Message 4"], (await ann.HistoryAsync(channel, "around=3&limit=3")).Select(m => m.Content));
    }

    [Theory]
    [InlineData(4_000, true)]
    [InlineData(4_001, false)]
    public async Task Length_is_counted_in_code_points(int length, bool fits)
    {
        var ann = await app.SomebodyAsync();
        var channel = (await ann.HasServerAsync()).General();
        using var response = await ann.PostAsync($"/v1/channels/{channel}/messages", new PostMessageRequest(string.Concat(Enumerable.Repeat("\U0001F41D", length / 2)) + new string('x', length - (length / 2))));
        Assert.Equal(fits ? HttpStatusCode.Created : HttpStatusCode.BadRequest, response.StatusCode);
    }

    [Theory]
    [InlineData("")]
    [InlineData("  \n ")]
    [InlineData("a\0b")]
    public async Task What_says_nothing_or_cannot_be_stored_is_refused(string content)
    {
        var ann = await app.SomebodyAsync();
        var channel = (await ann.HasServerAsync()).General();
        await ann.PostAsync($"/v1/channels/{channel}/messages", new PostMessageRequest(content)).RefusedAsync(HttpStatusCode.BadRequest, ErrorCodes.RequestInvalid);
        Assert.Equal(0, (await ann.ChannelAsync(channel)).LastSeq);
    }

    [Fact]
    public async Task An_invite_for_one_lets_one_in()
    {
        var ann = await app.SomebodyAsync();
        var server = await ann.HasServerAsync();
        var invite = await (await ann.PostAsync($"/v1/servers/{server.Server.Id}/invites", new CreateInviteRequest(MaxUses: 1))).ReadAsync<InviteResponse>();
        var others = new List<Person>();
        for (var i = 0; i < 5; i++)
        {
            others.Add(await app.SomebodyAsync());
        }

        var results = await Task.WhenAll(others.Select(async o => (await o.PostAsync($"/v1/invites/{invite.Code}/accept")).StatusCode));
        Assert.Equal(1, results.Count(r => r == HttpStatusCode.OK));
        Assert.Equal(4, results.Count(r => r == HttpStatusCode.NotFound));
        Assert.Equal(2, (await ann.GetAsync<ServerDetailResponse>($"/v1/servers/{server.Server.Id}")).Members);
    }
}
