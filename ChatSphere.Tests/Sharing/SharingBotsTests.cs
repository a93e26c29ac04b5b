using System.Net;
using System.Text;
using System.Text.Json;
using ChatSphere.Contracts;
using ChatSphere.Contracts.Audit;
using ChatSphere.Contracts.Bots;
using ChatSphere.Contracts.Conversations;
using ChatSphere.Contracts.Knowledge;
using ChatSphere.Contracts.Live;
using ChatSphere.Contracts.People;
using ChatSphere.Contracts.Sharing;
using ChatSphere.Tests.Infrastructure;

namespace ChatSphere.Tests.Sharing;

public sealed class SharingBotsTests(ChatSphereApp app)
{
    private const string Fact = "The boathouse key hangs behind the barometer.";

    // What a right allows, and how what it does not allow is answered: 403 for a thing that is seen, 404 for one that is not.
    private static readonly (string Name, Func<Person, Guid, Guid, Task<HttpResponseMessage>> Do, string[] Allowed, HttpStatusCode Success, bool NeedsDocument)[] Operations =
    [
        ("see the bot", (p, bot, _) => p.GetAsync($"/v1/bots/{bot}"), ["bot view", "bot use", "bot edit", "knowledge view", "knowledge use", "knowledge edit"], HttpStatusCode.OK, false),
        ("begin a conversation", (p, bot, _) => p.PostAsync("/v1/conversations", new CreateConversationRequest(bot)), ["bot use", "bot edit"], HttpStatusCode.Created, false),
        ("list documents", (p, bot, _) => p.GetAsync($"/v1/bots/{bot}/documents"), ["bot edit", "knowledge view", "knowledge use", "knowledge edit"], HttpStatusCode.OK, false),
        ("search", (p, bot, _) => p.PostAsync($"/v1/bots/{bot}/search", new SearchRequest("Where is the key?")), ["bot use", "bot edit", "knowledge use", "knowledge edit"], HttpStatusCode.OK, false),
        ("see a document", (p, _, document) => p.GetAsync($"/v1/documents/{document}"), ["bot edit", "knowledge view", "knowledge use", "knowledge edit"], HttpStatusCode.OK, true),
        ("read a document", (p, _, document) => p.GetAsync($"/v1/documents/{document}/content"), ["bot edit", "knowledge view", "knowledge use", "knowledge edit"], HttpStatusCode.OK, true),
        ("change the bot", (p, bot, _) => p.SendAsync(HttpMethod.Patch, $"/v1/bots/{bot}", new UpdateBotRequest(Instructions: "Be brief.")), ["bot edit"], HttpStatusCode.OK, false),
        ("add a document", (p, bot, _) => p.UploadAsync(bot, ("more.txt", Encoding.UTF8.GetBytes($"More {Guid.NewGuid()}"))), ["bot edit", "knowledge edit"], HttpStatusCode.Accepted, false),
        ("read a document again", (p, _, document) => p.PostAsync($"/v1/documents/{document}/retry"), ["bot edit", "knowledge edit"], HttpStatusCode.Conflict, true),
        ("see the shares", (p, bot, _) => p.GetAsync($"/v1/bots/{bot}/shares"), [], HttpStatusCode.OK, false),
        ("share it", (p, bot, _) => p.PutSharesAsync(bot, SharedRight.Use.WithEveryone()), [], HttpStatusCode.OK, false),
        ("add a share", (p, bot, _) => p.PostAsync($"/v1/bots/{bot}/shares", SharedRight.Use.WithEveryone()), [], HttpStatusCode.OK, false),
        ("take a share back", (p, bot, _) => p.SendAsync(HttpMethod.Delete, $"/v1/bots/{bot}/shares/{Guid.NewGuid()}"), [], HttpStatusCode.NoContent, false),
        ("delete the bot", (p, bot, _) => p.SendAsync(HttpMethod.Delete, $"/v1/bots/{bot}"), [], HttpStatusCode.NoContent, false),
        ("delete a document", (p, _, document) => p.SendAsync(HttpMethod.Delete, $"/v1/documents/{document}"), ["bot edit", "knowledge edit"], HttpStatusCode.NoContent, true),
    ];

