using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;

namespace ChatSphere.Contracts.Privacy;

[JsonConverter(typeof(SnakeCaseEnum<ExportStatus>))]
public enum ExportStatus
{
    Queued,
    Running,
    Ready,
    Failed,
}

/// <param name="AccountId">Whose data it is.</param>
/// <param name="Percent">How far it is, 0 to 100.</param>
/// <param name="Size">Of the ZIP file in bytes; null until ready.</param>
/// <param name="ExpiresAt">When it is deleted; null until ready.</param>
public sealed record ExportResponse(Guid Id, Guid AccountId, ExportStatus Status, int Percent, long? Size, DateTimeOffset CreatedAt, DateTimeOffset? ReadyAt, DateTimeOffset? ExpiresAt);

/// <param name="Reason">Why it is done for somebody else; goes into the audit log.</param>
public sealed record ActForPersonRequest([property: Required, StringLength(400, MinimumLength = 3)] string Reason);
