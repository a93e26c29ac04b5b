using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using ChatSphere.Contracts;
using ChatSphere.Contracts.Communities;
using ChatSphere.Contracts.Live;
using ChatSphere.Data.Communities;
using ChatSphere.Tests.Infrastructure;

namespace ChatSphere.Tests.Communities;

/// <summary>Files, polls, threads, slow mode, emoji and forwarding.</summary>
public sealed class MessagePartsTests(ChatSphereApp app)
{
    private static readonly byte[] Page = "<html><script>alert(1)</script></html>"u8.ToArray();

    [Fact]
    public async Task A_file_goes_with_its_message_and_leaves_with_it()
    {
        var (ann, ben, eve) = (await app.SomebodyAsync(), await app.SomebodyAsync(), await app.SomebodyAsync());
        var channel = (await ann.HasServerAsync(ben)).General();
        var picture = await ann.AttachesAsync(channel, "bee.png", People.Pictures.Png(20, 10));
        var file = await ann.AttachesAsync(channel, "..\\..\\evil; name.png", Page);
        Assert.Equal((true, "image/png", 20, 10), (picture.IsImage, picture.ContentType, picture.Width, picture.Height));
        Assert.Equal((false, "application/octet-stream"), (file.IsImage, file.ContentType));
        var path = $"/v1/channels/{channel}/attachments/";

        // Until it is sent it is the uploader's only, and nobody else can send it.
        await ben.GetAsync(path + picture.Id).RefusedAsync(HttpStatusCode.NotFound, ErrorCodes.NotFound);
        await ben.PostsAsync(channel, new PostMessageRequest("Mine") { AttachmentIds = [picture.Id] }).RefusedAsync(HttpStatusCode.BadRequest, ErrorCodes.RequestInvalid);

        // Sent twenty times at once it is sent once.
        var request = new PostMessageRequest("", "n-1") { AttachmentIds = [picture.Id, file.Id] };
        var sent = await Task.WhenAll(Enumerable.Range(0, 20).Select(async _ => await (await ann.PostsAsync(channel, request)).ReadAsync<ChannelMessageResponse>()));
        var message = Assert.Single(sent.DistinctBy(m => m.Id));
        Assert.Equal([picture.Id, file.Id], message.Attachments.Select(a => a.Id));
        await ann.PostsAsync(channel, new PostMessageRequest("Again") { AttachmentIds = [picture.Id] }).RefusedAsync(HttpStatusCode.BadRequest, ErrorCodes.RequestInvalid);

        using (var shown = await ben.GetAsync(path + picture.Id))
        {
            Assert.Equal(("image/png", "inline"), (shown.Content.Headers.ContentType!.MediaType, shown.Content.Headers.ContentDisposition!.DispositionType));
            Assert.True(shown.Headers.CacheControl!.Private);
        }

        using (var downloaded = await ben.SendAsync(HttpMethod.Get, path + file.Id, configure: r => r.Headers.Range = new RangeHeaderValue(0, 5)))
        {
            Assert.Equal(HttpStatusCode.PartialContent, downloaded.StatusCode);
            Assert.Equal("<html>", await downloaded.Content.ReadAsStringAsync());
            Assert.Equal(("application/octet-stream", "attachment"), (downloaded.Content.Headers.ContentType!.MediaType, downloaded.Content.Headers.ContentDisposition!.DispositionType));
            Assert.Equal("sandbox; default-src 'none'", downloaded.Headers.GetValues("Content-Security-Policy").Single());
            Assert.DoesNotContain("..", downloaded.Content.Headers.ContentDisposition.ToString(), StringComparison.Ordinal);
        }

        await eve.GetAsync(path + picture.Id).RefusedAsync(HttpStatusCode.NotFound, ErrorCodes.NotFound);
        (await ann.DeletesAsync(message)).EnsureSuccessStatusCode();
        await ben.GetAsync(path + picture.Id).RefusedAsync(HttpStatusCode.NotFound, ErrorCodes.NotFound);
        await ann.GetAsync(path + file.Id).RefusedAsync(HttpStatusCode.NotFound, ErrorCodes.NotFound);
    }

