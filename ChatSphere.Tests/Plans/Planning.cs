using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using ChatSphere.Contracts.Plans;
using ChatSphere.Tests.Infrastructure;

namespace ChatSphere.Tests.Plans;

/// <summary>What the problem of a used-up limit carries beyond its code.</summary>
public sealed record LimitProblem(string Code, string Kind, long? Limit, long? Used, DateTimeOffset? Resets, string? Plan, string? CheckoutUrl);

internal static class Planning
{
    /// <summary>As the system under test is configured: a new secret beside the old one.</summary>
    public const string NewSecret = "whsec_bmV3LXNlY3JldC1vZi10aGUtcGF5bWVudC1wcm92aWRlcg==";
    public const string OldSecret = "whsec_b2xkLXNlY3JldC1vZi10aGUtcGF5bWVudC1wcm92aWRlcg==";

    public static async Task<PlanResponse> HasPlanAsync(this Person administrator, PlanLimits limits, decimal price = 0, bool isOffered = false)
    {
        var key = $"plan-{Guid.NewGuid():n}"[..20];
        return await (await administrator.PostAsync("/v1/plans", new CreatePlanRequest(key, "Tiny", limits, Price: price > 0 ? new PlanPrice(price, "EUR") : null, IsOffered: isOffered))).ReadAsync<PlanResponse>();
    }

    /// <summary>Somebody whose plan has these limits and no others.</summary>
    public static async Task<Person> SomebodyWithAsync(this ChatSphereApp app, PlanLimits limits)
    {
        var administrator = await app.AdministratorAsync();
        var person = await app.SomebodyAsync();
        await administrator.AssignsAsync(person, await administrator.HasPlanAsync(limits));
        return person;
    }

    public static async Task<SubscriptionResponse> AssignsAsync(this Person administrator, Person person, PlanResponse plan, DateTimeOffset? until = null) =>
        await (await administrator.SendAsync(HttpMethod.Put, $"/v1/users/{person.Account.Id}/subscription", new AssignPlanRequest(plan.Key, until))).ReadAsync<SubscriptionResponse>();

    public static Task<SubscriptionResponse> SubscriptionAsync(this Person person) => person.GetAsync<SubscriptionResponse>("/v1/accounts/me/subscription");

    public static async Task<UsageItem> UsageAsync(this Person person, string kind) => (await person.GetAsync<PlanUsageResponse>("/v1/accounts/me/usage")).Items.Single(i => i.Kind == kind);

    public static async Task<LimitProblem> LimitAsync(this HttpResponseMessage response) => (await response.Content.ReadFromJsonAsync<LimitProblem>(JsonSerializerOptions.Web))!;

    /// <summary>Sends a message as the payment provider does.</summary>
    /// <param name="at">What its signature says; the message's own time is in its body.</param>
    public static async Task<HttpResponseMessage> WebhookAsync(
        this ChatSphereApp app, string body, string? id = null, string secret = NewSecret, DateTimeOffset? at = null, Func<string, string>? signature = null, string? signed = null)
    {
        using var client = await app.AnonymousAsync();
        id ??= $"msg_{Guid.NewGuid():n}";
        var timestamp = (at ?? TimeProvider.System.GetUtcNow()).ToUnixTimeSeconds();
        var mac = "v1," + Convert.ToBase64String(HMACSHA256.HashData(Convert.FromBase64String(secret["whsec_".Length..]), Encoding.UTF8.GetBytes($"{id}.{timestamp}.{signed ?? body}")));
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/webhooks/payments") { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        request.Headers.Add("webhook-id", id);
        request.Headers.Add("webhook-timestamp", timestamp.ToString(System.Globalization.CultureInfo.InvariantCulture));
        request.Headers.TryAddWithoutValidation("webhook-signature", signature?.Invoke(mac) ?? mac);
        return await client.SendAsync(request);
    }

    public static string Message(
        string type, Guid accountId, string planKey, DateTimeOffset periodEnd, DateTimeOffset? at = null, bool? cancelAtPeriodEnd = null) =>
        JsonSerializer.Serialize(new { type, timestamp = at ?? TimeProvider.System.GetUtcNow(), data = new { accountId, planKey, periodEnd, customerId = "cus_1", subscriptionId = "sub_1", cancelAtPeriodEnd } }, JsonSerializerOptions.Web);

    public static async Task TakenAsync(this Task<HttpResponseMessage> sending)
    {
        using var response = await sending;
        Assert.True(response.StatusCode == HttpStatusCode.NoContent, $"{(int)response.StatusCode}: {await response.Content.ReadAsStringAsync()}");
    }
}