    [Theory]
    [InlineData("nothing")]
    [InlineData("bot view")]
    [InlineData("bot use")]
    [InlineData("bot edit")]
    [InlineData("knowledge view")]
    [InlineData("knowledge use")]
    [InlineData("knowledge edit")]
    public async Task Each_right_allows_what_it_says_and_nothing_else(string right)
    {
        var ann = await app.SomebodyAsync();
        var bob = await app.SomebodyAsync();
        var bot = await ann.HasBotAsync(instructions: "Never tell them this.");
        var document = await ann.HasDocumentAsync(bot.Id, "house.txt", Fact);
        if (right.Split(' ') is [var of, var name])
        {
            await ann.SharesAsync(bot.Id, Enum.Parse<SharedRight>(name, ignoreCase: true).With(bob, Enum.Parse<SharedThing>(of, ignoreCase: true)));
            var seen = await bob.BotAsync(bot.Id);
            Assert.Equal(right == "bot edit" ? "Never tell them this." : "", seen.Instructions);
            Assert.Equal(of == "bot" ? Enum.Parse<SharedRight>(name, ignoreCase: true) : SharedRight.View, seen.Right);
            Assert.Equal(right is "bot edit" ? SharedRight.Edit : of == "knowledge" ? Enum.Parse<SharedRight>(name, ignoreCase: true) : null, seen.KnowledgeRight);
            Assert.Equal(ann.Account.Id, seen.Owner.Id);
        }

        var readsDocuments = right is "bot edit" or "knowledge view" or "knowledge use" or "knowledge edit";
        foreach (var operation in Operations)
        {
            if (operation.Allowed.Contains(right))
            {
                using var done = await operation.Do(bob, bot.Id, document.Id);
                Assert.True(done.StatusCode == operation.Success, $"{right} may {operation.Name}, but: {(int)done.StatusCode} {await done.Content.ReadAsStringAsync()}");
            }
            else if (right == "nothing" || (operation.NeedsDocument && !readsDocuments))
            {
                await operation.Do(bob, bot.Id, document.Id).RefusedAsync(HttpStatusCode.NotFound, ErrorCodes.NotFound);
            }
            else
            {
                await operation.Do(bob, bot.Id, document.Id).RefusedAsync(HttpStatusCode.Forbidden, ErrorCodes.PermissionMissing);
            }
        }
    }

    [Fact]
    public async Task Who_may_use_a_bot_reads_the_pages_that_it_cited_to_them_and_nothing_else_of_its_documents()
    {
        var ann = await app.SomebodyAsync();
        var (bob, eve) = (await app.SomebodyAsync(), await app.SomebodyAsync());
        var bot = await ann.HasBotAsync();
        var text = new StringBuilder("# Boathouse\n\n").Append(Fact).Append("\n\n");
        for (var i = 0; i < 400; i++)
        {
            text.Append(System.Globalization.CultureInfo.InvariantCulture, $"## Item {i}\n\nParagraph {i} of the inventory lists ropes, oars, lanterns and other gear stored in locker {i}.\n\n");
        }

        var cited = await ann.HasDocumentAsync(bot.Id, "boathouse.md", text.ToString());
        var other = await ann.HasDocumentAsync(bot.Id, "wages.txt", "Wages are paid on the last day of the month.");
        await ann.SharesAsync(bot.Id, SharedRight.Use.With(bob), SharedRight.Use.With(eve));
        await bob.GetAsync($"/v1/documents/{cited.Id}/content").RefusedAsync(HttpStatusCode.NotFound, ErrorCodes.NotFound);

        var conversation = await bob.TalksWithAsync(bot.Id);
        var answer = (await bob.AnswerAsync(conversation.Id, "Where does the boathouse key hang, behind which barometer?")).Message();
        var citations = answer.Citations.Where(c => c.DocumentId == cited.Id).ToList();
        Assert.Contains(citations, c => c.Quote.Contains("barometer", StringComparison.Ordinal));
        var whole = await ann.GetAsync<DocumentContentResponse>($"/v1/documents/{cited.Id}/content?length=200000");
        var his = await bob.GetAsync<DocumentContentResponse>($"/v1/documents/{cited.Id}/content?length=200000");
        Assert.NotEmpty(his.Pages);
        Assert.True(his.Pages.Count < whole.Pages.Count, $"{his.Pages.Count} of {whole.Pages.Count} pages");
        Assert.All(his.Pages, p => Assert.Contains(citations, c => c.Start < p.Start + p.Text.Length && p.Start < c.End));

        // What was cited to Bob was not cited to Eve; and what was cited to nobody is nobody's to read.
        await eve.GetAsync($"/v1/documents/{cited.Id}/content").RefusedAsync(HttpStatusCode.NotFound, ErrorCodes.NotFound);
        await bob.GetAsync($"/v1/documents/{other.Id}").RefusedAsync(HttpStatusCode.NotFound, ErrorCodes.NotFound);
        await bob.GetAsync($"/v1/bots/{bot.Id}/documents").RefusedAsync(HttpStatusCode.Forbidden, ErrorCodes.PermissionMissing);
    }

