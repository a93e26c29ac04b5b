using System.Net;
using ChatSphere.Contracts;
using ChatSphere.Contracts.Communities;
using ChatSphere.Contracts.Live;
using ChatSphere.Data.Communities;
using ChatSphere.Tests.Infrastructure;
using ChatSphere.Tests.People;

namespace ChatSphere.Tests.Communities;

public sealed class RunningServersTests(ChatSphereApp app)
{
    [Fact]
    public async Task Who_manages_a_server_changes_it_and_others_see_that()
    {
        var (ann, ben) = (await app.SomebodyAsync(), await app.SomebodyAsync());
        var id = (await ann.HasServerAsync(ben)).Server.Id;
        var changed = await (await ann.SendAsync(HttpMethod.Patch, $"/v1/servers/{id}", new UpdateServerRequest("Bee friends", "All about bees.", true))).ReadAsync<ServerResponse>();
        Assert.Equal(("Bee friends", "All about bees.", true), (changed.Name, changed.Description, changed.IsDiscoverable));
        Assert.Equal("Bee friends", (await ben.ServerAsync(id)).Server.Name);

        var problem = await ben.SendAsync(HttpMethod.Patch, $"/v1/servers/{id}", new UpdateServerRequest("Mine")).RefusedAsync(HttpStatusCode.Forbidden, ErrorCodes.RightMissing);
        Assert.Contains(ServerRights.ManageServer, problem.Detail, StringComparison.Ordinal);
        await ann.SendAsync(HttpMethod.Patch, $"/v1/servers/{id}", new UpdateServerRequest("\u200b")).RefusedAsync(HttpStatusCode.BadRequest, ErrorCodes.RequestInvalid);

        // What is not asked about is not taken.
        await (await ann.SendAsync(HttpMethod.Patch, $"/v1/servers/{id}", new { ownerId = ben.Account.Id, rightsVersion = -1, description = "" })).ReadAsync<ServerResponse>();
        var after = (await ann.ServerAsync(id)).Server;
        Assert.Equal((ann.Account.Id, ""), (after.OwnerId, after.Description));
    }

    [Fact]
    public async Task A_picture_is_shown_to_members_and_to_others_only_when_the_server_can_be_found()
    {
        var (ann, ben, eve) = (await app.SomebodyAsync(), await app.SomebodyAsync(), await app.SomebodyAsync());
        var id = (await ann.HasServerAsync(ben)).Server.Id;
        var icon = await (await ann.SendAsync(HttpMethod.Put, $"/v1/servers/{id}/icon", Picture(3))).ReadAsync<ServerIconResponse>();
        Assert.Equal(icon.Version, (await ben.ServerAsync(id)).Server.Icon);
        using (var shown = await ben.GetAsync($"/v1/servers/{id}/icon?v={icon.Version}"))
        {
            Assert.Equal(HttpStatusCode.OK, shown.StatusCode);
            Assert.Equal("image/png", shown.Content.Headers.ContentType?.MediaType);
        }

        await eve.GetAsync($"/v1/servers/{id}/icon").RefusedAsync(HttpStatusCode.NotFound, ErrorCodes.NotFound);
        await ben.SendAsync(HttpMethod.Put, $"/v1/servers/{id}/icon", Picture(4)).RefusedAsync(HttpStatusCode.Forbidden, ErrorCodes.RightMissing);
        await ann.SendAsync(HttpMethod.Put, $"/v1/servers/{id}/icon", new ByteArrayContent([65]) { Headers = { ContentType = new("image/png") } }).RefusedAsync(HttpStatusCode.BadRequest, ErrorCodes.AvatarInvalid);
        await (await ann.SendAsync(HttpMethod.Patch, $"/v1/servers/{id}", new UpdateServerRequest(IsDiscoverable: true))).ReadAsync<ServerResponse>();
        using (var found = await eve.GetAsync($"/v1/servers/{id}/icon"))
        {
            Assert.Equal(HttpStatusCode.OK, found.StatusCode);
        }

        Assert.Equal(HttpStatusCode.NoContent, (await ann.SendAsync(HttpMethod.Delete, $"/v1/servers/{id}/icon")).StatusCode);
        Assert.Null((await ann.ServerAsync(id)).Server.Icon);
    }

