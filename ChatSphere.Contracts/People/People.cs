using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;

namespace ChatSphere.Contracts.People;

/// <param name="Handle">Without <c>@</c>; null: none yet.</param>
/// <param name="Avatar">Changes with the picture, for <c>GET /v1/people/{accountId}/avatar?v=</c>; null: no picture.</param>
public sealed record ProfileResponse(Guid AccountId, string DisplayName, string? Handle, string Bio, string Pronouns, string Status, string? Avatar);

/// <summary>Only what is given changes.</summary>
/// <param name="Handle">3 to 30 letters, digits, <c>_</c>, <c>-</c> or <c>.</c>, beginning and ending with a letter or digit; shown in lower case. Unique, also among those that look alike. Empty gives it up.</param>
/// <param name="Status">A few words of what one is at.</param>
public sealed record UpdateProfileRequest(
    [property: StringLength(64, MinimumLength = 1)] string? DisplayName = null,
    [property: StringLength(64)] string? Handle = null,
    [property: StringLength(500)] string? Bio = null,
    [property: StringLength(40)] string? Pronouns = null,
    [property: StringLength(100)] string? Status = null);

/// <summary>What a person sees of another.</summary>
/// <param name="Relationship">Between the caller and this person.</param>
public sealed record PersonResponse(
    Guid Id, string DisplayName, string? Handle, string Bio, string Pronouns, string Status, string? Avatar, PersonRelationship Relationship);

/// <summary><c>incoming</c>: this person asked the caller for friendship; <c>outgoing</c>: the other way round.</summary>
[JsonConverter(typeof(SnakeCaseEnum<PersonRelationship>))]
public enum PersonRelationship
{
    None,
    Self,
    Friends,
    Incoming,
    Outgoing,
}

/// <param name="Avatar">See <see cref="ProfileResponse"/>.</param>
public sealed record AvatarResponse(string Avatar, string ContentType, int Width, int Height);

[JsonConverter(typeof(SnakeCaseEnum<PreferredTheme>))]
public enum PreferredTheme
{
    System,
    Light,
    Dark,
}

/// <param name="Locale">BCP 47, such as <c>en</c> or <c>pt-BR</c>; null: as the browser says.</param>
/// <param name="DefaultModel">A model of <c>GET /v1/models</c> that new bots begin with; null: the deployment's default.</param>
/// <param name="TimeZone">An IANA name such as <c>Europe/Stockholm</c>; null: as the browser says.</param>
public sealed record Preferences(
    [property: StringLength(16)] string? Locale,
    [property: Required] PreferredTheme? Theme,
    [property: StringLength(200)] string? DefaultModel,
    [property: StringLength(64)] string? TimeZone);

[JsonConverter(typeof(SnakeCaseEnum<WhoMay>))]
public enum WhoMay
{
    Everyone,
    Friends,
    Nobody,
}

/// <param name="WhoCanFindMe">By name, handle or e-mail. Friends always can.</param>
/// <param name="WhoCanAskFriendship">With <c>friends</c>, people who have a friend in common with the account.</param>
/// <param name="ShowPresence">Who sees whether one is there.</param>
public sealed record PrivacySettings(
    [property: Required] WhoMay? WhoCanFindMe,
    [property: Required] WhoMay? WhoCanAskFriendship,
    [property: Required] WhoMay? WhoCanMessageMe,
    [property: Required] WhoMay? ShowPresence);

[JsonConverter(typeof(SnakeCaseEnum<RelationshipKind>))]
public enum RelationshipKind
{
    Friends,
    Incoming,
    Outgoing,
    Blocked,
}

/// <param name="Since">When they became friends, or the request was made, or the block.</param>
public sealed record RelationshipResponse(Guid AccountId, string DisplayName, string? Handle, string? Avatar, RelationshipKind Kind, DateTimeOffset Since);

/// <summary>One of the two.</summary>
public sealed record RequestFriendshipRequest(Guid? AccountId = null, [property: StringLength(64)] string? Handle = null);

/// <summary>The live event <c>relationship_changed</c>.</summary>
/// <param name="Kind">What it is now, as the receiver sees it; null: nothing.</param>
public sealed record RelationshipChangedEvent(Guid AccountId, RelationshipKind? Kind);
