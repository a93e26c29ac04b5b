using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using ChatSphere.Contracts;
using ChatSphere.Tests.Accounts;
using ChatSphere.Tests.Infrastructure;
using ChatSphere.Tests.Sharing;

namespace ChatSphere.Tests.Architecture;

/// <summary>What holds for every route, read from the OpenAPI document, so that a new route is held to it without anybody thinking of it.</summary>
public sealed partial class EndpointTests(ChatSphereApp app)
{
    [Fact]
    public async Task The_document_is_OpenAPI_3_1_and_describes_every_route_of_the_main_job()
    {
        using var client = await app.AnonymousAsync();
        var document = JsonNode.Parse(await client.GetStringAsync("/openapi/v1.json"))!;
        Assert.StartsWith("3.1", (string)document["openapi"]!, StringComparison.Ordinal);
        var routes = Operations(document).Select(o => $"{o.Method} {o.Path}").ToHashSet();
        string[] promised =
        [
            "POST /v1/accounts/register", "POST /v1/accounts/sign-in", "POST /v1/accounts/refresh", "POST /v1/accounts/sign-out", "GET /v1/accounts/me",
            "POST /v1/bots", "GET /v1/bots", "GET /v1/bots/{botId}", "PATCH /v1/bots/{botId}", "DELETE /v1/bots/{botId}",
            "POST /v1/bots/{botId}/documents", "GET /v1/bots/{botId}/documents", "GET /v1/documents/{documentId}", "DELETE /v1/documents/{documentId}",
            "POST /v1/documents/{documentId}/cancel", "POST /v1/documents/{documentId}/retry", "GET /v1/documents/{documentId}/content", "POST /v1/bots/{botId}/search",
            "POST /v1/conversations", "GET /v1/conversations", "GET /v1/conversations/{conversationId}", "PATCH /v1/conversations/{conversationId}", "DELETE /v1/conversations/{conversationId}",
            "GET /v1/conversations/{conversationId}/messages", "POST /v1/conversations/{conversationId}/turns", "GET /v1/turns/{turnId}/events", "POST /v1/turns/{turnId}/stop", "GET /v1/events",
        ];
        Assert.Empty(promised.Except(routes));
        Assert.All(Operations(document), o => Assert.False(string.IsNullOrEmpty((string?)o.Operation["summary"]), $"{o.Method} {o.Path} has no summary"));
    }

    [Fact]
    public async Task Nobody_gets_in_without_a_token_but_where_it_is_meant()
    {
        using var client = await app.AnonymousAsync();
        foreach (var (method, path, _) in Operations(JsonNode.Parse(await client.GetStringAsync("/openapi/v1.json"))!).Where(o => !IsPublic(o.Operation)))
        {
            await client.SendAsync(new HttpRequestMessage(new HttpMethod(method), Parameter().Replace(path, Guid.NewGuid().ToString())) { Content = Body(method, path) })
                .RefusedAsync(HttpStatusCode.Unauthorized, ErrorCodes.TokenInvalid);
        }
    }