    [Fact]
    public async Task Members_leave_and_an_owner_gives_the_server_away_first()
    {
        var (ann, ben, eve) = (await app.SomebodyAsync(), await app.SomebodyAsync(), await app.SomebodyAsync());
        var id = (await ann.HasServerAsync(ben)).Server.Id;
        await ann.PostAsync($"/v1/servers/{id}/leave").RefusedAsync(HttpStatusCode.Conflict, ErrorCodes.OwnerMustTransfer);
        await ben.PostAsync($"/v1/servers/{id}/transfer", new TransferServerRequest(ben.Account.Id)).RefusedAsync(HttpStatusCode.Forbidden, ErrorCodes.OwnerOnly);
        await ann.PostAsync($"/v1/servers/{id}/transfer", new TransferServerRequest(eve.Account.Id)).RefusedAsync(HttpStatusCode.BadRequest, ErrorCodes.RequestInvalid);
        var given = await (await ann.PostAsync($"/v1/servers/{id}/transfer", new TransferServerRequest(ben.Account.Id))).ReadAsync<ServerResponse>();
        Assert.Equal(ben.Account.Id, given.OwnerId);
        Assert.DoesNotContain(ServerRights.ManageServer, given.May);
        Assert.Contains(ServerRights.Administrator, (await ben.ServerAsync(id)).Server.May);

        Assert.Equal(HttpStatusCode.NoContent, (await ann.PostAsync($"/v1/servers/{id}/leave")).StatusCode);
        await ann.GetAsync($"/v1/servers/{id}").RefusedAsync(HttpStatusCode.NotFound, ErrorCodes.NotFound);
        Assert.Equal(1, (await ben.ServerAsync(id)).Members);
    }

    [Fact]
    public async Task Giving_a_server_away_needs_to_have_proved_who_one_is()
    {
        var (ann, ben) = (await app.SomebodyAsync(), await app.SomebodyAsync());
        var id = (await ann.HasServerAsync(ben)).Server.Id;
        await using var database = await app.DatabaseAsync();
        await database.ExecuteAsync("update accounts.sessions set authenticated_at = authenticated_at - interval '1 hour' where account_id = $1", ann.Account.Id);
        await ann.PostAsync($"/v1/servers/{id}/transfer", new TransferServerRequest(ben.Account.Id)).RefusedAsync(HttpStatusCode.Forbidden, ErrorCodes.ReauthenticationRequired);
    }

    [Fact]
    public async Task A_deleted_server_is_seen_by_nobody_can_be_taken_back_and_is_gone_after_its_time()
    {
        var (ann, ben) = (await app.SomebodyAsync(), await app.SomebodyAsync());
        var server = await ann.HasServerAsync(ben);
        var id = server.Server.Id;
        await ann.WritesAsync(server.General(), "Remember the bees");
        using var end = new CancellationTokenSource();
        var his = new LiveListening(ben, end.Token);
        await his.Connected;

        await ben.SendAsync(HttpMethod.Delete, $"/v1/servers/{id}").RefusedAsync(HttpStatusCode.Forbidden, ErrorCodes.OwnerOnly);
        var deleted = await (await ann.SendAsync(HttpMethod.Delete, $"/v1/servers/{id}")).ReadAsync<ServerResponse>();
        Assert.NotNull(deleted.DeleteAfter);
        await his.UntilAsync(e => e.Name == LiveEventTypes.ServerLeft);
        await ben.GetAsync($"/v1/servers/{id}").RefusedAsync(HttpStatusCode.NotFound, ErrorCodes.NotFound);
        await ann.GetAsync($"/v1/channels/{server.General()}/messages").RefusedAsync(HttpStatusCode.NotFound, ErrorCodes.NotFound);
        Assert.DoesNotContain(await ann.GetAsync<List<ServerResponse>>("/v1/servers"), s => s.Id == id);
        Assert.Equal([id], (await ann.GetAsync<List<ServerResponse>>("/v1/servers/deleted")).Select(s => s.Id));
        Assert.Empty(await ben.GetAsync<List<ServerResponse>>("/v1/servers/deleted"));

        await ben.PostAsync($"/v1/servers/{id}/restore").RefusedAsync(HttpStatusCode.NotFound, ErrorCodes.NotFound);
        await (await ann.PostAsync($"/v1/servers/{id}/restore")).ReadAsync<ServerResponse>();
        Assert.Equal("Remember the bees", Assert.Single(await ben.HistoryAsync(server.General())).Content);
        await end.CancelAsync();

        await (await ann.SendAsync(HttpMethod.Delete, $"/v1/servers/{id}")).ReadAsync<ServerResponse>();
        await using var database = await app.DatabaseAsync();
        await database.ExecuteAsync("update communities.servers set delete_after = now() - interval '1 minute' where id = $1", id);
        await ann.PostAsync($"/v1/servers/{id}/restore").RefusedAsync(HttpStatusCode.NotFound, ErrorCodes.NotFound);
        await Person.EventuallyAsync(() => database.AskAsync("select count(*) from communities.servers where id = $1", id), n => n is 0L);
        Assert.Equal(0L, await database.AskAsync("select count(*) from communities.messages where server_id = $1", id));
    }

