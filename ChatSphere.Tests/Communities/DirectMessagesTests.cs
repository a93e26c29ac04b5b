using System.Net;
using ChatSphere.Contracts;
using ChatSphere.Contracts.Communities;
using ChatSphere.Contracts.Live;
using ChatSphere.Contracts.People;
using ChatSphere.Tests.Infrastructure;

namespace ChatSphere.Tests.Communities;

public sealed class DirectMessagesTests(ChatSphereApp app)
{
    [Fact]
    public async Task Two_people_have_one_channel_however_often_and_by_whom_it_is_opened()
    {
        var (ann, ben, eve) = (await app.SomebodyAsync(), await app.SomebodyAsync(), await app.SomebodyAsync());
        var opened = await Task.WhenAll(Enumerable.Range(0, 10).Select(i => i % 2 == 0 ? OpensAsync(ann, ben) : OpensAsync(ben, ann)));
        var channel = Assert.Single(opened.Select(o => o.Channel.Id).Distinct());
        Assert.Equal(new[] { ann.Account.Id, ben.Account.Id }.Order(), opened[0].People.Select(p => p.Id).Order());

        using var end = new CancellationTokenSource();
        var (his, others) = (new LiveListening(ben, end.Token), new LiveListening(eve, end.Token));
        await Task.WhenAll(his.Connected, others.Connected);
        await ann.WritesAsync(channel, "Just for you");
        await his.UntilAsync(e => e.Name == LiveEventTypes.ChannelMessage && e.As<ChannelMessageEvent>().Message.Content == "Just for you");
        Assert.Equal(1, (await ListAsync(ben)).Single().Channel.Mentions);
        Assert.Empty(await ListAsync(eve));
        await eve.GetAsync($"/v1/direct-channels/{channel}").RefusedAsync(HttpStatusCode.NotFound, ErrorCodes.NotFound);
        await eve.GetAsync($"/v1/channels/{channel}/messages").RefusedAsync(HttpStatusCode.NotFound, ErrorCodes.NotFound);
        await eve.PostAsync($"/v1/channels/{channel}/messages", new PostMessageRequest("Me too")).RefusedAsync(HttpStatusCode.NotFound, ErrorCodes.NotFound);
        Assert.DoesNotContain(others.Seen, e => e.Name == LiveEventTypes.ChannelMessage);
        await end.CancelAsync();
    }

    [Fact]
    public async Task Who_is_blocked_writes_no_more_and_what_was_written_stays()
    {
        var (ann, ben) = (await app.SomebodyAsync(), await app.SomebodyAsync());
        var channel = (await OpensAsync(ann, ben)).Channel.Id;
        await ann.WritesAsync(channel, "Hello");
        Assert.Equal(HttpStatusCode.NoContent, (await ben.SendAsync(HttpMethod.Put, $"/v1/relationships/blocks/{ann.Account.Id}")).StatusCode);
        await ann.PostAsync($"/v1/channels/{channel}/messages", new PostMessageRequest("Are you there?")).RefusedAsync(HttpStatusCode.Forbidden, ErrorCodes.RightMissing);
        Assert.Single(await ann.HistoryAsync(channel));
        Assert.Single(await ben.HistoryAsync(channel));
    }

    [Theory]
    [InlineData(WhoMay.Nobody)]
    [InlineData(WhoMay.Friends)]
    public async Task Who_takes_no_messages_of_strangers_gets_none(WhoMay audience)
    {
        var (ann, ben) = (await app.SomebodyAsync(), await app.SomebodyAsync());
        var settings = await ben.GetAsync<PrivacySettings>("/v1/accounts/me/privacy-settings");
        Assert.True((await ben.SendAsync(HttpMethod.Put, "/v1/accounts/me/privacy-settings", settings with { WhoCanMessageMe = audience })).IsSuccessStatusCode);
        await ann.PostAsync("/v1/direct-channels", new OpenDirectChannelRequest([ben.Account.Id])).RefusedAsync(HttpStatusCode.Forbidden, ErrorCodes.MessagesNotAccepted);
        await ann.PostAsync("/v1/direct-channels", new OpenDirectChannelRequest([ann.Account.Id])).RefusedAsync(HttpStatusCode.BadRequest, ErrorCodes.RequestInvalid);
        await ann.PostAsync("/v1/direct-channels", new OpenDirectChannelRequest([Guid.NewGuid()])).RefusedAsync(HttpStatusCode.NotFound, ErrorCodes.NotFound);
    }

    [Fact]
    public async Task A_group_has_an_owner_who_removes_and_anybody_brings_and_leaves()
    {
        var (ann, ben, cat, dan) = (await app.SomebodyAsync(), await app.SomebodyAsync(), await app.SomebodyAsync(), await app.SomebodyAsync());
        var group = await OpensAsync(ann, ben, cat);
        var at = $"/v1/direct-channels/{group.Channel.Id}";
        Assert.Equal((ChannelKind.Group, ann.Account.Id, 3), (group.Channel.Kind, group.OwnerId!.Value, group.People.Count));
        Assert.Equal(HttpStatusCode.NoContent, (await ben.SendAsync(HttpMethod.Put, $"{at}/people/{dan.Account.Id}")).StatusCode);
        Assert.Equal(4, (await ListAsync(dan)).Single().People.Count);
        await ben.SendAsync(HttpMethod.Delete, $"{at}/people/{cat.Account.Id}").RefusedAsync(HttpStatusCode.Forbidden, ErrorCodes.PermissionMissing);
        Assert.Equal(HttpStatusCode.NoContent, (await ann.SendAsync(HttpMethod.Delete, $"{at}/people/{cat.Account.Id}")).StatusCode);
        await cat.GetAsync($"/v1/channels/{group.Channel.Id}/messages").RefusedAsync(HttpStatusCode.NotFound, ErrorCodes.NotFound);
        Assert.Equal(HttpStatusCode.NoContent, (await ben.SendAsync(HttpMethod.Patch, at, new UpdateDirectChannelRequest("Bees"))).StatusCode);
        Assert.Equal(HttpStatusCode.NoContent, (await ann.SendAsync(HttpMethod.Delete, $"{at}/people/{ann.Account.Id}")).StatusCode);
        var left = await ben.GetAsync<DirectChannelResponse>(at);
        Assert.Equal(("Bees", ben.Account.Id, 2), (left.Channel.Name, left.OwnerId!.Value, left.People.Count));
    }

    [Fact]
    public async Task What_is_hidden_comes_back_with_the_next_message()
    {
        var (ann, ben) = (await app.SomebodyAsync(), await app.SomebodyAsync());
        var channel = (await OpensAsync(ann, ben)).Channel.Id;
        await ann.WritesAsync(channel, "One");
        Assert.Equal(HttpStatusCode.NoContent, (await ben.SendAsync(HttpMethod.Delete, $"/v1/direct-channels/{channel}")).StatusCode);
        Assert.Empty(await ListAsync(ben));
        Assert.Single(await ListAsync(ann));
        await ann.WritesAsync(channel, "Two");
        Assert.Single(await ListAsync(ben));
        Assert.Equal(2, (await ben.HistoryAsync(channel)).Count);
    }

    private static async Task<DirectChannelResponse> OpensAsync(Person person, params Person[] others) =>
        await (await person.PostAsync("/v1/direct-channels", new OpenDirectChannelRequest([.. others.Select(o => o.Account.Id)]))).ReadAsync<DirectChannelResponse>();

    private static async Task<IReadOnlyList<DirectChannelResponse>> ListAsync(Person person) => (await person.GetAsync<Page<DirectChannelResponse>>("/v1/direct-channels")).Items;
}