    [Fact]
    public async Task A_right_that_is_lost_is_lost_at_once_and_what_was_said_stays()
    {
        var ann = await app.SomebodyAsync();
        var bob = await app.SomebodyAsync();
        var bot = await ann.HasBotAsync();
        var document = await ann.HasDocumentAsync(bot.Id, "house.txt", Fact);
        var shares = await ann.SharesAsync(bot.Id, SharedRight.Use.With(bob));
        var conversation = await bob.TalksWithAsync(bot.Id);
        var turn = await bob.AskAsync(conversation.Id, "Where is the boathouse key?");
        var answer = (await bob.EventsAsync(turn.Id)).Message();
        Assert.NotEmpty(answer.Citations);
        Assert.Equal(HttpStatusCode.OK, (await bob.GetAsync($"/v1/documents/{document.Id}/content")).StatusCode);

        Assert.Equal(HttpStatusCode.NoContent, (await ann.SendAsync(HttpMethod.Delete, $"/v1/bots/{bot.Id}/shares/{shares[0].Id}")).StatusCode);
        await bob.GetAsync($"/v1/bots/{bot.Id}").RefusedAsync(HttpStatusCode.NotFound, ErrorCodes.NotFound);
        await bob.GetAsync($"/v1/documents/{document.Id}/content").RefusedAsync(HttpStatusCode.NotFound, ErrorCodes.NotFound);
        await bob.PostAsync($"/v1/conversations/{conversation.Id}/turns", new CreateTurnRequest("And now?")).RefusedAsync(HttpStatusCode.Conflict, ErrorCodes.BotUnavailable);
        await bob.PostAsync($"/v1/turns/{turn.Id}/regenerate").RefusedAsync(HttpStatusCode.Conflict, ErrorCodes.BotUnavailable);
        await bob.PostAsync("/v1/conversations", new CreateConversationRequest(bot.Id)).RefusedAsync(HttpStatusCode.NotFound, ErrorCodes.NotFound);
        Assert.Equal(answer.Text, (await bob.MessagesAsync(conversation.Id))[1].Text);

        // To see it again is not to use it again.
        await ann.SharesAsync(bot.Id, SharedRight.View.With(bob));
        await bob.PostAsync($"/v1/conversations/{conversation.Id}/turns", new CreateTurnRequest("And now?")).RefusedAsync(HttpStatusCode.Conflict, ErrorCodes.BotUnavailable);
        await ann.SharesAsync(bot.Id, SharedRight.Use.With(bob));
        Assert.NotEmpty((await bob.AnswerAsync(conversation.Id, "Where is the boathouse key?")).Message().Text);
    }

