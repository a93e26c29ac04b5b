using System.Net;
using ChatSphere.Contracts;
using ChatSphere.Contracts.Live;
using ChatSphere.Contracts.People;
using ChatSphere.Tests.Infrastructure;
using ChatSphere.Tests.Sharing;

namespace ChatSphere.Tests.People;

public sealed class ConnectingTests(ChatSphereApp app)
{
    [Fact]
    public async Task A_request_is_made_accepted_and_ended_and_both_see_it_live()
    {
        var (ann, bob) = (await app.SomebodyAsync("Ann"), await app.SomebodyAsync("Bob"));
        using var end = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        var (hers, his) = (new LiveListening(ann, end.Token), new LiveListening(bob, end.Token));
        await Task.WhenAll(hers.Connected, his.Connected);
        var handle = KeepingAProfileTests.Handle();
        await KeepingAProfileTests.ChangeAsync(bob, new(Handle: handle));

        var asked = await (await ann.PostAsync("/v1/relationships/requests", new RequestFriendshipRequest(Handle: "@" + handle))).ReadAsync<PersonResponse>();
        Assert.Equal((bob.Account.Id, PersonRelationship.Outgoing), (asked.Id, asked.Relationship));
        await his.UntilAsync(e => e.Name == LiveEventTypes.RelationshipChanged && e.As<RelationshipChangedEvent>() == new RelationshipChangedEvent(ann.Account.Id, RelationshipKind.Incoming));
        Assert.Equal("Ann", (await ListAsync(bob, RelationshipKind.Incoming)).Single().DisplayName);
        Assert.Equal("Bob", (await ListAsync(ann, RelationshipKind.Outgoing)).Single().DisplayName);

        // Nobody accepts their own request.
        await ann.PostAsync($"/v1/relationships/{bob.Account.Id}/accept").RefusedAsync(HttpStatusCode.NotFound, ErrorCodes.NotFound);
        Assert.Equal(HttpStatusCode.OK, (await bob.PostAsync($"/v1/relationships/{ann.Account.Id}/accept")).StatusCode);
        await hers.UntilAsync(e => e.Name == LiveEventTypes.RelationshipChanged && e.As<RelationshipChangedEvent>() == new RelationshipChangedEvent(bob.Account.Id, RelationshipKind.Friends));
        Assert.Single(await ListAsync(ann, RelationshipKind.Friends));
        Assert.Single(await ListAsync(bob, RelationshipKind.Friends));
        Assert.Empty(await ListAsync(ann, RelationshipKind.Outgoing));

        Assert.Equal(HttpStatusCode.NoContent, (await ann.SendAsync(HttpMethod.Delete, $"/v1/relationships/{bob.Account.Id}")).StatusCode);
        Assert.Empty(await ListAsync(bob, RelationshipKind.Friends));
        await his.UntilAsync(e => e.Name == LiveEventTypes.RelationshipChanged && e.As<RelationshipChangedEvent>() == new RelationshipChangedEvent(ann.Account.Id, null));
        await end.CancelAsync();
    }

