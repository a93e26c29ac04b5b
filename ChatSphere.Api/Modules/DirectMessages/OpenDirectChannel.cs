using ChatSphere.Api.Http;
using ChatSphere.Contracts;
using ChatSphere.Contracts.Communities;
using ChatSphere.Data;
using ChatSphere.Data.Communities;
using ChatSphere.Data.People;
using ChatSphere.Messaging.Live;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using ChannelKind = ChatSphere.Data.Communities.ChannelKind;

namespace ChatSphere.Api.Modules.DirectMessages;

internal static class OpenDirectChannel
{
    private const int Most = 1_000;

    /// <summary>With one other, the channel that there is already is the answer (200), whoever opened it; a group is made anew every time.</summary>
    public static async Task<Results<Created<DirectChannelResponse>, Ok<DirectChannelResponse>, ProblemHttpResult>> HandleAsync(
        OpenDirectChannelRequest request, CurrentUser user, ChatSphereDb db, CommunityFeed feed, TimeProvider time, CancellationToken cancellationToken)
    {
        var me = user.AccountId;
        var others = request.AccountIds.Distinct().ToList();
        if (others.Contains(me))
        {
            return Problems.Invalid("accountIds", "The others, without yourself.");
        }

        if (request.Name is { Length: > 0 } name && TextRules.Problem(name) is { } unfit)
        {
            return Problems.Invalid("name", unfit);
        }

        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var isGroup = others.Count > 1;
        if (!isGroup)
        {
            await db.LockPairAsync(me, others[0], cancellationToken);
            if (await db.DirectBetween(me, others[0]).Select(c => (Guid?)c.Id).FirstOrDefaultAsync(cancellationToken) is { } there)
            {
                await db.ChannelMembers.Where(m => m.ChannelId == there && m.AccountId == me).ExecuteUpdateAsync(m => m.SetProperty(x => x.HiddenAtSeq, (long?)null), cancellationToken);
                await transaction.CommitAsync(cancellationToken);
                return TypedResults.Ok((await DirectChannelResponses.OfAsync(db, me, [there], cancellationToken))[0]);
            }
        }

        if (await RefusalAsync(db, me, others, cancellationToken) is { } refusal)
        {
            return refusal;
        }

        if (await db.ChannelMembers.CountAsync(m => m.AccountId == me && db.Channels.Any(c => c.Id == m.ChannelId && c.ServerId == null), cancellationToken) >= Most)
        {
            return Problems.Conflict(ErrorCodes.TooMany, $"One may be in {Most} direct and group channels.");
        }

        var now = time.GetUtcNow();
        var channel = Channel.Between(isGroup ? ChannelKind.Group : ChannelKind.Direct, isEncrypted: false, me, now);
        if (isGroup)
        {
            channel.Name = request.Name?.Trim() ?? "";
            channel.GroupOwnerId = me;
        }

        db.Add(channel);
        db.AddRange(others.Prepend(me).Select(a => new ChannelMember { ChannelId = channel.Id, AccountId = a, JoinedAt = now }));
        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        DirectChannelResponses.Tell(feed, channel.Id, [me, .. others]);
        return TypedResults.Created($"/v1/direct-channels/{channel.Id}", (await DirectChannelResponses.OfAsync(db, me, [channel.Id], cancellationToken))[0]);
    }

    /// <summary>Null: all of them take messages of this account. Who is not to be seen by it does not exist.</summary>
    public static async Task<ProblemHttpResult?> RefusalAsync(ChatSphereDb db, Guid me, IReadOnlyList<Guid> others, CancellationToken cancellationToken)
    {
        if (await db.MessageableBy(me).CountAsync(a => others.Contains(a.Id), cancellationToken) == others.Count)
        {
            return null;
        }

        var visible = await db.ProfilesVisibleTo(me).Where(a => others.Contains(a.Id)).Select(a => a.Id).ToListAsync(cancellationToken);
        return visible.Count == others.Count ? Problems.Of(StatusCodes.Status403Forbidden, ErrorCodes.MessagesNotAccepted, "Somebody among them does not take messages from you.") : Problems.NotFound();
    }
}
