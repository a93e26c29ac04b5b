using System.Text;
using ChatSphere.AI.Chat.Citations;
using ChatSphere.Data;
using ChatSphere.Data.Conversations;
using Microsoft.EntityFrameworkCore;

namespace ChatSphere.Api.Answering;

internal static class VerifiedCitations
{
    /// <summary>
    /// Those citations whose quote stands in the document's stored text at its place, at this moment. A document deleted, or read anew, since the retrieval loses its
    /// citations here.
    /// </summary>
    public static async Task<List<Citation>> OfAsync(ChatSphereDb db, IReadOnlyList<ResolvedCitation> resolved)
    {
        if (resolved.Count == 0)
        {
            return [];
        }

        var ids = resolved.Select(c => c.Passage.DocumentId).Distinct().ToArray();
        var (first, last) = (resolved.Min(c => c.Start), resolved.Max(c => c.End));
        var starts = resolved.Select(c => c.Start).ToArray();
        var ends = resolved.Select(c => c.End).ToArray();
        var documents = resolved.Select(c => c.Passage.DocumentId).ToArray();

        // Only the pages that a quote touches, found by the index on (document, start).
        var pages = await db.DocumentPages.FromSql($"""
            select distinct p.* from unnest({documents}::uuid[], {starts}::int[], {ends}::int[]) as q(document_id, quote_start, quote_end)
            join knowledge.document_pages p on p.document_id = q.document_id and p.start < q.quote_end and p.start + p.length > q.quote_start
            """).AsNoTracking().ToListAsync();
        var verified = new List<Citation>();
        foreach (var citation in resolved)
        {
            var text = new StringBuilder();
            foreach (var page in pages.Where(p => p.DocumentId == citation.Passage.DocumentId).OrderBy(p => p.Start))
            {
                var from = Math.Max(citation.Start, page.Start) - page.Start;
                var to = Math.Min(citation.End, page.Start + page.Text.Length) - page.Start;
                if (from < to)
                {
                    text.Append(page.Text, from, to - from);
                }
            }

            if (text.Equals(citation.Quote))
            {
                var page = pages.Where(p => p.DocumentId == citation.Passage.DocumentId && p.Start <= citation.Start).MaxBy(p => p.Start);
                verified.Add(new Citation
                {
                    Number = citation.Number,
                    DocumentId = citation.Passage.DocumentId,
                    DocumentName = citation.Passage.DocumentName,
                    Page = citation.Passage.Page is null ? null : page?.Number,
                    Start = citation.Start,
                    End = citation.End,
                    Heading = citation.Passage.Heading,
                    Quote = citation.Quote,
                });
            }
        }

        return verified;
    }
}
