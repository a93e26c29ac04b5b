using System.Net;
using ChatSphere.Contracts;
using ChatSphere.Contracts.Plans;
using ChatSphere.Tests.Infrastructure;

namespace ChatSphere.Tests.Plans;

public sealed class HearingOfPaymentsTests(ChatSphereApp app)
{
    private static DateTimeOffset Now => TimeProvider.System.GetUtcNow();

    [Fact]
    public async Task A_subscription_begins_is_paid_fails_and_ends_as_the_provider_says()
    {
        var ann = await app.SomebodyAsync();
        var (id, end) = (ann.Account.Id, Now.AddDays(30));
        await app.WebhookAsync(Planning.Message("subscription.created", id, "pro", end, Now.AddSeconds(-40))).TakenAsync();
        var mine = await ann.SubscriptionAsync();
        Assert.Equal(("pro", PlanSource.Own, SubscriptionState.Active, null), (mine.Plan.Key, mine.Source, mine.State, mine.Pending));
        Assert.Equal(end.UtcDateTime, mine.PeriodEnd!.Value.UtcDateTime, TimeSpan.FromMilliseconds(1));
        await app.WebhookAsync(Planning.Message("invoice.failed", id, "pro", end, Now.AddSeconds(-30))).TakenAsync();
        Assert.Equal(SubscriptionState.PastDue, (await ann.SubscriptionAsync()).State);
        Assert.Equal("pro", (await ann.SubscriptionAsync()).Plan.Key);
        await app.WebhookAsync(Planning.Message("invoice.paid", id, "pro", end.AddDays(30), Now.AddSeconds(-20))).TakenAsync();
        Assert.Equal(SubscriptionState.Active, (await ann.SubscriptionAsync()).State);
        await app.WebhookAsync(Planning.Message("subscription.updated", id, "team", end.AddDays(30), Now.AddSeconds(-10))).TakenAsync();
        Assert.Equal("team", (await ann.SubscriptionAsync()).Plan.Key);
        await app.WebhookAsync(Planning.Message("subscription.cancelled", id, "team", end.AddDays(30), Now.AddSeconds(-5))).TakenAsync();
        mine = await ann.SubscriptionAsync();
        Assert.Equal(("team", SubscriptionState.Cancelled, "free"), (mine.Plan.Key, mine.State, mine.Pending?.Key));
    }

