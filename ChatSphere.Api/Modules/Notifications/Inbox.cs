using ChatSphere.Api.Http;
using ChatSphere.Api.Responses;
using ChatSphere.Contracts;
using ChatSphere.Contracts.Communities;
using ChatSphere.Contracts.Notifications;
using ChatSphere.Data;
using ChatSphere.Data.Communities;
using ChatSphere.Data.Notifications;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace ChatSphere.Api.Modules.Notifications;

internal static class Inbox
{
    private const int MostCounted = 100;
    private const int ExcerptLength = 200;

    /// <summary>Unread ones first. The cursor's time is not a time: it says whether the page ended among the unread, 1, or among the others, 0.</summary>
    public static async Task<Results<Ok<Page<NotificationResponse>>, ProblemHttpResult>> ListAsync(
        CurrentUser user, ChatSphereDb db, ChannelsInSight channels, CancellationToken cancellationToken, bool? unread = null, string? cursor = null, int? limit = null)
    {
        if (!Cursor.TryRead(cursor, out (DateTimeOffset Time, Guid Id)? after))
        {
            return Problems.BadRequest(ErrorCodes.CursorInvalid, "The cursor is not one that this list gave out.");
        }

        var take = Cursor.Limit(limit);
        var sight = await channels.OfAsync(user.AccountId, cancellationToken);
        var mine = db.InboxOf(user.AccountId, sight.Channels).AsNoTracking();
        var fresh = mine.Unread(db);
        var found = new List<(Notification Entry, bool IsRead)>();
        if (after is null || after.Value.Time.UtcTicks == 1)
        {
            var rest = after is { } a ? fresh.Where(n => n.Id < a.Id) : fresh;
            found.AddRange((await rest.OrderByDescending(n => n.Id).Take(take + 1).ToListAsync(cancellationToken)).Select(n => (n, false)));
        }

        if (found.Count <= take && unread != true)
        {
            var old = mine.Where(n => !fresh.Any(f => f.Id == n.Id));
            var rest = after is { Time.UtcTicks: 0 } a ? old.Where(n => n.Id < a.Id) : old;
            found.AddRange((await rest.OrderByDescending(n => n.Id).Take(take + 1 - found.Count).ToListAsync(cancellationToken)).Select(n => (n, true)));
        }

        var more = found.Count > take;
        var page = found.Take(take).ToList();
        return TypedResults.Ok(new Page<NotificationResponse>(
            await OfAsync(db, sight, page, cancellationToken), more ? Cursor.Of(new DateTimeOffset(page[^1].IsRead ? 0 : 1, TimeSpan.Zero), page[^1].Entry.Id) : null));
    }

    public static async Task<Ok<NotificationCountResponse>> CountAsync(CurrentUser user, ChatSphereDb db, ChannelsInSight channels, CancellationToken cancellationToken)
    {
        var sight = await channels.OfAsync(user.AccountId, cancellationToken);
        return TypedResults.Ok(new NotificationCountResponse(await db.InboxOf(user.AccountId, sight.Channels).Unread(db).OrderBy(n => n.Id).Take(MostCounted).CountAsync(cancellationToken)));
    }

    public static async Task<Results<NoContent, ProblemHttpResult>> ReadAsync(Guid notificationId, CurrentUser user, ChatSphereDb db, TimeProvider time, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var changed = await db.Notifications.Where(n => n.Id == notificationId && n.AccountId == user.AccountId).ExecuteUpdateAsync(n => n.SetProperty(x => x.ReadAt, x => x.ReadAt ?? now), cancellationToken);
        return changed == 0 ? Problems.NotFound() : TypedResults.NoContent();
    }

    public static async Task<NoContent> ReadAllAsync(CurrentUser user, ChatSphereDb db, TimeProvider time, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        await db.Notifications.Where(n => n.AccountId == user.AccountId && n.ReadAt == null).ExecuteUpdateAsync(n => n.SetProperty(x => x.ReadAt, now), cancellationToken);
        return TypedResults.NoContent();
    }

    private static async Task<List<NotificationResponse>> OfAsync(ChatSphereDb db, Sight sight, List<(Notification Entry, bool IsRead)> page, CancellationToken cancellationToken)
    {
        var messageIds = page.Select(p => p.Entry.MessageId).ToArray();
        var channelIds = page.Select(p => p.Entry.ChannelId).Distinct().ToArray();
        var messages = await db.ChannelMessages.AsNoTracking().Where(m => messageIds.Contains(m.Id)).ToDictionaryAsync(m => m.Id, cancellationToken);
        var channels = await db.Channels.AsNoTracking().Where(c => channelIds.Contains(c.Id)).ToDictionaryAsync(c => c.Id, cancellationToken);
        var authors = new Dictionary<(Guid?, Guid), AuthorResponse>();
        foreach (var server in page.GroupBy(p => p.Entry.ServerId))
        {
            foreach (var (id, author) in await ChannelMessageResponses.AuthorsAsync(db, server.Key, [.. server.Select(p => p.Entry.ActorId).Distinct()], cancellationToken))
            {
                authors[(server.Key, id)] = author;
            }
        }

        var servers = sight.Servers.ToDictionary(s => s.Id, s => s.Name);
        return [.. page.Where(p => messages.ContainsKey(p.Entry.MessageId) && channels.ContainsKey(p.Entry.ChannelId)).Select(p =>
        {
            var (n, m, c) = (p.Entry, messages[p.Entry.MessageId], channels[p.Entry.ChannelId]);
            var author = authors.GetValueOrDefault((n.ServerId, n.ActorId)) ?? new AuthorResponse(n.ActorId, (Contracts.Communities.AuthorKind)m.AuthorKind, m.AuthorName ?? "", null);
            return new NotificationResponse(
                n.Id, (Contracts.Notifications.NotificationKind)n.Kind, n.ServerId, n.ServerId is { } s ? servers.GetValueOrDefault(s) : null, c.Id, c.Name, (Contracts.Communities.ChannelKind)c.Kind, m.Id, n.Seq, author,
                c.IsEncrypted ? "" : Beginning(m.Content), n.CreatedAt, p.IsRead);
        })];
    }

    private static string Beginning(string text) => text.Length <= ExcerptLength ? text : text[..(char.IsHighSurrogate(text[ExcerptLength - 1]) ? ExcerptLength - 1 : ExcerptLength)] + "…";
}
