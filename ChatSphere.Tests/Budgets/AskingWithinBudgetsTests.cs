using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using ChatSphere.Contracts;
using ChatSphere.Contracts.Accounts;
using ChatSphere.Contracts.Budgets;
using ChatSphere.Contracts.Conversations;
using ChatSphere.Contracts.Sharing;
using ChatSphere.Tests.Infrastructure;
using ChatSphere.Tests.Sharing;

namespace ChatSphere.Tests.Budgets;

/// <summary>What the problem of a used-up budget carries.</summary>
public sealed record BudgetProblem(string Code, string Detail, string Scope, string Period, string Unit, decimal? Limit, decimal? Spent, DateTimeOffset Resets);

/// <summary>Budgets as people meet them: over HTTP, on two nodes, with the mock models.</summary>
public sealed class AskingWithinBudgetsTests(ChatSphereApp app)
{
    /// <summary>More than one answer may take (2,048 tokens out, some hundred in), less than two.</summary>
    private const long OneAnswer = 3_000;

    /// <summary>The same, with a story before it.</summary>
    private const long AnswerWithPast = 4_800;

    [Fact]
    public async Task An_answer_is_counted_and_its_tokens_stand_beside_it()
    {
        var ann = await app.SomebodyAsync();
        var bot = await ann.HasBotAsync("mock-len40");
        var conversation = await ann.TalksWithAsync(bot.Id);
        var events = await ann.AnswerAsync(conversation.Id, "Tell me something");
        var usage = events.Single(e => e.Name == TurnEventNames.Usage).As<UsageEvent>().Usage;
        var kept = (await ann.MessagesAsync(conversation.Id))[1].Usage!;
        Assert.Equal((usage.InputTokens, usage.OutputTokens, usage.Cost), (kept.InputTokens, kept.OutputTokens, kept.Cost));

        var budget = await ann.GetAsync<BudgetResponse>("/v1/usage/mine/budget");
        var today = budget.Periods.Single(p => p.Period == BudgetPeriod.Day);
        Assert.Equal((usage.InputTokens + usage.OutputTokens, 0m), (today.Tokens.Spent, today.Tokens.Reserved));
        var report = await ann.GetAsync<UsageReportResponse>("/v1/usage/mine?by=model");
        Assert.Equal(("mock-len40", 1L, usage.InputTokens, usage.OutputTokens), Assert.Single(report.Rows) is var row ? (row.Key, row.Answers, row.InputTokens, row.OutputTokens) : default);
        Assert.Equal(("Librarian", 1L), Assert.Single((await ann.GetAsync<UsageReportResponse>("/v1/usage/mine?by=bot")).Rows) is var named ? (named.Name, named.Answers) : default);
        var day = Assert.Single((await ann.GetAsync<UsageReportResponse>($"/v1/bots/{bot.Id}/usage?by=day")).Rows);
        Assert.Equal((TimeProvider.System.GetUtcNow().ToString("yyyy-MM-dd", CultureInfo.InvariantCulture), 1L), (day.Key, day.Answers));
    }

    [Fact]
    public async Task A_used_up_budget_refuses_with_the_time_of_its_reset_and_nothing_is_stored()
    {
        var ann = await app.SomebodyAsync();
        await SetAsync(ann, new(TokensPerDay: AnswerWithPast));
        var conversation = await ann.TalksWithAsync((await ann.HasBotAsync("mock-len900")).Id);
        await ann.AnswerAsync(conversation.Id, "Tell me a story");
        using var refused = await ann.PostAsync($"/v1/conversations/{conversation.Id}/turns", new CreateTurnRequest("And another"));
        Assert.Equal(HttpStatusCode.TooManyRequests, refused.StatusCode);
        var problem = await ReadAsync(refused);
        Assert.Equal((ErrorCodes.BudgetExceeded, "account", "day", "tokens", AnswerWithPast), (problem.Code, problem.Scope, problem.Period, problem.Unit, problem.Limit));
        Assert.True(problem.Spent is > 900 and < AnswerWithPast, $"{problem.Spent}");
        Assert.Equal(TimeSpan.Zero, problem.Resets.TimeOfDay);
        Assert.True(problem.Resets > TimeProvider.System.GetUtcNow());
        Assert.InRange(refused.Headers.RetryAfter!.Delta!.Value, TimeSpan.FromSeconds(1), TimeSpan.FromDays(1));
        Assert.Contains("Your budget for today", problem.Detail, StringComparison.Ordinal);
        Assert.Equal(2, (await ann.MessagesAsync(conversation.Id)).Count);

        var answer = (await ann.MessagesAsync(conversation.Id))[1];
        await ann.PostAsync($"/v1/conversations/{conversation.Id}/messages/{answer.Id}/answers").RefusedAsync(HttpStatusCode.TooManyRequests, ErrorCodes.BudgetExceeded);
        Assert.Equal(0, (await TodayAsync(ann)).Reserved);
        await SetAsync(ann, new());
        Assert.Equal(TurnEventNames.Done, (await ann.AnswerAsync(conversation.Id, "Now?"))[^1].Name);
    }