    [Fact]
    public async Task What_a_group_was_given_comes_with_joining_it_and_goes_with_leaving_it_or_with_the_group()
    {
        var administrator = await app.AdministratorAsync();
        var (ann, bob, cem) = (await app.SomebodyAsync(), await app.SomebodyAsync(), await app.SomebodyAsync());
        var group = await app.HasGroupAsync(ann, cem);
        var bot = await ann.HasBotAsync();
        var share = Assert.Single(await ann.SharesAsync(bot.Id, SharedRight.Use.WithGroup(group.Id)));
        Assert.Equal((SharedWith.Group, group.Id, group.Name), (share.Grantee.Kind, share.Grantee.Id, share.Grantee.Name));
        Assert.Equal(SharedRight.Use, (await cem.BotAsync(bot.Id)).Right);
        await bob.GetAsync($"/v1/bots/{bot.Id}").RefusedAsync(HttpStatusCode.NotFound, ErrorCodes.NotFound);

        (await administrator.SendAsync(HttpMethod.Put, $"/v1/groups/{group.Id}/members/{bob.Account.Id}")).EnsureSuccessStatusCode();
        Assert.Equal(SharedRight.Use, (await bob.BotAsync(bot.Id)).Right);
        Assert.Equal([bot.Id], (await bob.GetAsync<Page<BotResponse>>("/v1/bots?scope=shared")).Items.Select(b => b.Id));
        var conversation = await bob.TalksWithAsync(bot.Id);
        await bob.SendAsync(HttpMethod.Patch, $"/v1/bots/{bot.Id}", new UpdateBotRequest(Instructions: "Mine now.")).RefusedAsync(HttpStatusCode.Forbidden, ErrorCodes.PermissionMissing);

        (await administrator.SendAsync(HttpMethod.Delete, $"/v1/groups/{group.Id}/members/{bob.Account.Id}")).EnsureSuccessStatusCode();
        await bob.GetAsync($"/v1/bots/{bot.Id}").RefusedAsync(HttpStatusCode.NotFound, ErrorCodes.NotFound);
        await bob.PostAsync($"/v1/conversations/{conversation.Id}/turns", new CreateTurnRequest("And now?")).RefusedAsync(HttpStatusCode.Conflict, ErrorCodes.BotUnavailable);
        Assert.Empty((await bob.GetAsync<Page<BotResponse>>("/v1/bots?scope=shared")).Items);
        Assert.Equal(SharedRight.Use, (await cem.BotAsync(bot.Id)).Right);

        (await administrator.SendAsync(HttpMethod.Delete, $"/v1/groups/{group.Id}")).EnsureSuccessStatusCode();
        await cem.GetAsync($"/v1/bots/{bot.Id}").RefusedAsync(HttpStatusCode.NotFound, ErrorCodes.NotFound);
        Assert.Empty(await ann.GetAsync<IReadOnlyList<ShareResponse>>($"/v1/bots/{bot.Id}/shares"));
        Assert.Equal(SharedRight.Owner, (await ann.BotAsync(bot.Id)).Right);
    }

    [Fact]
    public async Task Lists_hold_what_is_mine_and_shared_and_say_whose_it_is()
    {
        var ann = await app.SomebodyAsync("Ann");
        var bob = await app.SomebodyAsync();
        var shared = await ann.HasBotAsync();
        var everyones = await ann.HasBotAsync();
        var hers = await ann.HasBotAsync();
        var mine = await bob.HasBotAsync();
        await ann.SharesAsync(shared.Id, SharedRight.Use.With(bob), SharedRight.View.With(bob, SharedThing.Knowledge));
        await ann.SharesAsync(everyones.Id, SharedRight.Use.WithEveryone());

        Assert.Equal([mine.Id, shared.Id], await Ids(""));
        Assert.Equal([mine.Id], await Ids("?scope=mine"));
        Assert.Equal([shared.Id], await Ids("?scope=shared"));
        Assert.Contains(everyones.Id, await Ids("?scope=public&limit=200"));
        Assert.DoesNotContain(shared.Id, await Ids("?scope=public&limit=200"));
        var all = await Ids("?scope=all&limit=200");
        Assert.Equal(3, all.Count(id => id == mine.Id || id == shared.Id || id == everyones.Id));
        Assert.DoesNotContain(hers.Id, all);
        await bob.GetAsync("/v1/bots?scope=others").RefusedAsync(HttpStatusCode.BadRequest, ErrorCodes.RequestInvalid);
        var listed = (await bob.GetAsync<Page<BotResponse>>("/v1/bots?scope=shared")).Items.Single();
        Assert.Equal((SharedRight.Use, SharedRight.View, "Ann"), (listed.Right, listed.KnowledgeRight!.Value, listed.Owner.DisplayName));

        Assert.Equal(HttpStatusCode.NoContent, (await bob.PostAsync($"/v1/bots/{shared.Id}/leave")).StatusCode);
        Assert.Equal([mine.Id], await Ids(""));
        Assert.Empty(await ann.GetAsync<IReadOnlyList<ShareResponse>>($"/v1/bots/{shared.Id}/shares"));
        await bob.PostAsync($"/v1/bots/{shared.Id}/leave").RefusedAsync(HttpStatusCode.NotFound, ErrorCodes.NotFound);
        await bob.PostAsync($"/v1/bots/{everyones.Id}/leave").RefusedAsync(HttpStatusCode.Conflict, ErrorCodes.ShareNotDirect);
        await bob.PostAsync($"/v1/bots/{mine.Id}/leave").RefusedAsync(HttpStatusCode.Conflict, ErrorCodes.ShareNotDirect);

        async Task<List<Guid>> Ids(string query) => [.. (await bob.GetAsync<Page<BotResponse>>("/v1/bots" + query)).Items.Select(b => b.Id)];
    }