    [Fact]
    public async Task The_same_message_often_and_at_once_is_one_message()
    {
        var ann = await app.SomebodyAsync();
        var id = $"msg_{Guid.NewGuid():n}";
        var pro = Planning.Message("subscription.created", ann.Account.Id, "pro", Now.AddDays(30), Now.AddSeconds(-60));
        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => app.WebhookAsync(pro, id)));
        Assert.All(answers, a => Assert.Equal(HttpStatusCode.NoContent, a.StatusCode));
        Assert.Equal("pro", (await ann.SubscriptionAsync()).Plan.Key);

        // The id is what counts: the same one with something newer in it is still the old message.
        await app.WebhookAsync(Planning.Message("subscription.updated", ann.Account.Id, "team", Now.AddDays(30)), id).TakenAsync();
        Assert.Equal("pro", (await ann.SubscriptionAsync()).Plan.Key);
    }

    [Fact]
    public async Task The_newest_message_by_its_own_time_holds_in_whatever_order_they_come()
    {
        var ann = await app.SomebodyAsync();
        await app.WebhookAsync(Planning.Message("invoice.paid", ann.Account.Id, "team", Now.AddDays(30), Now.AddSeconds(-10))).TakenAsync();
        await app.WebhookAsync(Planning.Message("subscription.created", ann.Account.Id, "pro", Now.AddDays(10), Now.AddSeconds(-60))).TakenAsync();
        await app.WebhookAsync(Planning.Message("subscription.cancelled", ann.Account.Id, "pro", Now.AddDays(-1), Now.AddSeconds(-30))).TakenAsync();
        var mine = await ann.SubscriptionAsync();
        Assert.Equal(("team", SubscriptionState.Active, null), (mine.Plan.Key, mine.State, mine.Pending));
        var order = Enumerable.Range(0, 12).OrderBy(_ => Random.Shared.Next()).ToList();
        var start = Now.AddSeconds(-5);
        await Task.WhenAll(order.Select(i => app.WebhookAsync(Planning.Message("subscription.updated", ann.Account.Id, i == 11 ? "team" : "pro", Now.AddDays(30), start.AddMilliseconds(i))).TakenAsync()));
        Assert.Equal("team", (await ann.SubscriptionAsync()).Plan.Key);
    }

    [Fact]
    public async Task What_is_not_signed_as_it_must_be_changes_nothing()
    {
        var ann = await app.SomebodyAsync();
        var body = Planning.Message("subscription.created", ann.Account.Id, "pro", Now.AddDays(30));
        var unknown = "whsec_" + Convert.ToBase64String(new byte[32]);
        await Refused(app.WebhookAsync(body, secret: unknown));
        await Refused(app.WebhookAsync(body, at: Now.AddMinutes(-6)));
        await Refused(app.WebhookAsync(body, at: Now.AddMinutes(6)));
        await Refused(app.WebhookAsync(body, signed: body.Replace("pro", "team", StringComparison.Ordinal)));
        await Refused(app.WebhookAsync(body, signature: s => s["v1,".Length..]));
        await Refused(app.WebhookAsync(body, signature: s => s.Replace("v1,", "v2,", StringComparison.Ordinal)));
        await Refused(app.WebhookAsync(body, signature: s => s[..^4]));
        await Refused(app.WebhookAsync(body, signature: _ => ""));
        await Refused(app.WebhookAsync(body, signature: _ => string.Join(' ', Enumerable.Repeat("v1,AAAA", 1_000))));
        await Refused(app.WebhookAsync(body, id: new string('x', 201)));
        using var client = await app.AnonymousAsync();
        await Refused(client.PostAsync("/v1/webhooks/payments", new StringContent(body)));
        Assert.Equal("free", (await ann.SubscriptionAsync()).Plan.Key);

        static Task Refused(Task<HttpResponseMessage> sending) => sending.RefusedAsync(HttpStatusCode.Unauthorized, ErrorCodes.WebhookSignatureInvalid);
    }

    [Fact]
    public async Task While_secrets_are_exchanged_both_are_good_and_one_good_signature_of_several_is_enough()
    {
        var ann = await app.SomebodyAsync();
        await app.WebhookAsync(Planning.Message("subscription.created", ann.Account.Id, "pro", Now.AddDays(30), Now.AddSeconds(-9)), secret: Planning.OldSecret).TakenAsync();
        Assert.Equal("pro", (await ann.SubscriptionAsync()).Plan.Key);
        await app.WebhookAsync(Planning.Message("subscription.updated", ann.Account.Id, "team", Now.AddDays(30)), signature: s => $"v1a,AAAA v1,{Convert.ToBase64String(new byte[32])} {s}").TakenAsync();
        Assert.Equal("team", (await ann.SubscriptionAsync()).Plan.Key);
    }

    [Fact]
    public async Task What_is_too_large_is_not_read()
    {
        var ann = await app.SomebodyAsync();
        var body = Planning.Message("subscription.created", ann.Account.Id, "pro", Now.AddDays(30));
        await app.WebhookAsync(body[..^1] + new string(' ', 21_000) + "}").RefusedAsync(HttpStatusCode.RequestEntityTooLarge, ErrorCodes.RequestTooLarge);
        await app.WebhookAsync(body[..^1] + new string(' ', 15_000) + "}").TakenAsync();
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("\"subscription.created\"")]
    [InlineData("{\"type\":7}")]
    [InlineData("{\"type\":\"a\\u0000b\"}")]
    [InlineData("{\"type\":\"subscription.created\"}")]
    [InlineData("{\"type\":\"subscription.created\",\"timestamp\":\"2026-01-01T00:00:00Z\",\"data\":[]}")]
    [InlineData("{\"type\":\"subscription.created\",\"timestamp\":\"yesterday\",\"data\":{}}")]
    [InlineData("{\"type\":\"subscription.created\",\"timestamp\":\"2026-01-01T00:00:00Z\",\"data\":{\"accountId\":\"me\",\"planKey\":\"pro\",\"periodEnd\":\"2030-01-01T00:00:00Z\"}}")]
    [InlineData("{\"type\":\"subscription.created\",\"timestamp\":\"2026-01-01T00:00:00Z\",\"data\":{\"accountId\":\"01990000-0000-7000-8000-000000000001\",\"planKey\":\"p\\u0000\",\"periodEnd\":\"2030-01-01T00:00:00Z\"}}")]
    [InlineData("{\"type\":\"subscription.created\",\"timestamp\":\"2026-01-01T00:00:00Z\",\"data\":{\"accountId\":\"01990000-0000-7000-8000-000000000001\",\"planKey\":\"pro\",\"periodEnd\":\"9999-12-31T23:59:59-14:00\"}}")]
    [InlineData("{\"type\":\"subscription.created\",\"timestamp\":\"2150-01-01T00:00:00Z\",\"data\":{\"accountId\":\"01990000-0000-7000-8000-000000000001\",\"planKey\":\"pro\",\"periodEnd\":\"2030-01-01T00:00:00Z\"}}")]
    public async Task A_signed_message_of_another_shape_is_refused(string body) =>
        await app.WebhookAsync(body).RefusedAsync(HttpStatusCode.BadRequest, ErrorCodes.RequestInvalid);

    [Fact]
    public async Task Messages_of_other_kinds_and_about_nobody_here_are_taken_and_a_missing_plan_can_be_made_good()
    {
        await app.WebhookAsync("{\"type\":\"customer.updated\",\"data\":{\"anything\":[1,2,3]}}").TakenAsync();
        await app.WebhookAsync(Planning.Message("subscription.created", Guid.NewGuid(), "pro", Now.AddDays(30))).TakenAsync();

        var administrator = await app.AdministratorAsync();
        var ann = await app.SomebodyAsync();
        var (id, key) = ($"msg_{Guid.NewGuid():n}", $"gold-{Guid.NewGuid():n}"[..20]);
        var body = Planning.Message("subscription.created", ann.Account.Id, key, Now.AddDays(30));
        await app.WebhookAsync(body, id).RefusedAsync(HttpStatusCode.UnprocessableEntity, ErrorCodes.WebhookUnprocessable);
        await administrator.PostAsync("/v1/plans", new CreatePlanRequest(key, "Gold", new PlanLimits()));
        await app.WebhookAsync(body, id).TakenAsync();
        Assert.Equal(key, (await ann.SubscriptionAsync()).Plan.Key);
    }

    [Fact]
    public async Task A_smaller_plan_waits_for_the_end_of_the_period_can_be_taken_back_and_then_begins()
    {
        var ann = await app.SomebodyAsync();
        var id = ann.Account.Id;
        await app.WebhookAsync(Planning.Message("subscription.created", id, "team", Now.AddDays(30), Now.AddSeconds(-20))).TakenAsync();
        var scheduled = await (await ann.PostAsync("/v1/accounts/me/subscription", new ChangeSubscriptionRequest("free"))).ReadAsync<SubscriptionResponse>();
        Assert.Equal(("team", "free"), (scheduled.Plan.Key, scheduled.Pending?.Key));
        var kept = await (await ann.SendAsync(HttpMethod.Delete, "/v1/accounts/me/subscription/pending")).ReadAsync<SubscriptionResponse>();
        Assert.Equal(("team", null), (kept.Plan.Key, kept.Pending));
        await ann.SendAsync(HttpMethod.Delete, "/v1/accounts/me/subscription/pending").RefusedAsync(HttpStatusCode.NotFound, ErrorCodes.NotFound);

        // The provider bills this person already, so less is possible without paying first, and more is not.
        var less = await (await ann.PostAsync("/v1/accounts/me/subscription", new ChangeSubscriptionRequest("pro"))).ReadAsync<SubscriptionResponse>();
        Assert.Equal(("team", "pro"), (less.Plan.Key, less.Pending?.Key));
        await ann.PostAsync("/v1/accounts/me/subscription", new ChangeSubscriptionRequest("free"));
        await app.WebhookAsync(Planning.Message("subscription.updated", id, "team", Now.AddSeconds(-1))).TakenAsync();
        var after = await Person.EventuallyAsync(ann.SubscriptionAsync, s => s.Plan.Key == "free");
        Assert.Equal((PlanSource.Default, SubscriptionState.Active, null, null), (after.Source, after.State, after.PeriodEnd, after.Pending));
    }

    [Fact]
    public async Task A_cancelled_subscription_ends_with_its_period_and_an_unpaid_one_after_the_days_of_grace()
    {
        var (ann, bob, cay) = (await app.SomebodyAsync(), await app.SomebodyAsync(), await app.SomebodyAsync());
        await app.WebhookAsync(Planning.Message("subscription.updated", ann.Account.Id, "team", Now.AddSeconds(-1), cancelAtPeriodEnd: true)).TakenAsync();
        await app.WebhookAsync(Planning.Message("invoice.failed", bob.Account.Id, "team", Now.AddDays(20), Now.AddDays(-8))).TakenAsync();

        // Nothing was heard of a payment when the period ended: due, and not yet over.
        await app.WebhookAsync(Planning.Message("invoice.paid", cay.Account.Id, "team", Now.AddSeconds(-1))).TakenAsync();
        await Person.EventuallyAsync(ann.SubscriptionAsync, s => s.Plan.Key == "free");
        await Person.EventuallyAsync(bob.SubscriptionAsync, s => s.Plan.Key == "free");
        var due = await Person.EventuallyAsync(cay.SubscriptionAsync, s => s.State == SubscriptionState.PastDue);
        Assert.Equal("team", due.Plan.Key);
    }
}