    [Fact]
    public async Task What_is_more_than_the_whole_budget_is_402_and_what_needs_no_model_is_always_there()
    {
        var ann = await app.SomebodyAsync();
        await SetAsync(ann, new(TokensPerMonth: 10));
        var conversation = await ann.TalksWithAsync((await ann.HasBotAsync("mock-len3")).Id);
        var problem = await ReadAsync(await ann.PostAsync($"/v1/conversations/{conversation.Id}/turns", new CreateTurnRequest("Hello")), HttpStatusCode.PaymentRequired);
        Assert.Equal(("month", 10m, 0m), (problem.Period, problem.Limit, problem.Spent));
        var without = await ann.TalksWithAsync((await ann.HasBotAsync("extractive")).Id);
        Assert.Equal(TurnEventNames.Done, (await ann.AnswerAsync(without.Id, "Hello"))[^1].Name);
        Assert.Equal(0, (await TodayAsync(ann)).Spent);
    }

    [Fact]
    public async Task The_owner_sets_what_all_who_ask_a_bot_may_cost_together_and_only_the_owner_sees_numbers()
    {
        var (ann, bob) = (await app.SomebodyAsync(), await app.SomebodyAsync());
        var bot = await ann.HasBotAsync("mock-len900");
        await ann.SharesAsync(bot.Id, SharedRight.Use.With(bob));
        var set = await (await ann.SendAsync(HttpMethod.Put, $"/v1/bots/{bot.Id}/budget", new BudgetLimits(TokensPerDay: OneAnswer))).ReadAsync<BudgetResponse>();
        Assert.Equal(OneAnswer, set.Limits.TokensPerDay);
        await ann.AnswerAsync((await ann.TalksWithAsync(bot.Id)).Id, "Tell me a story");

        var bobs = await bob.TalksWithAsync(bot.Id);
        var told = await ReadAsync(await bob.PostAsync($"/v1/conversations/{bobs.Id}/turns", new CreateTurnRequest("And me?")), HttpStatusCode.TooManyRequests);
        Assert.Equal(("bot", "day", null, null), (told.Scope, told.Period, told.Limit, told.Spent));
        var seen = await ReadAsync(await ann.PostAsync($"/v1/conversations/{(await ann.TalksWithAsync(bot.Id)).Id}/turns", new CreateTurnRequest("Again")), HttpStatusCode.TooManyRequests);
        Assert.Equal(("bot", OneAnswer), (seen.Scope, seen.Limit));

        await bob.SendAsync(HttpMethod.Put, $"/v1/bots/{bot.Id}/budget", new BudgetLimits()).RefusedAsync(HttpStatusCode.Forbidden, ErrorCodes.PermissionMissing);
        await bob.GetAsync($"/v1/bots/{bot.Id}/usage").RefusedAsync(HttpStatusCode.Forbidden, ErrorCodes.PermissionMissing);
        await ann.GetAsync($"/v1/bots/{bot.Id}/usage?by=account").RefusedAsync(HttpStatusCode.BadRequest, ErrorCodes.RequestInvalid);
        Assert.True((await ann.GetAsync<BudgetResponse>($"/v1/bots/{bot.Id}/budget")).Periods.All(p => p.Tokens is { Spent: > 900, Reserved: 0 }));
    }