    [Fact]
    public async Task Shares_are_replaced_as_a_whole_or_not_at_all()
    {
        var ann = await app.SomebodyAsync();
        var (bob, cem, hidden) = (await app.SomebodyAsync("Bob"), await app.SomebodyAsync("Cem"), await app.SomebodyAsync());
        await hidden.WantsPrivacyAsync(find: WhoMay.Nobody);
        var bot = await ann.HasBotAsync();
        var first = await ann.SharesAsync(bot.Id, SharedRight.View.With(bob), new(new(SharedWith.Person, Email: cem.Account.Email.ToUpperInvariant()), SharedRight.Edit, SharedThing.Bot), SharedRight.Use.WithEveryone());
        Assert.Equal(["Everyone", "Bob", "Cem"], first.Select(s => s.Grantee.Name));
        Assert.Equal(cem.Account.Id, first[2].Grantee.Id);

        ShareRequest[][] refused =
        [
            [SharedRight.Use.With(ann)],
            [SharedRight.Owner.With(bob)],
            [SharedRight.Edit.WithEveryone()],
            [SharedRight.Use.With(bob), SharedRight.View.With(bob)],
            [SharedRight.Use.With(hidden)],
            [new(new(SharedWith.Person, Email: hidden.Account.Email), SharedRight.Use, SharedThing.Bot)],
            [new(new(SharedWith.Person, Email: "nobody@example.com"), SharedRight.Use, SharedThing.Bot)],
            [new(new(SharedWith.Person, Guid.NewGuid()), SharedRight.Use, SharedThing.Bot)],
            [new(new(SharedWith.Person), SharedRight.Use, SharedThing.Bot)],
            [SharedRight.Use.WithGroup(Guid.NewGuid())],
            [new(new(SharedWith.Everyone, Guid.NewGuid()), SharedRight.Use, SharedThing.Bot)],
            [new(new(null), SharedRight.Use, SharedThing.Bot)],
            [new(new(SharedWith.Everyone), null, SharedThing.Bot)],
            [new(new(SharedWith.Everyone), SharedRight.Use, null)],
            [.. Enumerable.Repeat(SharedRight.Use.WithEveryone(), 201)],
        ];
        foreach (var shares in refused)
        {
            await ann.PutSharesAsync(bot.Id, shares).RefusedAsync(HttpStatusCode.BadRequest, ErrorCodes.RequestInvalid);
        }

        Assert.Equal(Told(first), Told(await ann.GetAsync<IReadOnlyList<ShareResponse>>($"/v1/bots/{bot.Id}/shares")));

        // One more, and another right for one who has one, by address.
        await ann.PostAsync($"/v1/bots/{bot.Id}/shares", SharedRight.Edit.WithEveryone()).RefusedAsync(HttpStatusCode.BadRequest, ErrorCodes.RequestInvalid);
        var more = await (await ann.PostAsync($"/v1/bots/{bot.Id}/shares", new ShareRequest(new(SharedWith.Person, Email: cem.Account.Email), SharedRight.Use, SharedThing.Bot))).ReadAsync<IReadOnlyList<ShareResponse>>();
        Assert.Equal((3, first[2].Id, SharedRight.Use), (more.Count, more[2].Id, more[2].Right));
        more = await (await ann.PostAsync($"/v1/bots/{bot.Id}/shares", SharedRight.View.With(cem, SharedThing.Knowledge))).ReadAsync<IReadOnlyList<ShareResponse>>();
        Assert.Equal(4, more.Count);

        // Somebody who hides later keeps what they were given.
        await bob.WantsPrivacyAsync(find: WhoMay.Nobody);
        var second = await ann.SharesAsync(bot.Id, SharedRight.Edit.With(bob));
        Assert.Equal((first[1].Id, SharedRight.Edit), (second.Single().Id, second.Single().Right));
        await cem.GetAsync($"/v1/bots/{bot.Id}").RefusedAsync(HttpStatusCode.NotFound, ErrorCodes.NotFound);

        static string Told(IEnumerable<ShareResponse> shares) => JsonSerializer.Serialize(shares);
    }

