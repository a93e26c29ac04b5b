using System.Net;
using ChatSphere.Contracts;
using ChatSphere.Contracts.Communities;
using ChatSphere.Contracts.Live;
using ChatSphere.Data.Communities;
using ChatSphere.Tests.Infrastructure;

namespace ChatSphere.Tests.Communities;

/// <summary>Who may do what to whom, and what roles may be made of: cases 19, 20, 24, 26, 27, 33 and 42 of what we must survive.</summary>
public sealed class RankingMembersTests(ChatSphereApp app)
{
    private const ServerPermissions Moderating =
        ServerPermissions.KickMembers | ServerPermissions.BanMembers | ServerPermissions.ModerateMembers | ServerPermissions.ManageNicknames | ServerPermissions.ManageRoles | ServerPermissions.ViewAuditLog;

    [Fact]
    public async Task Nobody_acts_on_the_owner_on_themselves_or_on_an_equal()
    {
        var (ann, ben, cem, dan) = (await app.SomebodyAsync(), await app.SomebodyAsync(), await app.SomebodyAsync(), await app.SomebodyAsync());
        var id = (await ann.HasServerAsync(ben, cem, dan)).Server.Id;
        var moderators = await ann.MakesAsync(id, ben, Moderating);
        await ann.GivesAsync(id, cem, moderators.Id);
        foreach (var whom in new[] { ann, ben, cem })
        {
            var member = $"/v1/servers/{id}/members/{whom.Account.Id}";
            await ben.PostAsync($"{member}/kick", new RemoveMemberRequest("x")).RefusedAsync(HttpStatusCode.Forbidden, ErrorCodes.RankTooLow);
            await ben.SendAsync(HttpMethod.Put, $"{member}/timeout", new TimeOutMemberRequest(DateTimeOffset.UnixEpoch.AddYears(60))).RefusedAsync(HttpStatusCode.Forbidden, ErrorCodes.RankTooLow);
            await ben.SendAsync(HttpMethod.Delete, $"{member}/timeout").RefusedAsync(HttpStatusCode.Forbidden, ErrorCodes.RankTooLow);
            await ben.BansAsync(id, whom).RefusedAsync(HttpStatusCode.Forbidden, ErrorCodes.RankTooLow);
            if (whom != ben)
            {
                await ben.SendAsync(HttpMethod.Patch, member, new UpdateMemberRequest("Loser")).RefusedAsync(HttpStatusCode.Forbidden, ErrorCodes.RankTooLow);
            }
        }

        // Without the right at all, that is what is said.
        var dans = $"/v1/servers/{id}/members/{dan.Account.Id}";
        await dan.PostAsync($"/v1/servers/{id}/members/{ben.Account.Id}/kick", new RemoveMemberRequest()).RefusedAsync(HttpStatusCode.Forbidden, ErrorCodes.RightMissing);
        await dan.BansAsync(id, ben).RefusedAsync(HttpStatusCode.Forbidden, ErrorCodes.RightMissing);
        await dan.SendAsync(HttpMethod.Patch, $"/v1/servers/{id}/members/{ben.Account.Id}", new UpdateMemberRequest("Boss")).RefusedAsync(HttpStatusCode.Forbidden, ErrorCodes.RightMissing);
        Assert.Equal(4, (await ann.ServerAsync(id)).Members);

        // And on somebody below all of it works, and is written down.
        await (await ben.SendAsync(HttpMethod.Patch, dans, new UpdateMemberRequest("Danny"))).ReadAsync<ServerMemberResponse>();
        Assert.Equal("Danny", (await cem.MemberAsync(id, dan)).Nickname);
        Assert.Equal(HttpStatusCode.NoContent, (await ben.PostAsync($"{dans}/kick", new RemoveMemberRequest("Too loud"))).StatusCode);
        await dan.GetAsync($"/v1/servers/{id}").RefusedAsync(HttpStatusCode.NotFound, ErrorCodes.NotFound);
        var log = await cem.LogAsync(id);
        Assert.Equal((ServerActions.MemberRemoved, ben.Account.Id, dan.Account.Id, "Too loud"), (log[0].Action, log[0].ActorId, log[0].TargetId, log[0].Reason));
        Assert.Equal(ServerActions.MemberRenamed, log[1].Action);
    }