    [Fact]
    public async Task Without_the_right_nothing_is_attached_also_not_what_was_uploaded_before()
    {
        var (ann, ben) = (await app.SomebodyAsync(), await app.SomebodyAsync());
        var channel = (await ann.HasServerAsync(ben)).General();
        var file = await ben.AttachesAsync(channel, "a.txt", Page);
        await app.DeniesAsync(channel, ben.Account.Id, OverwriteTarget.Member, ServerPermissions.AttachFiles);
        await ben.PostsAsync(channel, new PostMessageRequest("Here") { AttachmentIds = [file.Id] }).RefusedAsync(HttpStatusCode.Forbidden, ErrorCodes.RightMissing);
        await ben.PostAsync($"/v1/channels/{channel}/attachments", new MultipartFormDataContent { { new ByteArrayContent(Page), "file", "b.txt" } }).RefusedAsync(HttpStatusCode.Forbidden, ErrorCodes.RightMissing);
        await ann.PostAsync($"/v1/channels/{channel}/attachments", new MultipartFormDataContent { { new ByteArrayContent(People.Pictures.Png(8, 8, says: (50_000, 50_000))), "file", "bomb.png" } })
            .RefusedAsync(HttpStatusCode.BadRequest, ErrorCodes.ImageInvalid);
    }

    [Fact]
    public async Task A_vote_is_one_however_often_it_is_sent_and_may_be_changed_until_the_end()
    {
        var (ann, ben) = (await app.SomebodyAsync(), await app.SomebodyAsync());
        var channel = (await ann.HasServerAsync(ben)).General();
        await ann.PostsAsync(channel, new PostMessageRequest("") { Poll = new CreatePollRequest("When?", ["Today", "Today"]) }).RefusedAsync(HttpStatusCode.BadRequest, ErrorCodes.RequestInvalid);
        var poll = await (await ann.PostsAsync(channel, new PostMessageRequest("") { Poll = new CreatePollRequest("When?", ["Today", "Tomorrow"], EndsInMinutes: 1) })).ReadAsync<ChannelMessageResponse>();
        Assert.Equal(["Today", "Tomorrow"], poll.Poll!.Options.Select(o => o.Text));

        await Task.WhenAll(Enumerable.Range(0, 10).Select(async i => (await VoteAsync(ben, 1 + (i % 2))).EnsureSuccessStatusCode()));
        var voted = (await ann.SeesAsync(poll)).Poll!;
        Assert.Equal((1, 1), (voted.Voters, voted.Options.Sum(o => o.Votes)));
        await VoteAsync(ben, 1, 2).RefusedAsync(HttpStatusCode.BadRequest, ErrorCodes.RequestInvalid);
        await VoteAsync(ben, 3).RefusedAsync(HttpStatusCode.BadRequest, ErrorCodes.RequestInvalid);
        (await VoteAsync(ann, 2)).EnsureSuccessStatusCode();
        (await VoteAsync(ben, 2)).EnsureSuccessStatusCode();
        Assert.Equal([2], (await ben.GetAsync<MyVoteResponse>(poll.Path("/vote"))).Options);
        Assert.Equal(new[] { ann.Account.Id, ben.Account.Id }.Order(), (await ann.GetAsync<Page<ReactedResponse>>(poll.Path("/votes?option=2"))).Items.Select(v => v.AccountId).Order());
        (await VoteAsync(ben)).EnsureSuccessStatusCode();
        Assert.Equal([0, 1], (await ann.SeesAsync(poll)).Poll!.Options.Select(o => o.Votes));

        // Time goes by; the Worker closes it, and says so.
        using var end = new CancellationTokenSource();
        var his = new LiveListening(ben, end.Token);
        await his.Connected;
        await using var database = await app.DatabaseAsync();
        await database.ExecuteAsync("update communities.messages set poll_open_until = now() - interval '1 second' where id = $1", poll.Id);
        await his.UntilAsync(e => e.Name == LiveEventTypes.ChannelMessage && e.As<ChannelMessageEvent>().Message is { Poll.IsClosed: true } m && m.Id == poll.Id);
        await VoteAsync(ben, 1).RefusedAsync(HttpStatusCode.Conflict, ErrorCodes.PollClosed);
        await end.CancelAsync();

        Task<HttpResponseMessage> VoteAsync(Person person, params int[] options) => person.SendAsync(HttpMethod.Put, poll.Path("/vote"), new VoteRequest(options));
    }

