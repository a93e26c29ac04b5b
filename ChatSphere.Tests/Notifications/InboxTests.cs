using System.Net;
using System.Net.Http.Json;
using ChatSphere.Contracts;
using ChatSphere.Contracts.Communities;
using ChatSphere.Contracts.Live;
using ChatSphere.Contracts.Notifications;
using ChatSphere.Tests.Communities;
using ChatSphere.Tests.Infrastructure;

namespace ChatSphere.Tests.Notifications;

internal static class InboxUse
{
    public static async Task<IReadOnlyList<NotificationResponse>> InboxAsync(this Person person, string query = "") => (await person.GetAsync<Page<NotificationResponse>>($"/v1/notifications?{query}")).Items;

    /// <summary>Once there are so many.</summary>
    public static Task<IReadOnlyList<NotificationResponse>> InboxAsync(this Person person, int count) => Person.EventuallyAsync(() => person.InboxAsync(), i => i.Count >= count, seconds: 60);

    public static async Task<int> UnreadAsync(this Person person) => (await person.GetAsync<NotificationCountResponse>("/v1/notifications/count")).Unread;

    public static async Task ReadsAsync(this Person person, Guid channelId, long seq) => (await person.SendAsync(HttpMethod.Put, $"/v1/channels/{channelId}/read", new MarkReadRequest(seq))).EnsureSuccessStatusCode();

    public static async Task WantsAsync(this Person person, Guid placeId, NotificationLevel? level, DateTimeOffset? mutedUntil = null) =>
        (await person.SendAsync(HttpMethod.Put, $"/v1/notifications/places/{placeId}", new PlacePreferenceRequest(level, mutedUntil))).EnsureSuccessStatusCode();

    public static async Task WantsAsync(this Person person, NotificationPreferencesBody preferences) =>
        (await person.SendAsync(HttpMethod.Put, "/v1/notifications/preferences", preferences)).EnsureSuccessStatusCode();
}

public sealed class InboxTests(ChatSphereApp app)
{
    private static string At(Person person) => $"<@{person.Account.Id}>";

    [Fact]
    public async Task Mentions_replies_direct_messages_and_keywords_are_in_the_inbox_and_screens_are_told()
    {
        var (ann, bob) = (await app.SomebodyAsync(), await app.SomebodyAsync());
        var server = await ann.HasServerAsync(bob);
        var general = server.General();
        await bob.WantsAsync(new NotificationPreferencesBody([], ["Queen Bee"], null, null, null));
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        var screen = new LiveListening(bob, limit.Token);
        await screen.Connected;

        var mention = await ann.WritesAsync(general, $"{At(bob)} come and look");
        var his = await bob.WritesAsync(general, "At what?");
        await ann.PostAsync($"/v1/channels/{general}/messages", new PostMessageRequest("The hive", null, his.Id));
        await ann.WritesAsync(general, "A new queen bee!");
        await ann.WritesAsync(general, "Nothing of interest");
        var direct = await (await ann.PostAsync("/v1/direct-channels", new OpenDirectChannelRequest([bob.Account.Id]))).ReadAsync<DirectChannelResponse>();
        await ann.WritesAsync(direct.Channel.Id, "Just for you");

        // Writing reads what was before it, so the mention comes behind the unread ones.
        var inbox = await bob.InboxAsync(4);
        Assert.Equal([NotificationKind.Direct, NotificationKind.Keyword, NotificationKind.Reply, NotificationKind.Mention], inbox.OrderBy(n => n.IsRead).ThenByDescending(n => n.Kind == NotificationKind.Direct).ThenByDescending(n => n.Seq).Select(n => n.Kind));
        var first = inbox.Single(n => n.Kind == NotificationKind.Mention);
        Assert.Equal((mention.Id, mention.Seq, general, "Bee keepers", true), (first.MessageId, first.Seq, first.ChannelId, first.ServerName, first.IsRead));
        Assert.Contains("come and look", first.Excerpt, StringComparison.Ordinal);
        Assert.Equal((ann.Account.Id, 3), (first.Author.Id, await bob.UnreadAsync()));
        Assert.Equal([false, false, false, true], inbox.Select(n => n.IsRead));
        Assert.Empty(await ann.InboxAsync());
        await screen.UntilAsync(e => e.Name == LiveEventTypes.NotificationAdded && e.As<NotificationAddedEvent>().ChannelId == direct.Channel.Id);
        await limit.CancelAsync();

        // Keyset: unread first, each once.
        var (seen, cursor) = (new List<Guid>(), "");
        do
        {
            var page = await bob.GetAsync<Page<NotificationResponse>>($"/v1/notifications?limit=1&cursor={cursor}");
            seen.AddRange(page.Items.Select(n => n.Id));
            cursor = page.Next;
        }
        while (cursor is not null && seen.Count < 10);
        Assert.Equal(inbox.Select(n => n.Id), seen);
    }

