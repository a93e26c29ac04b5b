using System.Net;
using ChatSphere.Contracts;
using ChatSphere.Contracts.Communities;
using ChatSphere.Contracts.Live;
using ChatSphere.Data.Communities;
using ChatSphere.Tests.Infrastructure;
using ChannelKind = ChatSphere.Contracts.Communities.ChannelKind;

namespace ChatSphere.Tests.Communities;

public sealed class ChannelRightsTests(ChatSphereApp app)
{
    [Fact]
    public async Task A_channel_is_changed_deleted_and_gone()
    {
        var (ann, ben, eve) = (await app.SomebodyAsync(), await app.SomebodyAsync(), await app.SomebodyAsync());
        var id = (await ann.HasServerAsync(ben)).Server.Id;
        var category = await ann.HasChannelAsync(id, "Hives", ChannelKind.Category);
        var channel = await ann.HasChannelAsync(id, "honey");
        await ann.WritesAsync(channel.Id, "Sweet");
        var changed = await (await ann.SendAsync(HttpMethod.Patch, $"/v1/channels/{channel.Id}", new UpdateChannelRequest("honey and wax", "What bees make", 30, category.Id))).ReadAsync<ChannelResponse>();
        Assert.Equal(("honey and wax", "What bees make", 30, category.Id, 1L), (changed.Name, changed.Topic, changed.SlowModeSeconds, changed.ParentId, changed.LastSeq));
        await ann.SendAsync(HttpMethod.Patch, $"/v1/channels/{channel.Id}", new UpdateChannelRequest("GENERAL")).RefusedAsync(HttpStatusCode.Conflict, ErrorCodes.NameTaken);
        await ann.SendAsync(HttpMethod.Patch, $"/v1/channels/{channel.Id}", new UpdateChannelRequest(ParentId: channel.Id)).RefusedAsync(HttpStatusCode.BadRequest, ErrorCodes.RequestInvalid);
        await ann.SendAsync(HttpMethod.Patch, $"/v1/channels/{channel.Id}", new UpdateChannelRequest(SlowModeSeconds: 30_000)).RefusedAsync(HttpStatusCode.BadRequest, ErrorCodes.RequestInvalid);
        await ben.SendAsync(HttpMethod.Patch, $"/v1/channels/{channel.Id}", new UpdateChannelRequest("mine")).RefusedAsync(HttpStatusCode.Forbidden, ErrorCodes.RightMissing);
        await ben.SendAsync(HttpMethod.Delete, $"/v1/channels/{channel.Id}").RefusedAsync(HttpStatusCode.Forbidden, ErrorCodes.RightMissing);
        await eve.SendAsync(HttpMethod.Patch, $"/v1/channels/{channel.Id}", new UpdateChannelRequest("mine")).RefusedAsync(HttpStatusCode.NotFound, ErrorCodes.NotFound);

        Assert.Equal(HttpStatusCode.NoContent, (await ann.SendAsync(HttpMethod.Delete, $"/v1/channels/{category.Id}")).StatusCode);
        Assert.Null((await ben.ChannelAsync(channel.Id)).ParentId);
        Assert.Equal(HttpStatusCode.NoContent, (await ann.SendAsync(HttpMethod.Delete, $"/v1/channels/{channel.Id}")).StatusCode);
        await ann.GetAsync($"/v1/channels/{channel.Id}/messages").RefusedAsync(HttpStatusCode.NotFound, ErrorCodes.NotFound);
        await ann.SendAsync(HttpMethod.Delete, $"/v1/channels/{channel.Id}").RefusedAsync(HttpStatusCode.NotFound, ErrorCodes.NotFound);

        // Its name is free again, and its messages go in time.
        await ann.HasChannelAsync(id, "honey and wax");
        await using var database = await app.DatabaseAsync();
        await database.ExecuteAsync("update communities.channels set deleted_at = deleted_at - interval '2 days' where id = $1", channel.Id);
        await Person.EventuallyAsync(() => database.AskAsync("select count(*) from communities.messages where channel_id = $1", channel.Id), n => n is 0L);
    }