    [Fact]
    public async Task Whoever_is_timed_out_reads_and_does_nothing_else_until_it_is_over()
    {
        var (ann, ben) = (await app.SomebodyAsync(), await app.SomebodyAsync());
        var server = await ann.HasServerAsync(ben);
        var (id, member) = (server.Server.Id, $"/v1/servers/{server.Server.Id}/members/{ben.Account.Id}");
        await ann.SendAsync(HttpMethod.Put, $"{member}/timeout", new TimeOutMemberRequest(DateTimeOffset.UnixEpoch)).RefusedAsync(HttpStatusCode.BadRequest, ErrorCodes.RequestInvalid);
        await ann.SendAsync(HttpMethod.Put, $"{member}/timeout", new TimeOutMemberRequest(TimeProvider.System.GetUtcNow().AddDays(40))).RefusedAsync(HttpStatusCode.BadRequest, ErrorCodes.RequestInvalid);
        var until = TimeProvider.System.GetUtcNow().AddHours(1);
        Assert.NotNull((await (await ann.SendAsync(HttpMethod.Put, $"{member}/timeout", new TimeOutMemberRequest(until, "Calm down"))).ReadAsync<ServerMemberResponse>()).TimedOutUntil);
        Assert.Equal([ServerRights.ViewChannel, ServerRights.ReadMessageHistory], (await ben.ChannelAsync(server.General())).May);
        await ben.PostAsync($"/v1/channels/{server.General()}/messages", new PostMessageRequest("But")).RefusedAsync(HttpStatusCode.Forbidden, ErrorCodes.RightMissing);
        await ben.SendAsync(HttpMethod.Patch, member, new UpdateMemberRequest("Ben")).RefusedAsync(HttpStatusCode.Forbidden, ErrorCodes.RightMissing);
        Assert.Equal(HttpStatusCode.NoContent, (await ann.SendAsync(HttpMethod.Delete, $"{member}/timeout")).StatusCode);
        await ben.WritesAsync(server.General(), "Sorry");
    }

    [Fact]
    public async Task Whoever_is_banned_comes_back_by_no_door_until_the_ban_is_lifted()
    {
        var (ann, ben) = (await app.SomebodyAsync(), await app.SomebodyAsync("Ben the banned"));
        var id = (await ann.HasServerAsync(ben)).Server.Id;
        await (await ann.SendAsync(HttpMethod.Patch, $"/v1/servers/{id}", new UpdateServerRequest(IsDiscoverable: true))).ReadAsync<ServerResponse>();
        var old = await ann.InvitesAsync(id);
        using var end = new CancellationTokenSource();
        var his = new LiveListening(ben, end.Token);
        await his.Connected;
        Assert.Equal(HttpStatusCode.NoContent, (await ann.BansAsync(id, ben, "Sold fake honey")).StatusCode);
        await his.UntilAsync(e => e.Name == LiveEventTypes.ServerLeft);
        await end.CancelAsync();

        var fresh = await ann.InvitesAsync(id);
        await ben.PostAsync($"/v1/invites/{old.Code}/accept").RefusedAsync(HttpStatusCode.Forbidden, ErrorCodes.Banned);
        await ben.PostAsync($"/v1/invites/{fresh.Code}/accept").RefusedAsync(HttpStatusCode.Forbidden, ErrorCodes.Banned);
        await ben.PostAsync($"/v1/discover/servers/{id}/join").RefusedAsync(HttpStatusCode.Forbidden, ErrorCodes.Banned);
        Assert.All((await ann.GetAsync<List<InviteResponse>>($"/v1/servers/{id}/invites")).Where(i => i.Id == old.Id || i.Id == fresh.Id), i => Assert.Equal(0, i.Uses));
        var ban = Assert.Single((await ann.GetAsync<Page<ServerBanResponse>>($"/v1/servers/{id}/bans")).Items);
        Assert.Equal((ben.Account.Id, "Ben the banned", ann.Account.Id, "Sold fake honey"), (ban.AccountId, ban.Name, ban.BannedBy, ban.Reason));

        // Who never was here can be kept out too, and a second ban is the same one.
        var eve = await app.SomebodyAsync();
        Assert.Equal(HttpStatusCode.NoContent, (await ann.BansAsync(id, eve)).StatusCode);
        Assert.Equal(HttpStatusCode.NoContent, (await ann.BansAsync(id, eve, "Again")).StatusCode);
        var page = await ann.GetAsync<Page<ServerBanResponse>>($"/v1/servers/{id}/bans?limit=1");
        Assert.Equal(eve.Account.Id, page.Items.Single().AccountId);
        Assert.Equal(ben.Account.Id, (await ann.GetAsync<Page<ServerBanResponse>>($"/v1/servers/{id}/bans?limit=1&cursor={page.Next}")).Items.Single().AccountId);
        await ann.SendAsync(HttpMethod.Put, $"/v1/servers/{id}/bans/{Guid.NewGuid()}", new BanMemberRequest()).RefusedAsync(HttpStatusCode.NotFound, ErrorCodes.NotFound);

        Assert.Equal(HttpStatusCode.NoContent, (await ann.SendAsync(HttpMethod.Delete, $"/v1/servers/{id}/bans/{ben.Account.Id}")).StatusCode);
        await ann.SendAsync(HttpMethod.Delete, $"/v1/servers/{id}/bans/{ben.Account.Id}").RefusedAsync(HttpStatusCode.NotFound, ErrorCodes.NotFound);
        await (await ben.PostAsync($"/v1/invites/{fresh.Code}/accept")).ReadAsync<ServerResponse>();
        await ben.GetAsync($"/v1/servers/{id}/bans").RefusedAsync(HttpStatusCode.Forbidden, ErrorCodes.RightMissing);
    }

