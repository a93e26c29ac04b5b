using System.ComponentModel.DataAnnotations;

namespace ChatSphere.Contracts.Privacy;

/// <param name="Kind">Which text it is: <c>terms</c>, <c>privacy</c>, <c>newsletter</c> …</param>
/// <param name="Version">From 1, of its kind.</param>
/// <param name="Text">Markdown.</param>
/// <param name="Required">Whoever uses ChatSphere is to accept it.</param>
public sealed record PolicyResponse(Guid Id, string Kind, int Version, string Title, string Text, bool Required, DateTimeOffset PublishedAt);

public sealed record PublishPolicyRequest(
    [property: Required, RegularExpression("^[a-z][a-z0-9-]{1,31}$", ErrorMessage = "Small letters, digits and hyphens, 2 to 32.")] string Kind,
    [property: Required, StringLength(120, MinimumLength = 1)] string Title,
    [property: Required, StringLength(100_000, MinimumLength = 1)] string Text,
    bool Required);

/// <param name="Given">False: withdrawn or declined.</param>
public sealed record ConsentResponse(Guid PolicyId, string Kind, int Version, string Title, bool Given, DateTimeOffset At);

/// <param name="Due">Required texts whose current version the person has not accepted.</param>
/// <param name="Current">What holds now: the last word on each text, newest first.</param>
/// <param name="History">All that was ever said, newest first.</param>
public sealed record ConsentsResponse(IReadOnlyList<PolicyResponse> Due, IReadOnlyList<ConsentResponse> Current, IReadOnlyList<ConsentResponse> History);

public sealed record GiveConsentRequest(Guid PolicyId, bool Given);
