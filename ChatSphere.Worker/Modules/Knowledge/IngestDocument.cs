using ChatSphere.Data.Knowledge;
using ChatSphere.Messaging;

namespace ChatSphere.Worker.Modules.Knowledge;

/// <summary>Reads a queued document. Two at a time, because there is mostly one processor's work in each.</summary>
[Handler(LongRunning = true, Concurrency = 2)]
public sealed class IngestDocument(DocumentIngestor ingestor) : IHandle<DocumentQueued>
{
    // Half a lease: a document whose worker died is taken over soon after its lease ends.
    private static readonly TimeSpan LookAgain = DocumentLease.Duration / 2;

    public async Task HandleAsync(DocumentQueued happened, CancellationToken cancellationToken)
    {
        if (await ingestor.IngestAsync(happened.DocumentId, cancellationToken) == IngestResult.LeasedElsewhere)
        {
            throw new RetryLaterException(LookAgain);
        }
    }
}