    [Fact]
    public async Task Requests_that_cross_become_one_friendship()
    {
        var (ann, bob) = (await app.SomebodyAsync(), await app.SomebodyAsync());
        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => i % 2 == 0 ? AskAsync(ann, bob) : AskAsync(bob, ann)));
        Assert.All(answers, a => Assert.Equal(HttpStatusCode.OK, a.StatusCode));
        Assert.Equal(bob.Account.Id, (await ListAsync(ann, RelationshipKind.Friends)).Single().AccountId);
        Assert.Equal(ann.Account.Id, (await ListAsync(bob, RelationshipKind.Friends)).Single().AccountId);
        Assert.Empty(await ListAsync(ann, RelationshipKind.Incoming));
        Assert.Empty(await ListAsync(ann, RelationshipKind.Outgoing));
    }

    [Fact]
    public async Task Who_is_blocked_cannot_tell_it_from_somebody_who_is_not_there()
    {
        var (ann, eve) = (await app.SomebodyAsync(), await app.SomebodyAsync());
        var handle = KeepingAProfileTests.Handle();
        await KeepingAProfileTests.ChangeAsync(ann, new(Handle: handle));
        Assert.Equal(HttpStatusCode.OK, (await AskAsync(eve, ann)).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await ann.PostAsync($"/v1/relationships/{eve.Account.Id}/accept")).StatusCode);
        Assert.Equal(HttpStatusCode.NoContent, (await ann.SendAsync(HttpMethod.Put, $"/v1/relationships/blocks/{eve.Account.Id}")).StatusCode);
        Assert.Equal(HttpStatusCode.NoContent, (await ann.SendAsync(HttpMethod.Put, $"/v1/relationships/blocks/{eve.Account.Id}")).StatusCode);
        Assert.Equal(eve.Account.Id, (await ListAsync(ann, RelationshipKind.Blocked)).Single().AccountId);
        Assert.Empty(await ListAsync(eve, RelationshipKind.Friends));
        Assert.Empty(await ListAsync(eve, RelationshipKind.Blocked));

        // The same answers, word for word, for the one who blocks and for one who never was.
        var nobody = Guid.NewGuid();
        foreach (var (method, address, body) in new (HttpMethod, Func<Guid, string>, Func<Guid, object?>)[]
        {
            (HttpMethod.Get, id => $"/v1/people/{id}", _ => null),
            (HttpMethod.Get, id => $"/v1/people/{id}/avatar", _ => null),
            (HttpMethod.Post, _ => "/v1/relationships/requests", id => new RequestFriendshipRequest(id)),
            (HttpMethod.Post, id => $"/v1/relationships/{id}/accept", _ => null),
            (HttpMethod.Delete, id => $"/v1/relationships/{id}", _ => null),
            (HttpMethod.Put, id => $"/v1/relationships/blocks/{id}", _ => null),
            (HttpMethod.Delete, id => $"/v1/relationships/blocks/{id}", _ => null),
        })
        {
            var real = await eve.SendAsync(method, address(ann.Account.Id), body(ann.Account.Id)).RefusedAsync(HttpStatusCode.NotFound, ErrorCodes.NotFound);
            var none = await eve.SendAsync(method, address(nobody), body(nobody)).RefusedAsync(HttpStatusCode.NotFound, ErrorCodes.NotFound);
            Assert.Equal(none.Detail, real.Detail);
        }

        Assert.Empty(await KeepingAProfileTests.FindAsync(eve, "@" + handle));
        Assert.Empty(await KeepingAProfileTests.FindAsync(eve, ann.Account.Email));
        Assert.Empty(await KeepingAProfileTests.FindAsync(ann, eve.Account.Email));
        Assert.Equal(HttpStatusCode.NoContent, (await ann.SendAsync(HttpMethod.Delete, $"/v1/relationships/blocks/{eve.Account.Id}")).StatusCode);
        Assert.Single(await KeepingAProfileTests.FindAsync(eve, "@" + handle));
    }

    [Fact]
    public async Task Who_does_not_want_to_be_asked_is_not_but_by_friends_of_friends()
    {
        var (ann, bob, cem) = (await app.SomebodyAsync(), await app.SomebodyAsync(), await app.SomebodyAsync());
        await ann.WantsPrivacyAsync(ask: WhoMay.Friends);
        await AskAsync(cem, ann).RefusedAsync(HttpStatusCode.NotFound, ErrorCodes.NotFound);
        await AskAsync(ann, bob);
        await AskAsync(bob, ann);
        await AskAsync(bob, cem);
        await AskAsync(cem, bob);
        Assert.Equal(HttpStatusCode.OK, (await AskAsync(cem, ann)).StatusCode);
        Assert.Equal(HttpStatusCode.NoContent, (await ann.SendAsync(HttpMethod.Delete, $"/v1/relationships/{cem.Account.Id}")).StatusCode);
        await ann.WantsPrivacyAsync(ask: WhoMay.Nobody);
        await AskAsync(cem, ann).RefusedAsync(HttpStatusCode.NotFound, ErrorCodes.NotFound);

        // Whom she asks may answer by asking, and oneself is nobody to ask.
        Assert.Equal(HttpStatusCode.OK, (await AskAsync(ann, cem)).StatusCode);
        Assert.Equal(PersonRelationship.Friends, (await (await AskAsync(cem, ann)).ReadAsync<PersonResponse>()).Relationship);
        await AskAsync(ann, ann).RefusedAsync(HttpStatusCode.NotFound, ErrorCodes.NotFound);
        await ann.PostAsync("/v1/relationships/requests", new RequestFriendshipRequest()).RefusedAsync(HttpStatusCode.BadRequest, ErrorCodes.RequestInvalid);
    }

    [Fact]
    public async Task A_storm_of_requests_is_stopped_whoever_they_are_for()
    {
        var eve = await app.SomebodyAsync();
        var answers = await Task.WhenAll(Enumerable.Range(0, 40).Select(_ => eve.PostAsync("/v1/relationships/requests", new RequestFriendshipRequest(Guid.NewGuid()))));
        Assert.Equal((30, 10), (answers.Count(a => a.StatusCode == HttpStatusCode.NotFound), answers.Count(a => a.StatusCode == HttpStatusCode.TooManyRequests)));
        Assert.All(answers.Where(a => a.StatusCode == HttpStatusCode.TooManyRequests), a => Assert.True(a.Headers.RetryAfter?.Delta > TimeSpan.FromMinutes(50)));
    }

    private static Task<HttpResponseMessage> AskAsync(Person from, Person to) => from.PostAsync("/v1/relationships/requests", new RequestFriendshipRequest(to.Account.Id));

    private static async Task<IReadOnlyList<RelationshipResponse>> ListAsync(Person person, RelationshipKind kind) =>
        (await person.GetAsync<Page<RelationshipResponse>>($"/v1/relationships?kind={kind.ToString().ToLowerInvariant()}")).Items;
}
