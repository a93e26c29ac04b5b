using System.Text;
using ChatSphere.Api.Http;
using ChatSphere.Contracts;
using ChatSphere.Contracts.Conversations;
using ChatSphere.Data;
using ChatSphere.Data.Conversations;
using ChatSphere.Data.Secrets;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace ChatSphere.Api.Modules.Conversations;

internal static class SearchMessages
{
    private const int LongestQuery = 200;

    public static async Task<Results<Ok<Page<FoundMessageResponse>>, ProblemHttpResult>> HandleAsync(
        CurrentUser user, ChatSphereDb db, ContentSeal seal, CancellationToken cancellationToken, string? q = null, string? cursor = null, int? limit = null)
    {
        if (!Cursor.TryRead(cursor, out (DateTimeOffset Time, Guid Id)? before))
        {
            return Problems.BadRequest(ErrorCodes.CursorInvalid, "The cursor is not one that this list gave out.");
        }

        if (string.IsNullOrWhiteSpace(q) || q.Length > LongestQuery || TextRules.HasUnstorable(q))
        {
            return Problems.Invalid("q", $"1 to {LongestQuery} characters.");
        }

        if (seal.IsActive)
        {
            return Problems.Conflict(ErrorCodes.SearchUnavailable, "Here, what is said is stored encrypted, so nothing can look for words in it.");
        }

        var take = Math.Min(Cursor.Limit(limit), 50);
        var found = await db.SearchMessagesAsync(user.AccountId, q, before, take + 1, cancellationToken);
        var ids = found.Select(f => f.ConversationId).Distinct().ToArray();
        var talks = await db.Conversations.AsNoTracking().VisibleTo(user.AccountId).Where(c => ids.Contains(c.Id))
            .Select(c => new { c.Id, c.Title, BotName = db.Bots.Where(b => b.Id == c.BotId).Select(b => b.Name).First() }).ToDictionaryAsync(c => c.Id, cancellationToken);
        var results = found.Where(f => talks.ContainsKey(f.ConversationId)).Select(f =>
        {
            var (excerpt, matches) = Read(f.Excerpt);
            var talk = talks[f.ConversationId];
            return new FoundMessageResponse(f.Id, f.ConversationId, talk.Title, talk.BotName, Enum.Parse<MessageRole>(f.Author), excerpt, matches, f.CreatedAt);
        }).ToList();
        return TypedResults.Ok(Pages.Of(results, take, r => Cursor.Of(r.CreatedAt, r.MessageId)));
    }

    private static (string Excerpt, List<MatchRange> Matches) Read(string marked)
    {
        var (text, matches, start) = (new StringBuilder(marked.Length), new List<MatchRange>(), -1);
        foreach (var c in marked)
        {
            if (c == '\u0002')
            {
                start = text.Length;
            }
            else if (c == '\u0003')
            {
                if (start >= 0)
                {
                    matches.Add(new MatchRange(start, text.Length));
                }

                start = -1;
            }
            else
            {
                text.Append(c);
            }
        }

        return (text.ToString(), matches);
    }
}