    [Fact]
    public async Task Channels_are_put_in_order_whole()
    {
        var (ann, ben) = (await app.SomebodyAsync(), await app.SomebodyAsync());
        var server = await ann.HasServerAsync(ben);
        var (id, general) = (server.Server.Id, server.General());
        var hives = (await ann.HasChannelAsync(id, "Hives", ChannelKind.Category)).Id;
        var (a, b) = ((await ann.HasChannelAsync(id, "a")).Id, (await ann.HasChannelAsync(id, "b", parent: hives)).Id);
        Task<HttpResponseMessage> OrderAsync(Person who, params ChannelPlace[] order) => who.SendAsync(HttpMethod.Put, $"/v1/servers/{id}/channels/order", new OrderChannelsRequest(order));
        async Task<string> NowAsync() => string.Join(' ', (await ben.ServerAsync(id)).Channels.Select(c => $"{(c.ParentId is null ? "" : "-")}{c.Name}"));

        Assert.Equal(HttpStatusCode.NoContent, (await OrderAsync(ann, new(b), new(general), new(hives), new(a, hives))).StatusCode);
        Assert.Equal("b general Hives -a", await NowAsync());
        await OrderAsync(ann, new(b), new(general), new(hives)).RefusedAsync(HttpStatusCode.Conflict, ErrorCodes.OrderStale);
        await OrderAsync(ann, new(b), new(b), new(general), new(hives), new(a)).RefusedAsync(HttpStatusCode.BadRequest, ErrorCodes.RequestInvalid);
        await OrderAsync(ann, new(b), new(general, b), new(hives), new(a)).RefusedAsync(HttpStatusCode.BadRequest, ErrorCodes.RequestInvalid);
        await OrderAsync(ann, new(b), new(general), new(hives, hives), new(a)).RefusedAsync(HttpStatusCode.BadRequest, ErrorCodes.RequestInvalid);
        await OrderAsync(ben, new(b), new(general), new(hives), new(a)).RefusedAsync(HttpStatusCode.Forbidden, ErrorCodes.RightMissing);
        Assert.Equal("b general Hives -a", await NowAsync());
    }

    [Fact]
    public async Task A_private_channel_does_not_exist_for_those_who_may_not_see_it()
    {
        var (ann, ben, cem) = (await app.SomebodyAsync(), await app.SomebodyAsync(), await app.SomebodyAsync());
        var id = (await ann.HasServerAsync(ben, cem)).Server.Id;
        var insiders = await ann.MakesAsync(id, cem, ServerPermissions.None, "Insiders");
        await ann.MakesAsync(id, ben, ServerPermissions.ViewAuditLog | ServerPermissions.ManageRoles | ServerPermissions.ManageChannels, "Auditors");
        var secret = (await ann.HasChannelAsync(id, "secret")).Id;
        await ann.WritesAsync(secret, "Not for Ben");
        await ann.OverwritesAsync(secret, id, 0, ServerPermissions.ViewChannel);
        await ann.OverwritesAsync(secret, insiders.Id, ServerPermissions.ViewChannel, 0);

        Assert.Equal("Not for Ben", Assert.Single(await cem.HistoryAsync(secret)).Content);
        Assert.DoesNotContain((await ben.ServerAsync(id)).Channels, c => c.Id == secret);
        foreach (var path in new[] { "", "/messages", "/changes?after=0", "/overwrites" })
        {
            await ben.GetAsync($"/v1/channels/{secret}{path}").RefusedAsync(HttpStatusCode.NotFound, ErrorCodes.NotFound);
        }

        await ben.SendAsync(HttpMethod.Patch, $"/v1/channels/{secret}", new UpdateChannelRequest("known")).RefusedAsync(HttpStatusCode.NotFound, ErrorCodes.NotFound);
        await ben.SendAsync(HttpMethod.Delete, $"/v1/channels/{secret}").RefusedAsync(HttpStatusCode.NotFound, ErrorCodes.NotFound);
        await ben.SendAsync(HttpMethod.Put, $"/v1/channels/{secret}/overwrites/{id}", new PutOverwriteRequest(OverwriteKind.Role, "0", "0")).RefusedAsync(HttpStatusCode.NotFound, ErrorCodes.NotFound);
        await ben.SendAsync(HttpMethod.Delete, $"/v1/channels/{secret}/overwrites/{id}").RefusedAsync(HttpStatusCode.NotFound, ErrorCodes.NotFound);

        // Nor in the log, nor when looking with others' eyes.
        Assert.Contains(await ann.LogAsync(id), e => e.TargetId == secret);
        Assert.DoesNotContain(await ben.LogAsync(id), e => e.TargetId == secret);
        Assert.DoesNotContain((await ben.GetAsync<ViewAsResponse>($"/v1/servers/{id}/view-as?roleIds={insiders.Id}")).Channels, c => c.Id == secret);
        var seen = await ann.GetAsync<ViewAsResponse>($"/v1/servers/{id}/view-as?roleIds={insiders.Id}");
        Assert.True(seen.Channels.Single(c => c.Id == secret).IsVisible);
        Assert.False((await ann.GetAsync<ViewAsResponse>($"/v1/servers/{id}/view-as")).Channels.Single(c => c.Id == secret).IsVisible);
        Assert.False((await ann.GetAsync<ViewAsResponse>($"/v1/servers/{id}/view-as?memberId={ben.Account.Id}")).Channels.Single(c => c.Id == secret).IsVisible);
        await cem.GetAsync($"/v1/servers/{id}/view-as").RefusedAsync(HttpStatusCode.Forbidden, ErrorCodes.RightMissing);
    }

