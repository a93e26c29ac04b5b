using ChatSphere.Api.Http;
using ChatSphere.Api.Posting;
using ChatSphere.Contracts;
using ChatSphere.Contracts.Communities;
using ChatSphere.Data;
using ChatSphere.Data.Communities;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using ChannelMessageKind = ChatSphere.Data.Communities.ChannelMessageKind;

namespace ChatSphere.Api.Modules.Communities;

/// <summary>Only one's own. Whoever the new text names beyond the old one is named and not called: nobody hears of an edit.</summary>
internal static class EditMessage
{
    public static async Task<Results<Ok<ChannelMessageResponse>, ProblemHttpResult>> HandleAsync(
        Guid channelId, Guid messageId, EditMessageRequest request, CurrentUser user, ChatSphereDb db, Seats seats, ChannelPosting posting, ChannelChanges changes, Mentions mentions, TimeProvider time, CancellationToken cancellationToken)
    {
        if (await seats.InChannelAsync(user.AccountId, channelId, cancellationToken) is not { } seat
            || await db.ChannelMessages.AsNoTracking().SingleOrDefaultAsync(m => m.Id == messageId && m.ChannelId == channelId && m.DeletedAt == null, cancellationToken) is not { } message)
        {
            return Problems.NotFound();
        }

        if (message.AuthorId != user.AccountId || message.Kind != ChannelMessageKind.Text || message.Parts.Forwarded is not null)
        {
            return Problems.Of(StatusCodes.Status403Forbidden, ErrorCodes.PermissionMissing, "Only what you have written yourself.");
        }

        if (ChannelPosting.MayNot(seat) is { } missing)
        {
            return missing;
        }

        if (ChannelPosting.Unfit(request.Content, mayBeEmpty: message.Parts.Attachments is not null || message.Parts.Poll is not null) is { } unfit)
        {
            return Problems.Invalid("content", unfit);
        }

        if (await posting.ScreenAsync(seat, user.AccountId, request.Content, isEdit: true, cancellationToken) is { } refusal)
        {
            return refusal;
        }

        var named = await mentions.ResolveAsync(seat, request.Content, cancellationToken);
        var now = time.GetUtcNow();
        var (edited, gone) = await changes.ApplyAsync(
            seat, messageId,
            async m =>
            {
                if (m.Content == request.Content)
                {
                    return null;
                }

                db.Add(new MessageEdit { Id = Guid.CreateVersion7(now), MessageId = m.Id, Content = m.Content, WrittenAt = m.EditedAt ?? m.CreatedAt, ReplacedAt = now });
                m.Edit(request.Content, now);

                // Who is not named any more was not called, as far as anybody sees.
                m.MentionedAccounts = [.. m.MentionedAccounts.Intersect(named.Accounts)];
                m.MentionedRoles = [.. m.MentionedRoles.Intersect(named.Roles)];
                m.MentionsEveryone &= named.Everyone;
                m.NamedAccounts = [.. named.Accounts.Except(m.MentionedAccounts)];
                m.NamedRoles = [.. named.Roles.Except(m.MentionedRoles)];
                await db.MessageEdits.Where(e => e.MessageId == m.Id).OrderByDescending(e => e.Id).Skip(MessageEdit.MostKept - 1).ExecuteDeleteAsync(cancellationToken);
                return null;
            },
            cancellationToken);
        return gone is not null ? gone : TypedResults.Ok(edited!);
    }
}

internal static class ListMessageEdits
{
    public static async Task<Results<Ok<IReadOnlyList<MessageEditResponse>>, ProblemHttpResult>> HandleAsync(
        Guid channelId, Guid messageId, CurrentUser user, ChatSphereDb db, Seats seats, CancellationToken cancellationToken)
    {
        if (await seats.InChannelAsync(user.AccountId, channelId, cancellationToken) is not { } seat
            || await db.ChannelMessages.AsNoTracking().Where(m => m.Id == messageId && m.ChannelId == channelId && m.DeletedAt == null).Select(m => (Guid?)m.AuthorId).SingleOrDefaultAsync(cancellationToken) is not { } authorId)
        {
            return Problems.NotFound();
        }

        if (authorId != user.AccountId && !seat.May(ServerPermissions.ManageMessages))
        {
            return Responses.ServerResponses.Missing(ServerPermissions.ManageMessages);
        }

        var edits = await db.MessageEdits.AsNoTracking().Where(e => e.MessageId == messageId).OrderBy(e => e.Id).ToListAsync(cancellationToken);
        return TypedResults.Ok<IReadOnlyList<MessageEditResponse>>(edits.ConvertAll(e => new MessageEditResponse(e.Content, e.WrittenAt, e.ReplacedAt)));
    }
}
