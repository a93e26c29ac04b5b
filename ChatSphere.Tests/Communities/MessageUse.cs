using ChatSphere.Contracts.Communities;
using ChatSphere.Tests.Infrastructure;

namespace ChatSphere.Tests.Communities;

/// <summary>What people do with messages.</summary>
internal static class MessageUse
{
    /// <summary>Something that routes of messages take.</summary>
    public const string AnyBody =
        "{\"toChannelId\":\"00000000-0000-0000-0000-000000000001\",\"messageIds\":[\"00000000-0000-0000-0000-000000000001\",\"00000000-0000-0000-0000-000000000002\"],\"options\":[1],\"name\":\"x\",\"content\":\"x\"}";

    public static bool TakesAnyBody(string path) =>
        path.StartsWith("/v1/channels/{channelId}/messages/", StringComparison.Ordinal) || path.EndsWith("/threads", StringComparison.Ordinal);

    public static string Path(this ChannelMessageResponse message, string? more = null) => $"/v1/channels/{message.ChannelId}/messages/{message.Id}{more}";

    public static Task<HttpResponseMessage> EditsAsync(this Person person, ChannelMessageResponse message, string content) => person.SendAsync(HttpMethod.Patch, message.Path(), new EditMessageRequest(content));

    public static Task<HttpResponseMessage> DeletesAsync(this Person person, ChannelMessageResponse message) => person.SendAsync(HttpMethod.Delete, message.Path());

    public static Task<HttpResponseMessage> ReactsAsync(this Person person, ChannelMessageResponse message, string emoji) => person.SendAsync(HttpMethod.Put, message.Path($"/reactions/{Uri.EscapeDataString(emoji)}"));

    public static Task<ChannelMessageResponse> SeesAsync(this Person person, ChannelMessageResponse message) => person.GetAsync<ChannelMessageResponse>(message.Path());

    public static Task<HttpResponseMessage> PostsAsync(this Person person, Guid channelId, PostMessageRequest request) => person.PostAsync($"/v1/channels/{channelId}/messages", request);

    public static async Task<ChannelAttachmentResponse> AttachesAsync(this Person person, Guid channelId, string name, byte[] bytes) =>
        (await (await person.PostAsync($"/v1/channels/{channelId}/attachments", new MultipartFormDataContent { { new ByteArrayContent(bytes), "file", name } })).ReadAsync<UploadChannelAttachmentsResponse>()).Attachments.Single();

    public static async Task<ThreadResponse> BeginsAsync(this Person person, Guid channelId, string name, Guid? messageId = null, string? content = null) =>
        await (await person.PostAsync($"/v1/channels/{channelId}/threads", new CreateThreadRequest(name, messageId, content))).ReadAsync<ThreadResponse>();

    /// <summary>Makes rows as an administrator's hand would: what other parts' routes do is theirs to test.</summary>
    public static async Task<Guid> HasRoleAsync(this ChatSphereApp app, Guid serverId, Data.Communities.ServerPermissions permissions, bool mentionable = false, params Person[] members)
    {
        var id = Guid.CreateVersion7();
        await using var database = await app.DatabaseAsync();
        await database.ExecuteAsync(
            "insert into communities.server_roles (id, server_id, name, name_key, permissions, position, is_hoisted, is_mentionable, created_at) values ($1, $2, $3, $3, $4, 1, false, $5, now())",
            id, serverId, $"role {id}"[..30], (long)permissions, mentionable);
        foreach (var member in members)
        {
            await database.ExecuteAsync("insert into communities.member_roles (server_id, member_id, role_id) values ($1, $2, $3)", serverId, member.Account.Id, id);
        }

        return id;
    }

    public static async Task DeniesAsync(this ChatSphereApp app, Guid channelId, Guid target, Data.Communities.OverwriteTarget kind, Data.Communities.ServerPermissions denied)
    {
        await using var database = await app.DatabaseAsync();
        await database.ExecuteAsync(
            "insert into communities.channel_overwrites (channel_id, target_id, target, allow, deny) values ($1, $2, $3, 0, $4) on conflict (channel_id, target_id) do update set deny = excluded.deny", channelId, target, kind.ToString(), (long)denied);
    }
}