    [Fact]
    public async Task A_right_that_is_taken_ends_what_comes_live()
    {
        var (ann, ben) = (await app.SomebodyAsync(), await app.SomebodyAsync());
        var server = await ann.HasServerAsync(ben);
        var channel = server.General();
        using var end = new CancellationTokenSource();
        var his = new LiveListening(ben, end.Token);
        await his.Connected;
        await ann.WritesAsync(channel, "Before");
        await his.UntilAsync(e => e.Name == LiveEventTypes.ChannelMessage && e.As<ChannelMessageEvent>().Message.Content == "Before");
        var elsewhere = (await ann.HasChannelAsync(server.Server.Id, "elsewhere")).Id;
        await Person.EventuallyAsync(
            async () =>
            {
                // A channel that is half a second old may not be known everywhere yet.
                await ann.WritesAsync(elsewhere, "Is this known?");
                return his.Seen.Any(e => Is(e, "Is this known?"));
            },
            heard => heard);
        await ann.OverwritesAsync(channel, server.Server.Id, 0, ServerPermissions.ViewChannel);

        // What is written in the other channel afterwards tells that the first has had its chance. Rights may be half a second old, and no older.
        var n = 0;
        await Person.EventuallyAsync(HearsAsync, heard => !heard, seconds: 10);
        for (var i = 0; i < 3; i++)
        {
            Assert.False(await HearsAsync());
        }

        await end.CancelAsync();

        async Task<bool> HearsAsync()
        {
            var (text, sign) = ($"Secret {++n}", $"Sign {n}");
            await ann.WritesAsync(channel, text);
            await ann.WritesAsync(elsewhere, sign);
            await his.UntilAsync(e => Is(e, sign));
            return his.Seen.Any(e => Is(e, text));
        }

        static bool Is(StreamEvent e, string content) => e.Name == LiveEventTypes.ChannelMessage && e.As<ChannelMessageEvent>().Message.Content == content;
    }

