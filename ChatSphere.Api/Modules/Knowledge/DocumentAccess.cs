using ChatSphere.Api.Http;
using ChatSphere.Data;
using ChatSphere.Data.Bots;
using ChatSphere.Data.Conversations;
using ChatSphere.Data.Knowledge;
using Microsoft.EntityFrameworkCore;

namespace ChatSphere.Api.Modules.Knowledge;

/// <param name="CitedOnly">Where the bot's answers to the caller cite it, when that is all that the caller may see of it; else null.</param>
internal sealed record ReadableDocument(Document Document, IReadOnlyList<(int Start, int End)>? CitedOnly);

/// <summary>Who may read a bot's knowledge reads a document whole; who may only talk with the bot reads the pages that it has cited to them.</summary>
internal static class DocumentAccess
{
    public static async Task<ReadableDocument?> FindAsync(ChatSphereDb db, Guid documentId, CurrentUser user, CancellationToken cancellationToken)
    {
        if (await db.Documents.AsNoTracking().VisibleTo(db, user.AccountId).SingleOrDefaultAsync(d => d.Id == documentId, cancellationToken) is { } document)
        {
            return new ReadableDocument(document, null);
        }

        var usable = await db.Documents.AsNoTracking().Where(d => d.Id == documentId && db.Bots.UsableBy(db, user.AccountId).Any(b => b.Id == d.BotId)).SingleOrDefaultAsync(cancellationToken);
        if (usable is null)
        {
            return null;
        }

        var cited = await db.CitedToAsync(user.AccountId, usable.BotId, documentId, cancellationToken);
        return cited.Count == 0 ? null : new ReadableDocument(usable, cited);
    }
}
