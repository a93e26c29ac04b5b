using ChatSphere.Api.Http;
using ChatSphere.Api.Responses;
using ChatSphere.Contracts.Conversations;
using ChatSphere.Data;
using ChatSphere.Data.Bots;
using ChatSphere.Data.Conversations;
using ChatSphere.Data.Knowledge;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace ChatSphere.Api.Modules.Bots;

/// <summary>
/// How an answer came about, for the person it was given to. A passage is shown only if that person may read it now: all of the documents that are open to them, and of the others what
/// the answer cites, as long as the bot still talks with them.
/// </summary>
internal static class ExplainAnswer
{
    private const int ExcerptLength = 280;

    public static async Task<Results<Ok<WhyResponse>, ProblemHttpResult>> HandleAsync(Guid messageId, CurrentUser user, ChatSphereDb db, CancellationToken cancellationToken)
    {
        var mine = db.Conversations.VisibleTo(user.AccountId);
        var found = await db.Messages.AsNoTracking().Where(m => m.Id == messageId && mine.Any(c => c.Id == m.ConversationId))
            .Select(m => new { Message = m, Trace = db.TurnTraces.SingleOrDefault(t => t.MessageId == m.Id) }).SingleOrDefaultAsync(cancellationToken);
        if (found is not { Message: { } message, Trace: { } trace })
        {
            return Problems.NotFound();
        }

        var ids = trace.Passages.Select(p => p.DocumentId).Distinct().ToArray();
        var names = await db.Documents.AsNoTracking().Where(d => ids.Contains(d.Id)).ToDictionaryAsync(d => d.Id, d => d.Name, cancellationToken);
        var open = await db.Documents.VisibleTo(db, user.AccountId).Where(d => ids.Contains(d.Id)).Select(d => d.Id).ToHashSetAsync(cancellationToken);
        var talks = await db.Bots.UsableBy(db, user.AccountId).AnyAsync(b => b.Id == trace.BotId, cancellationToken);
        var readable = trace.Passages.Where(p => names.ContainsKey(p.DocumentId) && (open.Contains(p.DocumentId) || (talks && p.Fate == PassageFate.Cited))).ToList();
        var chunkIds = readable.Select(p => p.ChunkId).ToArray();
        var texts = await db.Chunks.AsNoTracking().Where(c => chunkIds.Contains(c.Id)).ToDictionaryAsync(c => c.Id, c => c.Text, cancellationToken);
        return TypedResults.Ok(new WhyResponse(
            message.Id, message.ConversationId, trace.BotVersion, message.Model, trace.SearchText,
            [.. trace.Steps.Select(s => new WhyStep(s.Name, s.StartMilliseconds, s.Milliseconds))],
            trace.Steps.Count == 0 ? 0 : trace.Steps.Max(s => s.StartMilliseconds + s.Milliseconds),
            [.. readable.Select(p => new WhyPassage(
                p.DocumentId, names[p.DocumentId], p.Page, p.Start, p.End, p.Number, Enum.Parse<PassageOutcome>(p.Fate.ToString()), p.Score, p.LexicalRank, p.LexicalScore, p.VectorRank, p.VectorScore,
                texts.TryGetValue(p.ChunkId, out var text) ? Excerpt(text) : null))],
            trace.Passages.Count - readable.Count,
            [.. trace.Models.Select(m => new WhyModel(m.Model, m.Outcome))],
            ConversationResponses.From(message.Usage), message.FailureCode, message.CreatedAt));
    }

    private static string Excerpt(string text)
    {
        text = string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        return text.Length <= ExcerptLength ? text : text[..(char.IsHighSurrogate(text[ExcerptLength - 1]) ? ExcerptLength - 1 : ExcerptLength)] + "…";
    }
}