    [Fact]
    public async Task A_thread_begins_with_a_message_is_followed_by_who_writes_and_opens_again()
    {
        var (ann, ben, cas) = (await app.SomebodyAsync(), await app.SomebodyAsync(), await app.SomebodyAsync());
        var server = await ann.HasServerAsync(ben, cas);
        var channel = server.General();
        var starter = await ann.WritesAsync(channel, "Let us talk about honey");
        var both = await Task.WhenAll(Enumerable.Range(0, 2).Select(_ => ben.PostAsync($"/v1/channels/{channel}/threads", new CreateThreadRequest("Honey", starter.Id, "I begin"))));
        Assert.Equal([HttpStatusCode.Created, HttpStatusCode.Conflict], both.Select(b => b.StatusCode).Order());
        var thread = await both.Single(b => b.IsSuccessStatusCode).ReadAsync<ThreadResponse>();
        Assert.Equal((starter.Id, 1, true), (thread.StarterMessageId, thread.Messages, thread.IsFollowed));
        Assert.Equal((thread.Id, "Honey", 1), ((await cas.SeesAsync(starter)).Thread!.Id, (await cas.SeesAsync(starter)).Thread!.Name, (await cas.SeesAsync(starter)).Thread!.Messages));

        using var end = new CancellationTokenSource();
        var hers = new LiveListening(ann, end.Token);
        await hers.Connected;
        await cas.WritesAsync(thread.Id, "And I go on");
        await hers.UntilAsync(e => e.Name == LiveEventTypes.ThreadChanged && e.As<ThreadChangedEvent>() is { Messages: 2 } changed && changed.ThreadId == thread.Id);
        Assert.Equal([thread.Id], (await cas.GetAsync<List<ThreadResponse>>($"/v1/servers/{server.Server.Id}/threads")).Select(t => t.Id));
        Assert.Single(await ann.GetAsync<List<ThreadResponse>>($"/v1/servers/{server.Server.Id}/threads"));

        await using var database = await app.DatabaseAsync();
        await database.ExecuteAsync("update communities.channel_counters set last_message_at = now() - interval '10 days' where channel_id = $1", thread.Id);
        await hers.UntilAsync(e => e.Name == LiveEventTypes.ThreadChanged && e.As<ThreadChangedEvent>().IsArchived);
        Assert.Empty((await ben.GetAsync<Page<ThreadResponse>>($"/v1/channels/{channel}/threads")).Items);
        Assert.Equal(thread.Id, (await ben.GetAsync<Page<ThreadResponse>>($"/v1/channels/{channel}/threads?archived=true")).Items.Single().Id);
        await cas.WritesAsync(thread.Id, "Once more");
        Assert.False((await ben.GetAsync<ThreadResponse>($"/v1/threads/{thread.Id}")).IsArchived);

        await cas.SendAsync(HttpMethod.Patch, $"/v1/threads/{thread.Id}", new UpdateThreadRequest("Mine")).RefusedAsync(HttpStatusCode.Forbidden, ErrorCodes.RightMissing);
        await ben.SendAsync(HttpMethod.Patch, $"/v1/threads/{thread.Id}", new UpdateThreadRequest(IsLocked: true)).RefusedAsync(HttpStatusCode.Forbidden, ErrorCodes.RightMissing);
        Assert.Equal("Wax", (await (await ben.SendAsync(HttpMethod.Patch, $"/v1/threads/{thread.Id}", new UpdateThreadRequest("Wax"))).ReadAsync<ThreadResponse>()).Name);
        Assert.True((await (await ann.SendAsync(HttpMethod.Patch, $"/v1/threads/{thread.Id}", new UpdateThreadRequest(IsLocked: true))).ReadAsync<ThreadResponse>()).IsLocked);
        await ben.PostsAsync(thread.Id, new PostMessageRequest("Hello?")).RefusedAsync(HttpStatusCode.Conflict, ErrorCodes.ThreadClosed);
        await ann.WritesAsync(thread.Id, "Over");
        await ben.SendAsync(HttpMethod.Delete, $"/v1/threads/{thread.Id}").RefusedAsync(HttpStatusCode.Forbidden, ErrorCodes.RightMissing);
        Assert.Equal(HttpStatusCode.NoContent, (await ann.SendAsync(HttpMethod.Delete, $"/v1/threads/{thread.Id}")).StatusCode);
        await ben.GetAsync($"/v1/channels/{thread.Id}/messages").RefusedAsync(HttpStatusCode.NotFound, ErrorCodes.NotFound);
        Assert.Null((await cas.SeesAsync(starter)).Thread);
        await end.CancelAsync();
    }

