using System.Globalization;
using ChatSphere.Contracts.Bots;
using ChatSphere.Tests.Infrastructure;

namespace ChatSphere.Tests.Bots;

/// <summary>What people do with their bots, as tests say it.</summary>
internal static class BotIntents
{
    public static async Task<BotResponse> ChangesAsync(this Person person, Guid botId, UpdateBotRequest change) =>
        await (await person.SendAsync(HttpMethod.Patch, $"/v1/bots/{botId}", change)).ReadAsync<BotResponse>();

    public static Task<HttpResponseMessage> TriesToChangeAsync(this Person person, Guid botId, UpdateBotRequest change, int seen) =>
        person.SendAsync(HttpMethod.Patch, $"/v1/bots/{botId}", change, r => r.Headers.TryAddWithoutValidation("If-Match", string.Create(CultureInfo.InvariantCulture, $"\"{seen}\"")));

    public static async Task<BotResponse> DoesAsync(this Person person, Guid botId, string what, object? body = null) =>
        await (await person.PostAsync($"/v1/bots/{botId}/{what}", body)).ReadAsync<BotResponse>();

    /// <summary>Starts the tests and waits for their end.</summary>
    public static async Task<GoldenRunResponse> RunsTestsAsync(this Person person, Guid botId)
    {
        var started = await (await person.PostAsync($"/v1/bots/{botId}/golden-runs")).ReadAsync<GoldenRunResponse>();
        return await Person.EventuallyAsync(() => person.GetAsync<GoldenRunResponse>($"/v1/bots/{botId}/golden-runs/{started.Id}"), r => r.Status is not GoldenRunStatus.Running);
    }
}
