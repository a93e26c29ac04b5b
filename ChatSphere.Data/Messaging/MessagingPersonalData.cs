using ChatSphere.Data.Privacy;

namespace ChatSphere.Data.Messaging;

/// <summary>
/// Events carry ids, never names, addresses or texts, and the person's id only where a document was uploaded. They are pruned a week after they were published, so nothing is
/// exported and nothing erased; taking them out of a queue that is being worked on would leave files and vectors behind.
/// </summary>
public sealed class MessagingPersonalData : IPersonalData
{
    public string Section => "messaging";

    public IReadOnlyList<Type> Owns => [typeof(OutboxMessage), typeof(InboxMessage), typeof(DeadLetter)];

    public Task ExportAsync(Guid accountId, IPersonalDataWriter writer, CancellationToken cancellationToken) => Task.CompletedTask;

    public Task EraseAsync(Guid accountId, CancellationToken cancellationToken) => Task.CompletedTask;
}
