using System.Text.Json;
using System.Text.Json.Serialization;

namespace ChatSphere.Contracts.Audit;

[JsonConverter(typeof(SnakeCaseEnum<AuditActorKind>))]
public enum AuditActorKind
{
    Anonymous,
    Person,
    ApiKey,
    System,
}

/// <param name="Name">The account's name of today; null: nobody has signed in, or it is gone.</param>
public sealed record AuditActorResponse(AuditActorKind Kind, Guid? Id, string? Name);

/// <param name="Network">The first 24 bits of an IPv4 address, the first 48 of an IPv6 address.</param>
/// <param name="CredentialId">The session or API key that it was done with.</param>
/// <param name="TargetName">The name of today, of accounts, roles and groups.</param>
/// <param name="Details">What changed, as the action documents it.</param>
/// <param name="Seq">Its number in the chain; null until it is linked, some seconds later.</param>
public sealed record AuditEventResponse(
    Guid Id, DateTimeOffset At, string Action, AuditActorResponse Actor, Guid? CredentialId, string? Network,
    string? TargetKind, Guid? TargetId, string? TargetName, string? Reason, JsonElement? Details, long? Seq);

/// <param name="IsWhole">Nothing was changed, taken out, exchanged or cut off.</param>
/// <param name="FirstBadSeq">The first number at which the chain is not whole.</param>
/// <param name="Problem">
/// Null when whole; else <c>event_changed</c>, <c>event_missing</c>, <c>link_missing</c>, <c>order_changed</c>, <c>chain_replaced</c>, <c>tail_cut</c>,
/// <c>checkpoint_forged</c>, <c>checkpoint_missing</c> or <c>event_not_linked</c>.
/// </param>
/// <param name="Detail">A sentence for people.</param>
/// <param name="Events">Events that were read and are as they were written.</param>
/// <param name="Pending">Events of the last seconds, not in the chain yet.</param>
/// <param name="Checkpoints">Signed checkpoints in the database.</param>
/// <param name="FileCheckpoints">Signed checkpoints in the file outside the database.</param>
public sealed record AuditVerificationResponse(
    bool IsWhole, long? FirstBadSeq, string? Problem, string? Detail, long Events, long Pending, long Checkpoints, long FileCheckpoints, DateTimeOffset? LastCheckpointAt, DateTimeOffset VerifiedAt);

/// <param name="Kty">As in RFC 7517.</param>
public sealed record AuditKeyResponse(string Kid, string Kty, string Crv, string X, string Y, DateTimeOffset CreatedAt);

public sealed record AuditKeysResponse(IReadOnlyList<AuditKeyResponse> Keys);

/// <param name="Groups">Names of the groups through which the account had it; empty: given to the account itself.</param>
public sealed record RoleThenResponse(Guid Id, string Name, bool RequiresMfa, IReadOnlyList<string> Groups);

public sealed record GroupThenResponse(Guid Id, string Name);

/// <summary>What an account was allowed at a moment, told from the audit log alone.</summary>
/// <param name="IsActive">Neither disabled nor deleted then.</param>
/// <param name="Permissions">What the roles granted. A role with <c>requiresMfa</c> granted it only with a second factor.</param>
public sealed record RightsThenResponse(
    Guid AccountId, DateTimeOffset At, bool IsActive, IReadOnlyList<RoleThenResponse> Roles, IReadOnlyList<GroupThenResponse> Groups, IReadOnlyList<string> Permissions);

/// <summary>Something that happened to one's own account or was done with it.</summary>
/// <param name="By"><c>me</c>, <c>nobody</c> (somebody not signed in), <c>somebody_else</c> (an administrator) or <c>system</c>.</param>
/// <param name="Network">Where from; only of what was done as oneself or by somebody not signed in.</param>
public sealed record SecurityEventResponse(Guid Id, DateTimeOffset At, string Action, string By, string? Network);