    [Fact]
    public async Task Servers_that_want_to_be_found_are_found_by_words_and_joined_without_an_invite()
    {
        var (ann, ben) = (await app.SomebodyAsync(), await app.SomebodyAsync());
        var word = $"w{Guid.NewGuid():n}"[..12];
        var ids = new List<Guid>();
        for (var i = 0; i < 3; i++)
        {
            var id = (await ann.HasServerAsync()).Server.Id;
            await (await ann.SendAsync(HttpMethod.Patch, $"/v1/servers/{id}", new UpdateServerRequest($"Hive {i}", $"For those who like {word} and 100%_honey", i < 2))).ReadAsync<ServerResponse>();
            ids.Add(id);
        }

        var first = await ben.GetAsync<Page<DiscoverableServerResponse>>($"/v1/discover/servers?q=HIVE {word}&limit=1");
        Assert.Equal((ids[1], false, 1), (first.Items.Single().Id, first.Items[0].IsMember, first.Items[0].Members));
        var second = await ben.GetAsync<Page<DiscoverableServerResponse>>($"/v1/discover/servers?q=HIVE {word}&limit=1&cursor={first.Next}");
        Assert.Equal((ids[0], null), (second.Items.Single().Id, second.Next));
        Assert.Equal(2, (await ben.GetAsync<Page<DiscoverableServerResponse>>($"/v1/discover/servers?q={word} %25_h")).Items.Count);
        Assert.Empty((await ben.GetAsync<Page<DiscoverableServerResponse>>($"/v1/discover/servers?q={word} %25%25")).Items);
        await ben.GetAsync("/v1/discover/servers?cursor=x").RefusedAsync(HttpStatusCode.BadRequest, ErrorCodes.CursorInvalid);

        await (await ben.PostAsync($"/v1/discover/servers/{ids[0]}/join")).ReadAsync<ServerResponse>();
        await (await ben.PostAsync($"/v1/discover/servers/{ids[0]}/join")).ReadAsync<ServerResponse>();
        Assert.Equal(2, (await ben.ServerAsync(ids[0])).Members);
        await ben.PostAsync($"/v1/discover/servers/{ids[2]}/join").RefusedAsync(HttpStatusCode.NotFound, ErrorCodes.NotFound);
    }