    [Fact]
    public async Task In_slow_mode_one_of_twenty_is_taken_and_a_thread_is_no_way_round()
    {
        var (ann, ben) = (await app.SomebodyAsync(), await app.SomebodyAsync());
        var server = await ann.HasServerAsync(ben);
        var channel = server.General();
        var thread = await ann.BeginsAsync(channel, "Aside");
        await using var database = await app.DatabaseAsync();
        await database.ExecuteAsync("update communities.channels set slow_mode_seconds = 600 where id = $1", channel);
        var results = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => ben.PostsAsync(i % 2 == 0 ? channel : thread.Id, new PostMessageRequest($"Number {i}", $"n-{i}"))));
        var first = await Assert.Single(results, r => r.StatusCode == HttpStatusCode.Created).ReadAsync<ChannelMessageResponse>();
        foreach (var refused in results.Where(r => r.StatusCode != HttpStatusCode.Created))
        {
            await Task.FromResult(refused).RefusedAsync(HttpStatusCode.TooManyRequests, ErrorCodes.SlowMode);
            Assert.InRange(int.Parse(refused.Headers.GetValues("Retry-After").Single(), CultureInfo.InvariantCulture), 540, 600);
        }

        // The same once more is the same, an edit is no message, and who keeps order does not wait.
        Assert.Equal(first.Id, (await ben.WritesAsync(first.ChannelId, first.Content, first.Nonce)).Id);
        (await ben.EditsAsync(first, "Better")).EnsureSuccessStatusCode();
        await ann.WritesAsync(channel, "One");
        await ann.WritesAsync(channel, "Two");
        await database.ExecuteAsync("update communities.slow_mode_marks set written_at = now() - interval '601 seconds' where account_id = $1", ben.Account.Id);
        await ben.WritesAsync(channel, "At last");
    }

    [Fact]
    public async Task In_announcement_channels_only_who_manages_messages_writes()
    {
        var (ann, ben) = (await app.SomebodyAsync(), await app.SomebodyAsync());
        var server = await ann.HasServerAsync(ben);
        var news = await (await ann.PostAsync($"/v1/servers/{server.Server.Id}/channels", new CreateChannelRequest("news", Contracts.Communities.ChannelKind.Announcement))).ReadAsync<ChannelResponse>();
        await ben.PostsAsync(news.Id, new PostMessageRequest("Me too")).RefusedAsync(HttpStatusCode.Forbidden, ErrorCodes.RightMissing);
        var told = await ann.WritesAsync(news.Id, "News");
        await ben.WritesAsync((await ben.BeginsAsync(news.Id, "About it", told.Id)).Id, "Thanks");
    }

    [Fact]
    public async Task What_is_forwarded_calls_nobody_and_tells_where_it_was_only_who_may_see_that()
    {
        var (ann, ben) = (await app.SomebodyAsync(), await app.SomebodyAsync());
        var (secret, open) = ((await ann.HasServerAsync()).General(), (await ann.HasServerAsync(ben)).General());
        var file = await ann.AttachesAsync(secret, "a.txt", Page);
        var message = await (await ann.PostsAsync(secret, new PostMessageRequest($"For <@{ben.Account.Id}>") { AttachmentIds = [file.Id] })).ReadAsync<ChannelMessageResponse>();
        await ben.PostAsync(message.Path("/forward"), new ForwardMessageRequest(open)).RefusedAsync(HttpStatusCode.NotFound, ErrorCodes.NotFound);
        await ann.PostAsync(message.Path("/forward"), new ForwardMessageRequest(Guid.NewGuid())).RefusedAsync(HttpStatusCode.BadRequest, ErrorCodes.RequestInvalid);
        var copy = await (await ann.PostAsync(message.Path("/forward"), new ForwardMessageRequest(open, "f-1"))).ReadAsync<ChannelMessageResponse>();
        Assert.Equal((true, message.Content, 0), (copy.IsForwarded, copy.Content, copy.MentionedAccounts.Count));
        Assert.Equal(copy.Id, (await (await ann.PostAsync(message.Path("/forward"), new ForwardMessageRequest(open, "f-1"))).ReadAsync<ChannelMessageResponse>()).Id);
        Assert.Equal((secret, message.Id, 1), await ann.GetAsync<MessageOriginResponse>(copy.Path("/origin")) is var o ? (o.ChannelId, o.MessageId, o.Seq) : default);
        await ben.GetAsync(copy.Path("/origin")).RefusedAsync(HttpStatusCode.NotFound, ErrorCodes.NotFound);

        // Its file is its own, and outlives the first.
        (await ann.DeletesAsync(message)).EnsureSuccessStatusCode();
        Assert.Equal(Page, await (await ben.GetAsync($"/v1/channels/{open}/attachments/{copy.Attachments.Single().Id}")).Content.ReadAsByteArrayAsync());
        await ann.GetAsync(copy.Path("/origin")).RefusedAsync(HttpStatusCode.NotFound, ErrorCodes.NotFound);
    }

    [Fact]
    public async Task A_servers_own_emoji_has_a_name_that_no_other_looks_like()
    {
        var (ann, ben, eve) = (await app.SomebodyAsync(), await app.SomebodyAsync(), await app.SomebodyAsync());
        var server = await ann.HasServerAsync(ben);
        var path = $"/v1/servers/{server.Server.Id}/emoji";
        await ben.PostAsync(path + "?name=bee", new ByteArrayContent(People.Pictures.Png())).RefusedAsync(HttpStatusCode.Forbidden, ErrorCodes.RightMissing);
        await ann.PostAsync(path + "?name=big", new ByteArrayContent(People.Pictures.Png(129, 8))).RefusedAsync(HttpStatusCode.BadRequest, ErrorCodes.ImageInvalid);
        await ann.PostAsync(path + "?name=b", new ByteArrayContent(People.Pictures.Png())).RefusedAsync(HttpStatusCode.BadRequest, ErrorCodes.RequestInvalid);
        var results = await Task.WhenAll(Enumerable.Range(0, 6).Select(i => ann.PostAsync($"{path}?name={(i % 2 == 0 ? "bee1" : "BEEl")}", new ByteArrayContent(People.Pictures.Png()))));
        Assert.Equal(5, results.Count(r => r.StatusCode == HttpStatusCode.Conflict));
        var emoji = await results.Single(r => r.StatusCode == HttpStatusCode.Created).ReadAsync<ServerEmojiResponse>();

        Assert.Equal(emoji.Id, (await ben.GetAsync<List<ServerEmojiResponse>>(path)).Single().Id);
        using (var image = await ben.GetAsync($"{path}/{emoji.Id}/image?v={emoji.ImageVersion}"))
        {
            Assert.Equal(("image/png", true, TimeSpan.FromDays(1)), (image.Content.Headers.ContentType!.MediaType, image.Headers.CacheControl!.Private, image.Headers.CacheControl.MaxAge));
        }

        await eve.GetAsync($"{path}/{emoji.Id}/image").RefusedAsync(HttpStatusCode.NotFound, ErrorCodes.NotFound);
        var message = await ann.WritesAsync(server.General(), "Look");
        (await ben.ReactsAsync(message, emoji.Id.ToString())).EnsureSuccessStatusCode();
        Assert.Equal((emoji.Id.ToString(), emoji.Name, 1), (await ann.SeesAsync(message)).Reactions.Select(r => (r.Emoji, r.Name, r.Count)).Single());
        Assert.Equal(HttpStatusCode.NoContent, (await ann.SendAsync(HttpMethod.Delete, $"{path}/{emoji.Id}")).StatusCode);
        await ben.GetAsync($"{path}/{emoji.Id}/image").RefusedAsync(HttpStatusCode.NotFound, ErrorCodes.NotFound);
    }

    [Fact]
    public async Task A_whole_server_is_read_at_once()
    {
        var (ann, ben) = (await app.SomebodyAsync(), await app.SomebodyAsync());
        var server = await ann.HasServerAsync(ben);
        var other = await (await ann.PostAsync($"/v1/servers/{server.Server.Id}/channels", new CreateChannelRequest("other"))).ReadAsync<ChannelResponse>();
        await ann.WritesAsync(server.General(), "One");
        await ann.WritesAsync(other.Id, $"Two, <@{ben.Account.Id}>");
        using var end = new CancellationTokenSource();
        var his = new LiveListening(ben, end.Token);
        await his.Connected;
        Assert.Equal(HttpStatusCode.NoContent, (await ben.PostAsync($"/v1/servers/{server.Server.Id}/read")).StatusCode);
        foreach (var id in new[] { server.General(), other.Id })
        {
            var read = await ben.ChannelAsync(id);
            Assert.Equal((1, 0), (read.LastReadSeq, read.Mentions));
            await his.UntilAsync(e => e.Name == LiveEventTypes.ChannelRead && e.As<ChannelReadEvent>().ChannelId == id);
        }

        // And one of them unread again.
        Assert.Equal(HttpStatusCode.NoContent, (await ben.SendAsync(HttpMethod.Put, $"/v1/channels/{other.Id}/read", new MarkReadRequest(0))).StatusCode);
        Assert.Equal(1, (await ben.ChannelAsync(other.Id)).Mentions);
        await end.CancelAsync();
    }

    [Fact]
    public async Task Nothing_of_a_hidden_channel_is_found_by_any_way()
    {
        var (ann, ben) = (await app.SomebodyAsync(), await app.SomebodyAsync());
        var server = await ann.HasServerAsync(ben);
        var channel = server.General();
        var file = await ann.AttachesAsync(channel, "a.txt", Page);
        var message = await (await ann.PostsAsync(channel, new PostMessageRequest("Hidden") { AttachmentIds = [file.Id] })).ReadAsync<ChannelMessageResponse>();
        var thread = await ann.BeginsAsync(channel, "Hidden too", message.Id, "x");
        (await ben.SendAsync(HttpMethod.Put, $"/v1/threads/{thread.Id}/follow")).EnsureSuccessStatusCode();
        await app.DeniesAsync(channel, server.Server.Id, OverwriteTarget.Role, ServerPermissions.ViewChannel);
        string[] ways =
        [
            $"/v1/channels/{channel}", $"/v1/channels/{channel}/messages", $"/v1/channels/{channel}/changes?after=0", $"/v1/channels/{channel}/pins", $"/v1/channels/{channel}/threads", $"/v1/channels/{channel}/my-reactions?from=1&to=2",
            $"/v1/channels/{channel}/attachments/{file.Id}", message.Path(), message.Path("/edits"), message.Path("/vote"), message.Path("/origin"), message.Path("/reactions/x"),
            $"/v1/threads/{thread.Id}", $"/v1/channels/{thread.Id}/messages",
        ];
        foreach (var way in ways)
        {
            await ben.GetAsync(way).RefusedAsync(HttpStatusCode.NotFound, ErrorCodes.NotFound);
        }

        Assert.Empty(await ben.GetAsync<List<ThreadResponse>>($"/v1/servers/{server.Server.Id}/threads"));
        await ben.ReactsAsync(message, "👍").RefusedAsync(HttpStatusCode.NotFound, ErrorCodes.NotFound);
        await ben.SendAsync(HttpMethod.Put, $"/v1/threads/{thread.Id}/follow").RefusedAsync(HttpStatusCode.NotFound, ErrorCodes.NotFound);
    }
}
