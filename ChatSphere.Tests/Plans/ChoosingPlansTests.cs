using System.Net;
using ChatSphere.Contracts;
using ChatSphere.Contracts.Plans;
using ChatSphere.Tests.Infrastructure;

namespace ChatSphere.Tests.Plans;

public sealed class ChoosingPlansTests(ChatSphereApp app)
{
    [Fact]
    public async Task A_newcomer_has_the_default_plan_and_sees_what_there_is()
    {
        var ann = await app.SomebodyAsync();
        var mine = await ann.SubscriptionAsync();
        Assert.Equal(("free", PlanSource.Default, SubscriptionState.Active), (mine.Plan.Key, mine.Source, mine.State));
        Assert.Equal((20, 2_000, 500), (mine.Plan.Limits.Bots, mine.Plan.Limits.Documents, mine.Plan.Limits.MessagesPerDay));
        var plans = await ann.GetAsync<PlanResponse[]>("/v1/plans");
        Assert.Subset(plans.Select(p => p.Key).ToHashSet(), new HashSet<string> { "free", "pro", "team" });
        Assert.DoesNotContain(plans, p => p.Name == "Tiny" && !p.IsOffered);
        Assert.Equal(["api_keys", "bots", "documents", "messages", "seats", "storage_bytes"], (await ann.GetAsync<PlanUsageResponse>("/v1/accounts/me/usage")).Items.Select(i => i.Kind).Order());
    }

    [Fact]
    public async Task A_plan_with_a_price_is_paid_for_elsewhere()
    {
        var ann = await app.SomebodyAsync();
        using var refused = await ann.PostAsync("/v1/accounts/me/subscription", new ChangeSubscriptionRequest("pro"));
        Assert.Equal(HttpStatusCode.Conflict, refused.StatusCode);
        Assert.Equal((ErrorCodes.PaymentRequiredElsewhere, $"https://pay.example/pro/{ann.Account.Id}"), await refused.LimitAsync() is var p ? (p.Code, p.CheckoutUrl) : default);
        Assert.Equal("free", (await ann.SubscriptionAsync()).Plan.Key);
        var problem = await ann.PostAsync("/v1/accounts/me/subscription", new ChangeSubscriptionRequest("gold")).RefusedAsync(HttpStatusCode.BadRequest, ErrorCodes.PlanUnknown);
        Assert.Contains("planKey", problem.Errors!.Keys);
    }

    [Fact]
    public async Task A_plan_that_is_not_offered_is_not_for_the_taking_and_one_without_a_price_is()
    {
        var administrator = await app.AdministratorAsync();
        var ann = await app.SomebodyAsync();
        var hidden = await administrator.HasPlanAsync(new PlanLimits());
        await ann.PostAsync("/v1/accounts/me/subscription", new ChangeSubscriptionRequest(hidden.Key)).RefusedAsync(HttpStatusCode.BadRequest, ErrorCodes.PlanUnknown);
        var offered = await administrator.HasPlanAsync(new PlanLimits(Bots: 1), isOffered: true);
        var taken = await (await ann.PostAsync("/v1/accounts/me/subscription", new ChangeSubscriptionRequest(offered.Key))).ReadAsync<SubscriptionResponse>();
        Assert.Equal((offered.Key, PlanSource.Own), (taken.Plan.Key, taken.Source));
        await administrator.SendAsync(HttpMethod.Delete, $"/v1/plans/{offered.Id}");
        Assert.Equal(offered.Key, (await ann.SubscriptionAsync()).Plan.Key);
        var eve = await app.SomebodyAsync();
        await eve.PostAsync("/v1/accounts/me/subscription", new ChangeSubscriptionRequest(offered.Key)).RefusedAsync(HttpStatusCode.BadRequest, ErrorCodes.PlanUnknown);
    }

    [Fact]
    public async Task What_an_administrator_gives_until_a_day_ends_then_and_cannot_be_kept_longer()
    {
        var administrator = await app.AdministratorAsync();
        var ann = await app.SomebodyAsync();
        var plan = await administrator.HasPlanAsync(new PlanLimits(Bots: 50));
        var until = TimeProvider.System.GetUtcNow().AddDays(3).ToOffset(TimeSpan.FromHours(5));
        var given = await administrator.AssignsAsync(ann, plan, until);
        Assert.Equal((plan.Key, SubscriptionState.Cancelled, "free"), (given.Plan.Key, given.State, given.Pending?.Key));
        Assert.Equal(until.UtcDateTime, given.PeriodEnd!.Value.UtcDateTime, TimeSpan.FromMilliseconds(1));
        await ann.SendAsync(HttpMethod.Delete, "/v1/accounts/me/subscription/pending").RefusedAsync(HttpStatusCode.NotFound, ErrorCodes.NotFound);
        await administrator.SendAsync(HttpMethod.Put, $"/v1/users/{ann.Account.Id}/subscription", new AssignPlanRequest(plan.Key, TimeProvider.System.GetUtcNow().AddDays(-1)))
            .RefusedAsync(HttpStatusCode.BadRequest, ErrorCodes.RequestInvalid);
        await administrator.SendAsync(HttpMethod.Put, $"/v1/users/{Guid.NewGuid()}/subscription", new AssignPlanRequest(plan.Key)).RefusedAsync(HttpStatusCode.NotFound, ErrorCodes.NotFound);
    }

