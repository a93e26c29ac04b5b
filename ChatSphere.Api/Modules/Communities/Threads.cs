using ChatSphere.Api.Http;
using ChatSphere.Api.Posting;
using ChatSphere.Api.Responses;
using ChatSphere.Contracts;
using ChatSphere.Contracts.Communities;
using ChatSphere.Contracts.Live;
using ChatSphere.Data;
using ChatSphere.Data.Communities;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using AuthorKind = ChatSphere.Data.Communities.AuthorKind;
using ChannelKind = ChatSphere.Data.Communities.ChannelKind;

namespace ChatSphere.Api.Modules.Communities;

/// <summary>Threads are channels in a channel, whose rights hold in them. Put away after a time without messages, they open again when somebody writes.</summary>
internal static class Threads
{
    private const int MostOpen = 1_000;

    public static async Task<Results<Created<ThreadResponse>, ProblemHttpResult>> CreateAsync(
        Guid channelId, CreateThreadRequest request, CurrentUser user, ChatSphereDb db, Seats seats, ChannelPosting posting, ChannelChanges changes, TimeProvider time, CancellationToken cancellationToken)
    {
        if (await seats.InChannelAsync(user.AccountId, channelId, cancellationToken) is not { } seat)
        {
            return Problems.NotFound();
        }

        if (seat.Channel is not { ServerId: { } serverId, Kind: ChannelKind.Text or ChannelKind.Announcement })
        {
            return Problems.Invalid("channelId", "Threads are in text and announcement channels.");
        }

        ServerPermissions[] needed = [ServerPermissions.CreateThreads, ServerPermissions.ReadMessageHistory, .. request.Content is null ? Array.Empty<ServerPermissions>() : [ServerPermissions.SendMessagesInThreads]];
        foreach (var right in needed.Where(r => !seat.May(r)))
        {
            return ServerResponses.Missing(right);
        }

        if (TextRules.Problem(request.Name) is { } unfit)
        {
            return Problems.Invalid("name", unfit);
        }

        if (request.Content is { } content && ChannelPosting.Unfit(content, mayBeEmpty: false) is { } unfitContent)
        {
            return Problems.Invalid("content", unfitContent);
        }

        var name = request.Name.Trim();
        if (await posting.ScreenAsync(new WrittenContent(ContentPlace.ThreadTitle, serverId, channelId, user.AccountId, seat.Permissions, name), cancellationToken) is { } screened
            || (request.Content is { } first && (screened = await posting.ScreenAsync(seat, user.AccountId, first, isEdit: false, cancellationToken)) is not null))
        {
            return screened;
        }

        if (await db.Channels.CountAsync(c => c.ParentId == channelId && c.Kind == ChannelKind.Thread && c.ArchivedAt == null && c.DeletedAt == null, cancellationToken) >= MostOpen)
        {
            return Problems.Conflict(ErrorCodes.TooMany, $"At most {MostOpen} threads are open in a channel; put some away.");
        }

        var now = time.GetUtcNow();
        var thread = Channel.Thread(serverId, channelId, name, request.MessageId, user.AccountId, now);
        thread.AutoArchiveMinutes = request.AutoArchiveMinutes;
        if (request.MessageId is { } messageId)
        {
            // The message's own number and the thread are one change; a message begins one thread at most.
            var (_, refusal) = await changes.ApplyAsync(
                seat, messageId,
                async m =>
                {
                    if (m.ThreadId is not null || await db.Channels.AnyAsync(c => c.StarterMessageId == messageId, cancellationToken))
                    {
                        return Problems.Conflict(ErrorCodes.ThreadExists, "A thread has begun with this message already.");
                    }

                    db.Add(thread);
                    db.Add(new ChannelMember { ChannelId = thread.Id, AccountId = user.AccountId, JoinedAt = now });
                    if (m.AuthorKind == AuthorKind.Person && m.AuthorId != user.AccountId && await db.ServerMembers.AnyAsync(x => x.ServerId == serverId && x.MemberId == m.AuthorId, cancellationToken))
                    {
                        db.Add(new ChannelMember { ChannelId = thread.Id, AccountId = m.AuthorId, JoinedAt = now });
                    }

                    m.ThreadId = thread.Id;
                    m.Touch();
                    return null;
                },
                cancellationToken);
            if (refusal is not null)
            {
                return refusal;
            }
        }
        else
        {
            db.Add(thread);
            db.Add(new ChannelMember { ChannelId = thread.Id, AccountId = user.AccountId, JoinedAt = now });
            await db.SaveChangesAsync(cancellationToken);
        }

        posting.PublishThread(serverId, Changed(thread, 0, null));
        if (request.Content is { } opening && await seats.InChannelAsync(user.AccountId, thread.Id, cancellationToken) is { } there)
        {
            // Should this be refused after all, the thread is there without it.
            await posting.PostAsync(there, AuthorKind.Person, user.AccountId, new PostMessageRequest(opening), cancellationToken);
        }

        return TypedResults.Created($"/v1/threads/{thread.Id}", (await OfAsync(db, user.AccountId, [thread], cancellationToken))[0]);
    }

