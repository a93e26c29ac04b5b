using ChatSphere.Api.Http;
using ChatSphere.Api.Posting;
using ChatSphere.Contracts.Communities;
using ChatSphere.Data;
using ChatSphere.Data.Communities;
using ChatSphere.Data.Files;
using ChatSphere.Data.Plans;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using AuthorKind = ChatSphere.Data.Communities.AuthorKind;

namespace ChatSphere.Api.Modules.Communities;

/// <summary>A message as it is now, put into another channel by who may read it here and write there. It calls nobody, and does not say where it was to who may not see that.</summary>
internal static class ForwardMessage
{
    public static async Task<Results<Created<ChannelMessageResponse>, Ok<ChannelMessageResponse>, ProblemHttpResult>> HandleAsync(
        Guid channelId, Guid messageId, ForwardMessageRequest request, CurrentUser user, ChatSphereDb db, Seats seats, ChannelPosting posting, IUsageGate gate, TimeProvider time, CancellationToken cancellationToken)
    {
        var (message, refusal) = await GetMessage.FindAsync(channelId, messageId, user, db, seats, cancellationToken);
        if (message is null)
        {
            return refusal!;
        }

        if (message.DeletedAt is not null)
        {
            return Problems.NotFound();
        }

        if (await seats.InChannelAsync(user.AccountId, request.ToChannelId, cancellationToken) is not { } there)
        {
            return Problems.Invalid("toChannelId", "A channel that you may write in.");
        }

        if (message.Parts.Poll is not null)
        {
            return Problems.Invalid("toChannelId", "A poll stays where it is.");
        }

        if (ChannelPosting.MayNot(there, attaches: message.Parts.Attachments is not null) is { } missing)
        {
            return missing;
        }

        // The first word is kept, so that a forwarded message that is forwarded leads to where it was written.
        var from = message.Parts.Forwarded ?? new ForwardedFrom(channelId, messageId);
        var (copies, full) = message.Parts.Attachments is { } files && !await IsRepeatAsync() ? await CopyAsync([.. files.Select(f => f.Id)]) : ([], null);
        if (full is not null)
        {
            return full;
        }

        return await posting.PostAsync(there, AuthorKind.Person, user.AccountId, new PostMessageRequest(message.Content, request.Nonce) { AttachmentIds = copies }, from, cancellationToken) switch
        {
            { Refusal: { } refused } => refused,
            { IsRepeat: true, Message: { } first } => TypedResults.Ok(first),
            { Message: var posted } => TypedResults.Created($"/v1/channels/{request.ToChannelId}/messages/{posted!.Id}", posted),
        };

        async Task<bool> IsRepeatAsync() =>
            request.Nonce is not null && await db.ChannelMessages.AnyAsync(m => m.AuthorId == user.AccountId && m.ChannelId == request.ToChannelId && m.Nonce == request.Nonce, cancellationToken);

        async Task<(Guid[] Copies, ProblemHttpResult? Full)> CopyAsync(Guid[] ids)
        {
            await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
            var originals = await db.ChannelAttachments.AsNoTracking().Where(a => ids.Contains(a.Id)).ToListAsync(cancellationToken);
            foreach (var sha256 in originals.Select(o => o.Sha256).Distinct().Order(StringComparer.Ordinal))
            {
                await db.LockBlobAsync(sha256, cancellationToken);
            }

            await using var room = await gate.ForAttachmentAsync(user.AccountId, originals.Sum(o => o.Size), cancellationToken);
            if (room.Refusal is { } no)
            {
                return ([], no.ToProblem());
            }

            // Deleted while this came about: what is not there any more is not copied.
            var still = await db.ChannelAttachments.AsNoTracking().Where(a => ids.Contains(a.Id)).ToListAsync(cancellationToken);
            var copies = still.OrderBy(o => Array.IndexOf(ids, o.Id)).Select(o => o.CopyTo(request.ToChannelId, user.AccountId, time.GetUtcNow())).ToList();
            db.AddRange(copies);
            await db.SaveChangesAsync(cancellationToken);
            await transaction.CommitAsync(cancellationToken);
            return ([.. copies.Select(c => c.Id)], null);
        }
    }
}
