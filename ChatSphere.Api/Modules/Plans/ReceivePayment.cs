using System.Text.Json;
using System.Text.RegularExpressions;
using ChatSphere.Api.Http;
using ChatSphere.Contracts;
using ChatSphere.Data;
using ChatSphere.Data.Audit;
using ChatSphere.Data.Plans;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Npgsql;

namespace ChatSphere.Api.Modules.Plans;

/// <summary>
/// Takes what the payment provider says. Each message carries the whole state of a subscription, so that messages may come twice, in any order, or not all of them: the
/// newest by its own time is what holds. docs/plans.md describes them.
/// </summary>
internal static partial class ReceivePayment
{
    public const int MaxBytes = 20_480;
    private static readonly DateTimeOffset Earliest = new(2000, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset Latest = new(2200, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public static async Task<Results<NoContent, ProblemHttpResult>> HandleAsync(
        HttpRequest request, ChatSphereDb db, AuditTrail audit, IOptions<PlansOptions> options, TimeProvider time, CancellationToken cancellationToken)
    {
        if (options.Value.WebhookSecrets.Count == 0)
        {
            return Problems.NotFound();
        }

        using var body = new MemoryStream();
        await request.Body.CopyToAsync(body, cancellationToken);
        var now = time.GetUtcNow();
        var id = request.Headers["webhook-id"].ToString();
        if (!PaymentSignature.IsValid(id, request.Headers["webhook-timestamp"].ToString(), request.Headers["webhook-signature"].ToString(), body.ToArray(),
            options.Value.WebhookSecrets.Select(s => PlansOptions.Key(s)!), now))
        {
            return Problems.Unauthorized(ErrorCodes.WebhookSignatureInvalid, "The message is not signed with a secret known here, or not within the last five minutes.");
        }

        if (Read(body.ToArray()) is not { } message || message.Timestamp > now + PaymentSignature.Tolerance)
        {
            return Problems.BadRequest(ErrorCodes.RequestInvalid, "The message is not of the documented shape.");
        }

        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        if (await db.PaymentMessages.AnyAsync(m => m.Id == id, cancellationToken))
        {
            return TypedResults.NoContent();
        }

        var result = message.Data is { } data ? await ApplyAsync(db, audit, message.Type!, message.Timestamp!.Value.ToUniversalTime(), data, now, cancellationToken) : "type_unknown";
        if (result is null)
        {
            return Problems.Of(StatusCodes.Status422UnprocessableEntity, ErrorCodes.WebhookUnprocessable, "There is no such plan here. Make it, and send the message again.");
        }

        db.PaymentMessages.Add(new PaymentMessage { Id = id, Type = message.Type!, Result = result, ReceivedAt = now });
        audit.Record(AuditActions.WebhookReceived, message.Data is null ? null : "account", message.Data?.AccountId, new { type = message.Type, result });
        try
        {
            await db.SaveChangesAsync(cancellationToken);
            await transaction.CommitAsync(cancellationToken);
        }
        catch (DbUpdateException e) when (e.InnerException is PostgresException { SqlState: PostgresErrorCodes.UniqueViolation })
        {
            // The same message, at the same moment: the other one did it.
        }

        return TypedResults.NoContent();
    }

    /// <returns>What became of it; null when it names a plan that there is not.</returns>
    private static async Task<string?> ApplyAsync(
        ChatSphereDb db, AuditTrail audit, string type, DateTimeOffset at, PaymentData data, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var accountId = data.AccountId!.Value;
        await db.LockPlanAsync(accountId, cancellationToken);
        if (!await db.Users.AnyAsync(a => a.Id == accountId, cancellationToken))
        {
            return "account_unknown";
        }

        var plans = await db.Plans.AsNoTracking().ToListAsync(cancellationToken);
        if (plans.SingleOrDefault(p => p.Key == data.PlanKey) is not { } plan)
        {
            return null;
        }

        var subscription = await db.Subscriptions.SingleOrDefaultAsync(s => s.AccountId == accountId, cancellationToken);
        if (subscription?.ProviderAsOf > at)
        {
            return "superseded";
        }

        var fallback = plans.Single(p => p.IsDefault);
        var before = plans.Single(p => p.Id == (subscription?.PlanId ?? fallback.Id));
        if (subscription is null)
        {
            subscription = new Subscription { AccountId = accountId, PlanId = plan.Id };
            db.Subscriptions.Add(subscription);
        }

        // A change that the person chose waits for the end of the period; it means nothing any more once the plan is another.
        subscription.PendingPlanId = subscription.PlanId == plan.Id && subscription.State != SubscriptionState.Cancelled ? subscription.PendingPlanId : null;
        subscription.PlanId = plan.Id;
        subscription.PeriodStart = data.PeriodStart?.ToUniversalTime() ?? subscription.PeriodStart ?? at;
        subscription.PeriodEnd = data.PeriodEnd!.Value.ToUniversalTime();
        subscription.ProviderCustomerId = data.CustomerId ?? subscription.ProviderCustomerId;
        subscription.ProviderSubscriptionId = data.SubscriptionId ?? subscription.ProviderSubscriptionId ?? "unnamed";
        subscription.ProviderAsOf = at;
        subscription.UpdatedAt = now;
        if (type == "invoice.failed")
        {
            subscription.State = SubscriptionState.PastDue;
            subscription.PastDueSince ??= at;
        }
        else
        {
            subscription.State = SubscriptionState.Active;
            subscription.PastDueSince = null;
        }

        if (type == "subscription.cancelled" || data.CancelAtPeriodEnd == true)
        {
            subscription.State = SubscriptionState.Cancelled;
            subscription.PendingPlanId = fallback.Id;
        }

        audit.Record(AuditActions.SubscriptionChanged, "account", accountId,
            new { from = before.Key, to = plan.Key, pending = plans.SingleOrDefault(p => p.Id == subscription.PendingPlanId)?.Key, state = subscription.State.ToString() }, type);
        return "applied";
    }

    /// <summary>Null for what is not of the documented shape. Of types that are none of ours, only the type is looked at.</summary>
    private static PaymentEvent? Read(byte[] body)
    {
        PaymentEvent? message;
        try
        {
            message = JsonSerializer.Deserialize<PaymentEvent>(body, JsonSerializerOptions.Web);
            if (message?.Type is null || !TypeName().IsMatch(message.Type))
            {
                return null;
            }

            if (message.Type is not ("subscription.created" or "subscription.updated" or "subscription.cancelled" or "invoice.paid" or "invoice.failed"))
            {
                return message;
            }

            message.Data = message.Payload.Deserialize<PaymentData>(JsonSerializerOptions.Web);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return null;
        }

        return message is { Timestamp: { } at, Data: { AccountId: not null, PlanKey: { Length: > 0 and <= 40 } key, PeriodEnd: { } end } data }
            && IsReasonable(at) && IsReasonable(end) && (data.PeriodStart is null || IsReasonable(data.PeriodStart.Value))
            && IsId(key) && IsId(data.CustomerId) && IsId(data.SubscriptionId) ? message : null;
    }

    private static bool IsReasonable(DateTimeOffset time) => time > Earliest && time < Latest;

    private static bool IsId(string? id) => id is null || (id.Length <= 200 && !id.Any(c => c is < ' ' or > '~'));

    [GeneratedRegex(@"^[A-Za-z0-9_.-]{1,100}\z", RegexOptions.NonBacktracking)]
    private static partial Regex TypeName();

    private sealed record PaymentEvent(string? Type, DateTimeOffset? Timestamp, [property: System.Text.Json.Serialization.JsonPropertyName("data")] JsonElement Payload)
    {
        [System.Text.Json.Serialization.JsonIgnore]
        public PaymentData? Data { get; set; }
    }

    private sealed record PaymentData(
        Guid? AccountId, string? PlanKey, DateTimeOffset? PeriodEnd, DateTimeOffset? PeriodStart, string? CustomerId, string? SubscriptionId, bool? CancelAtPeriodEnd);
}
