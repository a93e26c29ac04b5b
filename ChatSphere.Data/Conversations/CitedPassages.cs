using Microsoft.EntityFrameworkCore;

namespace ChatSphere.Data.Conversations;

public static class CitedPassages
{
    // A person's own answers of one bot; newest first, so that what is open on a screen is always among them.
    private const int Answers = 2_000;

    /// <summary>
    /// Where in a document the answers of its bot to this account cite it. Who may use a bot may look up what it said, and that is all of its documents that they may see.
    /// </summary>
    public static async Task<IReadOnlyList<(int Start, int End)>> CitedToAsync(this ChatSphereDb db, Guid accountId, Guid botId, Guid documentId, CancellationToken cancellationToken)
    {
        var answers = db.Messages.AsNoTracking()
            .Where(m => m.Author == MessageAuthor.Assistant && db.Conversations.Any(c => c.Id == m.ConversationId && c.OwnerId == accountId && c.BotId == botId))
            .OrderByDescending(m => m.Id).Take(Answers).AsAsyncEnumerable();
        var cited = new List<(int, int)>();
        await foreach (var answer in answers.WithCancellation(cancellationToken))
        {
            cited.AddRange(answer.Citations.Where(c => c.DocumentId == documentId).Select(c => (c.Start, c.End)));
        }

        return cited;
    }
}
