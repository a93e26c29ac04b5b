using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using ChatSphere.Api.Http;
using ChatSphere.Api.Responses;
using ChatSphere.Contracts;
using ChatSphere.Contracts.Communities;
using ChatSphere.Contracts.Live;
using ChatSphere.Data;
using ChatSphere.Data.Communities;
using ChatSphere.Messaging.Live;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using AuthorKind = ChatSphere.Data.Communities.AuthorKind;
using ChannelKind = ChatSphere.Data.Communities.ChannelKind;
using ChannelMessageKind = ChatSphere.Data.Communities.ChannelMessageKind;

namespace ChatSphere.Api.Posting;

/// <param name="IsRepeat">It had been posted before under the same nonce.</param>
internal sealed record Posted(ChannelMessageResponse? Message, bool IsRepeat, ProblemHttpResult? Refusal)
{
    public static Posted Refused(ProblemHttpResult why) => new(null, false, why);
}

/// <summary>The one way by which messages come into channels, whoever writes them: people, bots, webhooks.</summary>
internal sealed partial class ChannelPosting(ChatSphereDb db, ChannelPosts posts, ChannelHistory history, CommunityFeed feed, IEnumerable<IContentScreen> screens, TimeProvider time)
{
    /// <param name="seat">Of the author.</param>
    public async Task<Posted> PostAsync(ChannelSeat seat, AuthorKind authorKind, Guid authorId, PostMessageRequest request, CancellationToken cancellationToken)
    {
        if (!seat.May(ServerPermissions.SendMessages))
        {
            return Posted.Refused(ServerResponses.Missing(ServerPermissions.SendMessages));
        }

        if (seat.Channel is { Kind: ChannelKind.Thread, LockedAt: not null } && !seat.May(ServerPermissions.ManageThreads))
        {
            return Posted.Refused(Problems.Conflict(ErrorCodes.ThreadClosed, "This thread is locked."));
        }

        if (Unfit(request.Content) is { } unfit)
        {
            return Posted.Refused(Problems.Invalid("content", unfit));
        }

        if (request.ReplyToId is { } replied && !await db.ChannelMessages.AnyAsync(m => m.Id == replied && m.ChannelId == seat.Channel.Id, cancellationToken))
        {
            return Posted.Refused(Problems.Invalid("replyToId", "No message of this channel has this id."));
        }

        if (seat.Channel.ServerId is { } serverId)
        {
            foreach (var screen in screens)
            {
                if (await screen.ScreenAsync(new WrittenContent(ContentPlace.Message, serverId, seat.Channel.Id, authorId, seat.Permissions, request.Content), cancellationToken) is { } refusal)
                {
                    return Posted.Refused(refusal);
                }
            }
        }

        var now = time.GetUtcNow();
        var fingerprint = request.Nonce is null ? null : SHA256.HashData(Encoding.UTF8.GetBytes($"{request.ReplyToId}\n{request.Content}"));
        var message = new ChannelMessage
        {
            Id = Guid.CreateVersion7(now),
            ChannelId = seat.Channel.Id,
            ServerId = seat.Channel.ServerId,
            Seq = 0,
            Change = 0,
            Kind = ChannelMessageKind.Text,
            AuthorKind = authorKind,
            AuthorId = authorId,
            Nonce = request.Nonce,
            Fingerprint = fingerprint,
            Content = request.Content,
            ReplyToId = request.ReplyToId,
            MentionedAccounts = [.. Mentioned().Matches(request.Content).Select(m => Guid.Parse(m.Groups[1].ValueSpan)).Distinct().Take(50)],
            MentionsEveryone = seat.May(ServerPermissions.MentionEveryone) && Everyone().IsMatch(request.Content),
            CreatedAt = now,
        };
        if (await posts.TryInsertAsync(message, cancellationToken) is not var (seq, change))
        {
            var first = await db.ChannelMessages.AsNoTracking().SingleAsync(m => m.AuthorId == authorId && m.ChannelId == seat.Channel.Id && m.Nonce == request.Nonce, cancellationToken);
            return first.Fingerprint.AsSpan().SequenceEqual(fingerprint)
                ? new Posted((await ChannelMessageResponses.OfAsync(db, [first], cancellationToken))[0], IsRepeat: true, null)
                : Posted.Refused(Problems.Conflict(ErrorCodes.NonceReused, "You have used this nonce for another message in this channel."));
        }

        var name = seat.Channel.Nickname.Length > 0 ? seat.Channel.Nickname : seat.Channel.AuthorName;
        var response = ChannelMessageResponses.Of(message, new AuthorResponse(authorId, (Contracts.Communities.AuthorKind)authorKind, name, seat.Channel.AvatarVersion)) with { Seq = seq, Change = change };
        Publish(seat, response);
        return new Posted(response, IsRepeat: false, null);
    }

    /// <summary>Tells everybody who may see it, after the commit.</summary>
    public void Publish(ChannelSeat seat, ChannelMessageResponse message) => feed.Publish(new CommunityEvent
    {
        Type = LiveEventTypes.ChannelMessage,
        ServerId = seat.Channel.ServerId,
        ChannelId = seat.Channel.Id,
        RightsChannelId = seat.Channel.ServerId is null ? null : seat.RightsChannelId,
        Change = message.Change,
        Data = history.ToJson(message),
    });

    /// <summary>Null when it may be a message, else a sentence.</summary>
    private static string? Unfit(string content)
    {
        var length = content.EnumerateRunes().Count();
        return length > ChannelMessage.MaxLength ? $"At most {ChannelMessage.MaxLength} characters; this has {length}."
            : TextRules.HasUnstorable(content) ? "It must not contain NUL or half of a surrogate pair."
            : string.IsNullOrWhiteSpace(content) ? "It must say something."
            : null;
    }

    [GeneratedRegex("<@([0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12})>")]
    private static partial Regex Mentioned();

    [GeneratedRegex(@"(?<![\w@])@(everyone|here)\b")]
    private static partial Regex Everyone();
}
