using System.Net;
using System.Text.Json;
using ChatSphere.Contracts.Communities;
using ChatSphere.Contracts.Live;
using ChatSphere.Contracts.People;
using ChatSphere.Tests.Infrastructure;

namespace ChatSphere.Tests.Communities;

public sealed class PresenceTests(ChatSphereApp app)
{
    [Fact]
    public async Task Who_comes_and_goes_is_seen_by_those_who_share_a_server_and_look()
    {
        var (ann, ben, cat, eve) = (await app.SomebodyAsync(), await app.SomebodyAsync(), await app.SomebodyAsync(), await app.SomebodyAsync());
        var server = (await ann.HasServerAsync(ben, cat)).Server.Id;
        using var end = new CancellationTokenSource();
        var (his, cats) = (new LiveListening(ben, end.Token), new LiveListening(cat, end.Token));
        await Task.WhenAll(his.Connected, cats.Connected);
        await LooksAtAsync(ben, his, server);
        Assert.Equal(PresenceStatus.Offline, await StatusAsync(ben, ann));

        using var hers = new CancellationTokenSource();
        var listening = new LiveListening(ann, hers.Token);
        await listening.Connected;
        await his.UntilAsync(Tells(ann, PresenceStatus.Online));
        Assert.Equal(PresenceStatus.Online, await StatusAsync(ben, ann));

        // Of whom one shares nothing with, one learns nothing; who does not look is not told.
        Assert.Equal(PresenceStatus.Offline, await StatusAsync(eve, ann));
        Assert.DoesNotContain(cats.Seen, e => Tells(ann, PresenceStatus.Online)(e));

        await hers.CancelAsync();
        await listening.Ended;
        await his.UntilAsync(Tells(ann, PresenceStatus.Offline));
        Assert.Equal(PresenceStatus.Offline, await StatusAsync(ben, ann));
        await end.CancelAsync();
    }

    [Fact]
    public async Task What_one_chooses_is_what_others_see()
    {
        var (ann, ben) = (await app.SomebodyAsync(), await app.SomebodyAsync());
        await ann.HasServerAsync(ben);
        using var end = new CancellationTokenSource();
        var hers = new LiveListening(ann, end.Token);
        await hers.Connected;
        await Person.EventuallyAsync(() => StatusAsync(ben, ann), s => s == PresenceStatus.Online);
        foreach (var (choice, seen) in new[] { (PresenceChoice.DoNotDisturb, PresenceStatus.DoNotDisturb), (PresenceChoice.Invisible, PresenceStatus.Offline), (PresenceChoice.Idle, PresenceStatus.Idle), (PresenceChoice.Online, PresenceStatus.Online) })
        {
            Assert.Equal(choice, (await (await ann.SendAsync(HttpMethod.Put, "/v1/presence/me", new ChoosePresenceRequest(choice))).ReadAsync<MyPresenceResponse>()).Choice);
            await Person.EventuallyAsync(() => StatusAsync(ben, ann), s => s == seen);
        }

        // Idle on the only device.
        var connection = JsonDocument.Parse(hers.Seen[0].Data).RootElement.GetProperty("connectionId").GetGuid();
        Assert.Equal(HttpStatusCode.NoContent, (await ben.PostAsync("/v1/presence/idle", new SayIdleRequest(connection, true))).StatusCode);
        Assert.Equal(HttpStatusCode.NoContent, (await ann.PostAsync("/v1/presence/idle", new SayIdleRequest(connection, true))).StatusCode);
        await Person.EventuallyAsync(() => StatusAsync(ben, ann), s => s == PresenceStatus.Idle);

        var settings = await ann.GetAsync<PrivacySettings>("/v1/accounts/me/privacy-settings");
        Assert.True((await ann.SendAsync(HttpMethod.Put, "/v1/accounts/me/privacy-settings", settings with { ShowPresence = WhoMay.Friends })).IsSuccessStatusCode);
        Assert.Equal(PresenceStatus.Offline, await StatusAsync(ben, ann));
        await end.CancelAsync();
    }

    [Fact]
    public async Task Typing_reaches_those_who_look_once_in_a_while_and_never_of_who_is_invisible()
    {
        var (ann, ben, cat) = (await app.SomebodyAsync(), await app.SomebodyAsync(), await app.SomebodyAsync());
        var channel = (await ann.HasServerAsync(ben, cat)).General();
        using var end = new CancellationTokenSource();
        var (his, cats) = (new LiveListening(ben, end.Token), new LiveListening(cat, end.Token));
        await Task.WhenAll(his.Connected, cats.Connected);
        await LooksAtAsync(ben, his, channel);
        for (var i = 0; i < 5; i++)
        {
            Assert.Equal(HttpStatusCode.NoContent, (await ann.PostAsync($"/v1/channels/{channel}/typing")).StatusCode);
        }

        await his.UntilAsync(e => e.Name == LiveEventTypes.Typing && e.As<TypingEvent>().AccountId == ann.Account.Id);
        await (await cat.SendAsync(HttpMethod.Put, "/v1/presence/me", new ChoosePresenceRequest(PresenceChoice.Invisible))).ReadAsync<MyPresenceResponse>();
        Assert.Equal(HttpStatusCode.NoContent, (await cat.PostAsync($"/v1/channels/{channel}/typing")).StatusCode);

        // What is sent after it has come, so all of it has.
        await ann.WritesAsync(channel, "Done");
        await his.UntilAsync(e => e.Name == LiveEventTypes.ChannelMessage);
        await cats.UntilAsync(e => e.Name == LiveEventTypes.ChannelMessage);
        Assert.Single(his.Seen, e => e.Name == LiveEventTypes.Typing);
        Assert.DoesNotContain(cats.Seen, e => e.Name == LiveEventTypes.Typing);
        await end.CancelAsync();
    }

    private static Func<StreamEvent, bool> Tells(Person about, PresenceStatus status) => e => e.Name == LiveEventTypes.PresenceChanged && e.As<PresenceResponse>() is var told && told.AccountId == about.Account.Id && told.Status == status;

    private static async Task<PresenceStatus> StatusAsync(Person who, Person of) => (await who.GetAsync<IReadOnlyList<PresenceResponse>>($"/v1/presence?accountId={of.Account.Id}"))[0].Status;

    private static async Task LooksAtAsync(Person person, LiveListening listening, Guid what)
    {
        var connection = JsonDocument.Parse(listening.Seen[0].Data).RootElement.GetProperty("connectionId").GetGuid();
        Assert.Equal(HttpStatusCode.NoContent, (await person.PostAsync("/v1/live/looking", new LookingRequest(connection, [what]))).StatusCode);
    }
}