    [Fact]
    public async Task Invites_are_listed_taken_back_and_give_what_their_maker_could_still_give()
    {
        var (ann, ben, cem, dan) = (await app.SomebodyAsync(), await app.SomebodyAsync(), await app.SomebodyAsync(), await app.SomebodyAsync());
        var id = (await ann.HasServerAsync(ben)).Server.Id;
        var managers = await ann.MakesAsync(id, ben, ServerPermissions.ManageRoles | ServerPermissions.CreateInvite);
        var guests = await ann.HasRoleAsync(id, "Guests", ServerPermissions.SendMessages);
        var helpers = await ann.HasRoleAsync(id, "Helpers", ServerPermissions.BanMembers);

        // Nothing that one does not hold, nothing that stands above.
        await ben.PostAsync($"/v1/servers/{id}/invites", new CreateInviteRequest(RoleIds: [helpers.Id])).RefusedAsync(HttpStatusCode.BadRequest, ErrorCodes.RequestInvalid);
        await ben.PostAsync($"/v1/servers/{id}/invites", new CreateInviteRequest(RoleIds: [managers.Id])).RefusedAsync(HttpStatusCode.BadRequest, ErrorCodes.RequestInvalid);
        await ben.PostAsync($"/v1/servers/{id}/invites", new CreateInviteRequest(RoleIds: [id])).RefusedAsync(HttpStatusCode.BadRequest, ErrorCodes.RequestInvalid);
        var his = await ben.InvitesAsync(id, new CreateInviteRequest(RoleIds: [guests.Id]));
        var hers = await ann.InvitesAsync(id);
        Assert.Equal([his.Id], (await ben.GetAsync<List<InviteResponse>>($"/v1/servers/{id}/invites")).Select(i => i.Id));
        Assert.Equal([hers.Id, his.Id], (await ann.GetAsync<List<InviteResponse>>($"/v1/servers/{id}/invites")).Take(2).Select(i => i.Id));

        await (await cem.PostAsync($"/v1/invites/{his.Code}/accept")).ReadAsync<ServerResponse>();
        Assert.Equal([guests.Id], (await ann.MemberAsync(id, cem)).RoleIds);
        Assert.True((await cem.GetAsync<InvitePreviewResponse>($"/v1/invites/{hers.Code}")).IsMember);

        // Who made it may not give roles any more, so it lets in and no more.
        Assert.Equal(HttpStatusCode.NoContent, (await ann.SendAsync(HttpMethod.Delete, $"/v1/servers/{id}/members/{ben.Account.Id}/roles/{managers.Id}")).StatusCode);
        await (await dan.PostAsync($"/v1/invites/{his.Code}/accept")).ReadAsync<ServerResponse>();
        Assert.Empty((await ann.MemberAsync(id, dan)).RoleIds);

        await ben.SendAsync(HttpMethod.Delete, $"/v1/servers/{id}/invites/{hers.Id}").RefusedAsync(HttpStatusCode.NotFound, ErrorCodes.NotFound);
        Assert.Equal(HttpStatusCode.NoContent, (await ann.SendAsync(HttpMethod.Delete, $"/v1/servers/{id}/invites/{his.Id}")).StatusCode);
        await (await app.SomebodyAsync()).PostAsync($"/v1/invites/{his.Code}/accept").RefusedAsync(HttpStatusCode.NotFound, ErrorCodes.NotFound);
    }

    [Fact]
    public async Task The_sites_moderators_see_servers_and_close_them_and_that_is_all()
    {
        var (ann, ben, administrator) = (await app.SomebodyAsync(), await app.SomebodyAsync(), await app.AdministratorAsync());
        var server = await ann.HasServerAsync(ben);
        var id = server.Server.Id;
        var name = $"Hive {Guid.NewGuid():n}";
        await (await ann.SendAsync(HttpMethod.Patch, $"/v1/servers/{id}", new UpdateServerRequest(name))).ReadAsync<ServerResponse>();
        await ben.GetAsync("/v1/moderation/servers").RefusedAsync(HttpStatusCode.Forbidden, ErrorCodes.PermissionMissing);
        var listed = Assert.Single((await administrator.GetAsync<Page<ModeratedServerResponse>>($"/v1/moderation/servers?q={name[5..]}")).Items);
        Assert.Equal((id, 2, ann.Account.Id), (listed.Id, listed.Members, listed.OwnerId));
        await administrator.GetAsync($"/v1/servers/{id}").RefusedAsync(HttpStatusCode.NotFound, ErrorCodes.NotFound);
        await administrator.GetAsync($"/v1/channels/{server.General()}/messages").RefusedAsync(HttpStatusCode.NotFound, ErrorCodes.NotFound);

        await administrator.PostAsync($"/v1/moderation/servers/{id}/close", new CloseServerRequest(" ")).RefusedAsync(HttpStatusCode.BadRequest, ErrorCodes.RequestInvalid);
        await (await administrator.PostAsync($"/v1/moderation/servers/{id}/close", new CloseServerRequest("It sells stolen honey."))).ReadAsync<ModeratedServerResponse>();
        await ben.GetAsync($"/v1/servers/{id}").RefusedAsync(HttpStatusCode.NotFound, ErrorCodes.NotFound);
        await ann.PostAsync($"/v1/servers/{id}/restore").RefusedAsync(HttpStatusCode.Conflict, ErrorCodes.ServerClosed);
        Assert.True(Assert.Single(await ann.GetAsync<List<ServerResponse>>("/v1/servers/deleted")).IsClosed);
        await using var database = await app.DatabaseAsync();
        Assert.Equal("It sells stolen honey.", await database.AskAsync("select reason from audit.events where action = 'server.closed' and target_id = $1", id));

        await (await administrator.PostAsync($"/v1/moderation/servers/{id}/reopen")).ReadAsync<ModeratedServerResponse>();
        Assert.Equal(2, (await ben.ServerAsync(id)).Members);
    }

    private static ByteArrayContent Picture(int side) => new(Pictures.Png(side, side)) { Headers = { ContentType = new("image/png") } };
}
