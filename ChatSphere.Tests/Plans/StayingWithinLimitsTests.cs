using System.Net;
using System.Security.Cryptography;
using ChatSphere.Contracts;
using ChatSphere.Contracts.Accounts;
using ChatSphere.Contracts.Bots;
using ChatSphere.Contracts.Conversations;
using ChatSphere.Contracts.Knowledge;
using ChatSphere.Contracts.Plans;
using ChatSphere.Tests.Infrastructure;

namespace ChatSphere.Tests.Plans;

public sealed class StayingWithinLimitsTests(ChatSphereApp app)
{
    private static readonly CreateBotRequest Bot = new("Librarian", "Answer from the documents.", "extractive");

    [Fact]
    public async Task Many_bots_at_once_are_as_many_as_the_plan_allows()
    {
        var ann = await app.SomebodyWithAsync(new PlanLimits(Bots: 5));
        var made = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => ann.PostAsync("/v1/bots", Bot)));
        Assert.Equal(5, made.Count(r => r.StatusCode == HttpStatusCode.Created));
        var refused = made.Where(r => r.StatusCode == HttpStatusCode.PaymentRequired).ToList();
        Assert.Equal(15, refused.Count);
        var problem = await refused[0].LimitAsync();
        Assert.Equal((ErrorCodes.PlanLimitReached, "bots", 5, 5, null), (problem.Code, problem.Kind, problem.Limit, problem.Used, problem.Resets));
        Assert.Equal((await ann.SubscriptionAsync()).Plan.Key, problem.Plan);
        Assert.Equal((5, (long?)5), await ann.UsageAsync("bots") is var u ? (u.Used, u.Limit) : default);

        // Room comes back with what is given up.
        var bots = await ann.GetAsync<Page<BotResponse>>("/v1/bots");
        await ann.SendAsync(HttpMethod.Delete, $"/v1/bots/{bots.Items[0].Id}");
        Assert.Equal(HttpStatusCode.Created, (await ann.PostAsync("/v1/bots", Bot)).StatusCode);
        await ann.PostAsync("/v1/bots", Bot).RefusedAsync(HttpStatusCode.PaymentRequired, ErrorCodes.PlanLimitReached);
    }

    [Fact]
    public async Task Many_keys_at_once_are_as_many_as_the_plan_allows()
    {
        var ann = await app.SomebodyWithAsync(new PlanLimits(ApiKeys: 2));
        var made = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => ann.PostAsync("/v1/accounts/me/api-keys", new CreateApiKeyRequest($"key {i}", [Permissions.BotsRead.Name]))));
        Assert.Equal(2, made.Count(r => r.StatusCode == HttpStatusCode.Created));
        Assert.Equal(6, made.Count(r => r.StatusCode == HttpStatusCode.PaymentRequired));
    }

    [Fact]
    public async Task A_hundred_questions_at_once_on_all_nodes_are_as_many_as_the_day_allows()
    {
        var ann = await app.SomebodyWithAsync(new PlanLimits(MessagesPerDay: 30));
        var bot = await ann.HasBotAsync("mock-itl1-len2");
        var conversations = await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => ann.TalksWithAsync(bot.Id)));
        var asked = await Task.WhenAll(conversations.Select(c => ann.PostAsync($"/v1/conversations/{c.Id}/turns", new CreateTurnRequest("Hello"))));
        Assert.Equal(30, asked.Count(r => r.StatusCode == HttpStatusCode.Accepted));
        var refused = asked.Where(r => r.StatusCode == HttpStatusCode.TooManyRequests).ToList();
        Assert.Equal(70, refused.Count);
        var problem = await refused[0].LimitAsync();
        Assert.Equal((ErrorCodes.UsageLimitReached, "messages", 30, 30), (problem.Code, problem.Kind, problem.Limit, problem.Used));
        var resets = Assert.NotNull(problem.Resets);
        Assert.Equal((TimeSpan.Zero, TimeSpan.Zero), (resets.TimeOfDay, resets.Offset));
        Assert.InRange(refused[0].Headers.RetryAfter!.Delta!.Value, TimeSpan.FromSeconds(1), TimeSpan.FromDays(1));
        Assert.Equal((30, 30, resets), await ann.UsageAsync("messages") is var u ? (u.Used, u.Limit, u.Resets) : default);
    }

    [Fact]
    public async Task The_same_question_sent_often_counts_once_also_when_it_is_the_last_one()
    {
        var ann = await app.SomebodyWithAsync(new PlanLimits(MessagesPerDay: 1));
        var conversation = await ann.TalksWithAsync((await ann.HasBotAsync("mock-itl1-len3")).Id);
        var key = Guid.NewGuid().ToString();
        var turns = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => ann.AskAsync(conversation.Id, "Hello", key)));
        Assert.Single(turns.Select(t => t.Id).Distinct());
        Assert.Equal(1, (await ann.UsageAsync("messages")).Used);
        await ann.EventsAsync(turns[0].Id);
        Assert.Equal(turns[0].Id, (await ann.AskAsync(conversation.Id, "Hello", key)).Id);
        await ann.PostAsync($"/v1/conversations/{conversation.Id}/turns", new CreateTurnRequest("More")).RefusedAsync(HttpStatusCode.TooManyRequests, ErrorCodes.UsageLimitReached);
        await ann.PostAsync($"/v1/turns/{turns[0].Id}/regenerate").RefusedAsync(HttpStatusCode.TooManyRequests, ErrorCodes.UsageLimitReached);
        Assert.Equal(2, (await ann.MessagesAsync(conversation.Id)).Count);
    }

    [Fact]
    public async Task A_refused_turn_counts_nothing_and_an_answer_made_anew_counts()
    {
        var ann = await app.SomebodyWithAsync(new PlanLimits(MessagesPerDay: 10));
        var conversation = await ann.TalksWithAsync((await ann.HasBotAsync("mock-ttft50-itl40-len400")).Id);
        var turn = await ann.AskAsync(conversation.Id, "A long one");
        await ann.PostAsync($"/v1/conversations/{conversation.Id}/turns", new CreateTurnRequest("Second")).RefusedAsync(HttpStatusCode.Conflict, ErrorCodes.TurnInProgress);
        await ann.PostAsync($"/v1/turns/{turn.Id}/stop");
        await ann.EventsAsync(turn.Id);
        Assert.Equal(1, (await ann.UsageAsync("messages")).Used);
        var again = await (await ann.PostAsync($"/v1/turns/{turn.Id}/regenerate")).ReadAsync<TurnResponse>();
        await ann.PostAsync($"/v1/turns/{again.Id}/stop");
        await ann.EventsAsync(again.Id);
        Assert.Equal(2, (await ann.UsageAsync("messages")).Used);
    }

    [Fact]
    public async Task Many_files_at_once_are_as_many_as_the_plan_allows_and_the_same_file_again_is_none_more()
    {
        var ann = await app.SomebodyWithAsync(new PlanLimits(Documents: 4));
        var bot = await ann.HasBotAsync();
        var sent = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => ann.UploadAsync(bot.Id, ($"f{i}.txt", Text(200)))));
        Assert.Equal(4, sent.Count(r => r.StatusCode == HttpStatusCode.Accepted));
        Assert.Equal(16, sent.Count(r => r.StatusCode == HttpStatusCode.PaymentRequired));
        Assert.Equal(4, (await ann.GetAsync<Page<DocumentResponse>>($"/v1/bots/{bot.Id}/documents")).Items.Count);
        Assert.Equal(4, (await ann.UsageAsync("documents")).Used);
    }

    [Fact]
    public async Task Many_files_at_once_never_hold_more_than_the_plan_does()
    {
        var ann = await app.SomebodyWithAsync(new PlanLimits(StorageBytes: 10_000));
        var bots = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => ann.HasBotAsync()));
        var sent = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => ann.UploadAsync(bots[i % 4].Id, ($"f{i}.txt", Text(3_000)))));
        Assert.Equal(3, sent.Count(r => r.StatusCode == HttpStatusCode.Accepted));
        var problem = await sent.First(r => r.StatusCode == HttpStatusCode.PaymentRequired).LimitAsync();
        Assert.Equal((ErrorCodes.PlanLimitReached, "storage_bytes", (long?)10_000), (problem.Code, problem.Kind, problem.Limit));
        Assert.Equal((9_000, (long?)10_000), await ann.UsageAsync("storage_bytes") is var u ? (u.Used, u.Limit) : default);

        // A file that fits by its count and not by its size is cut off while it arrives.
        await ann.UploadAsync(bots[0].Id, ("big.txt", Text(5_000_000))).RefusedAsync(HttpStatusCode.PaymentRequired, ErrorCodes.PlanLimitReached);
        Assert.Equal(HttpStatusCode.Accepted, (await ann.UploadAsync(bots[0].Id, ("small.txt", Text(1_000)))).StatusCode);
        Assert.Equal(10_000, (await ann.UsageAsync("storage_bytes")).Used);
    }

    [Fact]
    public async Task Only_the_models_of_the_plan_are_chosen_and_asked()
    {
        var administrator = await app.AdministratorAsync();
        var ann = await app.SomebodyAsync();
        var bot = await ann.HasBotAsync("mock-itl1-len3");
        var conversation = await ann.TalksWithAsync(bot.Id);
        await administrator.AssignsAsync(ann, await administrator.HasPlanAsync(new PlanLimits(Models: ["extractive"])));
        await ann.PostAsync("/v1/bots", Bot with { Model = "mock-len3" }).RefusedAsync(HttpStatusCode.PaymentRequired, ErrorCodes.PlanLimitReached);
        var plain = await ann.HasBotAsync("extractive");
        var refused = await ann.SendAsync(HttpMethod.Patch, $"/v1/bots/{plain.Id}", new UpdateBotRequest(Model: "mock-len3"));
        Assert.Equal(("models", null), await refused.LimitAsync() is var p ? (p.Kind, p.Limit) : default);

        // Chosen before; the bot can still be renamed, and asked again once it has another model.
        await ann.PostAsync($"/v1/conversations/{conversation.Id}/turns", new CreateTurnRequest("Hello")).RefusedAsync(HttpStatusCode.PaymentRequired, ErrorCodes.PlanLimitReached);
        Assert.Equal(HttpStatusCode.OK, (await ann.SendAsync(HttpMethod.Patch, $"/v1/bots/{bot.Id}", new UpdateBotRequest(Name: "Archivist"))).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await ann.SendAsync(HttpMethod.Patch, $"/v1/bots/{bot.Id}", new UpdateBotRequest(Model: "extractive"))).StatusCode);
        await ann.AnswerAsync(conversation.Id, "Hello");
        Assert.Equal(1, (await ann.UsageAsync("messages")).Used);
    }

    [Fact]
    public async Task A_smaller_limit_takes_nothing_away_and_gives_no_more()
    {
        var administrator = await app.AdministratorAsync();
        var ann = await app.SomebodyAsync();
        var plan = await administrator.HasPlanAsync(new PlanLimits(Bots: 5));
        await administrator.AssignsAsync(ann, plan);
        for (var i = 0; i < 3; i++)
        {
            await ann.HasBotAsync();
        }

        var smaller = await (await administrator.SendAsync(HttpMethod.Patch, $"/v1/plans/{plan.Id}", new UpdatePlanRequest(Limits: new PlanLimits(Bots: 1)))).ReadAsync<PlanResponse>();
        Assert.Equal(1, smaller.Limits.Bots);
        Assert.Equal(3, (await ann.GetAsync<Page<BotResponse>>("/v1/bots")).Items.Count);
        Assert.Equal((3, (long?)1), await ann.UsageAsync("bots") is var u ? (u.Used, u.Limit) : default);
        await ann.PostAsync("/v1/bots", Bot).RefusedAsync(HttpStatusCode.PaymentRequired, ErrorCodes.PlanLimitReached);
    }

    [Fact]
    public async Task Many_seats_at_once_are_as_many_as_the_plan_has_and_each_has_the_limits_of_the_plan()
    {
        var owner = await app.SomebodyWithAsync(new PlanLimits(Seats: 2, Bots: 3));
        var others = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => app.SomebodyAsync()));
        var given = await Task.WhenAll(others.Select(o => owner.SendAsync(HttpMethod.Put, Seat(o))));
        Assert.Equal(2, given.Count(r => r.StatusCode == HttpStatusCode.NoContent));
        Assert.Equal(6, given.Count(r => r.StatusCode == HttpStatusCode.PaymentRequired));
        var seats = await owner.GetAsync<SeatResponse[]>("/v1/accounts/me/subscription/seats");
        Assert.All(seats, s => Assert.True(s.IsActive));
        var bob = others.Single(o => o.Account.Id == seats[0].AccountId);
        var his = await bob.SubscriptionAsync();
        Assert.Equal((PlanSource.Seat, "Somebody", 3), (his.Source, his.SeatOf, his.Plan.Limits.Bots));

        // Each person's own use, within the same limits; and a seat gives no seats.
        await Task.WhenAll(owner.HasBotAsync(), owner.HasBotAsync(), owner.HasBotAsync(), bob.HasBotAsync(), bob.HasBotAsync(), bob.HasBotAsync());
        await bob.PostAsync("/v1/bots", Bot).RefusedAsync(HttpStatusCode.PaymentRequired, ErrorCodes.PlanLimitReached);
        await bob.SendAsync(HttpMethod.Put, Seat(owner)).RefusedAsync(HttpStatusCode.NotFound, ErrorCodes.NotFound);

        // Again changes nothing; somebody else's seat is not to be had; giving back makes room.
        Assert.Equal(HttpStatusCode.NoContent, (await owner.SendAsync(HttpMethod.Put, Seat(bob))).StatusCode);
        var other = await app.SomebodyWithAsync(new PlanLimits(Seats: 5));
        await other.SendAsync(HttpMethod.Put, Seat(bob)).RefusedAsync(HttpStatusCode.Conflict, ErrorCodes.SeatTakenElsewhere);
        Assert.Equal(HttpStatusCode.NoContent, (await bob.SendAsync(HttpMethod.Delete, "/v1/accounts/me/seat")).StatusCode);
        Assert.Equal(PlanSource.Default, (await bob.SubscriptionAsync()).Source);
        Assert.Equal(HttpStatusCode.NoContent, (await other.SendAsync(HttpMethod.Put, Seat(bob))).StatusCode);
        Assert.Equal(HttpStatusCode.NoContent, (await other.SendAsync(HttpMethod.Delete, Seat(bob))).StatusCode);
        await other.SendAsync(HttpMethod.Delete, Seat(bob)).RefusedAsync(HttpStatusCode.NotFound, ErrorCodes.NotFound);
        Assert.Equal(PlanSource.Default, (await bob.SubscriptionAsync()).Source);
    }

    [Fact]
    public async Task Of_more_seats_than_the_plan_has_now_the_first_ones_count()
    {
        var administrator = await app.AdministratorAsync();
        var owner = await app.SomebodyAsync();
        var plan = await administrator.HasPlanAsync(new PlanLimits(Seats: 2));
        await administrator.AssignsAsync(owner, plan);
        var (first, second) = (await app.SomebodyAsync(), await app.SomebodyAsync());
        await owner.SendAsync(HttpMethod.Put, Seat(first));
        await owner.SendAsync(HttpMethod.Put, Seat(second));
        await administrator.SendAsync(HttpMethod.Patch, $"/v1/plans/{plan.Id}", new UpdatePlanRequest(Limits: new PlanLimits(Seats: 1)));
        Assert.Equal([true, false], (await owner.GetAsync<SeatResponse[]>("/v1/accounts/me/subscription/seats")).Select(s => s.IsActive));
        Assert.Equal((PlanSource.Seat, PlanSource.Default), ((await first.SubscriptionAsync()).Source, (await second.SubscriptionAsync()).Source));
    }

    private static string Seat(Person person) => $"/v1/accounts/me/subscription/seats/{person.Account.Id}";

    /// <summary>Never the same twice.</summary>
    private static byte[] Text(int length) => RandomNumberGenerator.GetItems<byte>("abcdefghijklmnop qrstuvwxyz"u8, length);
}
