using System.Net;
using ChatSphere.Contracts;
using ChatSphere.Contracts.Bots;
using ChatSphere.Tests.Infrastructure;

namespace ChatSphere.Tests.Bots;

public sealed class KeepingBotsTests(ChatSphereApp app)
{
    [Fact]
    public async Task A_bot_is_made_changed_listed_and_deleted()
    {
        var ann = await app.SomebodyAsync();
        var bot = await (await ann.PostAsync("/v1/bots", new CreateBotRequest("Librarian", "Be brief.", "extractive", 0.5))).ReadAsync<BotResponse>();
        var changed = await (await ann.SendAsync(HttpMethod.Patch, $"/v1/bots/{bot.Id}", new UpdateBotRequest(Name: "Archivist", Model: ""))).ReadAsync<BotResponse>();
        Assert.Equal(("Archivist", "Be brief.", null, 0.5), (changed.Name, changed.Instructions, changed.Model, changed.Temperature));
        Assert.Equal("Archivist", (await ann.GetAsync<BotResponse>($"/v1/bots/{bot.Id}")).Name);
        Assert.Equal(HttpStatusCode.NoContent, (await ann.SendAsync(HttpMethod.Delete, $"/v1/bots/{bot.Id}")).StatusCode);
        await ann.GetAsync($"/v1/bots/{bot.Id}").RefusedAsync(HttpStatusCode.NotFound, ErrorCodes.NotFound);
        Assert.Empty((await ann.GetAsync<Page<BotResponse>>("/v1/bots")).Items);
    }

    [Fact]
    public async Task A_list_is_walked_by_its_cursor_without_gap_or_repetition()
    {
        var ann = await app.SomebodyAsync();
        var made = new List<Guid>();
        for (var i = 0; i < 7; i++)
        {
            made.Add((await ann.HasBotAsync()).Id);
        }

        var seen = new List<Guid>();
        string? cursor = null;
        do
        {
            var page = await ann.GetAsync<Page<BotResponse>>($"/v1/bots?limit=3&cursor={cursor}");
            seen.AddRange(page.Items.Select(b => b.Id));
            cursor = page.Next;
        }
        while (cursor is not null);

        Assert.Equal(Enumerable.Reverse(made), seen);
        await ann.GetAsync("/v1/bots?cursor=nonsense!").RefusedAsync(HttpStatusCode.BadRequest, ErrorCodes.CursorInvalid);
    }

    [Theory]
    [InlineData("{\"name\":\"\",\"instructions\":\"\"}", "name")]
    [InlineData("{\"instructions\":\"x\"}", "name")]
    [InlineData("{\"name\":null,\"instructions\":\"x\"}", "name")]
    [InlineData("{\"name\":7,\"instructions\":\"x\"}", "name")]
    [InlineData("{\"name\":\"B\",\"instructions\":\"x\",\"temperature\":9}", "temperature")]
    [InlineData("{\"name\":\"B\",\"instructions\":\"x\",\"temperature\":\"warm\"}", "temperature")]
    [InlineData("{\"name\":\"B\\u0000\",\"instructions\":\"x\"}", "name")]
    [InlineData("{\"name\":\"B\",\"instructions\":\"a\\ud800b\"}", "instructions")]
    [InlineData("{\"name\":\"B\",\"name\":\"C\",\"instructions\":\"\"}", "name")]
    [InlineData("{", "body")]
    [InlineData("[]", "body")]
    [InlineData("", "body")]
    public async Task What_is_wrong_in_a_body_is_named(string json, string field)
    {
        var ann = await app.SomebodyAsync();
        var problem = await ann.PostAsync("/v1/bots", new StringContent(json, System.Text.Encoding.UTF8, "application/json")).RefusedAsync(HttpStatusCode.BadRequest, ErrorCodes.RequestInvalid);
        if (problem.Errors is { Count: > 0 } errors)
        {
            Assert.Contains(field, errors.Keys);
        }
        else
        {
            Assert.Equal("body", field);
        }
    }

    [Fact]
    public async Task An_unknown_model_is_refused_and_a_served_one_taken()
    {
        var ann = await app.SomebodyAsync();
        await ann.PostAsync("/v1/bots", new CreateBotRequest("B", "", "no-such-model")).RefusedAsync(HttpStatusCode.BadRequest, ErrorCodes.ModelUnknown);
        Assert.Equal("mock-len7", (await ann.HasBotAsync("mock-len7")).Model);
        Assert.Contains((await ann.GetAsync<ModelListResponse>("/v1/models")).Data, m => m is { Id: "extractive", IsLanguageModel: false });
    }

    [Fact]
    public async Task Too_large_a_body_is_refused()
    {
        var ann = await app.SomebodyAsync();
        await ann.PostAsync("/v1/bots", new StringContent("{\"name\":\"" + new string('a', 2_000_000), System.Text.Encoding.UTF8, "application/json"))
            .RefusedAsync(HttpStatusCode.RequestEntityTooLarge, ErrorCodes.RequestTooLarge);
    }
}
