using ChatSphere.AI.Chat;
using ChatSphere.Data.Knowledge;
using ChatSphere.Messaging;

namespace ChatSphere.Worker.Modules.Knowledge;

/// <summary>Reads a queued document. Two at a time, because there is mostly one processor's work in each.</summary>
[Handler(LongRunning = true, Concurrency = 2)]
public sealed class IngestDocument(DocumentIngestor ingestor) : IHandle<DocumentQueued>
{
    // Half a lease: a document whose worker died is taken over soon after its lease ends.
    private static readonly TimeSpan LookAgain = DocumentLease.Duration / 2;

    private static readonly TimeSpan LongestWait = TimeSpan.FromMinutes(5);

    public async Task HandleAsync(DocumentQueued happened, CancellationToken cancellationToken)
    {
        try
        {
            if (await ingestor.IngestAsync(happened.DocumentId, cancellationToken) == IngestResult.LeasedElsewhere)
            {
                throw new RetryLaterException(LookAgain);
            }
        }
        catch (ProviderException e)
        {
            // The embedding model is away, for however long: the document waits for it.
            var wait = e.RetryAfter ?? LookAgain;
            throw new RetryLaterException(wait < LookAgain ? LookAgain : wait < LongestWait ? wait : LongestWait);
        }
    }
}