    [Fact]
    public async Task What_is_another_persons_does_not_exist()
    {
        var ann = await app.SomebodyAsync();
        var eve = await app.SomebodyAsync();
        var bot = await ann.HasBotAsync("mock-len3");
        var document = await ann.HasDocumentAsync(bot.Id, "note.txt", "The key lies under the third stone.");
        var conversation = await ann.TalksWithAsync(bot.Id);
        var turn = await ann.AskAsync(conversation.Id, "Where is the key?");
        await ann.EventsAsync(turn.Id);
        var ids = new Dictionary<string, Guid> { ["botId"] = bot.Id, ["documentId"] = document.Id, ["conversationId"] = conversation.Id, ["turnId"] = turn.Id, ["messageId"] = turn.AssistantMessageId };
        (ids["accountId"], ids["shareId"]) = (await app.HidesAsync(), Guid.NewGuid());
        ids["sessionId"] = (await ann.GetAsync<List<Contracts.Accounts.SessionResponse>>("/v1/accounts/me/sessions"))[0].Id;
        ids.TryAdd("accountId", ann.Account.Id);
        ids["attachmentId"] = (await Context.Attaching.AttachesAsync(ann, conversation.Id, "a.txt", "a"u8.ToArray()))[0].Id;
        ids["memoryId"] = (await (await ann.PostAsync("/v1/memories", new Contracts.Context.CreateMemoryRequest("Keeps bees."))).ReadAsync<Contracts.Context.MemoryResponse>()).Id;
        ids["promptId"] = (await (await ann.PostAsync("/v1/prompts", new Contracts.Conversations.PromptRequest("mail", "Dear {{who}}"))).ReadAsync<Contracts.Conversations.PromptResponse>()).Id;
        (ids["passkeyId"], ids["provider"]) = ((await ann.HasPasskeyAsync(app)).Passkey.Id, Guid.NewGuid());
        var server = await Communities.CommunityUse.HasServerAsync(ann);
        (ids["serverId"], ids["channelId"], ids["targetId"]) = (server.Server.Id, server.Channels[0].Id, server.Server.Id);
        ids["roleId"] = (await Communities.ServerUse.HasRoleAsync(ann, server.Server.Id, "Keepers")).Id;
        ids["inviteId"] = (await Communities.ServerUse.InvitesAsync(ann, server.Server.Id)).Id;
        var tried = 0;
        var mayEve = (await eve.GetAsync<Contracts.Accounts.AccountResponse>("/v1/accounts/me")).Permissions;
        var openApi = JsonNode.Parse(await eve.Client.GetStringAsync("/openapi/v1.json"))!;
        foreach (var (method, path, operation) in Operations(openApi).Where(o => o.Path.Contains('{', StringComparison.Ordinal)))
        {
            // What is for administrators only, eve is told; whose it is, she is not.
            var (status, code) = (string?)operation["x-permission"] is { } permission && !mayEve.Contains(permission) ? (HttpStatusCode.Forbidden, ErrorCodes.PermissionMissing) : (HttpStatusCode.NotFound, ErrorCodes.NotFound);
            var target = Parameter().Replace(path, m => ids.GetValueOrDefault(m.Groups[1].Value, ann.Account.Id).ToString());
            await eve.SendAsync(new HttpMethod(method), target, Body(method, path)).RefusedAsync(status, code);
            tried++;
        }

        Assert.True(tried >= 18, $"Only {tried} routes were tried.");
        Assert.Equal("Librarian", (await ann.GetAsync<Contracts.Bots.BotResponse>($"/v1/bots/{bot.Id}")).Name);
        Assert.Equal(2, (await ann.MessagesAsync(conversation.Id)).Count);
    }

    [Fact]
    public async Task Unknown_ids_and_addresses_are_not_found_and_wrong_methods_are_said_to_be()
    {
        var ann = await app.SomebodyAsync();
        await ann.GetAsync($"/v1/bots/{Guid.NewGuid()}").RefusedAsync(HttpStatusCode.NotFound, ErrorCodes.NotFound);
        await ann.GetAsync("/v1/bots/0").RefusedAsync(HttpStatusCode.NotFound, ErrorCodes.NotFound);
        await ann.GetAsync("/v1/nothing").RefusedAsync(HttpStatusCode.NotFound, ErrorCodes.NotFound);
        await ann.SendAsync(HttpMethod.Put, "/v1/bots").RefusedAsync(HttpStatusCode.MethodNotAllowed, ErrorCodes.MethodNotAllowed);
        await ann.PostAsync("/v1/bots", new StringContent("name=B", Encoding.UTF8, "text/plain")).RefusedAsync(HttpStatusCode.UnsupportedMediaType, ErrorCodes.ContentTypeUnsupported);
    }

    [Fact]
    public async Task Answers_carry_rate_limits_and_security_headers()
    {
        var ann = await app.SomebodyAsync();
        using var response = await ann.GetAsync("/v1/bots");
        Assert.Matches("^\"default\";q=\\d+;w=60$", response.Headers.GetValues("RateLimit-Policy").Single());
        Assert.Matches("^\"default\";r=\\d+;t=\\d+$", response.Headers.GetValues("RateLimit").Single());
        Assert.Equal("nosniff", response.Headers.GetValues("X-Content-Type-Options").Single());
        Assert.Contains("no-store", response.Headers.GetValues("Cache-Control").Single(), StringComparison.Ordinal);
        Assert.False(response.Headers.Contains("Server"));
    }

