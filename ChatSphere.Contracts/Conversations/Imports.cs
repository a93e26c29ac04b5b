using System.Text.Json.Serialization;

namespace ChatSphere.Contracts.Conversations;

[JsonConverter(typeof(SnakeCaseEnum<ImportStatus>))]
public enum ImportStatus
{
    Queued,
    Running,
    Done,
    Failed,
}

/// <param name="AlreadyThere">Brought in before; nothing of them was changed.</param>
/// <param name="Skipped">Could not be read.</param>
/// <param name="Notes">Why some were passed over or shortened.</param>
/// <param name="Failure">Why nothing more could be read.</param>
public sealed record ImportResponse(
    Guid Id, Guid BotId, ImportStatus Status, int Percent, int Imported, int AlreadyThere, int Skipped, IReadOnlyList<string> Notes, string? Failure, DateTimeOffset CreatedAt, DateTimeOffset? FinishedAt);
