using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
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
internal sealed class ChannelPosting(
    ChatSphereDb db, ChannelPosts posts, Mentions mentions, ChannelHistory history, CommunityFeed feed, IEnumerable<IContentScreen> screens, TimeProvider time)
{
    /// <param name="seat">Of the author.</param>
    public Task<Posted> PostAsync(ChannelSeat seat, AuthorKind authorKind, Guid authorId, PostMessageRequest request, CancellationToken cancellationToken) =>
        PostAsync(seat, authorKind, authorId, request, null, cancellationToken);

    /// <param name="seat">Of the author.</param>
    /// <param name="forwarded">Where the text comes from that the request holds; its attachments are copies that belong to the author already.</param>
    public async Task<Posted> PostAsync(ChannelSeat seat, AuthorKind authorKind, Guid authorId, PostMessageRequest request, ForwardedFrom? forwarded, CancellationToken cancellationToken)
    {
        var attached = request.AttachmentIds?.Distinct().ToArray() ?? [];
        if (MayNot(seat, attached.Length > 0, request.Poll is not null) is { } missing)
        {
            return Posted.Refused(missing);
        }

        if (Unfit(request.Content, mayBeEmpty: attached.Length > 0 || request.Poll is not null || forwarded is not null) is { } unfit)
        {
            return Posted.Refused(Problems.Invalid("content", unfit));
        }

        var now = time.GetUtcNow();
        var (poll, wrong) = PollOf(request.Poll, now);
        if (wrong is not null)
        {
            return Posted.Refused(wrong);
        }

        if (request.ReplyToId is { } replied && !await db.ChannelMessages.AnyAsync(m => m.Id == replied && m.ChannelId == seat.Channel.Id, cancellationToken))
        {
            return Posted.Refused(Problems.Invalid("replyToId", "No message of this channel has this id."));
        }

        if (await ScreenAsync(seat, authorId, request.Content, isEdit: false, cancellationToken) is { } refusal)
        {
            return Posted.Refused(refusal);
        }

        if (poll is not null && seat.Channel.ServerId is { } serverId
            && await ScreenAsync(new WrittenContent(ContentPlace.PollText, serverId, seat.Channel.Id, authorId, seat.Permissions, string.Join('\n', poll.Options.Select(o => o.Text).Prepend(poll.Question))), cancellationToken) is { } unfitPoll)
        {
            return Posted.Refused(unfitPoll);
        }

        var fingerprint = request.Nonce is null ? null : FingerprintOf(request, attached, forwarded);
        var files = attached.Length == 0 ? [] : await db.ChannelAttachments.AsNoTracking().Where(a => attached.Contains(a.Id) && a.ChannelId == seat.Channel.Id && a.AccountId == authorId && a.MessageId == null).ToListAsync(cancellationToken);
        if (files.Count != attached.Length)
        {
            return await RepeatAsync(seat, authorId, request.Nonce, fingerprint, cancellationToken) ?? Posted.Refused(Problems.Invalid("attachmentIds", "Only what you have uploaded to this channel and not sent yet."));
        }

        var named = await mentions.ResolveAsync(seat, request.Content, cancellationToken);
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

            // What somebody else wrote elsewhere calls nobody here.
            MentionedAccounts = forwarded is null ? named.Accounts : [],
            MentionedRoles = forwarded is null ? named.Roles : [],
            MentionsEveryone = forwarded is null && named.Everyone,
            NamedAccounts = forwarded is null ? [] : named.Accounts,
            NamedRoles = forwarded is null ? [] : named.Roles,
            PollOpenUntil = poll?.EndsAt,
            CreatedAt = now,
        };
        if (attached.Length > 0 || poll is not null || forwarded is not null)
        {
            message.Parts = new MessageParts { Attachments = attached.Length == 0 ? null : [.. attached.Select(id => files.Find(f => f.Id == id)!.Shown())], Poll = poll, Forwarded = forwarded };
        }

        var result = await posts.InsertAsync(message, TermsOf(seat, authorKind, attached), cancellationToken);
        if (result.Outcome != PostOutcome.Posted)
        {
            return await RepeatAsync(seat, authorId, request.Nonce, fingerprint, cancellationToken) ?? Posted.Refused(
                result.Outcome == PostOutcome.TooSoon ? TooSoon(result.Wait)
                : result.Outcome == PostOutcome.AttachmentGone ? Problems.Invalid("attachmentIds", "Only what you have uploaded to this channel and not sent yet.")
                : Problems.Conflict(ErrorCodes.NonceReused, "You have used this nonce for another message in this channel."));
        }

        var name = seat.Channel.Nickname.Length > 0 ? seat.Channel.Nickname : seat.Channel.AuthorName;
        var author = new AuthorResponse(authorId, (Contracts.Communities.AuthorKind)authorKind, name, seat.Channel.AvatarVersion);
        (message.Seq, message.Change) = (result.Seq, result.Change);
        var response = message is { ReplyToId: null, MentionsAnybody: false, NamedAccounts.Count: 0, NamedRoles.Count: 0 }
            ? ChannelMessageResponses.Of(message, author)
            : (await ChannelMessageResponses.OfAsync(db, [message], cancellationToken))[0] with { Author = author };
        Publish(seat, response);
        if (seat.Channel is { Kind: ChannelKind.Thread, ParentId: { } parentId })
        {
            PublishThread(seat.Channel.ServerId!.Value, new ThreadChangedEvent(seat.Channel.Id, parentId, seat.Channel.Name, result.Seq, now, IsArchived: false, seat.Channel.LockedAt is not null, IsDeleted: false));
        }

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

    public void PublishThread(Guid serverId, ThreadChangedEvent changed) => feed.Publish(new CommunityEvent
    {
        Type = LiveEventTypes.ThreadChanged,
        ServerId = serverId,
        ChannelId = changed.ThreadId,
        RightsChannelId = changed.ParentId,
        Data = JsonSerializer.Serialize(changed, JsonSerializerOptions.Web),
    });

    /// <summary>What stands against writing in a channel at all; null: nothing.</summary>
    public static ProblemHttpResult? MayNot(ChannelSeat seat, bool attaches = false, bool polls = false)
    {
        ServerPermissions[] needed =
        [
            ServerPermissions.SendMessages,
            .. attaches ? [ServerPermissions.AttachFiles] : Array.Empty<ServerPermissions>(),
            .. polls ? [ServerPermissions.SendPolls] : Array.Empty<ServerPermissions>(),
            .. seat.Channel.Kind == ChannelKind.Announcement ? [ServerPermissions.ManageMessages] : Array.Empty<ServerPermissions>(),
        ];
        foreach (var right in needed)
        {
            if (!seat.May(right))
            {
                return ServerResponses.Missing(right);
            }
        }

        return IsLocked(seat) ? Problems.Conflict(ErrorCodes.ThreadClosed, "This thread is locked.") : null;
    }

    public static bool IsLocked(ChannelSeat seat) => seat.Channel is { Kind: ChannelKind.Thread, LockedAt: not null } && !seat.May(ServerPermissions.ManageThreads);

    /// <summary>Null when it may be a message, else a sentence.</summary>
    public static string? Unfit(string content, bool mayBeEmpty)
    {
        var length = content.EnumerateRunes().Count();
        return length > ChannelMessage.MaxLength ? $"At most {ChannelMessage.MaxLength} characters; this has {length}."
            : TextRules.HasUnstorable(content) ? "It must not contain NUL or half of a surrogate pair."
            : string.IsNullOrWhiteSpace(content) && !mayBeEmpty ? "It must say something."
            : null;
    }

    /// <summary>Null: nothing against this text in this channel.</summary>
    public async Task<ProblemHttpResult?> ScreenAsync(ChannelSeat seat, Guid authorId, string content, bool isEdit, CancellationToken cancellationToken) =>
        seat.Channel.ServerId is not { } serverId ? null
        : await ScreenAsync(new WrittenContent(ContentPlace.Message, serverId, seat.Channel.Id, authorId, seat.Permissions, content, isEdit), cancellationToken);

    public async Task<ProblemHttpResult?> ScreenAsync(WrittenContent content, CancellationToken cancellationToken)
    {
        foreach (var screen in screens)
        {
            if (await screen.ScreenAsync(content, cancellationToken) is { } refusal)
            {
                return refusal;
            }
        }

        return null;
    }

    /// <summary>What has come of this nonce before; null: nothing.</summary>
    private async Task<Posted?> RepeatAsync(ChannelSeat seat, Guid authorId, string? nonce, byte[]? fingerprint, CancellationToken cancellationToken) =>
        nonce is null || await db.ChannelMessages.AsNoTracking().SingleOrDefaultAsync(m => m.AuthorId == authorId && m.ChannelId == seat.Channel.Id && m.Nonce == nonce, cancellationToken) is not { } first ? null
        : first.Fingerprint.AsSpan().SequenceEqual(fingerprint) ? new Posted((await ChannelMessageResponses.OfAsync(db, [first], cancellationToken))[0], IsRepeat: true, null)
        : Posted.Refused(Problems.Conflict(ErrorCodes.NonceReused, "You have used this nonce for another message in this channel."));

    private static PostTerms TermsOf(ChannelSeat seat, AuthorKind authorKind, Guid[] attached)
    {
        var waits = seat.Channel.SlowModeSeconds > 0 && authorKind == AuthorKind.Person && !seat.May(ServerPermissions.ManageMessages) && !seat.May(ServerPermissions.ManageChannels);
        var inThread = seat.Channel.Kind == ChannelKind.Thread;
        return !waits && !inThread && attached.Length == 0 ? PostTerms.None
            : new PostTerms(waits ? TimeSpan.FromSeconds(seat.Channel.SlowModeSeconds) : TimeSpan.Zero, seat.RightsChannelId, attached, inThread);
    }

    private static byte[] FingerprintOf(PostMessageRequest request, Guid[] attached, ForwardedFrom? forwarded) => SHA256.HashData(Encoding.UTF8.GetBytes(
        forwarded is not null ? $"\0{forwarded}"
        : attached.Length == 0 && request.Poll is null ? $"{request.ReplyToId}\n{request.Content}"
        : $"{request.ReplyToId}\n{request.Content}\0{string.Join(',', attached)}\0{JsonSerializer.Serialize(request.Poll)}"));

    private static (MessagePoll? Poll, ProblemHttpResult? Wrong) PollOf(CreatePollRequest? request, DateTimeOffset now)
    {
        if (request is null)
        {
            return (null, null);
        }

        if (TextRules.Problem(request.Question) is { } unfit)
        {
            return (null, Problems.Invalid("poll.question", unfit));
        }

        var options = request.Options.Select(o => o?.Trim() ?? "").ToList();
        return options.Exists(o => o.Length is 0 or > 100 || TextRules.Problem(o) is not null) || options.Distinct(StringComparer.Ordinal).Count() != options.Count
            ? (null, Problems.Invalid("poll.options", "Each says something, in at most 100 characters on one line, and no two say the same."))
            : (new MessagePoll(request.Question.Trim(), [.. options.Select((text, i) => new PollOption(i + 1, text, 0))], request.AllowsSeveral, now.AddMinutes(request.EndsInMinutes), null, 0), null);
    }

    private ProblemHttpResult TooSoon(TimeSpan wait) => TypedResults.Problem(
        $"This channel is in slow mode; wait {Math.Ceiling(wait.TotalSeconds):0} s.", statusCode: StatusCodes.Status429TooManyRequests, type: Problems.TypeOf(ErrorCodes.SlowMode),
        extensions: new Dictionary<string, object?> { ["code"] = ErrorCodes.SlowMode, ["resets"] = time.GetUtcNow() + wait });
}