    /// <summary>Those of a channel; those written in last come first.</summary>
    public static async Task<Results<Ok<Page<ThreadResponse>>, ProblemHttpResult>> ListAsync(
        Guid channelId, bool? archived, string? cursor, int? limit, CurrentUser user, ChatSphereDb db, Seats seats, CancellationToken cancellationToken)
    {
        if (await seats.InChannelAsync(user.AccountId, channelId, cancellationToken) is not { } seat)
        {
            return Problems.NotFound();
        }

        if (!seat.May(ServerPermissions.ReadMessageHistory))
        {
            return ServerResponses.Missing(ServerPermissions.ReadMessageHistory);
        }

        if (!Cursor.TryRead(cursor, out (DateTimeOffset Time, Guid Id)? after))
        {
            return Problems.Invalid("cursor", "Not a cursor of this list.");
        }

        var take = Cursor.Limit(limit);
        var threads = db.Channels.AsNoTracking().Where(c => c.ParentId == channelId && c.Kind == ChannelKind.Thread && c.DeletedAt == null && c.ArchivedAt != null == (archived ?? false))
            .Join(db.ChannelCounters, c => c.Id, n => n.ChannelId, (c, n) => new { Thread = c, At = n.LastMessageAt ?? c.CreatedAt });
        if (after is var (time, id))
        {
            threads = threads.Where(t => t.At < time || (t.At == time && t.Thread.Id < id));
        }

        var found = await threads.OrderByDescending(t => t.At).ThenByDescending(t => t.Thread.Id).Take(take + 1).ToListAsync(cancellationToken);
        var responses = await OfAsync(db, user.AccountId, found.ConvertAll(t => t.Thread), cancellationToken);
        return TypedResults.Ok(Pages.Of(responses, take, t => Cursor.Of(t.LastMessageAt ?? t.CreatedAt, t.Id)));
    }

    /// <summary>The open threads of a server that I follow and may still see.</summary>
    public static async Task<Results<Ok<IReadOnlyList<ThreadResponse>>, ProblemHttpResult>> FollowedAsync(Guid serverId, CurrentUser user, ChatSphereDb db, Seats seats, CancellationToken cancellationToken)
    {
        if (await seats.InServerAsync(user.AccountId, serverId, cancellationToken) is not { } seat)
        {
            return Problems.NotFound();
        }

        var visible = seats.VisibleChannels(seat).Keys.ToList();
        var found = await db.Channels.AsNoTracking().Where(c => c.ServerId == serverId && c.Kind == ChannelKind.Thread && c.DeletedAt == null && c.ArchivedAt == null
            && visible.Contains(c.ParentId!.Value) && db.ChannelMembers.Any(m => m.ChannelId == c.Id && m.AccountId == user.AccountId)).OrderBy(c => c.ParentId).ThenBy(c => c.Id).Take(500).ToListAsync(cancellationToken);
        return TypedResults.Ok<IReadOnlyList<ThreadResponse>>(await OfAsync(db, user.AccountId, found, cancellationToken));
    }

