using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;

namespace ChatSphere.Contracts.Plans;

/// <summary>Shown to people; who is charged what is the payment provider's to say. An amount of 0 is no price.</summary>
/// <param name="Amount">A month.</param>
/// <param name="Currency">ISO 4217, such as EUR.</param>
public sealed record PlanPrice(
    [property: Range(0d, 1_000_000d)] decimal Amount,
    [property: Required, RegularExpression("^[A-Z]{3}$")] string Currency);

/// <summary>What each person on the plan may have at most. Null: no limit.</summary>
/// <param name="StorageBytes">All documents together, as uploaded.</param>
/// <param name="MessagesPerDay">Questions and answers made anew, by UTC days.</param>
/// <param name="Models">Which models bots may name; null: all. The deployment's default is always allowed.</param>
/// <param name="Seats">How many other people the owner may let use the plan.</param>
/// <param name="ApiKeys">Keys that work.</param>
public sealed record PlanLimits(
    [property: Range(0, int.MaxValue)] int? Bots = null,
    [property: Range(0, int.MaxValue)] int? Documents = null,
    [property: Range(0L, long.MaxValue)] long? StorageBytes = null,
    [property: Range(0, int.MaxValue)] int? MessagesPerDay = null,
    [property: MaxLength(200)] IReadOnlyList<string>? Models = null,
    [property: Range(0, int.MaxValue)] int? Seats = null,
    [property: Range(0, int.MaxValue)] int? ApiKeys = null)
{
    /// <summary>People on it may connect providers of models with keys of their own, where the deployment takes them at all.</summary>
    public bool OwnKeys { get; init; } = true;
}

/// <param name="Price">Null: none.</param>
/// <param name="IsDefault">Whoever has no other plan has this one.</param>
/// <param name="IsOffered">People see it and may choose it; else only administrators give it.</param>
/// <param name="IsArchived">Nobody gets it any more; who has it keeps it.</param>
public sealed record PlanResponse(
    Guid Id, string Key, string Name, string Description, PlanPrice? Price, IReadOnlyList<string> Features, PlanLimits Limits, bool IsDefault, bool IsOffered, bool IsArchived);

/// <param name="Key">What requests and the payment provider call it; never changes.</param>
/// <param name="Features">What is said about it, a line each.</param>
public sealed record CreatePlanRequest(
    [property: Required, RegularExpression("^[a-z0-9][a-z0-9-]{0,39}$")] string Key,
    [property: Required, StringLength(80, MinimumLength = 1)] string Name,
    [property: Required] PlanLimits Limits,
    [property: StringLength(400)] string Description = "",
    PlanPrice? Price = null,
    [property: MaxLength(20)] IReadOnlyList<string>? Features = null,
    bool IsOffered = false);

/// <summary>Only what is given changes. Limits are given all together. Nobody loses what they have by a smaller limit; they get no more.</summary>
/// <param name="IsDefault">True takes it from the plan that was it.</param>
/// <param name="IsArchived">False takes it out of the archive.</param>
public sealed record UpdatePlanRequest(
    [property: StringLength(80, MinimumLength = 1)] string? Name = null,
    [property: StringLength(400)] string? Description = null,
    PlanPrice? Price = null,
    [property: MaxLength(20)] IReadOnlyList<string>? Features = null,
    PlanLimits? Limits = null,
    bool? IsOffered = null,
    bool? IsDefault = null,
    bool? IsArchived = null);

[JsonConverter(typeof(SnakeCaseEnum<SubscriptionState>))]
public enum SubscriptionState
{
    Active,

    /// <summary>A payment failed; the plan goes on for the days of grace.</summary>
    PastDue,

    /// <summary>Ends with its period.</summary>
    Cancelled,
}

[JsonConverter(typeof(SnakeCaseEnum<PlanSource>))]
public enum PlanSource
{
    /// <summary>Of those who have no other.</summary>
    Default,

    Own,

    /// <summary>Somebody gave this person a seat.</summary>
    Seat,
}

/// <param name="Plan">Whose limits hold for this person now.</param>
/// <param name="PeriodEnd">Null: no end is known.</param>
/// <param name="Pending">What comes after the period; null: it goes on.</param>
/// <param name="SeatOf">Who gave the seat, where the plan comes from one.</param>
public sealed record SubscriptionResponse(PlanResponse Plan, PlanSource Source, SubscriptionState State, DateTimeOffset? PeriodStart, DateTimeOffset? PeriodEnd, PlanResponse? Pending, string? SeatOf);

/// <param name="PlanKey">A plan that is offered.</param>
public sealed record ChangeSubscriptionRequest([property: Required, StringLength(40)] string PlanKey);

/// <param name="Until">Then the default plan follows; null: no end.</param>
public sealed record AssignPlanRequest([property: Required, StringLength(40)] string PlanKey, DateTimeOffset? Until = null);

/// <param name="Kind"><c>bots</c>, <c>documents</c>, <c>storage_bytes</c>, <c>messages</c>, <c>api_keys</c> or <c>seats</c>.</param>
/// <param name="Limit">Null: none.</param>
/// <param name="Resets">When a limit by days begins anew; null: what is used stays used until it is deleted.</param>
public sealed record UsageItem(string Kind, long Used, long? Limit, DateTimeOffset? Resets);

public sealed record PlanUsageResponse(string Plan, IReadOnlyList<UsageItem> Items);

/// <param name="IsActive">False: the plan has fewer seats now, and those given later do not count.</param>
public sealed record SeatResponse(Guid AccountId, string DisplayName, DateTimeOffset AddedAt, bool IsActive);

/// <summary>Somebody as who gives plans sees them.</summary>
public sealed record SubscriberResponse(Guid AccountId, string DisplayName, SubscriptionResponse Subscription);