    [Fact]
    public async Task A_ban_while_an_invite_is_being_accepted_wins_whichever_comes_first()
    {
        var ann = await app.SomebodyAsync();
        var id = (await ann.HasServerAsync()).Server.Id;
        var invite = await ann.InvitesAsync(id);
        for (var i = 0; i < 6; i++)
        {
            var eve = await app.SomebodyAsync();
            var acts = Enumerable.Range(0, 8).Select(n => n == 3 ? ann.BansAsync(id, eve) : eve.PostAsync($"/v1/invites/{invite.Code}/accept")).ToList();
            foreach (var response in await Task.WhenAll(acts))
            {
                Assert.Contains(response.StatusCode, new[] { HttpStatusCode.OK, HttpStatusCode.NoContent, HttpStatusCode.Forbidden, HttpStatusCode.NotFound });
            }

            await ann.GetAsync($"/v1/servers/{id}/members/{eve.Account.Id}").RefusedAsync(HttpStatusCode.NotFound, ErrorCodes.NotFound);
            await eve.GetAsync($"/v1/servers/{id}").RefusedAsync(HttpStatusCode.NotFound, ErrorCodes.NotFound);
        }

        Assert.Equal(1, (await ann.ServerAsync(id)).Members);
    }

    [Fact]
    public async Task Roles_are_made_of_what_one_holds_and_stand_below_ones_own()
    {
        var (ann, ben, cem) = (await app.SomebodyAsync(), await app.SomebodyAsync(), await app.SomebodyAsync());
        var id = (await ann.HasServerAsync(ben, cem)).Server.Id;
        var top = await ann.HasRoleAsync(id, "Top", ServerPermissions.BanMembers);
        var his = await ann.MakesAsync(id, ben, ServerPermissions.ManageRoles | ServerPermissions.KickMembers, "Managers");
        var low = await ann.HasRoleAsync(id, "Low", ServerPermissions.None);
        var strong = await ann.HasRoleAsync(id, "Strong", ServerPermissions.Administrator);
        Assert.Equal(["Top", "Managers", "Low", "Strong", "everyone"], (await ben.ServerAsync(id)).Roles.Select(r => r.Name));

        var roles = $"/v1/servers/{id}/roles";
        await ben.PostAsync(roles, new CreateRoleRequest("Mine", ServerPermissions.BanMembers.Wire())).RefusedAsync(HttpStatusCode.Forbidden, ErrorCodes.GrantExceedsOwn);
        await ben.PostAsync(roles, new CreateRoleRequest("Mine", ServerPermissions.Administrator.Wire())).RefusedAsync(HttpStatusCode.Forbidden, ErrorCodes.GrantExceedsOwn);
        foreach (var above in new[] { top, his })
        {
            await ben.SendAsync(HttpMethod.Patch, $"{roles}/{above.Id}", new UpdateRoleRequest(Name: "Renamed")).RefusedAsync(HttpStatusCode.Forbidden, ErrorCodes.RankTooLow);
            await ben.SendAsync(HttpMethod.Delete, $"{roles}/{above.Id}").RefusedAsync(HttpStatusCode.Forbidden, ErrorCodes.RankTooLow);
            await ben.SendAsync(HttpMethod.Put, $"/v1/servers/{id}/members/{cem.Account.Id}/roles/{above.Id}").RefusedAsync(HttpStatusCode.Forbidden, ErrorCodes.RankTooLow);
        }

        // Below, and yet more than one's own.
        await ben.SendAsync(HttpMethod.Patch, $"{roles}/{low.Id}", new UpdateRoleRequest(Permissions: ServerPermissions.BanMembers.Wire())).RefusedAsync(HttpStatusCode.Forbidden, ErrorCodes.GrantExceedsOwn);
        await ben.SendAsync(HttpMethod.Patch, $"{roles}/{strong.Id}", new UpdateRoleRequest(Permissions: "0")).RefusedAsync(HttpStatusCode.Forbidden, ErrorCodes.GrantExceedsOwn);
        await ben.SendAsync(HttpMethod.Put, $"/v1/servers/{id}/members/{ben.Account.Id}/roles/{strong.Id}").RefusedAsync(HttpStatusCode.Forbidden, ErrorCodes.GrantExceedsOwn);
        Assert.DoesNotContain(ServerRights.Administrator, (await ben.ServerAsync(id)).Server.May);

        var changed = await (await ben.SendAsync(HttpMethod.Patch, $"{roles}/{low.Id}", new UpdateRoleRequest("Lower", ServerPermissions.KickMembers.Wire(), 0x3366CC, true, true))).ReadAsync<ServerRoleResponse>();
        Assert.Equal(("Lower", ServerPermissions.KickMembers.Wire(), 0x3366CC, true, true), (changed.Name, changed.Permissions, changed.Color, changed.IsHoisted, changed.IsMentionable));
        Assert.Null((await (await ben.SendAsync(HttpMethod.Patch, $"{roles}/{low.Id}", new UpdateRoleRequest(Color: -1))).ReadAsync<ServerRoleResponse>()).Color);
        await ben.GivesAsync(id, cem, low.Id);
        Assert.Contains(ServerRights.KickMembers, (await cem.ServerAsync(id)).Server.May);
        Assert.Equal(HttpStatusCode.NoContent, (await ben.SendAsync(HttpMethod.Delete, $"{roles}/{low.Id}")).StatusCode);
        Assert.DoesNotContain(ServerRights.KickMembers, (await cem.ServerAsync(id)).Server.May);

        await cem.PostAsync(roles, new CreateRoleRequest("Mine")).RefusedAsync(HttpStatusCode.Forbidden, ErrorCodes.RightMissing);
        await ann.SendAsync(HttpMethod.Delete, $"{roles}/{Guid.NewGuid()}").RefusedAsync(HttpStatusCode.NotFound, ErrorCodes.NotFound);
    }