    public static async Task<Results<Ok<ThreadResponse>, ProblemHttpResult>> GetAsync(Guid threadId, CurrentUser user, ChatSphereDb db, Seats seats, CancellationToken cancellationToken) =>
        await SeatAsync(threadId, user, seats, cancellationToken) is null ? Problems.NotFound()
        : TypedResults.Ok((await OfAsync(db, user.AccountId, [await db.Channels.AsNoTracking().SingleAsync(c => c.Id == threadId, cancellationToken)], cancellationToken))[0]);

    /// <summary>The name, putting away and the time until then: whoever began it, or <c>manage_threads</c>. Locking: <c>manage_threads</c>.</summary>
    public static async Task<Results<Ok<ThreadResponse>, ProblemHttpResult>> UpdateAsync(
        Guid threadId, UpdateThreadRequest request, CurrentUser user, ChatSphereDb db, Seats seats, ChannelPosting posting, ChannelChanges changes, TimeProvider time, CancellationToken cancellationToken)
    {
        if (await SeatAsync(threadId, user, seats, cancellationToken) is not { } seat)
        {
            return Problems.NotFound();
        }

        var thread = await db.Channels.SingleAsync(c => c.Id == threadId, cancellationToken);
        if (MayNotChange(seat, thread, user, locks: request.IsLocked is not null) is { } missing)
        {
            return missing;
        }

        if (request.Name is { } name)
        {
            if (TextRules.Problem(name) is { } unfit)
            {
                return Problems.Invalid("name", unfit);
            }

            if (await posting.ScreenAsync(new WrittenContent(ContentPlace.ThreadTitle, thread.ServerId!.Value, threadId, user.AccountId, seat.Permissions, name, IsEdit: true), cancellationToken) is { } screened)
            {
                return screened;
            }

            (thread.Name, thread.NameKey) = (name.Trim(), LookAlikes.KeyOf(name));
        }

        var now = time.GetUtcNow();
        thread.ArchivedAt = request.IsArchived is { } archived ? (archived ? thread.ArchivedAt ?? now : null) : thread.ArchivedAt;
        thread.LockedAt = request.IsLocked is { } locked ? (locked ? thread.LockedAt ?? now : null) : thread.LockedAt;
        thread.AutoArchiveMinutes = request.AutoArchiveMinutes ?? thread.AutoArchiveMinutes;
        await db.SaveChangesAsync(cancellationToken);
        var response = (await OfAsync(db, user.AccountId, [thread], cancellationToken))[0];
        posting.PublishThread(thread.ServerId!.Value, Changed(thread, response.Messages, response.LastMessageAt));
        return TypedResults.Ok(response);
    }

    public static async Task<Results<NoContent, ProblemHttpResult>> DeleteAsync(
        Guid threadId, CurrentUser user, ChatSphereDb db, Seats seats, ChannelPosting posting, ChannelChanges changes, TimeProvider time, CancellationToken cancellationToken)
    {
        if (await SeatAsync(threadId, user, seats, cancellationToken) is not { } seat)
        {
            return Problems.NotFound();
        }

        var thread = await db.Channels.SingleAsync(c => c.Id == threadId, cancellationToken);

        // What others wrote in it is not the beginner's to delete.
        if (!seat.May(ServerPermissions.ManageThreads) && (thread.CreatedBy != user.AccountId || await db.ChannelMessages.AnyAsync(m => m.ChannelId == threadId && m.AuthorId != user.AccountId && m.DeletedAt == null, cancellationToken)))
        {
            return ServerResponses.Missing(ServerPermissions.ManageThreads);
        }

        thread.DeletedAt = time.GetUtcNow();
        await db.SaveChangesAsync(cancellationToken);
        if (thread.StarterMessageId is { } starter && await seats.InChannelAsync(user.AccountId, thread.ParentId!.Value, cancellationToken) is { } parent)
        {
            await changes.ApplyAsync(
                parent, starter,
                m =>
                {
                    m.ThreadId = null;
                    m.Touch();
                    return Task.FromResult<ProblemHttpResult?>(null);
                },
                cancellationToken);
        }

        posting.PublishThread(thread.ServerId!.Value, Changed(thread, 0, null));
        return TypedResults.NoContent();
    }

