using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using ChatSphere.Contracts;
using ChatSphere.Contracts.Budgets;
using ChatSphere.Contracts.Conversations;
using ChatSphere.Tests.Infrastructure;

namespace ChatSphere.Tests.Budgets;

/// <summary>Budgets that the members of a group share.</summary>
public sealed class SpendingInGroupsTests(ChatSphereApp app)
{
    [Fact]
    public async Task What_members_ask_counts_in_each_of_their_groups_and_one_that_is_used_up_refuses_all_of_them()
    {
        var (administrator, ann, bob, eve) = (await app.AdministratorAsync(), await app.SomebodyAsync(), await app.SomebodyAsync(), await app.SomebodyAsync());
        var (small, large, without) = ((await app.HasGroupAsync(ann, bob)).Id, (await app.HasGroupAsync(ann)).Id, (await app.HasGroupAsync(ann, eve)).Id);
        await SetAsync(small, new(TokensPerDay: 3_000));
        await SetAsync(large, new(MoneyPerMonth: 100));
        var bot = await ann.HasBotAsync("mock-len900");
        var answered = (await ann.AnswerAsync((await ann.TalksWithAsync(bot.Id)).Id, "Tell me a story")).Single(e => e.Name == TurnEventNames.Usage).As<UsageEvent>().Usage;
        var tokens = answered.InputTokens + answered.OutputTokens;
        Assert.Equal((tokens, 0m, 3_000m), await TodayAsync(small) is var first ? (first.Spent, first.Reserved, first.Limit) : default);
        Assert.Equal((tokens, 0m, null), await TodayAsync(large) is var second ? (second.Spent, second.Reserved, second.Limit) : default);
        Assert.Equal(0, (await TodayAsync(without)).Spent);

        // Not a number of it is for members to see: the others' spending is in it.
        var bobs = await bob.TalksWithAsync((await bob.HasBotAsync("mock-len900")).Id);
        using (var refused = await bob.PostAsync($"/v1/conversations/{bobs.Id}/turns", new CreateTurnRequest("And me?")))
        {
            Assert.Equal(HttpStatusCode.TooManyRequests, refused.StatusCode);
            var problem = (await refused.Content.ReadFromJsonAsync<BudgetProblem>(JsonSerializerOptions.Web))!;
            Assert.Equal((ErrorCodes.BudgetExceeded, "group", "day", "tokens", null, null), (problem.Code, problem.Scope, problem.Period, problem.Unit, problem.Limit, problem.Spent));
            Assert.StartsWith("The budget that one of your groups has together for today", problem.Detail, StringComparison.Ordinal);
        }

        Assert.Equal(TurnEventNames.Done, (await eve.AnswerAsync((await eve.TalksWithAsync((await eve.HasBotAsync("mock-len3")).Id)).Id, "And me?"))[^1].Name);
        Assert.Contains((await administrator.GetAsync<BudgetsResponse>("/v1/admin/budgets")).Groups, g => (g.GroupId, g.Limits) == (small, new BudgetLimits(TokensPerDay: 3_000)));
        (await administrator.SendAsync(HttpMethod.Delete, $"/v1/admin/budgets/groups/{small}")).EnsureSuccessStatusCode();
        await administrator.SendAsync(HttpMethod.Delete, $"/v1/admin/budgets/groups/{small}").RefusedAsync(HttpStatusCode.NotFound, ErrorCodes.NotFound);
        await administrator.SendAsync(HttpMethod.Put, $"/v1/admin/budgets/groups/{Guid.NewGuid()}", new BudgetLimits()).RefusedAsync(HttpStatusCode.NotFound, ErrorCodes.NotFound);
        await ann.SendAsync(HttpMethod.Put, $"/v1/admin/budgets/groups/{small}", new BudgetLimits()).RefusedAsync(HttpStatusCode.Forbidden, ErrorCodes.PermissionMissing);
        Assert.Equal(TurnEventNames.Done, (await bob.AnswerAsync(bobs.Id, "And now?"))[^1].Name);
    }

    [Fact]
    public async Task Members_who_ask_at_once_stay_within_what_their_groups_have_together()
    {
        const long limit = 20_000;
        var members = new[] { await app.SomebodyAsync(), await app.SomebodyAsync(), await app.SomebodyAsync() };
        var (all, some) = ((await app.HasGroupAsync(members)).Id, (await app.HasGroupAsync(members[..2])).Id);
        await SetAsync(all, new(TokensPerDay: limit));
        await SetAsync(some, new(TokensPerDay: limit, TokensPerMonth: limit));
        var conversations = new List<(Person Who, Guid Id)>();
        foreach (var member in members)
        {
            var bot = await member.HasBotAsync("mock-ttft30-itl1-len50");
            conversations.AddRange((await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => member.TalksWithAsync(bot.Id)))).Select(c => (member, c.Id)));
        }

        var answers = await Task.WhenAll(conversations.Select(async c => (c.Who, Answer: await c.Who.PostAsync($"/v1/conversations/{c.Id}/turns", new CreateTurnRequest("Tell me something")))));
        Assert.All(answers, a => Assert.True(a.Answer.StatusCode is HttpStatusCode.Accepted or HttpStatusCode.TooManyRequests, $"{(int)a.Answer.StatusCode}"));
        var used = new Dictionary<Person, long>();
        foreach (var (who, answer) in answers.Where(a => a.Answer.StatusCode == HttpStatusCode.Accepted))
        {
            var usage = (await who.EventsAsync((await answer.ReadAsync<TurnResponse>()).Id)).Single(e => e.Name == TurnEventNames.Usage).As<UsageEvent>().Usage;
            used[who] = used.GetValueOrDefault(who) + usage.InputTokens + usage.OutputTokens;
        }

        Assert.Contains(answers, a => a.Answer.StatusCode == HttpStatusCode.TooManyRequests);
        var (ofAll, ofSome) = (await TodayAsync(all), await TodayAsync(some));
        Assert.Equal((used.Values.Sum(), 0m), ((long)ofAll.Spent, ofAll.Reserved));
        Assert.Equal((members[..2].Sum(m => used.GetValueOrDefault(m)), 0m), ((long)ofSome.Spent, ofSome.Reserved));
        Assert.True(ofAll.Spent <= limit);
    }

    private async Task SetAsync(Guid group, BudgetLimits limits)
    {
        var set = await (await (await app.AdministratorAsync()).SendAsync(HttpMethod.Put, $"/v1/admin/budgets/groups/{group}", limits)).ReadAsync<BudgetResponse>();
        Assert.Equal((limits, false), (set.Limits, set.IsDefault));
    }

    private async Task<BudgetAmount> TodayAsync(Guid group) =>
        (await (await app.AdministratorAsync()).GetAsync<BudgetResponse>($"/v1/admin/budgets/groups/{group}")).Periods.Single(p => p.Period == BudgetPeriod.Day).Tokens;
}
