using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;

namespace ChatSphere.Contracts.Privacy;

[JsonConverter(typeof(SnakeCaseEnum<ErasureStatus>))]
public enum ErasureStatus
{
    /// <summary>For the end of the grace period, or of a legal hold.</summary>
    Waiting,
    Running,
    Cancelled,
    Done,
}

/// <param name="Email">The account's own e-mail, typed, so that nobody does this by accident.</param>
public sealed record RequestErasureRequest([property: Required, StringLength(254)] string Email);

/// <param name="Token">From the link in the mail.</param>
public sealed record CancelErasureRequest([property: Required, StringLength(200)] string Token);

/// <param name="DueAt">Until then it can be cancelled.</param>
/// <param name="Reason">What the administrator wrote who asked for it; null when the person asked.</param>
/// <param name="OnHold">A legal hold keeps it waiting.</param>
/// <param name="DoneSections">The modules that have erased what they had.</param>
public sealed record ErasureResponse(
    Guid Id, Guid AccountId, ErasureStatus Status, Guid RequestedBy, string? Reason, DateTimeOffset RequestedAt, DateTimeOffset DueAt, bool OnHold, DateTimeOffset? DoneAt, IReadOnlyList<string> DoneSections);

/// <summary>What the person is told who asked for it.</summary>
/// <param name="DueAt">Until then the link in the mail cancels it.</param>
public sealed record ErasureAcceptedResponse(Guid Id, DateTimeOffset DueAt);