    public static async Task<Results<NoContent, ProblemHttpResult>> FollowAsync(Guid threadId, CurrentUser user, ChatSphereDb db, Seats seats, TimeProvider time, CancellationToken cancellationToken)
    {
        if (await SeatAsync(threadId, user, seats, cancellationToken) is null)
        {
            return Problems.NotFound();
        }

        await db.Database.ExecuteSqlAsync($"insert into communities.channel_members (channel_id, account_id, joined_at) values ({threadId}, {user.AccountId}, {time.GetUtcNow()}) on conflict do nothing", cancellationToken);
        return TypedResults.NoContent();
    }

    public static async Task<Results<NoContent, ProblemHttpResult>> UnfollowAsync(Guid threadId, CurrentUser user, ChatSphereDb db, Seats seats, CancellationToken cancellationToken)
    {
        if (await SeatAsync(threadId, user, seats, cancellationToken) is null)
        {
            return Problems.NotFound();
        }

        await db.ChannelMembers.Where(m => m.ChannelId == threadId && m.AccountId == user.AccountId).ExecuteDeleteAsync(cancellationToken);
        return TypedResults.NoContent();
    }

    private static async Task<ChannelSeat?> SeatAsync(Guid threadId, CurrentUser user, Seats seats, CancellationToken cancellationToken) =>
        await seats.InChannelAsync(user.AccountId, threadId, cancellationToken) is { Channel.Kind: ChannelKind.Thread } seat ? seat : null;

    private static ProblemHttpResult? MayNotChange(ChannelSeat seat, Channel thread, CurrentUser user, bool locks) =>
        seat.May(ServerPermissions.ManageThreads) ? null
        : thread.CreatedBy != user.AccountId || locks || !seat.May(ServerPermissions.SendMessages) ? ServerResponses.Missing(ServerPermissions.ManageThreads)
        : thread.LockedAt is not null ? Problems.Conflict(ErrorCodes.ThreadClosed, "This thread is locked.")
        : null;

    private static ThreadChangedEvent Changed(Channel thread, long messages, DateTimeOffset? lastMessageAt) =>
        new(thread.Id, thread.ParentId!.Value, thread.Name, messages, lastMessageAt, thread.ArchivedAt is not null, thread.LockedAt is not null, thread.DeletedAt is not null);

    private static async Task<List<ThreadResponse>> OfAsync(ChatSphereDb db, Guid accountId, List<Channel> threads, CancellationToken cancellationToken)
    {
        var ids = threads.ConvertAll(t => t.Id);
        var counters = await db.ChannelCounters.AsNoTracking().Where(c => ids.Contains(c.ChannelId)).ToDictionaryAsync(c => c.ChannelId, cancellationToken);
        var followed = await db.ChannelMembers.Where(m => ids.Contains(m.ChannelId) && m.AccountId == accountId).Select(m => m.ChannelId).ToListAsync(cancellationToken);
        var read = await db.ReadStates.Where(r => ids.Contains(r.ChannelId) && r.AccountId == accountId).ToDictionaryAsync(r => r.ChannelId, r => r.LastReadSeq, cancellationToken);
        return threads.ConvertAll(t => new ThreadResponse(
            t.Id, t.ServerId!.Value, t.ParentId!.Value, t.StarterMessageId, t.Name, t.CreatedBy, t.CreatedAt, t.ArchivedAt is not null, t.LockedAt is not null, t.AutoArchiveMinutes,
            counters.GetValueOrDefault(t.Id)?.LastSeq ?? 0, counters.GetValueOrDefault(t.Id)?.LastMessageAt, followed.Contains(t.Id), read.GetValueOrDefault(t.Id)));
    }
}
