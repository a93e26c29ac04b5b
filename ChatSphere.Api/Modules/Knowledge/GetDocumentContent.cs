using ChatSphere.Api.Http;
using ChatSphere.Contracts.Knowledge;
using ChatSphere.Data;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace ChatSphere.Api.Modules.Knowledge;

internal static class GetDocumentContent
{
    private const int DefaultLength = 20_000;
    private const int MaxLength = 200_000;

    public static async Task<Results<Ok<DocumentContentResponse>, ProblemHttpResult>> HandleAsync(
        Guid documentId, CurrentUser user, ChatSphereDb db, CancellationToken cancellationToken, int start = 0, int length = DefaultLength)
    {
        var from = Math.Max(0, start);
        var to = (int)Math.Min(int.MaxValue, (long)from + Math.Clamp(length, 1, MaxLength));
        var found = await DocumentAccess.FindAsync(db, documentId, user, cancellationToken);
        if (found is null)
        {
            return Problems.NotFound();
        }

        var document = found.Document;

        var pages = await db.DocumentPages.AsNoTracking()
            .Where(p => p.DocumentId == documentId && p.Start < to && p.Start + p.Length > from)
            .OrderBy(p => p.Number)
            .Select(p => new DocumentPageResponse(document.HasPages ? p.Number : null, p.Start, p.Text))
            .ToListAsync(cancellationToken);
        if (found.CitedOnly is { } cited)
        {
            pages.RemoveAll(p => !cited.Any(c => c.Start < p.Start + p.Text.Length && p.Start < c.End));
        }

        return TypedResults.Ok(new DocumentContentResponse(documentId, document.Name, document.Characters ?? 0, pages));
    }
}
