namespace ChatSphere.Contracts;

public static partial class ErrorCodes
{
    /// <summary>402: a larger plan allows it. The problem carries <c>kind</c>, <c>limit</c>, <c>used</c>, <c>resets</c> and <c>plan</c>.</summary>
    public const string PlanLimitReached = "plan_limit_reached";

    /// <summary>429: a limit by days is used up; as <see cref="PlanLimitReached"/>, and <c>Retry-After</c> says when it begins anew.</summary>
    public const string UsageLimitReached = "usage_limit_reached";

    /// <summary>409: the plan has a price and is paid for elsewhere; <c>checkoutUrl</c> says where, if that is configured.</summary>
    public const string PaymentRequiredElsewhere = "payment_required_elsewhere";

    /// <summary>400: there is no such plan, or it is not to be had.</summary>
    public const string PlanUnknown = "plan_unknown";

    /// <summary>409: another plan has this key.</summary>
    public const string PlanKeyTaken = "plan_key_taken";

    /// <summary>409: the default plan cannot be archived; make another one the default first.</summary>
    public const string PlanIsDefault = "plan_is_default";

    /// <summary>409: the person has a seat of somebody else's plan.</summary>
    public const string SeatTakenElsewhere = "seat_taken_elsewhere";

    /// <summary>401: not signed with a known secret, or not now.</summary>
    public const string WebhookSignatureInvalid = "webhook_signature_invalid";

    /// <summary>422: well signed, and it names a plan that there is not. Not kept: sent again, it is looked at again.</summary>
    public const string WebhookUnprocessable = "webhook_unprocessable";
}