    [Fact]
    public async Task Overwrites_are_made_of_what_one_holds_about_those_below_and_lock_nobody_out()
    {
        var (ann, ben, cem) = (await app.SomebodyAsync(), await app.SomebodyAsync(), await app.SomebodyAsync());
        var server = await ann.HasServerAsync(ben, cem);
        var (id, channel) = (server.Server.Id, server.General());
        var top = await ann.HasRoleAsync(id, "Top");
        var his = await ann.MakesAsync(id, ben, ServerPermissions.ManageRoles, "Managers");
        var low = await ann.HasRoleAsync(id, "Low");
        Task<HttpResponseMessage> PutAsync(Person who, Guid target, ServerPermissions allow, ServerPermissions deny, OverwriteKind kind = OverwriteKind.Role) =>
            who.SendAsync(HttpMethod.Put, $"/v1/channels/{channel}/overwrites/{target}", new PutOverwriteRequest(kind, allow.Wire(), deny.Wire()));

        await PutAsync(ben, low.Id, ServerPermissions.ManageMessages, 0).RefusedAsync(HttpStatusCode.Forbidden, ErrorCodes.GrantExceedsOwn);
        await PutAsync(ben, ben.Account.Id, ServerPermissions.Administrator, 0, OverwriteKind.Member).RefusedAsync(HttpStatusCode.Forbidden, ErrorCodes.GrantExceedsOwn);
        await PutAsync(ann, ben.Account.Id, ServerPermissions.Administrator, 0, OverwriteKind.Member).RefusedAsync(HttpStatusCode.BadRequest, ErrorCodes.RequestInvalid);
        await PutAsync(ben, top.Id, 0, ServerPermissions.SendMessages).RefusedAsync(HttpStatusCode.Forbidden, ErrorCodes.RankTooLow);
        await PutAsync(ben, his.Id, ServerPermissions.SendMessages, 0).RefusedAsync(HttpStatusCode.Forbidden, ErrorCodes.RankTooLow);
        await PutAsync(ben, ann.Account.Id, 0, ServerPermissions.SendMessages, OverwriteKind.Member).RefusedAsync(HttpStatusCode.Forbidden, ErrorCodes.RankTooLow);
        await PutAsync(ben, low.Id, ServerPermissions.SendMessages, ServerPermissions.SendMessages).RefusedAsync(HttpStatusCode.BadRequest, ErrorCodes.RequestInvalid);
        await PutAsync(ben, Guid.NewGuid(), ServerPermissions.SendMessages, 0).RefusedAsync(HttpStatusCode.NotFound, ErrorCodes.NotFound);
        await PutAsync(cem, low.Id, ServerPermissions.SendMessages, 0).RefusedAsync(HttpStatusCode.Forbidden, ErrorCodes.RightMissing);
        await ann.SendAsync(HttpMethod.Put, $"/v1/channels/{channel}/overwrites/{low.Id}", new PutOverwriteRequest(OverwriteKind.Role, "-1", "0")).RefusedAsync(HttpStatusCode.BadRequest, ErrorCodes.RequestInvalid);
        Assert.Empty((await ann.GetAsync<ChannelOverwritesResponse>($"/v1/channels/{channel}/overwrites")).Overwrites);

        // Nobody loses the channel to a slip of their own; an owner never does.
        await PutAsync(ben, id, 0, ServerPermissions.ViewChannel).RefusedAsync(HttpStatusCode.Conflict, ErrorCodes.WouldLockOut);
        await ann.OverwritesAsync(channel, id, 0, ServerPermissions.ViewChannel);
        await ben.GetAsync($"/v1/channels/{channel}").RefusedAsync(HttpStatusCode.NotFound, ErrorCodes.NotFound);
        Assert.Contains((await ann.ServerAsync(id)).Channels, c => c.Id == channel);
        await (await ann.SendAsync(HttpMethod.Delete, $"/v1/channels/{channel}/overwrites/{id}")).ReadAsync<ChannelOverwritesResponse>();
        await ben.ChannelAsync(channel);

        await ben.OverwritesAsync(channel, low.Id, 0, ServerPermissions.SendMessages);
        await ben.OverwritesAsync(channel, cem.Account.Id, 0, ServerPermissions.AddReactions, OverwriteKind.Member);
        Assert.DoesNotContain(ServerRights.AddReactions, (await cem.ChannelAsync(channel)).May);
    }