    [Fact]
    public async Task Everyones_role_is_given_to_nobody_moved_nowhere_and_stays()
    {
        var (ann, ben) = (await app.SomebodyAsync(), await app.SomebodyAsync());
        var id = (await ann.HasServerAsync(ben)).Server.Id;
        await ann.SendAsync(HttpMethod.Put, $"/v1/servers/{id}/members/{ben.Account.Id}/roles/{id}").RefusedAsync(HttpStatusCode.Conflict, ErrorCodes.RoleFixed);
        await ann.SendAsync(HttpMethod.Delete, $"/v1/servers/{id}/roles/{id}").RefusedAsync(HttpStatusCode.Conflict, ErrorCodes.RoleFixed);
        await ann.SendAsync(HttpMethod.Patch, $"/v1/servers/{id}/roles/{id}", new UpdateRoleRequest("All")).RefusedAsync(HttpStatusCode.Conflict, ErrorCodes.RoleFixed);
        await ann.SendAsync(HttpMethod.Put, $"/v1/servers/{id}/roles/order", new OrderRolesRequest([id])).RefusedAsync(HttpStatusCode.Conflict, ErrorCodes.RoleFixed);
        await (await ann.SendAsync(HttpMethod.Patch, $"/v1/servers/{id}/roles/{id}", new UpdateRoleRequest(Permissions: ServerPermissions.ViewChannel.Wire()))).ReadAsync<ServerRoleResponse>();
        Assert.Equal([ServerRights.ViewChannel], (await ben.ServerAsync(id)).Server.May);
    }

