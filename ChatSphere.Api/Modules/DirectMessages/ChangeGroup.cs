using ChatSphere.Api.Http;
using ChatSphere.Contracts;
using ChatSphere.Contracts.Communities;
using ChatSphere.Data;
using ChatSphere.Data.Communities;
using ChatSphere.Messaging.Live;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using ChannelKind = ChatSphere.Data.Communities.ChannelKind;

namespace ChatSphere.Api.Modules.DirectMessages;

/// <summary>Groups change under the lock of their row, so that two changes at once see each other.</summary>
internal static class ChangeGroup
{
    public static async Task<Results<NoContent, ProblemHttpResult>> RenameAsync(Guid channelId, UpdateDirectChannelRequest request, CurrentUser user, ChatSphereDb db, CommunityFeed feed, CancellationToken cancellationToken)
    {
        if (request.Name.Length > 0 && TextRules.Problem(request.Name) is { } unfit)
        {
            return Problems.Invalid("name", unfit);
        }

        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        if (await GroupAsync(db, channelId, user.AccountId, cancellationToken) is not ({ } group, var people))
        {
            return Problems.NotFound();
        }

        if (group.Kind != ChannelKind.Group)
        {
            return NotForTwo();
        }

        group.Name = request.Name.Trim();
        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        DirectChannelResponses.Tell(feed, channelId, [.. people.Select(m => m.AccountId)]);
        return TypedResults.NoContent();
    }

    public static async Task<Results<NoContent, ProblemHttpResult>> HideAsync(Guid channelId, CurrentUser user, ChatSphereDb db, CommunityFeed feed, CancellationToken cancellationToken)
    {
        if (await db.ChannelMembers.Where(m => m.ChannelId == channelId && m.AccountId == user.AccountId && db.Channels.Any(c => c.Id == channelId && c.ServerId == null && c.DeletedAt == null))
            .ExecuteUpdateAsync(m => m.SetProperty(x => x.HiddenAtSeq, x => db.ChannelCounters.Where(c => c.ChannelId == x.ChannelId).Select(c => (long?)c.LastSeq).First()), cancellationToken) == 0)
        {
            return Problems.NotFound();
        }

        DirectChannelResponses.Tell(feed, channelId, [user.AccountId]);
        return TypedResults.NoContent();
    }

    public static async Task<Results<NoContent, ProblemHttpResult>> AddAsync(
        Guid channelId, Guid accountId, CurrentUser user, ChatSphereDb db, CommunityFeed feed, TimeProvider time, CancellationToken cancellationToken)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        if (await GroupAsync(db, channelId, user.AccountId, cancellationToken) is not ({ } group, var people))
        {
            return Problems.NotFound();
        }

        if (group.Kind != ChannelKind.Group)
        {
            return NotForTwo();
        }

        if (people.Exists(m => m.AccountId == accountId))
        {
            return TypedResults.NoContent();
        }

        if (people.Count >= Channel.MostInGroup)
        {
            return Problems.Conflict(ErrorCodes.TooMany, $"A group has at most {Channel.MostInGroup} people.");
        }

        if (await OpenDirectChannel.RefusalAsync(db, user.AccountId, [accountId], cancellationToken) is { } refusal)
        {
            return refusal;
        }

        db.Add(new ChannelMember { ChannelId = channelId, AccountId = accountId, JoinedAt = time.GetUtcNow() });
        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        DirectChannelResponses.Tell(feed, channelId, [accountId, .. people.Select(m => m.AccountId)]);
        return TypedResults.NoContent();
    }

    public static async Task<Results<NoContent, ProblemHttpResult>> RemoveAsync(Guid channelId, Guid accountId, CurrentUser user, ChatSphereDb db, CommunityFeed feed, TimeProvider time, CancellationToken cancellationToken)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        if (await GroupAsync(db, channelId, user.AccountId, cancellationToken) is not ({ } group, var people) || people.Find(m => m.AccountId == accountId) is not { } leaving)
        {
            return Problems.NotFound();
        }

        if (group.Kind != ChannelKind.Group)
        {
            return NotForTwo();
        }

        if (accountId != user.AccountId && group.GroupOwnerId != user.AccountId)
        {
            return Problems.Of(StatusCodes.Status403Forbidden, ErrorCodes.PermissionMissing, "Only who owns the group removes others.");
        }

        db.Remove(leaving);
        if (people.Count == 1)
        {
            group.DeletedAt = time.GetUtcNow();
        }
        else if (group.GroupOwnerId == accountId)
        {
            group.GroupOwnerId = people.First(m => m.AccountId != accountId).AccountId;
        }

        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        DirectChannelResponses.Tell(feed, channelId, [.. people.Select(m => m.AccountId)]);
        return TypedResults.NoContent();
    }

    /// <summary>The channel, locked, with its people from who has been in it longest; null for who is not in it.</summary>
    private static async Task<(Channel Channel, List<ChannelMember> People)?> GroupAsync(ChatSphereDb db, Guid channelId, Guid accountId, CancellationToken cancellationToken)
    {
        var channel = await db.Channels.FromSql($"select * from communities.channels where id = {channelId} and server_id is null and deleted_at is null for update").SingleOrDefaultAsync(cancellationToken);
        if (channel is null)
        {
            return null;
        }

        var people = await db.ChannelMembers.Where(m => m.ChannelId == channelId).OrderBy(m => m.JoinedAt).ThenBy(m => m.AccountId).ToListAsync(cancellationToken);
        return people.Exists(m => m.AccountId == accountId) ? (channel, people) : null;
    }

    private static ProblemHttpResult NotForTwo() => Problems.Conflict(ErrorCodes.NotAGroup, "This is between two people. Make a group instead.");
}
