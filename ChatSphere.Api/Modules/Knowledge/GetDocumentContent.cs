using ChatSphere.Api.Http;
using ChatSphere.Contracts.Knowledge;
using ChatSphere.Data;
using ChatSphere.Data.Knowledge;
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
        var document = await db.Documents.AsNoTracking().VisibleTo(db, user.AccountId).Where(d => d.Id == documentId)
            .Select(d => new { d.Name, d.HasPages, d.Characters }).SingleOrDefaultAsync(cancellationToken);
        if (document is null)
        {
            return Problems.NotFound();
        }

        var pages = await db.DocumentPages.AsNoTracking()
            .Where(p => p.DocumentId == documentId && p.Start < to && p.Start + p.Length > from)
            .OrderBy(p => p.Number)
            .Select(p => new DocumentPageResponse(document.HasPages ? p.Number : null, p.Start, p.Text))
            .ToListAsync(cancellationToken);
        return TypedResults.Ok(new DocumentContentResponse(documentId, document.Name, document.Characters ?? 0, pages));
    }
}