    [Fact]
    public async Task What_is_read_where_it_stands_is_read_in_the_inbox_and_one_or_all_can_be_marked()
    {
        var (ann, bob, eve) = (await app.SomebodyAsync(), await app.SomebodyAsync(), await app.SomebodyAsync());
        var general = (await ann.HasServerAsync(bob)).General();
        var one = await ann.WritesAsync(general, $"{At(bob)} one");
        await ann.WritesAsync(general, $"{At(bob)} two");
        await ann.WritesAsync(general, $"{At(bob)} three");
        var inbox = await bob.InboxAsync(3);
        Assert.Equal(3, await bob.UnreadAsync());
        await bob.ReadsAsync(general, one.Seq);
        Assert.Equal(2, await bob.UnreadAsync());
        Assert.Equal(2, (await bob.InboxAsync("unread=true")).Count);
        var two = inbox.Single(n => n.Seq == one.Seq + 1);
        await eve.PostAsync($"/v1/notifications/{two.Id}/read").RefusedAsync(HttpStatusCode.NotFound, ErrorCodes.NotFound);
        Assert.Equal(HttpStatusCode.NoContent, (await bob.PostAsync($"/v1/notifications/{two.Id}/read")).StatusCode);
        Assert.Equal(1, await bob.UnreadAsync());
        Assert.Equal(HttpStatusCode.NoContent, (await bob.PostAsync("/v1/notifications/read-all")).StatusCode);
        Assert.Equal(0, await bob.UnreadAsync());
        Assert.Equal(3, (await bob.InboxAsync()).Count);
        await bob.GetAsync("/v1/notifications?cursor=xyz").RefusedAsync(HttpStatusCode.BadRequest, ErrorCodes.CursorInvalid);
    }

    [Fact]
    public async Task Nothing_comes_from_oneself_muted_places_kinds_that_are_off_and_blocked_people()
    {
        var (ann, bob, cat) = (await app.SomebodyAsync(), await app.SomebodyAsync(), await app.SomebodyAsync());
        var server = await ann.HasServerAsync(bob, cat);
        var general = server.General();
        var muted = await (await ann.PostAsync($"/v1/servers/{server.Server.Id}/channels", new CreateChannelRequest("Muted", ChannelKind.Text))).ReadAsync<ChannelResponse>();
        var loud = await (await ann.PostAsync($"/v1/servers/{server.Server.Id}/channels", new CreateChannelRequest("Loud", ChannelKind.Text))).ReadAsync<ChannelResponse>();
        await bob.WantsAsync(muted.Id, NotificationLevel.All, DateTimeOffset.UnixEpoch.AddYears(200));
        await bob.WantsAsync(loud.Id, NotificationLevel.All);
        await bob.WantsAsync(new NotificationPreferencesBody([NotificationKind.Reply], [], new TimeOnly(22, 0), new TimeOnly(7, 0), "Europe/Berlin"));
        Assert.Equal(2, (await bob.GetAsync<List<PlacePreferenceResponse>>("/v1/notifications/places")).Count);
        Assert.Equal((new TimeOnly(22, 0), "Europe/Berlin"), await bob.GetAsync<NotificationPreferencesBody>("/v1/notifications/preferences") is var p ? (p.QuietFrom!.Value, p.TimeZone) : default);
        (await bob.SendAsync(HttpMethod.Put, $"/v1/relationships/blocks/{cat.Account.Id}")).EnsureSuccessStatusCode();

        var his = await bob.WritesAsync(general, $"{At(bob)} note to self");
        await ann.PostAsync($"/v1/channels/{general}/messages", new PostMessageRequest("An answer", null, his.Id));
        await ann.WritesAsync(muted.Id, $"{At(bob)} in the muted one");
        await cat.WritesAsync(general, $"{At(bob)} from the blocked one");
        await ann.WritesAsync(loud.Id, "Anything at all");
        var last = await ann.WritesAsync(general, $"{At(bob)} the last");
        var inbox = await Person.EventuallyAsync(() => bob.InboxAsync(), i => i.Any(n => n.MessageId == last.Id) && i.Any(n => n.Kind == NotificationKind.Message), seconds: 60);
        Assert.Equal(2, inbox.Count);
        Assert.Equal("Loud", inbox.Single(n => n.Kind == NotificationKind.Message).ChannelName);
    }

    [Fact]
    public async Task What_may_not_be_seen_any_more_and_what_is_deleted_leaves_the_inbox()
    {
        var (ann, bob, eve) = (await app.SomebodyAsync(), await app.SomebodyAsync(), await app.SomebodyAsync());
        var server = await ann.HasServerAsync(bob);
        var gone = await ann.WritesAsync(server.General(), $"{At(bob)} soon deleted");
        await ann.WritesAsync(server.General(), $"{At(bob)} soon hidden, and not for {At(eve)}");
        await bob.InboxAsync(2);
        Assert.Empty(await eve.InboxAsync());
        await (await app.DatabaseAsync()).ExecuteAsync($"update communities.messages set content = '', deleted_at = now() where id = '{gone.Id}'");
        Assert.Single(await bob.InboxAsync());
        await (await app.DatabaseAsync()).ExecuteAsync($"update communities.server_roles set permissions = permissions & ~{1L << 16} where id = '{server.Server.Id}'");
        Assert.Equal((0, 0), ((await bob.InboxAsync()).Count, await bob.UnreadAsync()));
    }

