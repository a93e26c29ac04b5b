using System.Net;
using ChatSphere.Contracts;
using ChatSphere.Contracts.Accounts;
using ChatSphere.Contracts.Admin;
using ChatSphere.Contracts.Bots;
using ChatSphere.Contracts.Models;
using ChatSphere.Tests.Infrastructure;
using Microsoft.AspNetCore.Http;

namespace ChatSphere.Tests.Models;

/// <summary>Connections, keys and settings of models made while the system runs.</summary>
public sealed class ConnectingProvidersTests(ChatSphereApp app)
{
    private const string Key = "sk-very-secret-canary-4711";

    [Fact]
    public async Task A_provider_is_tried_connected_used_by_every_node_changed_and_gone()
    {
        await using var provider = await FakeProvider.StartAsync();
        var model = $"team-{Guid.NewGuid():n}";
        provider.Otherwise = provider.Serving("From our own server.", model);
        var administrator = await app.AiAdministratorAsync();
        var request = new CreateProviderRequest(ProviderKind.OpenAiCompatible, $"Ours {model[^6..]}", provider.Address + "/v1", [Key, "second-key-of-the-team-9"]);

        using var created = await administrator.PostAsync("/v1/admin/providers", request);
        Assert.Equal(HttpStatusCode.Created, created.StatusCode);
        Assert.DoesNotContain(Key, await created.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        var connection = await created.ReadAsync<ProviderResponse>();
        Assert.Equal(["4711", "am-9"], connection.Keys.Select(k => k.Hint));
        Assert.Contains(model, connection.ServedModels);
        Assert.Equal([$"Bearer {Key}", "Bearer second-key-of-the-team-9"], provider.Requests.Select(r => r.Headers["Authorization"]));

        // Every node knows within seconds; both keys are used.
        var ann = await app.SomebodyAsync();
        await ann.SeesModelEverywhereAsync(model);
        var bot = await ann.HasBotAsync(model);
        var conversation = await ann.TalksWithAsync(bot.Id);
        for (var i = 0; i < 6; i++)
        {
            var message = (await ann.AnswerAsync(conversation.Id, $"Hello {i}?")).Message();
            Assert.Equal(("From our own server.", model), (message.Text, message.Model));
            var step = Assert.Single(message.Route!);
            Assert.Equal((model, connection.Name, "answered", 12, 3), (step.Model, step.Connection, step.Outcome, step.InputTokens, step.OutputTokens));
        }

        Assert.Equal(2, provider.Requests.Where(r => r.Method == "POST").Select(r => r.Headers["Authorization"]).Distinct().Count());
        Assert.Equal("answered", (await ann.MessagesAsync(conversation.Id))[^1].Route?[^1].Outcome);

        // A changed key counts at once, without a restart.
        using var changed = await administrator.SendAsync(HttpMethod.Patch, $"/v1/admin/providers/{connection.Id}", new UpdateProviderRequest(AddKeys: ["third-key-of-the-team-7"], RemoveKeys: [.. connection.Keys.Select(k => k.Id)]));
        Assert.Equal("am-7", Assert.Single((await changed.ReadAsync<ProviderResponse>()).Keys).Hint);
        await Person.EventuallyAsync(async () =>
        {
            provider.Requests.Clear();
            for (var i = 0; i < 4; i++)
            {
                await ann.AnswerAsync(conversation.Id, $"Again {i}?");
            }

            return provider.Requests.Where(r => r.Method == "POST").Select(r => r.Headers["Authorization"]).Distinct().ToList();
        }, keys => keys is ["Bearer third-key-of-the-team-7"]);

        // Keys never follow to another address.
        await administrator.SendAsync(HttpMethod.Patch, $"/v1/admin/providers/{connection.Id}", new UpdateProviderRequest(Endpoint: "https://elsewhere.example/v1")).RefusedAsync(HttpStatusCode.BadRequest, ErrorCodes.ProviderEndpointInvalid);

        Assert.Equal(HttpStatusCode.NoContent, (await administrator.SendAsync(HttpMethod.Delete, $"/v1/admin/providers/{connection.Id}")).StatusCode);
        await Person.EventuallyAsync(async () => (await ann.AnswerAsync(conversation.Id, "And now?")).Message().Model, m => m != model);
    }

    [Fact]
    public async Task What_does_not_work_is_not_kept_and_what_failed_is_said_without_the_key()
    {
        await using var provider = await FakeProvider.StartAsync();
        var administrator = await app.AiAdministratorAsync();
        var name = $"Broken {Guid.NewGuid():n}";
        var request = new CreateProviderRequest(ProviderKind.Anthropic, name, provider.Address + "/v1", [Key]);
        foreach (var (answer, said) in new (Func<HttpContext, Task>, string)[]
        {
            (FakeProvider.Status(401), "refused (status 401)"), (FakeProvider.Status(404), "nothing of this kind"), (FakeProvider.Status(500), "status 500"),
            (context => context.Response.WriteAsync("<html>"), "does"), (FakeProvider.Status(307), "redirect"),
        })
        {
            provider.Otherwise = answer;
            var problem = await administrator.PostAsync("/v1/admin/providers", request).RefusedAsync(HttpStatusCode.UnprocessableEntity, ErrorCodes.ProviderTestFailed);
            Assert.Contains(said, problem.Detail!, StringComparison.Ordinal);
            Assert.DoesNotContain(Key, problem.Detail!, StringComparison.Ordinal);
        }

        await administrator.PostAsync("/v1/admin/providers", request with { Endpoint = "http://127.0.0.1:9/v1" }).RefusedAsync(HttpStatusCode.UnprocessableEntity, ErrorCodes.ProviderTestFailed);
        await administrator.PostAsync("/v1/admin/providers", request with { Endpoint = "http://user:pw@127.0.0.1/v1" }).RefusedAsync(HttpStatusCode.BadRequest, ErrorCodes.ProviderEndpointInvalid);
        await administrator.PostAsync("/v1/admin/providers", request with { Endpoint = "ftp://127.0.0.1/v1" }).RefusedAsync(HttpStatusCode.BadRequest, ErrorCodes.ProviderEndpointInvalid);
        await administrator.PostAsync("/v1/admin/providers", request with { Keys = [] }).RefusedAsync(HttpStatusCode.BadRequest, ErrorCodes.RequestInvalid);
        await administrator.PostAsync("/v1/admin/providers", request with { Keys = ["a b"] }).RefusedAsync(HttpStatusCode.BadRequest, ErrorCodes.RequestInvalid);
        await administrator.PostAsync("/v1/admin/providers", request with { Kind = ProviderKind.AzureOpenAi }).RefusedAsync(HttpStatusCode.BadRequest, ErrorCodes.RequestInvalid);
        Assert.DoesNotContain(await administrator.GetAsync<List<ProviderResponse>>("/v1/admin/providers"), p => p.Name == name);
    }

    [Fact]
    public async Task Two_of_one_name_at_once_are_one_and_what_the_configuration_names_is_shown()
    {
        await using var provider = await FakeProvider.StartAsync();
        provider.Otherwise = provider.Serving("Hello.", "x");
        var administrator = await app.AiAdministratorAsync();
        var request = new CreateProviderRequest(ProviderKind.OpenAiCompatible, $"Twin {Guid.NewGuid():n}", provider.Address + "/v1", IsEnabled: false);

        var answers = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => administrator.PostAsync("/v1/admin/providers", request)));

