using System.Text.Json;
using ChatSphere.Contracts.Bots;
using ChatSphere.Contracts.Conversations;
using ChatSphere.Contracts.Tools;
using ChatSphere.Tests.Infrastructure;

namespace ChatSphere.Tests.Tools;

/// <summary>What people do with tools. The model <c>mock-obey</c> calls whatever a line <c>CALL name {…}</c> tells it to.</summary>
internal static class ToolUse
{
    /// <summary>Holds what any request about tools requires.</summary>
    public const string AnyBody = """
        {"enabled":true,"name":"x","description":"x","method":"GET","urlTemplate":"https://example.com/","arguments":{},"operations":["x"],"document":"{}","address":"https://example.com/mcp"}
        """;

    public static async Task<BotResponse> HasToolBotAsync(this Person person, params string[] builtIn)
    {
        var bot = await person.HasBotAsync("mock-obey");
        foreach (var name in builtIn)
        {
            await person.SwitchesAsync(bot.Id, name);
        }

        return bot;
    }

    public static async Task<BotToolResponse> SwitchesAsync(this Person person, Guid botId, string name, bool on = true, bool asks = false) =>
        await (await person.SendAsync(HttpMethod.Put, $"/v1/bots/{botId}/tools/built-in/{name}", new SwitchBuiltInToolRequest(on, asks))).ReadAsync<BotToolResponse>();

    public static async Task<BotToolResponse> TeachesAsync(this Person person, Guid botId, CreateHttpToolRequest request) =>
        await (await person.PostAsync($"/v1/bots/{botId}/tools", request)).ReadAsync<BotToolResponse>();

    public static async Task<IReadOnlyList<BotToolResponse>> ToolsAsync(this Person person, Guid botId) => await person.GetAsync<List<BotToolResponse>>($"/v1/bots/{botId}/tools");

    /// <summary>Reads the turn until a call asks, gives it to the callback, and reads on.</summary>
    public static async Task<IReadOnlyList<StreamEvent>> EventsAsync(this Person person, Guid turnId, Func<ToolApprovalEvent, Task> onAsked)
    {
        var events = new List<StreamEvent>();
        await foreach (var e in person.StreamAsync($"/v1/turns/{turnId}/events"))
        {
            events.Add(e);
            if (e.Name == TurnEventNames.ToolApproval)
            {
                await onAsked(e.As<ToolApprovalEvent>());
            }
        }

        return events;
    }

    public static Task<HttpResponseMessage> ApproveAsync(this Person person, Guid turnId, string callId, bool remember = false) =>
        person.PostAsync($"/v1/turns/{turnId}/tool-calls/{callId}/approve", new ApproveToolCallRequest(remember));

    public static Task<HttpResponseMessage> DenyAsync(this Person person, Guid turnId, string callId) => person.PostAsync($"/v1/turns/{turnId}/tool-calls/{callId}/deny");

    /// <summary>An order that the gullible model follows.</summary>
    public static string Call(string tool, object arguments) => $"CALL {tool} {JsonSerializer.Serialize(arguments)}";
}