    [Fact]
    public async Task Plans_are_made_changed_and_archived_by_who_may()
    {
        var administrator = await app.AdministratorAsync();
        var ann = await app.SomebodyAsync();
        var plan = await administrator.HasPlanAsync(new PlanLimits(Bots: 7, Models: ["extractive"]), price: 9.5m);
        Assert.Equal((9.5m, "EUR", 7), (plan.Price!.Amount, plan.Price.Currency, plan.Limits.Bots));
        await administrator.PostAsync("/v1/plans", new CreatePlanRequest(plan.Key, "Twin", new PlanLimits())).RefusedAsync(HttpStatusCode.Conflict, ErrorCodes.PlanKeyTaken);
        var changed = await (await administrator.SendAsync(HttpMethod.Patch, $"/v1/plans/{plan.Id}", new UpdatePlanRequest(Name: "Small", Price: new PlanPrice(0, "EUR"), Features: ["One", "Two"]))).ReadAsync<PlanResponse>();
        Assert.Equal(("Small", null, 7), (changed.Name, changed.Price, changed.Limits.Bots));
        Assert.Equal(["One", "Two"], changed.Features);
        Assert.Equal(HttpStatusCode.NoContent, (await administrator.SendAsync(HttpMethod.Delete, $"/v1/plans/{plan.Id}")).StatusCode);
        Assert.True((await administrator.GetAsync<PlanResponse[]>("/v1/plans")).Single(p => p.Id == plan.Id).IsArchived);
        await administrator.SendAsync(HttpMethod.Put, $"/v1/users/{ann.Account.Id}/subscription", new AssignPlanRequest(plan.Key)).RefusedAsync(HttpStatusCode.BadRequest, ErrorCodes.PlanUnknown);

        var free = (await administrator.GetAsync<PlanResponse[]>("/v1/plans")).Single(p => p.IsDefault);
        await administrator.SendAsync(HttpMethod.Delete, $"/v1/plans/{free.Id}").RefusedAsync(HttpStatusCode.Conflict, ErrorCodes.PlanIsDefault);
        await administrator.SendAsync(HttpMethod.Patch, $"/v1/plans/{free.Id}", new UpdatePlanRequest(IsDefault: false)).RefusedAsync(HttpStatusCode.Conflict, ErrorCodes.PlanIsDefault);
        await administrator.SendAsync(HttpMethod.Delete, $"/v1/plans/{Guid.NewGuid()}").RefusedAsync(HttpStatusCode.NotFound, ErrorCodes.NotFound);

        await ann.PostAsync("/v1/plans", new CreatePlanRequest("mine", "Mine", new PlanLimits())).RefusedAsync(HttpStatusCode.Forbidden, ErrorCodes.PermissionMissing);
        await ann.SendAsync(HttpMethod.Patch, $"/v1/plans/{free.Id}", new UpdatePlanRequest(Name: "Mine")).RefusedAsync(HttpStatusCode.Forbidden, ErrorCodes.PermissionMissing);
        await ann.SendAsync(HttpMethod.Put, $"/v1/users/{ann.Account.Id}/subscription", new AssignPlanRequest("team")).RefusedAsync(HttpStatusCode.Forbidden, ErrorCodes.PermissionMissing);
    }

    [Theory]
    [InlineData("{\"key\":\"No Key\",\"name\":\"N\",\"limits\":{}}", "key")]
    [InlineData("{\"key\":\"k\",\"name\":\"\",\"limits\":{}}", "name")]
    [InlineData("{\"key\":\"k\",\"name\":\"a\\u0000b\",\"limits\":{}}", "name")]
    [InlineData("{\"key\":\"k\",\"name\":\"N\"}", "limits")]
    [InlineData("{\"key\":\"k\",\"name\":\"N\",\"limits\":{\"bots\":-1}}", "limits.bots")]
    [InlineData("{\"key\":\"k\",\"name\":\"N\",\"limits\":{\"models\":[\"a\\u0000b\"]}}", "limits.models")]
    [InlineData("{\"key\":\"k\",\"name\":\"N\",\"limits\":{\"models\":[null]}}", "limits.models")]
    [InlineData("{\"key\":\"k\",\"name\":\"N\",\"limits\":{},\"features\":[null]}", "features")]
    [InlineData("{\"key\":\"k\",\"name\":\"N\",\"limits\":{},\"price\":{\"amount\":-1,\"currency\":\"EUR\"}}", "price.amount")]
    [InlineData("{\"key\":\"k\",\"name\":\"N\",\"limits\":{},\"price\":{\"amount\":1,\"currency\":\"euro\"}}", "price.currency")]
    public async Task What_is_wrong_with_a_plan_is_named(string json, string field)
    {
        var administrator = await app.AdministratorAsync();
        var problem = await administrator.PostAsync("/v1/plans", new StringContent(json, System.Text.Encoding.UTF8, "application/json")).RefusedAsync(HttpStatusCode.BadRequest, ErrorCodes.RequestInvalid);
        Assert.Contains(problem.Errors!.Keys, k => string.Equals(k, field, StringComparison.OrdinalIgnoreCase));
    }
}