    [Fact]
    public async Task A_hundred_turns_at_once_stay_within_and_leave_nothing_reserved()
    {
        const long limit = 40_000;
        var ann = await app.SomebodyAsync();
        var bot = await ann.HasBotAsync("mock-ttft30-itl1-len50");
        await SetAsync(ann, new(TokensPerDay: limit));
        var conversations = new List<Guid>();
        foreach (var batch in Enumerable.Range(0, 100).Chunk(20))
        {
            conversations.AddRange((await Task.WhenAll(batch.Select(_ => ann.TalksWithAsync(bot.Id)))).Select(c => c.Id));
        }

        var answers = await Task.WhenAll(conversations.Select(c => ann.PostAsync($"/v1/conversations/{c}/turns", new CreateTurnRequest("Tell me something"))));
        Assert.All(answers, a => Assert.True(a.StatusCode is HttpStatusCode.Accepted or HttpStatusCode.TooManyRequests, $"{(int)a.StatusCode}"));
        var turns = await Task.WhenAll(answers.Where(a => a.StatusCode == HttpStatusCode.Accepted).Select(a => a.ReadAsync<TurnResponse>()));

        // At once there is room for some 15 of them; while those end, for more.
        Assert.InRange(turns.Length, 10, 99);
        var used = 0L;
        foreach (var turn in turns)
        {
            var usage = (await ann.EventsAsync(turn.Id)).Single(e => e.Name == TurnEventNames.Usage).As<UsageEvent>().Usage;
            used += usage.InputTokens + usage.OutputTokens;
        }

        var today = await TodayAsync(ann);
        Assert.Equal((used, 0m), ((long)today.Spent, today.Reserved));
        Assert.True(today.Spent <= limit);
        Assert.Equal(turns.Length, (await ann.GetAsync<UsageReportResponse>("/v1/usage/mine")).Total.Answers);
    }

    [Fact]
    public async Task An_answer_whose_node_died_is_settled_by_the_text_it_left_and_only_once()
    {
        var ann = await app.SomebodyAsync();
        await SetAsync(ann, new(TokensPerDay: 1_000_000));
        var bot = await ann.HasBotAsync("mock-len30");
        var turns = new List<Guid>();
        foreach (var _ in Enumerable.Range(0, 2))
        {
            var turn = await ann.AskAsync((await ann.TalksWithAsync(bot.Id)).Id, "Tell me something");
            await ann.EventsAsync(turn.Id);
            turns.Add(turn.Id);
        }

        var before = await TodayAsync(ann);

        // As a node leaves them that dies in the middle: running, with text, the lease over, the reservation there.
        await using (var database = await app.DatabaseAsync())
        {
            for (var i = 0; i < turns.Count; i++)
            {
                await database.ExecuteAsync("""
                    insert into ai.budget_reservations (id, kind, account_id, bot_id, model, input_tokens, output_tokens, money, at, expires_at, holds)
                    select t.id, 'Turn', t.owner_id, $2, 'mock-len30', 300, 2000, 0, t.created_at, t.created_at + interval '1 hour', array['Account/Day'] from conversations.turns t where t.id = $1
                    """, turns[i], bot.Id);
                await database.ExecuteAsync("update ai.budget_counters set reserved_tokens = reserved_tokens + 2300 where scope = 'Account' and period = 'Day' and scope_id = $1", ann.Account.Id);
                await database.ExecuteAsync("update conversations.messages set state = 'Generating', usage = null where turn_id = $1 and author = 'Assistant'", turns[i]);
                await database.ExecuteAsync("update conversations.turns set last_event = null, leased_until = now() - interval '1 minute' where id = $1", turns[i]);
            }
        }

        var after = await Person.EventuallyAsync(() => TodayAsync(ann), t => t.Reserved == 0);
        var left = await Person.EventuallyAsync(async () => Convert.ToInt64(await AskDatabaseAsync("select count(*) from ai.budget_reservations where account_id = $1", ann.Account.Id), CultureInfo.InvariantCulture), n => n == 0);
        Assert.Equal(0, left);
        Assert.InRange(after.Spent - before.Spent, 602, 1_000);
        Assert.Equal(4L, await AskDatabaseAsync("select count(*) from ai.usage_entries where account_id = $1", ann.Account.Id));
        Assert.Equal(2L, await AskDatabaseAsync("select count(*) from ai.usage_entries where account_id = $1 and estimated and input_tokens = 300", ann.Account.Id));
    }