    private static IEnumerable<(string Method, string Path, JsonNode Operation)> Operations(JsonNode document) =>
        // SCIM has its own shape of errors: AuthorizationTests ask there.
        document["paths"]!.AsObject().Where(p => !p.Key.StartsWith("/scim", StringComparison.Ordinal)).SelectMany(p => p.Value!.AsObject().Select(o => (o.Key.ToUpperInvariant(), p.Key, o.Value!)));

    private static bool IsPublic(JsonNode operation) => operation["security"] is JsonArray { Count: 0 };

    /// <summary>Something that the operation takes: its own validation is not what is asked here.</summary>
    internal static HttpContent? Body(string method, string path, JsonNode? openApi = null) => method is "GET" or "DELETE" ? null
        : path.EndsWith("/{passkeyId}", StringComparison.Ordinal) ? new StringContent("{\"name\":\"x\"}", Encoding.UTF8, "application/json")
        : path.EndsWith("/documents", StringComparison.Ordinal) || path.EndsWith("/attachments", StringComparison.Ordinal) ? new MultipartFormDataContent { { new ByteArrayContent([65]), "file", "a.txt" } }
        : path.EndsWith("/users/import", StringComparison.Ordinal) ? new StringContent("email,displayName\n", Encoding.UTF8, "text/csv")
        : path.StartsWith("/scim", StringComparison.Ordinal) ? new StringContent("{}", Encoding.UTF8, "application/scim+json")
        : openApi is null && (path.Contains("/golden-questions", StringComparison.Ordinal) || path.EndsWith("/canary", StringComparison.Ordinal) || path.EndsWith("/rollback", StringComparison.Ordinal))
            ? new StringContent("{\"version\":1,\"percent\":5,\"question\":\"x\",\"all\":[\"x\"]}", Encoding.UTF8, "application/json")
        : openApi is null && Communities.MessageUse.TakesAnyBody(path) ? new StringContent(Communities.MessageUse.AnyBody, Encoding.UTF8, "application/json")
        : path.EndsWith("/avatar", StringComparison.Ordinal) || path.EndsWith("/icon", StringComparison.Ordinal) || path.EndsWith("/emoji", StringComparison.Ordinal) ? new ByteArrayContent([65]) { Headers = { ContentType = new("image/png") } }
        : openApi is null && (path.StartsWith("/v1/servers/", StringComparison.Ordinal) || path.Contains("/overwrites/", StringComparison.Ordinal)) && !path.EndsWith("/icon", StringComparison.Ordinal)
            ? new StringContent("{\"name\":\"x\",\"memberId\":\"00000000-0000-0000-0000-000000000001\",\"nickname\":\"x\",\"until\":\"2030-01-01T00:00:00Z\",\"roleIds\":[],\"channels\":[],\"target\":\"role\",\"allow\":\"0\",\"deny\":\"0\"}", Encoding.UTF8, "application/json")
        : path.Contains("/tool", StringComparison.Ordinal) && openApi is null ? new StringContent(Tools.ToolUse.AnyBody, Encoding.UTF8, "application/json")
        : new StringContent(
            path.EndsWith("/shares", StringComparison.Ordinal) ? "{\"shares\":[],\"grantee\":{\"kind\":\"everyone\"},\"right\":\"use\",\"of\":\"bot\"}" : path.EndsWith("/turns", StringComparison.Ordinal) ? "{\"text\":\"x\"}" : path.EndsWith("/search", StringComparison.Ordinal) ? "{\"query\":\"x\"}"
            : openApi is not null && Security.Operation.All(openApi).Find(o => o.Method == method && o.Path == path) is { BodySchema: { } schema } operation && operation.Sample(schema) is { } sample ? sample.ToJsonString() : "{\"title\":\"x\",\"messageId\":\"00000000-0000-0000-0000-000000000001\",\"value\":\"up\",\"name\":\"x\",\"text\":\"Keeps bees.\",\"content\":\"x\",\"seq\":1}",
            Encoding.UTF8, "application/json");

    [GeneratedRegex(@"\{(\w+)\}")]
    private static partial Regex Parameter();
}
