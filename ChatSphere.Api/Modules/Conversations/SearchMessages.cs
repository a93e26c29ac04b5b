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

    /// <summary>Where texts are stored sealed: what one request reads at most (docs/adr/0023).</summary>
    private const int MostRead = 20_000;
    private const int FirstBatch = 300;
    private const int Batch = 2_000;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    public static async Task<Results<Ok<FoundMessagesResponse>, ProblemHttpResult>> HandleAsync(
        CurrentUser user, ChatSphereDb db, ContentSeal seal, TimeProvider time, CancellationToken cancellationToken, string? q = null, string? cursor = null, int? limit = null)
    {
        if (!Cursor.TryRead(cursor, out (DateTimeOffset Time, Guid Id)? before))
        {
            return Problems.BadRequest(ErrorCodes.CursorInvalid, "The cursor is not one that this list gave out.");
        }

        if (string.IsNullOrWhiteSpace(q) || q.Length > LongestQuery || TextRules.HasUnstorable(q))
        {
            return Problems.Invalid("q", $"1 to {LongestQuery} characters.");
        }

        var take = Math.Min(Cursor.Limit(limit), 50);
        if (seal.IsActive)
        {
            return TypedResults.Ok(await ReadThroughAsync(user, db, time, MessageWords.Parse(q), before, take, cancellationToken));
        }

        var found = await db.SearchMessagesAsync(user.AccountId, q, before, take + 1, cancellationToken);
        var page = Pages.Of(await NameAsync(user, db, [.. found.Select(f => (f.Id, f.ConversationId, Enum.Parse<MessageRole>(f.Author), Read(f.Excerpt), f.CreatedAt))], cancellationToken), take, r => Cursor.Of(r.CreatedAt, r.MessageId));
        return TypedResults.Ok(new FoundMessagesResponse(page.Items, page.Next));
    }

    /// <summary>No index knows what sealed texts say, so they are opened one by one, as long as it is bearable, and the answer says how far that went.</summary>
    private static async Task<FoundMessagesResponse> ReadThroughAsync(
        CurrentUser user, ChatSphereDb db, TimeProvider time, MessageWords words, (DateTimeOffset Time, Guid Id)? before, int take, CancellationToken cancellationToken)
    {
        if (words.IsEmpty)
        {
            return new([], null) { Searched = 0 };
        }

        var messages = db.Messages.AsNoTracking().Where(m => db.Conversations.Any(c => c.Id == m.ConversationId && c.OwnerId == user.AccountId && c.ExpiresAt == null));
        var started = time.GetTimestamp();
        var (found, read, whole) = (new List<(Guid, Guid, MessageRole, (string, List<MatchRange>), DateTimeOffset)>(), 0, false);
        while (found.Count < take && read < MostRead && (read == 0 || time.GetElapsedTime(started) < Patience))
        {
            // What is looked for is often near: the first look is a short one.
            var size = read == 0 ? FirstBatch : Batch;
            var rest = before is { } key ? messages.Where(m => m.CreatedAt < key.Time || (m.CreatedAt == key.Time && m.Id < key.Id)) : messages;
            var batch = await rest.OrderByDescending(m => m.CreatedAt).ThenByDescending(m => m.Id).Take(size).Select(m => new { m.Id, m.ConversationId, m.Author, m.Text, m.CreatedAt }).ToListAsync(cancellationToken);
            foreach (var message in batch.TakeWhile(_ => found.Count < take))
            {
                read++;
                before = (message.CreatedAt, message.Id);
                if (words.Find(message.Text) is { } matches)
                {
                    var (excerpt, at) = MessageWords.Excerpt(message.Text, matches);
                    var role = message.Author == MessageAuthor.User ? MessageRole.User : MessageRole.Assistant;
                    found.Add((message.Id, message.ConversationId, role, (excerpt, [.. at.Select(r => new MatchRange(r.Start.Value, r.End.Value))]), message.CreatedAt));
                }
            }

            if (batch.Count < size && (batch.Count == 0 || before?.Id == batch[^1].Id))
            {
                whole = true;
                break;
            }
        }

        return new(await NameAsync(user, db, found, cancellationToken), whole || before is null ? null : Cursor.Of(before.Value.Time, before.Value.Id)) { Searched = read, SearchedBackTo = whole ? null : before?.Time };
    }

    private static async Task<List<FoundMessageResponse>> NameAsync(
        CurrentUser user, ChatSphereDb db, List<(Guid Id, Guid ConversationId, MessageRole Role, (string Text, List<MatchRange> Matches) Excerpt, DateTimeOffset CreatedAt)> found, CancellationToken cancellationToken)
    {
        var ids = found.Select(f => f.ConversationId).Distinct().ToArray();
        var talks = await db.Conversations.AsNoTracking().VisibleTo(user.AccountId).Where(c => ids.Contains(c.Id))
            .Select(c => new { c.Id, c.Title, BotName = db.Bots.Where(b => b.Id == c.BotId).Select(b => b.Name).First() }).ToDictionaryAsync(c => c.Id, cancellationToken);
        return [.. found.Where(f => talks.ContainsKey(f.ConversationId)).Select(f =>
            new FoundMessageResponse(f.Id, f.ConversationId, talks[f.ConversationId].Title, talks[f.ConversationId].BotName, f.Role, f.Excerpt.Text, f.Excerpt.Matches, f.CreatedAt))];
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
