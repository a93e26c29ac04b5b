namespace ChatSphere.Data.Audit;

public static partial class AuditActions
{
    /// <summary>A plan was made, changed or archived. Target: the plan. Details: <c>key</c>, <c>change</c>.</summary>
    public const string PlansChanged = "plans.changed";

    /// <summary>Whose plan is which. Target: the account. Details: <c>from</c>, <c>to</c> (keys), <c>pending</c>, <c>state</c>; the reason says why.</summary>
    public const string SubscriptionChanged = "subscription.changed";

    /// <summary>Target: the account that has the seat.</summary>
    public const string SeatGiven = "subscription.seat_given";

    public const string SeatTaken = "subscription.seat_taken";

    /// <summary>A well signed message of the payment provider. Details: <c>type</c>, <c>result</c>.</summary>
    public const string WebhookReceived = "webhook.received";
}