    [Fact]
    public async Task Roles_are_put_in_order_whole_and_only_those_below_ones_own_move()
    {
        var (ann, ben) = (await app.SomebodyAsync(), await app.SomebodyAsync());
        var id = (await ann.HasServerAsync(ben)).Server.Id;
        var a = (await ann.HasRoleAsync(id, "A")).Id;
        var his = (await ann.MakesAsync(id, ben, ServerPermissions.ManageRoles, "B")).Id;
        var (c, d, e) = ((await ann.HasRoleAsync(id, "C")).Id, (await ann.HasRoleAsync(id, "D")).Id, (await ann.HasRoleAsync(id, "E")).Id);
        Task<HttpResponseMessage> OrderAsync(Person who, params Guid[] order) => who.SendAsync(HttpMethod.Put, $"/v1/servers/{id}/roles/order", new OrderRolesRequest(order));
        async Task<string> NowAsync() => string.Concat((await ann.ServerAsync(id)).Roles.Select(r => r.Name[0]));

        await OrderAsync(ben, his, a, c, d, e).RefusedAsync(HttpStatusCode.Forbidden, ErrorCodes.RankTooLow);
        await OrderAsync(ben, a, c, his, d, e).RefusedAsync(HttpStatusCode.Forbidden, ErrorCodes.RankTooLow);
        await OrderAsync(ben, a, his, c, c, e).RefusedAsync(HttpStatusCode.BadRequest, ErrorCodes.RequestInvalid);
        await OrderAsync(ben, a, his, c, d).RefusedAsync(HttpStatusCode.Conflict, ErrorCodes.OrderStale);
        await OrderAsync(ben, a, his, c, d, Guid.NewGuid()).RefusedAsync(HttpStatusCode.Conflict, ErrorCodes.OrderStale);
        Assert.Equal("ABCDEe", await NowAsync());
        Assert.Equal(HttpStatusCode.NoContent, (await OrderAsync(ben, a, his, e, c, d)).StatusCode);
        Assert.Equal("ABECDe", await NowAsync());

        // Two at once: one after the other, never a mixture.
        for (var i = 0; i < 5; i++)
        {
            await Task.WhenAll(OrderAsync(ann, a, his, c, d, e), OrderAsync(ann, e, d, c, his, a), OrderAsync(ann, a, his, c, d, e), OrderAsync(ann, e, d, c, his, a));
            Assert.Contains(await NowAsync(), new[] { "ABCDEe", "EDCBAe" });
        }
    }

    [Fact]
    public async Task Of_fifty_roles_or_channels_that_look_alike_and_are_made_at_once_one_is_made()
    {
        var ann = await app.SomebodyAsync();
        var id = (await ann.HasServerAsync()).Server.Id;
        string[] alike = ["Admin Bees", "admin bees", "ADMIN  BEES", "аdmin bees", "ａｄｍｉｎ bees", "Admin\u200b Bees", "adm\u0131n bees"];
        foreach (var (path, body) in new (string, Func<string, object>)[] { ("roles", n => new CreateRoleRequest(n)), ("channels", n => new CreateChannelRequest(n)) })
        {
            var answers = await Task.WhenAll(Enumerable.Range(0, 50).Select(async i => (await ann.PostAsync($"/v1/servers/{id}/{path}", body(alike[i % alike.Length]))).StatusCode));
            Assert.Equal((1, 49), (answers.Count(s => s == HttpStatusCode.Created), answers.Count(s => s == HttpStatusCode.Conflict)));
        }
    }

