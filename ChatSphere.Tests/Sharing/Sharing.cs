using System.Net;
using ChatSphere.Contracts.Bots;
using ChatSphere.Contracts.People;
using ChatSphere.Contracts.Sharing;
using ChatSphere.Tests.Infrastructure;

namespace ChatSphere.Tests.Sharing;

/// <summary>What people do to share, as tests say it.</summary>
internal static class SharingIntents
{
    public static ShareRequest With(this SharedRight right, Person person, SharedThing of = SharedThing.Bot) => new(new(SharedWith.Person, person.Account.Id), right, of);

    public static ShareRequest WithGroup(this SharedRight right, Guid groupId, SharedThing of = SharedThing.Bot) => new(new(SharedWith.Group, groupId), right, of);

    public static ShareRequest WithEveryone(this SharedRight right, SharedThing of = SharedThing.Bot) => new(new(SharedWith.Everyone), right, of);

    public static Task<HttpResponseMessage> PutSharesAsync(this Person owner, Guid botId, params ShareRequest[] shares) =>
        owner.SendAsync(HttpMethod.Put, $"/v1/bots/{botId}/shares", new ReplaceSharesRequest(shares));

    public static async Task<IReadOnlyList<ShareResponse>> SharesAsync(this Person owner, Guid botId, params ShareRequest[] shares) =>
        await (await owner.PutSharesAsync(botId, shares)).ReadAsync<IReadOnlyList<ShareResponse>>();

    /// <summary>Somebody whom nobody can find.</summary>
    public static async Task<Guid> HidesAsync(this ChatSphereApp app)
    {
        var hidden = await app.SomebodyAsync();
        await hidden.WantsPrivacyAsync(find: WhoMay.Nobody);
        return hidden.Account.Id;
    }

    public static Task<BotResponse> BotAsync(this Person person, Guid botId) => person.GetAsync<BotResponse>($"/v1/bots/{botId}");

    public static async Task WantsPrivacyAsync(this Person person, WhoMay find = WhoMay.Everyone, WhoMay ask = WhoMay.Everyone)
    {
        using var set = await person.SendAsync(HttpMethod.Put, "/v1/accounts/me/privacy-settings", new PrivacySettings(find, ask, WhoMay.Everyone, WhoMay.Everyone));
        Assert.Equal(HttpStatusCode.OK, set.StatusCode);
    }
}