    [Fact]
    public async Task Reactions_to_ones_message_are_one_entry_about_the_latest()
    {
        var (ann, bob, cat) = (await app.SomebodyAsync(), await app.SomebodyAsync(), await app.SomebodyAsync());
        var general = (await ann.HasServerAsync(bob, cat)).General();
        var message = await bob.WritesAsync(general, "We have honey");
        await bob.ReactsAsync(message, "🍯");
        await ann.ReactsAsync(message, "👍");
        var first = Assert.Single(await bob.InboxAsync(1));
        Assert.Equal((NotificationKind.Reaction, ann.Account.Id, false), (first.Kind, first.Author.Id, first.IsRead));
        await bob.PostAsync($"/v1/notifications/{first.Id}/read");
        await cat.ReactsAsync(message, "👍");
        var second = Assert.Single(await Person.EventuallyAsync(() => bob.InboxAsync(), i => i.Any(n => n.Author.Id == cat.Account.Id), seconds: 60));
        Assert.Equal((NotificationKind.Reaction, false), (second.Kind, second.IsRead));
    }

    [Fact]
    public async Task Wishes_that_make_no_sense_are_refused_and_places_of_others_do_not_exist()
    {
        var (ann, eve) = (await app.SomebodyAsync(), await app.SomebodyAsync());
        var server = await ann.HasServerAsync();
        await eve.SendAsync(HttpMethod.Put, $"/v1/notifications/places/{server.Server.Id}", new PlacePreferenceRequest(NotificationLevel.All, null)).RefusedAsync(HttpStatusCode.NotFound, ErrorCodes.NotFound);
        await eve.SendAsync(HttpMethod.Put, $"/v1/notifications/places/{server.General()}", new PlacePreferenceRequest(NotificationLevel.All, null)).RefusedAsync(HttpStatusCode.NotFound, ErrorCodes.NotFound);
        await ann.SendAsync(HttpMethod.Put, "/v1/notifications/preferences", new NotificationPreferencesBody([], ["x"], null, null, null)).RefusedAsync(HttpStatusCode.BadRequest, ErrorCodes.RequestInvalid);
        await ann.SendAsync(HttpMethod.Put, "/v1/notifications/preferences", new NotificationPreferencesBody([], [], new TimeOnly(1, 0), null, null)).RefusedAsync(HttpStatusCode.BadRequest, ErrorCodes.RequestInvalid);
        await ann.SendAsync(HttpMethod.Put, "/v1/notifications/preferences", new NotificationPreferencesBody([], [], null, null, "Moon/Base")).RefusedAsync(HttpStatusCode.BadRequest, ErrorCodes.RequestInvalid);
        await ann.WantsAsync(server.Server.Id, NotificationLevel.Nothing);
        await ann.WantsAsync(server.Server.Id, null);
        Assert.Empty(await ann.GetAsync<List<PlacePreferenceResponse>>("/v1/notifications/places"));
    }

    [Fact]
    public async Task Who_is_away_gets_a_mail_about_what_waits_and_ends_these_mails_by_its_link()
    {
        var (ann, bob) = (await app.SomebodyAsync(), await app.SomebodyAsync());
        var general = (await ann.HasServerAsync(bob)).General();
        await ann.WritesAsync(general, $"{At(bob)} the secret of the hive");
        await bob.InboxAsync(1);
        var database = await app.DatabaseAsync();
        await database.ExecuteAsync("update accounts.accounts set email_confirmed = true where id = $1", bob.Account.Id);
        await database.ExecuteAsync("update notifications.notifications set created_at = created_at - interval '1 hour' where account_id = $1", bob.Account.Id);
        var mails = await Person.EventuallyAsync(
            async () =>
            {
                await database.ExecuteAsync("update accounts.sessions set last_used_at = last_used_at - interval '1 hour' where account_id = $1", bob.Account.Id);
                return Directory.Exists(app.MailFolder) ? app.Mails("unread_messages", bob.Account.Email) : [];
            },
            m => m.Count > 0);
        var mail = Assert.Single(mails);
        Assert.DoesNotContain("secret", mail.Raw, StringComparison.Ordinal);
        Assert.Contains("/inbox", mail.Text, StringComparison.Ordinal);

        using var nobody = await app.AnonymousAsync();
        await nobody.PostAsJsonAsync("/v1/notifications/unsubscribe", new UnsubscribeRequest(mail.Token[..^3])).RefusedAsync(HttpStatusCode.BadRequest, ErrorCodes.RequestInvalid);
        Assert.Equal(HttpStatusCode.NoContent, (await nobody.PostAsJsonAsync("/v1/notifications/unsubscribe", new UnsubscribeRequest(mail.Token))).StatusCode);
        Assert.Equal((false, DigestRhythm.Never), await bob.GetAsync<NotificationPreferencesBody>("/v1/notifications/preferences") is var p ? (p.MailsAtOnce, p.Digest) : default);
    }
}