    [Fact]
    public async Task What_is_shared_and_taken_back_is_written_down()
    {
        var administrator = await app.AdministratorAsync();
        var ann = await app.SomebodyAsync();
        var bob = await app.SomebodyAsync();
        var bot = await ann.HasBotAsync();
        await ann.SharesAsync(bot.Id, SharedRight.Use.With(bob), SharedRight.View.WithEveryone(SharedThing.Knowledge));
        await ann.SharesAsync(bot.Id, SharedRight.Edit.With(bob));
        await ann.SharesAsync(bot.Id, SharedRight.Edit.With(bob));
        Assert.Equal(HttpStatusCode.NoContent, (await bob.PostAsync($"/v1/bots/{bot.Id}/leave")).StatusCode);
        var events = (await administrator.GetAsync<Page<AuditEventResponse>>($"/v1/audit/events?targetId={bot.Id}&action=bot.&limit=50")).Items.Reverse().ToList();
        Assert.Equal(5, events.Count);

        // Those of one request are of one moment and have no order among them.
        Assert.Equal(["bot.shared bot person use", "bot.shared knowledge everyone view"], events[..2].Select(Told).Order());
        Assert.Equal(["bot.shared bot person edit", "bot.unshared knowledge everyone view"], events[2..4].Select(Told).Order());
        Assert.Equal("bot.unshared bot person edit", Told(events[4]));
        Assert.Equal((ann.Account.Id, bob.Account.Id), (events[0].Actor.Id!.Value, events[4].Actor.Id!.Value));
        Assert.Equal(bob.Account.Id.ToString(), Detail(events[4], "granteeId"));

        static string Told(AuditEventResponse e) => $"{e.Action} {Detail(e, "of")} {Detail(e, "granteeKind")} {Detail(e, "right")}";

        static string? Detail(AuditEventResponse e, string name) => e.Details!.Value.GetProperty(name).GetString();
    }

    [Fact]
    public async Task Replacing_at_the_same_time_leaves_one_of_the_wanted_states()
    {
        var ann = await app.SomebodyAsync();
        var people = new List<Person>();
        for (var i = 0; i < 4; i++)
        {
            people.Add(await app.SomebodyAsync());
        }

        var bot = await ann.HasBotAsync();
        var wanted = Enumerable.Range(0, 12).Select(i => people.Where((_, at) => (i + at) % 3 != 0).Select(p => (SharedRight.Use + (i % 2) - 1).With(p)).ToArray()).ToList();
        var answers = await Task.WhenAll(wanted.Select(w => ann.PutSharesAsync(bot.Id, w)));
        Assert.All(answers, a => Assert.Equal(HttpStatusCode.OK, a.StatusCode));
        var left = State((await ann.GetAsync<IReadOnlyList<ShareResponse>>($"/v1/bots/{bot.Id}/shares")).Select(s => (s.Grantee.Id!.Value, s.Right)));
        Assert.Contains(left, wanted.Select(w => State(w.Select(s => (s.Grantee.Id!.Value, s.Right!.Value)))));

        static string State(IEnumerable<(Guid Id, SharedRight Right)> shares) => string.Join(' ', shares.OrderBy(s => s.Id).Select(s => $"{s.Id}:{s.Right}"));
    }

    [Fact]
    public async Task Who_may_read_the_knowledge_follows_it_live_and_others_do_not()
    {
        var ann = await app.SomebodyAsync();
        var (bob, eve) = (await app.SomebodyAsync(), await app.SomebodyAsync());
        var bot = await ann.HasBotAsync();
        await ann.SharesAsync(bot.Id, SharedRight.View.With(bob, SharedThing.Knowledge), SharedRight.Use.With(eve));
        using var end = new CancellationTokenSource(TimeSpan.FromSeconds(90));
        var (his, hers) = (new LiveListening(bob, end.Token), new LiveListening(eve, end.Token));
        await Task.WhenAll(his.Connected, hers.Connected);
        var document = await ann.HasDocumentAsync(bot.Id, "house.txt", Fact);
        await his.UntilAsync(e => e.Name == LiveEventTypes.DocumentChanged && e.As<DocumentResponse>() is { Status: DocumentStatus.Ready } d && d.Id == document.Id);
        Assert.Equal(HttpStatusCode.NoContent, (await ann.SendAsync(HttpMethod.Delete, $"/v1/documents/{document.Id}")).StatusCode);
        await his.UntilAsync(e => e.Name == LiveEventTypes.DocumentDeleted && e.As<DocumentDeletedEvent>().Id == document.Id);
        Assert.All(hers.Seen, e => Assert.Contains(e.Name, new[] { LiveEventTypes.Ready, LiveEventTypes.PresenceChanged }));
        await end.CancelAsync();
    }
}
