using ChatSphere.Contracts.Knowledge;
using ChatSphere.Data.Knowledge;

namespace ChatSphere.Api.Responses;

internal static class DocumentResponses
{
    public static DocumentResponse From(Document d, DateTimeOffset now)
    {
        var progress = Progress(d);
        return new DocumentResponse(
            d.Id, d.BotId, d.Name, d.ContentType, d.Size, d.Sha256, Enum.Parse<DocumentStatus>(d.Stage.ToString()), progress, Eta(d, now),
            d.HasPages ? d.PagesTotal : null, d.HasPages ? d.PagesDone : null, d.Characters, d.Stage is DocumentStage.Ready ? d.ChunksTotal : d.ChunksDone,
            d.FailureCode, d.Reason, d.CreatedAt, d.UpdatedAt);
    }

    // Reading the file is about half of the work, embedding most of the rest.
    private static double Progress(Document d) => Math.Round(d.Stage switch
    {
        DocumentStage.Extracting => 0.02 + (0.48 * Share(d.PagesDone, d.PagesTotal)),
        DocumentStage.Chunking => 0.5 + (0.1 * Share(d.ChunksDone, d.ChunksTotal)),
        DocumentStage.Embedding => 0.6 + (0.39 * Share(d.ChunksDone, d.ChunksTotal)),
        DocumentStage.Ready => 1,
        _ => 0,
    }, 3);

    private static int? Eta(Document d, DateTimeOffset now)
    {
        var (done, total) = d.Stage switch
        {
            DocumentStage.Extracting => (d.PagesDone, d.PagesTotal ?? 0),
            DocumentStage.Embedding => (d.ChunksDone, d.ChunksTotal),
            _ => (0, 0),
        };
        var seconds = (now - d.StageSince).TotalSeconds;
        return done < 1 || total <= done || seconds < 0.5 ? null : (int)Math.Ceiling(seconds / done * (total - done));
    }

    private static double Share(int done, int? total) => total is > 0 ? Math.Min(1, (double)done / total.Value) : 0;
}
