using System.Net;
using System.Text.Json;
using ChatSphere.Contracts;
using ChatSphere.Contracts.Accounts;
using ChatSphere.Contracts.Bots;
using ChatSphere.Contracts.Budgets;
using ChatSphere.Contracts.Conversations;
using ChatSphere.Contracts.Models;
using ChatSphere.Contracts.Plans;
using ChatSphere.Tests.Chat;
using ChatSphere.Tests.Infrastructure;
using ChatSphere.Tests.Plans;
using ChatSphere.Tests.Sharing;
using Microsoft.AspNetCore.Http;

namespace ChatSphere.Tests.Models;

/// <summary>People who pay their provider themselves.</summary>
public sealed class UsingOwnKeysTests(ChatSphereApp app)
{
    private const string Key = "sk-my-own-canary-0815";
    private const string Words = "From my own account.";

    [Fact]
    public async Task Questions_go_by_ones_own_key_and_cost_the_deployment_nothing()
    {
        var (room, model) = await ServerAsync();
        var administrator = await app.AiAdministratorAsync();
        await administrator.SendAsync(HttpMethod.Put, "/v1/admin/models", new PutModelRequest(model, InputPrice: 1_000, OutputPrice: 1_000));
        var ann = await app.SomebodyAsync();
        var connection = await ConnectsAsync(ann, room);
        Assert.Equal(["0815"], connection.Keys.Select(k => k.Hint));
        var bot = await ann.HasBotAsync(model);

        var message = (await ann.AnswerAsync((await ann.TalksWithAsync(bot.Id)).Id, "Hello?")).Message();
        Assert.Equal((Words, model), (message.Text, message.Model));
        var step = Assert.Single(message.Route!);
        Assert.Equal((true, "answered", 12, 3), (step.OwnKey, step.Outcome, step.InputTokens, step.OutputTokens));
        Assert.Equal(0, message.Usage!.Cost);

        // Directly too, by the price of the keys that were used and not of the model.
        var key = await ann.HasKeyAsync(Permissions.ModelsUse);
        foreach (var stream in new[] { false, true })
        {
            using var direct = await key.PostAsync("/v1/chat/completions", new { model, stream, messages = new[] { new { role = "user", content = "Hello?" } } });
            Assert.Contains(stream ? "account" : Words, await direct.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }

        using (var response = await key.PostAsync("/v1/responses", new { model, input = "Hello?" }))
        {
            Assert.Contains(Words, await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }

        var asked = room.Calls.Where(c => c.Method == "POST").ToList();
        Assert.Equal(4, asked.Count);
        Assert.All(asked, c => Assert.Equal(($"Bearer {Key}", model), (c.Authorization, JsonDocument.Parse(c.Body).RootElement.GetProperty("model").GetString())));
        var used = await Person.EventuallyAsync(() => ann.GetAsync<UsageReportResponse>("/v1/usage/mine?by=model"), r => r.Total.Answers == 4);
        Assert.Equal((model, 0L, 0L, 0m, 0L), Assert.Single(used.Rows) is var row ? (row.Key, row.InputTokens, row.OutputTokens, row.Cost, row.Unpriced) : default);
        var today = (await ann.GetAsync<BudgetResponse>("/v1/usage/mine/budget")).Periods[0];
        Assert.Equal((0m, 0m, 0m, 0m), (today.Tokens.Spent, today.Tokens.Reserved, today.Money.Spent, today.Money.Reserved));
        await administrator.SendAsync(HttpMethod.Delete, $"/v1/admin/models?model={model}");
    }

    [Fact]
    public async Task A_key_is_nobody_elses()
    {
        var (room, model) = await ServerAsync();
        var (ann, eve) = (await app.SomebodyAsync(), await app.SomebodyAsync());
        var connection = await ConnectsAsync(ann, room);
        var bot = await ann.HasBotAsync(model);
        await ann.SharesAsync(bot.Id, Contracts.Sharing.SharedRight.Use.With(eve));
        var before = room.Calls.Count;

        var message = (await eve.AnswerAsync((await eve.TalksWithAsync(bot.Id)).Id, "Hello?")).Message();
        Assert.NotEqual(model, message.Model);
        Assert.DoesNotContain(message.Route!, s => s.OwnKey);
        var path = $"/v1/providers/{connection.Id}";
        await eve.GetAsync(path).RefusedAsync(HttpStatusCode.NotFound, ErrorCodes.NotFound);
        await eve.SendAsync(HttpMethod.Patch, path, new UpdateProviderRequest("Hers")).RefusedAsync(HttpStatusCode.NotFound, ErrorCodes.NotFound);
        await eve.PostAsync($"{path}/test").RefusedAsync(HttpStatusCode.NotFound, ErrorCodes.NotFound);
        await eve.SendAsync(HttpMethod.Delete, path).RefusedAsync(HttpStatusCode.NotFound, ErrorCodes.NotFound);
        await (await app.AiAdministratorAsync()).GetAsync($"/v1/admin/providers/{connection.Id}").RefusedAsync(HttpStatusCode.NotFound, ErrorCodes.NotFound);
        Assert.DoesNotContain(await eve.ModelsAsync(), m => m.Id == model);
        Assert.Equal(before, room.Calls.Count);
    }

    [Fact]
    public async Task A_plan_without_own_keys_takes_none_and_leaves_those_that_there_are_alone()
    {
        var (room, model) = await ServerAsync();
        var administrator = await app.AdministratorAsync();
        var without = await administrator.HasPlanAsync(new PlanLimits { OwnKeys = false });
        Assert.False(without.Limits.OwnKeys);
        var ann = await app.SomebodyAsync();
        await ConnectsAsync(ann, room);
        var conversation = await ann.TalksWithAsync((await ann.HasBotAsync(model)).Id);
        Assert.Equal(model, (await ann.AnswerAsync(conversation.Id, "Hello?")).Message().Model);

        await administrator.AssignsAsync(ann, without);
        using (var refused = await ann.PostAsync("/v1/providers", Request(room, "Another")))
        {
            var problem = await refused.LimitAsync();
            Assert.Equal((HttpStatusCode.PaymentRequired, "own_keys", ErrorCodes.PlanLimitReached), (refused.StatusCode, problem.Kind, problem.Code));
        }

        var asked = room.Calls.Count;
        var message = (await ann.AnswerAsync(conversation.Id, "And now?")).Message();
        Assert.Equal(MessageStatus.Complete, message.Status);
        Assert.DoesNotContain(message.Route!, s => s.OwnKey);
        Assert.Equal(asked, room.Calls.Count);
        Assert.DoesNotContain(await ann.ModelsAsync(), m => m.Id == model);

        // Still there to be seen and removed; whoever has none is told.
        var kept = Assert.Single(await ann.GetAsync<List<ProviderResponse>>("/v1/providers"));
        Assert.Equal(HttpStatusCode.NoContent, (await ann.SendAsync(HttpMethod.Delete, $"/v1/providers/{kept.Id}")).StatusCode);
        await ann.GetAsync("/v1/providers").RefusedAsync(HttpStatusCode.PaymentRequired, ErrorCodes.PlanLimitReached);
    }

    [Fact]
    public async Task A_key_that_is_taken_back_in_the_middle_of_a_conversation_is_used_no_more()
    {
        var (room, model) = await ServerAsync();
        var ann = await app.SomebodyAsync();
        var connection = await ConnectsAsync(ann, room);
        var bot = await (await ann.PostAsync("/v1/bots", new CreateBotRequest("Careful", "", model) { Fallback = ["mock-itl1-len5"] })).ReadAsync<BotResponse>();
        var conversation = await ann.TalksWithAsync(bot.Id);
        Assert.Equal(model, (await ann.AnswerAsync(conversation.Id, "Hello?")).Message().Model);

        // The provider takes it back: the deployment's models answer, at its cost.
        var works = room.Answers;
        room.Answers = call => call.Method == "POST" ? Results.Json(new { error = new { message = $"The key {Key} was revoked." } }, statusCode: 401) : works!(call);
        var message = (await ann.AnswerAsync(conversation.Id, "And now?")).Message();
        Assert.Equal((MessageStatus.Complete, "mock-itl1-len5"), (message.Status, message.Model));
        Assert.Equal((model, true, "provider_refused"), message.Route![0] is var first ? (first.Model, first.OwnKey, first.Outcome) : default);
        Assert.True(message.Usage!.InputTokens > 0);
        Assert.DoesNotContain(Key, JsonSerializer.Serialize(await ann.MessagesAsync(conversation.Id)), StringComparison.Ordinal);

        // Its owner does.
        Assert.Equal(HttpStatusCode.NoContent, (await ann.SendAsync(HttpMethod.Delete, $"/v1/providers/{connection.Id}")).StatusCode);
        await Person.EventuallyAsync(async () => (await ann.AnswerAsync(conversation.Id, "And then?")).Message().Route!, route => !route.Any(s => s.OwnKey));
        var asked = room.Calls.Count;
        Assert.Equal("mock-itl1-len5", (await ann.AnswerAsync(conversation.Id, "At last?")).Message().Model);
        Assert.Equal(asked, room.Calls.Count);
    }

    /// <summary>A server within the network that the deployment allows, which serves one model.</summary>
    private async Task<(OutsideRoom Room, string Model)> ServerAsync()
    {
        var room = (await app.Outside).Room();
        var model = $"mine-{Guid.NewGuid():n}";
        string[] chunks = [.. Words.Split(' ').Select((w, i) => FakeOpenAi.Text(i == 0 ? w : " " + w)), FakeOpenAi.Finish("stop"), FakeOpenAi.Usage(12, 3), "[DONE]"];
        room.Answers = call => call.Path switch
        {
            "/v1/models" => Results.Json(new { data = new[] { new { id = model } } }),
            "/v1/chat/completions" => Results.Text(string.Concat(chunks.Select(c => $"data: {c}\n\n")), "text/event-stream"),
            _ => null,
        };
        return (room, model);
    }

    private static CreateProviderRequest Request(OutsideRoom room, string name = "Mine") => new(ProviderKind.OpenAiCompatible, name, room.At("v1"), [Key]);

    private static async Task<ProviderResponse> ConnectsAsync(Person person, OutsideRoom room) => await (await person.PostAsync("/v1/providers", Request(room))).ReadAsync<ProviderResponse>();
}