    [Fact]
    public async Task What_a_category_allows_is_copied_to_the_channels_that_are_in_step_with_it()
    {
        var (ann, ben) = (await app.SomebodyAsync(), await app.SomebodyAsync());
        var id = (await ann.HasServerAsync(ben)).Server.Id;
        var hives = (await ann.HasChannelAsync(id, "Hives", ChannelKind.Category)).Id;
        await ann.OverwritesAsync(hives, id, 0, ServerPermissions.ViewChannel);
        var (follows, own) = ((await ann.HasChannelAsync(id, "follows", parent: hives)).Id, (await ann.HasChannelAsync(id, "own", parent: hives)).Id);

        // Private from its first moment.
        await ben.GetAsync($"/v1/channels/{follows}").RefusedAsync(HttpStatusCode.NotFound, ErrorCodes.NotFound);
        Assert.True((await ann.GetAsync<ChannelOverwritesResponse>($"/v1/channels/{follows}/overwrites")).InStep);
        var apart = await ann.OverwritesAsync(own, ben.Account.Id, ServerPermissions.ViewChannel, 0, OverwriteKind.Member);
        Assert.False(apart.InStep);
        await ben.ChannelAsync(own);

        await ann.OverwritesAsync(hives, id, 0, ServerPermissions.SendMessages);
        Assert.DoesNotContain(ServerRights.SendMessages, (await ben.ChannelAsync(follows)).May);
        Assert.True((await ann.GetAsync<ChannelOverwritesResponse>($"/v1/channels/{follows}/overwrites")).InStep);
        Assert.Contains(ServerRights.SendMessages, (await ben.ChannelAsync(own)).May);

        // Elsewhere it keeps what it has.
        await (await ann.SendAsync(HttpMethod.Patch, $"/v1/channels/{follows}", new UpdateChannelRequest(ParentId: Guid.Empty))).ReadAsync<ChannelResponse>();
        Assert.DoesNotContain(ServerRights.SendMessages, (await ben.ChannelAsync(follows)).May);
        await ben.PostAsync($"/v1/channels/{own}/overwrites/sync").RefusedAsync(HttpStatusCode.Forbidden, ErrorCodes.RightMissing);
        var synced = await (await ann.PostAsync($"/v1/channels/{own}/overwrites/sync")).ReadAsync<ChannelOverwritesResponse>();
        Assert.True(synced.InStep);
        Assert.Equal([id], synced.Overwrites.Select(o => o.TargetId));
        Assert.DoesNotContain(ServerRights.SendMessages, (await ben.ChannelAsync(own)).May);
        await ann.PostAsync($"/v1/channels/{follows}/overwrites/sync").RefusedAsync(HttpStatusCode.Conflict, ErrorCodes.OrderStale);
    }

    [Fact]
    public async Task The_log_tells_who_did_what_to_whom_and_why()
    {
        var (ann, ben, cem) = (await app.SomebodyAsync("Ann"), await app.SomebodyAsync(), await app.SomebodyAsync());
        var id = (await ann.HasServerAsync(ben, cem)).Server.Id;
        var role = await ann.HasRoleAsync(id, "Keepers", ServerPermissions.ManageMessages);
        await ann.GivesAsync(id, ben, role.Id);
        Assert.Equal(HttpStatusCode.NoContent, (await ann.BansAsync(id, cem, "Spam")).StatusCode);
        var log = await ann.LogAsync(id);
        Assert.Equal([ServerActions.MemberBanned, ServerActions.RoleGiven, ServerActions.RoleCreated], log.Take(3).Select(e => e.Action));
        Assert.Equal(("Ann", "Spam", cem.Account.Id), (log[0].ActorName, log[0].Reason, log[0].TargetId));
        Assert.Equal("Keepers", log[1].Details!.Value.GetProperty("role").GetString());
        Assert.Equal(ServerActions.ServerCreated, log[^1].Action);
        Assert.Equal([ServerActions.MemberBanned], (await ann.LogAsync(id, "&action=member.banned")).Select(e => e.Action));
        Assert.Equal([ServerActions.MemberBanned, ServerActions.MemberJoined], (await ann.LogAsync(id, $"&targetId={cem.Account.Id}")).Select(e => e.Action));
        Assert.All(await ann.LogAsync(id, $"&actorId={ben.Account.Id}"), e => Assert.Equal(ServerActions.MemberJoined, e.Action));
        var first = await ann.GetAsync<Page<ServerLogEntryResponse>>($"/v1/servers/{id}/audit?limit=1");
        Assert.Equal(log[1].Id, (await ann.GetAsync<Page<ServerLogEntryResponse>>($"/v1/servers/{id}/audit?limit=1&cursor={first.Next}")).Items.Single().Id);
        await ben.GetAsync($"/v1/servers/{id}/audit").RefusedAsync(HttpStatusCode.Forbidden, ErrorCodes.RightMissing);
        await cem.GetAsync($"/v1/servers/{id}/audit").RefusedAsync(HttpStatusCode.NotFound, ErrorCodes.NotFound);
    }
}