        Assert.Equal([HttpStatusCode.Created, HttpStatusCode.Conflict, HttpStatusCode.Conflict, HttpStatusCode.Conflict], answers.Select(a => a.StatusCode).Order());
        var all = await administrator.GetAsync<List<ProviderResponse>>("/v1/admin/providers");
        Assert.Single(all, p => p.Name == request.Name);
        var configured = Assert.Single(all, p => p is { Name: "openai", Id: null, IsReadOnly: true });
        Assert.Contains("mock", configured.ServedModels);
        await administrator.SendAsync(HttpMethod.Delete, $"/v1/admin/providers/{all.Single(p => p.Name == request.Name).Id}");
    }

    [Fact]
    public async Task Keys_lie_sealed_and_the_log_says_what_was_done_without_them()
    {
        await using var provider = await FakeProvider.StartAsync();
        provider.Otherwise = provider.Serving("Hello.", "x");
        var administrator = await app.AiAdministratorAsync();
        var created = await (await administrator.PostAsync("/v1/admin/providers", new CreateProviderRequest(ProviderKind.OpenAiCompatible, $"Sealed {Guid.NewGuid():n}", provider.Address + "/v1", [Key], IsEnabled: false))).ReadAsync<ProviderResponse>();

        var log = await (await administrator.GetAsync($"/v1/audit/events?targetId={created.Id}")).Content.ReadAsStringAsync();
        Assert.Contains("models.provider_changed", log, StringComparison.Ordinal);
        Assert.DoesNotContain(Key, log, StringComparison.Ordinal);
        Assert.DoesNotContain(Key, await (await administrator.GetAsync($"/v1/admin/providers/{created.Id}")).Content.ReadAsStringAsync(), StringComparison.Ordinal);
        var tried = await (await administrator.PostAsync($"/v1/admin/providers/{created.Id}/test")).ReadAsync<ProviderTestResponse>();
        Assert.True(tried.Works, tried.Message);
        await administrator.SendAsync(HttpMethod.Delete, $"/v1/admin/providers/{created.Id}");
    }

    [Fact]
    public async Task Keys_of_ones_own_lead_only_to_public_addresses_and_are_nobody_elses()
    {
        await using var provider = await FakeProvider.StartAsync();
        provider.Otherwise = provider.Serving("Hello.", "x");
        var ann = await app.SomebodyAsync();
        var mine = new CreateProviderRequest(ProviderKind.OpenAiCompatible, "Mine", provider.Address + "/v1", [Key]);
        await ann.PostAsync("/v1/providers", mine).RefusedAsync(HttpStatusCode.BadRequest, ErrorCodes.ProviderEndpointInvalid);
        foreach (var inside in new[] { "https://127.0.0.1/v1", "https://localhost/v1", "https://169.254.169.254/v1", "https://10.0.0.1/v1", "https://[::1]/v1", provider.Address.Replace("http:", "https:", StringComparison.Ordinal) + "/v1" })
        {
            await ann.PostAsync("/v1/providers", mine with { Endpoint = inside, SkipTest = true }).RefusedAsync(HttpStatusCode.UnprocessableEntity, ErrorCodes.ProviderTestFailed);
        }

        Assert.Empty(provider.Requests);
        Assert.Empty(await ann.GetAsync<List<ProviderResponse>>("/v1/providers"));
        await ann.GetAsync("/v1/admin/providers").RefusedAsync(HttpStatusCode.Forbidden, ErrorCodes.PermissionMissing);
    }

    [Fact]
    public async Task What_an_administrator_says_of_a_model_holds_for_everybody()
    {
        await using var provider = await FakeProvider.StartAsync();
        var model = $"org/priced-{Guid.NewGuid():n}";
        provider.Otherwise = provider.Serving("Hello.", model);
        var administrator = await app.AiAdministratorAsync();
        var connection = await (await administrator.PostAsync("/v1/admin/providers", new CreateProviderRequest(ProviderKind.OpenAiCompatible, $"Priced {Guid.NewGuid():n}", provider.Address + "/v1"))).ReadAsync<ProviderResponse>();
        var group = await (await administrator.PostAsync("/v1/groups", new CreateGroupRequest($"Models {Guid.NewGuid():n}"))).ReadAsync<GroupResponse>();
        var (ann, eve) = (await app.SomebodyAsync(), await app.SomebodyAsync());
        await administrator.SendAsync(HttpMethod.Put, $"/v1/groups/{group.Id}/members/{ann.Account.Id}");

        await administrator.SendAsync(HttpMethod.Put, "/v1/admin/models", new PutModelRequest(model, GroupIds: [Guid.NewGuid()])).RefusedAsync(HttpStatusCode.BadRequest, ErrorCodes.RequestInvalid);
        await administrator.SendAsync(HttpMethod.Put, "/v1/admin/models", new PutModelRequest(model, InputPrice: 1)).RefusedAsync(HttpStatusCode.BadRequest, ErrorCodes.RequestInvalid);
        var set = await (await administrator.SendAsync(HttpMethod.Put, "/v1/admin/models", new PutModelRequest(model, ContextTokens: 32_000, Tools: true, Vision: false, InputPrice: 1.25m, OutputPrice: 4, GroupIds: [group.Id]))).ReadAsync<AdminModelResponse>();
        Assert.Equal((32_000, false, 1.25m), (set.ContextTokens, set.Abilities.Vision, set.Price!.Input));

        await ann.SeesModelEverywhereAsync(model);
        var known = 0;
        await Person.EventuallyAsync(async () => (await ann.ModelsAsync()).SingleOrDefault(m => m.Id == model)?.Price, p => (known = p == new ModelPriceResponse(1.25m, 4, "USD") ? known + 1 : 0) >= 8);
        Assert.DoesNotContain(await eve.ModelsAsync(), m => m.Id == model);

        // Who may not use it gets another answer, and the route says why.
        var bot = await eve.HasBotAsync(model);
        var message = (await eve.AnswerAsync((await eve.TalksWithAsync(bot.Id)).Id, "Hello?")).Message();
        Assert.Equal((model, "not_allowed"), (message.Route![0].Model, message.Route[0].Outcome));
        Assert.NotEqual(model, message.Model);
        Assert.DoesNotContain(provider.Requests, r => r.Method == "POST" && (string?)r.Body?["model"] == model);

        Assert.Equal(HttpStatusCode.NoContent, (await administrator.SendAsync(HttpMethod.Delete, $"/v1/admin/models?model={Uri.EscapeDataString(model)}")).StatusCode);
        await administrator.SendAsync(HttpMethod.Delete, $"/v1/admin/models?model={Uri.EscapeDataString(model)}").RefusedAsync(HttpStatusCode.NotFound, ErrorCodes.NotFound);
        await administrator.SendAsync(HttpMethod.Delete, $"/v1/admin/providers/{connection.Id}");
        await administrator.SendAsync(HttpMethod.Delete, $"/v1/groups/{group.Id}");
    }

    [Fact]
    public async Task A_bot_names_what_is_asked_when_its_model_fails()
    {
        var ann = await app.SomebodyAsync();
        var bot = await (await ann.PostAsync("/v1/bots", new CreateBotRequest("Careful", "", "mock-fail503") { Fallback = ["mock-garbage", "mock-itl1-len5"] })).ReadAsync<BotResponse>();
        Assert.Equal(["mock-garbage", "mock-itl1-len5"], bot.Fallback);

        var message = (await ann.AnswerAsync((await ann.TalksWithAsync(bot.Id)).Id, "Hello?")).Message();
        Assert.Equal("mock-itl1-len5", message.Model);
        Assert.Equal(["mock-fail503", "mock-garbage", "mock-itl1-len5"], message.Route!.Select(s => s.Model).Distinct());

        await ann.SendAsync(HttpMethod.Patch, $"/v1/bots/{bot.Id}", new UpdateBotRequest { Fallback = ["no-such-model"] }).RefusedAsync(HttpStatusCode.BadRequest, ErrorCodes.ModelUnknown);
        await ann.SendAsync(HttpMethod.Patch, $"/v1/bots/{bot.Id}", new UpdateBotRequest { Fallback = ["a", "b", "c", "d", "e", "f"] }).RefusedAsync(HttpStatusCode.BadRequest, ErrorCodes.RequestInvalid);
        Assert.Empty((await (await ann.SendAsync(HttpMethod.Patch, $"/v1/bots/{bot.Id}", new UpdateBotRequest { Fallback = [] })).ReadAsync<BotResponse>()).Fallback);
    }
}

internal static class ModelIntents
{
    /// <summary>The shared administrator, who has just said who they are.</summary>
    public static async Task<Person> AiAdministratorAsync(this ChatSphereApp app)
    {
        var administrator = await app.AdministratorAsync();
        using var again = await administrator.PostAsync("/v1/accounts/me/reauthenticate", new ReauthenticateRequest(Person.Password));
        Assert.True(again.IsSuccessStatusCode, $"Saying who one is: {again.StatusCode}");
        return administrator;
    }

    public static async Task<List<ModelResponse>> ModelsAsync(this Person person) => [.. (await person.GetAsync<ModelListResponse>("/v1/models")).Data];

    /// <summary>Asked for longer than one node may be behind.</summary>
    public static async Task SeesModelEverywhereAsync(this Person person, string model)
    {
        var seen = 0;
        await Person.EventuallyAsync(() => person.ModelsAsync(), models => (seen = models.Exists(m => m.Id == model) ? seen + 1 : 0) >= 8);
    }
}