    [Fact]
    public async Task Whoever_deletes_the_conversation_while_it_is_answered_pays_for_what_was_written()
    {
        var ann = await app.SomebodyAsync();
        await SetAsync(ann, new(TokensPerDay: 1_000_000));
        var conversation = await ann.TalksWithAsync((await ann.HasBotAsync("mock-ttft5-itl5-len60")).Id);
        var turn = await ann.AskAsync(conversation.Id, "Tell me something");
        await foreach (var e in ann.StreamAsync($"/v1/turns/{turn.Id}/events"))
        {
            if (e.Name == TurnEventNames.Delta)
            {
                break;
            }
        }

        (await ann.SendAsync(HttpMethod.Delete, $"/v1/conversations/{conversation.Id}")).EnsureSuccessStatusCode();
        var today = await Person.EventuallyAsync(() => TodayAsync(ann), t => t.Reserved == 0);
        Assert.True(today.Spent > 0);
    }

    [Fact]
    public async Task Budgets_hold_for_OpenAIs_interface_too_and_its_errors_have_its_shape()
    {
        var ann = await app.SomebodyAsync();
        var key = await ann.HasKeyAsync(Permissions.ModelsUse);
        var body = new { model = "mock-len900", max_completion_tokens = 2_000, messages = new[] { new { role = "user", content = "Tell me a story" } } };
        await SetAsync(ann, new(TokensPerDay: OneAnswer));
        using (var first = await key.PostAsync("/v1/chat/completions", body))
        {
            Assert.Equal(HttpStatusCode.OK, first.StatusCode);
            var usage = JsonDocument.Parse(await first.Content.ReadAsStringAsync()).RootElement.GetProperty("usage").GetProperty("total_tokens").GetInt64();
            var today = await Person.EventuallyAsync(() => TodayAsync(ann), t => t.Reserved == 0);
            Assert.Equal(usage, (long)today.Spent);
        }

        var bot = await ann.HasBotAsync("mock-len200");
        foreach (var model in new[] { "mock-len900", $"bot:{bot.Id}" })
        {
            using var refused = await key.PostAsync("/v1/chat/completions", new { model, max_completion_tokens = 2_500, messages = body.messages });
            Assert.Equal(HttpStatusCode.TooManyRequests, refused.StatusCode);
            Assert.NotNull(refused.Headers.RetryAfter);
            var error = JsonDocument.Parse(await refused.Content.ReadAsStringAsync()).RootElement.GetProperty("error");
            Assert.Equal(ErrorCodes.BudgetExceeded, error.GetProperty("code").GetString());
        }

        await SetAsync(ann, new());
        using (var streamed = await key.PostAsync("/v1/chat/completions", new { model = $"bot:{bot.Id}", stream = true, messages = body.messages }))
        {
            Assert.Contains("[DONE]", await streamed.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }

        Assert.Equal(2L, await Person.EventuallyAsync(async () => (long)(await AskDatabaseAsync("select count(*) from ai.usage_entries where account_id = $1 and kind = 'OpenAi'", ann.Account.Id))!, n => n == 2));
        Assert.Equal(0L, await AskDatabaseAsync("select count(*) from ai.budget_reservations where account_id = $1", ann.Account.Id));
    }

    [Theory]
    [InlineData("""{"tokensPerDay":-1}""")]
    [InlineData("""{"tokensPerDay":1.5}""")]
    [InlineData("""{"tokensPerDay":9223372036854775807}""")]
    [InlineData("""{"tokensPerMonth":1e400}""")]
    [InlineData("""{"moneyPerDay":-0.01}""")]
    [InlineData("""{"moneyPerMonth":1e20}""")]
    [InlineData("""{"moneyPerMonth":"NaN"}""")]
    public async Task Numbers_that_are_no_limits_are_refused(string body)
    {
        var administrator = await app.AdministratorAsync();
        var ann = await app.SomebodyAsync();
        await administrator.SendAsync(HttpMethod.Put, $"/v1/admin/budgets/accounts/{ann.Account.Id}", new StringContent(body, Encoding.UTF8, "application/json"))
            .RefusedAsync(HttpStatusCode.BadRequest, ErrorCodes.RequestInvalid);
        Assert.True((await administrator.GetAsync<BudgetResponse>($"/v1/admin/budgets/accounts/{ann.Account.Id}")).IsDefault);
    }

    [Fact]
    public async Task Administrators_set_list_and_take_away_budgets_and_it_is_written_down()
    {
        var administrator = await app.AdministratorAsync();
        var ann = await app.SomebodyAsync("Ann of the budgets");
        await SetAsync(ann, new(TokensPerDay: 5_000, MoneyPerMonth: 1.25m));
        var listed = (await administrator.GetAsync<BudgetsResponse>("/v1/admin/budgets")).Accounts.Single(a => a.AccountId == ann.Account.Id);
        Assert.Equal(("Ann of the budgets", new BudgetLimits(TokensPerDay: 5_000, MoneyPerMonth: 1.25m)), (listed.DisplayName, listed.Limits));
        Assert.Equal((5_000, 1.25m, false), await ann.GetAsync<BudgetResponse>("/v1/usage/mine/budget") is var mine ? (mine.Limits.TokensPerDay, mine.Limits.MoneyPerMonth, mine.IsDefault) : default);
        (await administrator.SendAsync(HttpMethod.Delete, $"/v1/admin/budgets/accounts/{ann.Account.Id}")).EnsureSuccessStatusCode();
        await administrator.SendAsync(HttpMethod.Delete, $"/v1/admin/budgets/accounts/{ann.Account.Id}").RefusedAsync(HttpStatusCode.NotFound, ErrorCodes.NotFound);
        await administrator.SendAsync(HttpMethod.Put, $"/v1/admin/budgets/accounts/{Guid.NewGuid()}", new BudgetLimits()).RefusedAsync(HttpStatusCode.NotFound, ErrorCodes.NotFound);
        Assert.Equal(2L, await AskDatabaseAsync("select count(*) from audit.events where action = 'budget.changed' and target_id = $1", ann.Account.Id));
        await ann.GetAsync("/v1/admin/budgets").RefusedAsync(HttpStatusCode.Forbidden, ErrorCodes.PermissionMissing);
    }

    [Fact]
    public async Task Usage_of_all_comes_by_account_and_as_a_file_and_ranges_are_checked()
    {
        var administrator = await app.AdministratorAsync();
        var ann = await app.SomebodyAsync("=Ann, the \"first\"");
        await ann.AnswerAsync((await ann.TalksWithAsync((await ann.HasBotAsync("mock-len5")).Id)).Id, "Hello");
        var report = await administrator.GetAsync<UsageReportResponse>("/v1/admin/usage?by=account");
        Assert.Equal(1, report.Rows.Single(r => r.Key == ann.Account.Id.ToString()).Answers);
        using var csv = await administrator.GetAsync("/v1/admin/usage?by=account&format=csv");
        Assert.Equal("text/csv", csv.Content.Headers.ContentType?.MediaType);
        var lines = (await csv.Content.ReadAsStringAsync()).Split("\r\n");
        Assert.Equal("key,name,answers,input_tokens,output_tokens,cost,currency,without_price", lines[0]);
        Assert.Contains(lines, l => l.StartsWith($"{ann.Account.Id},\"'=Ann, the \"\"first\"\"\",1,", StringComparison.Ordinal));
        foreach (var query in new[] { "from=2026-02-02&to=2026-02-01", "from=2020-01-01&to=2026-01-01", "to=9999-12-31", "by=7", "by=planet", "from=yesterday", "format=xml" })
        {
            await administrator.GetAsync($"/v1/admin/usage?{query}").RefusedAsync(HttpStatusCode.BadRequest, ErrorCodes.RequestInvalid);
        }
    }

    private async Task SetAsync(Person person, BudgetLimits limits) =>
        (await (await app.AdministratorAsync()).SendAsync(HttpMethod.Put, $"/v1/admin/budgets/accounts/{person.Account.Id}", limits)).EnsureSuccessStatusCode();

    private static async Task<BudgetAmount> TodayAsync(Person person) => (await person.GetAsync<BudgetResponse>("/v1/usage/mine/budget")).Periods.Single(p => p.Period == BudgetPeriod.Day).Tokens;

    private static async Task<BudgetProblem> ReadAsync(HttpResponseMessage response, HttpStatusCode status = HttpStatusCode.TooManyRequests)
    {
        Assert.True(response.StatusCode == status, $"{(int)response.StatusCode}: {await response.Content.ReadAsStringAsync()}");
        return (await response.Content.ReadFromJsonAsync<BudgetProblem>(JsonSerializerOptions.Web))!;
    }

    private async Task<object?> AskDatabaseAsync(string sql, params object[] values)
    {
        await using var database = await app.DatabaseAsync();
        return await database.AskAsync(sql, values);
    }
}
