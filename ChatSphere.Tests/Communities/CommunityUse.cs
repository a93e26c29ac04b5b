using ChatSphere.Contracts.Communities;
using ChatSphere.Tests.Infrastructure;

namespace ChatSphere.Tests.Communities;

/// <summary>What people do with servers.</summary>
internal static class CommunityUse
{
    public static async Task<ServerDetailResponse> HasServerAsync(this Person person, params Person[] members)
    {
        var server = await (await person.PostAsync("/v1/servers", new CreateServerRequest("Bee keepers"))).ReadAsync<ServerResponse>();
        foreach (var member in members)
        {
            await member.JoinsAsync(person, server.Id);
        }

        return await person.GetAsync<ServerDetailResponse>($"/v1/servers/{server.Id}");
    }

    public static async Task JoinsAsync(this Person person, Person host, Guid serverId)
    {
        var invite = await (await host.PostAsync($"/v1/servers/{serverId}/invites", new CreateInviteRequest())).ReadAsync<InviteResponse>();
        await (await person.PostAsync($"/v1/invites/{invite.Code}/accept")).ReadAsync<ServerResponse>();
    }

    public static Guid General(this ServerDetailResponse server) => server.Channels.Single(c => c.Name == "general").Id;

    public static async Task<ChannelMessageResponse> WritesAsync(this Person person, Guid channelId, string content, string? nonce = null) =>
        await (await person.PostAsync($"/v1/channels/{channelId}/messages", new PostMessageRequest(content, nonce))).ReadAsync<ChannelMessageResponse>();

    public static Task<IReadOnlyList<ChannelMessageResponse>> HistoryAsync(this Person person, Guid channelId, string query = "limit=200") =>
        person.GetAsync<IReadOnlyList<ChannelMessageResponse>>($"/v1/channels/{channelId}/messages?{query}");

    public static Task<ChannelResponse> ChannelAsync(this Person person, Guid channelId) => person.GetAsync<ChannelResponse>($"/v1/channels/{channelId}");
}
