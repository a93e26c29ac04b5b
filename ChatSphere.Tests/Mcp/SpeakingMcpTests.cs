using System.Net;
using ChatSphere.Contracts;
using ChatSphere.Contracts.Accounts;
using ChatSphere.Tests.Infrastructure;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;

namespace ChatSphere.Tests.Mcp;

/// <summary>The official client against <c>/mcp</c>.</summary>
public sealed class SpeakingMcpTests(ChatSphereApp app)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_client_lists_asks_searches_and_reads()
    {
        var ann = await app.SomebodyAsync();
        var bot = await ann.HasBotAsync("mock-ttft5-itl1-cite");
        var document = await ann.HasDocumentAsync(bot.Id, "tides.md", "High water at Esbjerg comes fifty minutes later each day. The harbour master prints the table in January.");
        await using var client = await ClientAsync(await ann.HasKeyAsync(Permissions.ModelsUse, Permissions.BotsRead, Permissions.KnowledgeRead));

        var tools = await client.ListToolsAsync(cancellationToken: Token);
        Assert.Equal(["ask_bot", "list_bots", "list_documents", "read_document", "search_knowledge"], tools.Select(t => t.Name).Order(StringComparer.Ordinal));
        Assert.Contains(bot.Id.ToString(), await CallAsync(client, "list_bots"), StringComparison.Ordinal);
        Assert.Contains(document.Id.ToString(), await CallAsync(client, "list_documents", ("bot_id", bot.Id)), StringComparison.Ordinal);
        Assert.Contains("fifty minutes later", await CallAsync(client, "search_knowledge", ("bot_id", bot.Id), ("query", "high water Esbjerg"), ("top", 3)), StringComparison.Ordinal);
        Assert.Contains("fifty minutes", await CallAsync(client, "read_document", ("document_id", document.Id), ("start", 20), ("length", 60)), StringComparison.Ordinal);
        var answer = await CallAsync(client, "ask_bot", ("bot_id", bot.Id), ("question", "When does high water come at Esbjerg?"));
        Assert.Contains("Sources:", answer, StringComparison.Ordinal);
        Assert.Contains($"document {document.Id}", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nobody_reaches_what_is_not_theirs()
    {
        var ann = await app.SomebodyAsync();
        var bot = await ann.HasBotAsync();
        var document = await ann.HasDocumentAsync(bot.Id, "secret.md", "The combination is eleven, four, nine.");
        await using var bob = await ClientAsync(await (await app.SomebodyAsync()).HasKeyAsync(Permissions.ModelsUse, Permissions.BotsRead, Permissions.KnowledgeRead));
        foreach (var (tool, arguments) in new (string, (string, object)[])[]
        {
            ("search_knowledge", [("bot_id", bot.Id), ("query", "combination")]),
            ("list_documents", [("bot_id", bot.Id)]),
            ("read_document", [("document_id", document.Id)]),
            ("ask_bot", [("bot_id", bot.Id), ("question", "What is the combination?")]),
            ("read_document", [("document_id", "nonsense")]),
        })
        {
            var result = await bob.CallToolAsync(tool, arguments.ToDictionary(a => a.Item1, a => (object?)a.Item2), cancellationToken: Token);
            Assert.True(result.IsError);
            Assert.DoesNotContain("eleven", Text(result), StringComparison.Ordinal);
        }

        // A key without the permission is offered less, and one without models.use nothing at all.
        await using var narrow = await ClientAsync(await ann.HasKeyAsync(Permissions.ModelsUse));
        Assert.Equal(["ask_bot"], (await narrow.ListToolsAsync(cancellationToken: Token)).Select(t => t.Name));
        await (await ann.HasKeyAsync(Permissions.BotsRead)).PostAsync("/mcp", new { jsonrpc = "2.0", id = 1, method = "tools/list" }).RefusedAsync(HttpStatusCode.Forbidden, ErrorCodes.PermissionMissing);
    }

    [Fact]
    public async Task What_is_no_message_and_who_is_no_friend_is_refused()
    {
        var ann = await (await app.SomebodyAsync()).HasKeyAsync(Permissions.ModelsUse);
        await ann.PostAsync("/mcp", new { hello = "there" }).RefusedAsync(HttpStatusCode.BadRequest, ErrorCodes.RequestInvalid);
        await ann.PostAsync("/mcp", new[] { 1, 2 }).RefusedAsync(HttpStatusCode.BadRequest, ErrorCodes.RequestInvalid);
        await ann.SendAsync(HttpMethod.Post, "/mcp", new { jsonrpc = "2.0", id = 1, method = "ping" }, r => r.Headers.Add("Origin", "https://evil.example")).RefusedAsync(HttpStatusCode.Forbidden, ErrorCodes.PermissionMissing);
    }

    private static async Task<McpClient> ClientAsync(Person key) => await McpClient.CreateAsync(
        new HttpClientTransport(new()
        {
            Endpoint = new Uri(key.Client.BaseAddress!, "/mcp"),
            TransportMode = HttpTransportMode.StreamableHttp,
            AdditionalHeaders = new Dictionary<string, string> { ["Authorization"] = $"Bearer {key.Tokens.AccessToken}" },
        }),
        cancellationToken: Token);

    private static async Task<string> CallAsync(McpClient client, string tool, params (string Name, object Value)[] arguments)
    {
        var result = await client.CallToolAsync(tool, arguments.ToDictionary(a => a.Name, a => (object?)a.Value), cancellationToken: Token);
        Assert.False(result.IsError == true, Text(result));
        return Text(result);
    }

    private static string Text(CallToolResult result) => string.Concat(result.Content.OfType<TextContentBlock>().Select(c => c.Text));
}