    [Theory]
    [InlineData("everyone")]
    [InlineData("@Everyone")]
    [InlineData("h\u0435re")]
    [InlineData("Deleted User")]
    [InlineData("\u202egnp")]
    public async Task Names_that_pretend_to_be_something_else_are_refused(string name)
    {
        var ann = await app.SomebodyAsync();
        var id = (await ann.HasServerAsync()).Server.Id;
        using var role = await ann.PostAsync($"/v1/servers/{id}/roles", new CreateRoleRequest(name));
        if (name[0] != '\u202e')
        {
            Assert.Equal(HttpStatusCode.BadRequest, role.StatusCode);
            await ann.SendAsync(HttpMethod.Patch, $"/v1/servers/{id}/members/{ann.Account.Id}", new UpdateMemberRequest(name)).RefusedAsync(HttpStatusCode.BadRequest, ErrorCodes.RequestInvalid);
        }
        else
        {
            // What turns the reading around is not part of what is compared.
            await ann.PostAsync($"/v1/servers/{id}/roles", new CreateRoleRequest("gnp")).RefusedAsync(HttpStatusCode.Conflict, ErrorCodes.NameTaken);
        }
    }

    [Fact]
    public async Task What_is_no_right_is_refused_and_what_was_not_asked_for_is_not_taken()
    {
        var ann = await app.SomebodyAsync();
        var id = (await ann.HasServerAsync()).Server.Id;
        foreach (var permissions in new[] { "-1", "18446744073709551616", "1e3", "1.5", "512", "08", "" })
        {
            await ann.PostAsync($"/v1/servers/{id}/roles", new CreateRoleRequest("Odd", permissions)).RefusedAsync(HttpStatusCode.BadRequest, ErrorCodes.RequestInvalid);
        }

        var made = await (await ann.PostAsync($"/v1/servers/{id}/roles", new { name = "Plain", position = 99, botId = Guid.NewGuid(), serverId = Guid.NewGuid(), id = Guid.NewGuid() })).ReadAsync<ServerRoleResponse>();
        Assert.Equal((1, "0", null), (made.Position, made.Permissions, made.BotId));
    }

    [Fact]
    public async Task Members_are_listed_by_the_name_that_is_shown()
    {
        var (ann, ben, cem, eve) = (await app.SomebodyAsync("Ann"), await app.SomebodyAsync("ben"), await app.SomebodyAsync("Cem"), await app.SomebodyAsync());
        var id = (await ann.HasServerAsync(ben, cem)).Server.Id;
        await (await cem.SendAsync(HttpMethod.Patch, $"/v1/servers/{id}/members/{cem.Account.Id}", new UpdateMemberRequest("Aaron"))).ReadAsync<ServerMemberResponse>();
        var first = await ann.GetAsync<Page<ServerMemberResponse>>($"/v1/servers/{id}/members?limit=2");
        var second = await ann.GetAsync<Page<ServerMemberResponse>>($"/v1/servers/{id}/members?limit=2&cursor={first.Next}");
        Assert.Equal(["Aaron/Cem", "/Ann", "/ben"], first.Items.Concat(second.Items).Select(m => $"{m.Nickname}/{m.Name}"));
        Assert.Null(second.Next);
        Assert.Equal(["Cem"], (await ann.GetAsync<Page<ServerMemberResponse>>($"/v1/servers/{id}/members?q=aa")).Items.Select(m => m.Name));
        Assert.Equal(["Cem"], (await ann.GetAsync<Page<ServerMemberResponse>>($"/v1/servers/{id}/members?q=cE")).Items.Select(m => m.Name));
        Assert.Empty((await ann.GetAsync<Page<ServerMemberResponse>>($"/v1/servers/{id}/members?q=%25")).Items);
        var role = await ann.MakesAsync(id, ben, ServerPermissions.None);
        Assert.Equal(["ben"], (await ann.GetAsync<Page<ServerMemberResponse>>($"/v1/servers/{id}/members?role={role.Id}")).Items.Select(m => m.Name));
        Assert.Equal(3, (await ann.GetAsync<Page<ServerMemberResponse>>($"/v1/servers/{id}/members?role={id}")).Items.Count);
        await ann.GetAsync($"/v1/servers/{id}/members?cursor=x").RefusedAsync(HttpStatusCode.BadRequest, ErrorCodes.CursorInvalid);
        await ann.GetAsync($"/v1/servers/{id}/members?role={Guid.NewGuid()}").RefusedAsync(HttpStatusCode.BadRequest, ErrorCodes.RequestInvalid);
        await eve.GetAsync($"/v1/servers/{id}/members").RefusedAsync(HttpStatusCode.NotFound, ErrorCodes.NotFound);
        await eve.GetAsync($"/v1/servers/{id}/members/{ann.Account.Id}").RefusedAsync(HttpStatusCode.NotFound, ErrorCodes.NotFound);
    }
}
