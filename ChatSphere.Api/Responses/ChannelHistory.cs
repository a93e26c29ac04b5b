using System.Globalization;
using System.Text.Json;
using ChatSphere.Api.Pictures;
using ChatSphere.Contracts.Communities;
using ChatSphere.Data;
using ChatSphere.Data.Communities;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using AuthorKind = ChatSphere.Contracts.Communities.AuthorKind;
using ChannelMessageKind = ChatSphere.Contracts.Communities.ChannelMessageKind;

namespace ChatSphere.Api.Responses;

/// <summary>Messages of channels in their wire form. It looks at no rights: whoever asks has.</summary>
internal sealed class ChannelHistory(IServiceScopeFactory scopes, IOptions<Microsoft.AspNetCore.Http.Json.JsonOptions> json)
{
    /// <summary>More changes than this are not told one by one.</summary>
    public const int MostChanges = 500;

    public string ToJson(ChannelMessageResponse message) => JsonSerializer.Serialize(message, json.Value.SerializerOptions);

    /// <summary>The messages whose last change is after one number and not after another, by that number. Not complete: there are too many.</summary>
    public async Task<(IReadOnlyList<ChannelMessageResponse> Messages, bool Complete)> ChangesAsync(Guid channelId, long after, long upTo, CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<ChatSphereDb>();
        var found = await db.ChannelMessages.AsNoTracking().Where(m => m.ChannelId == channelId && m.Change > after && m.Change <= upTo).OrderBy(m => m.Change).Take(MostChanges + 1).ToListAsync(cancellationToken);
        return found.Count > MostChanges ? ([], false) : (await ChannelMessageResponses.OfAsync(db, found, cancellationToken), true);
    }
}

internal static class ChannelMessageResponses
{
    private const int PreviewLength = 200;

    /// <summary>In the order given. Messages of one channel.</summary>
    public static async Task<IReadOnlyList<ChannelMessageResponse>> OfAsync(ChatSphereDb db, IReadOnlyList<ChannelMessage> messages, CancellationToken cancellationToken)
    {
        if (messages.Count == 0)
        {
            return [];
        }

        // Each of these is asked only if there is something to ask for.
        var answered = messages.Select(m => m.ReplyToId).OfType<Guid>().Distinct().ToList();
        var replies = answered.Count == 0 ? [] : await db.ChannelMessages.AsNoTracking().Where(m => answered.Contains(m.Id)).ToDictionaryAsync(m => m.Id, cancellationToken);
        var authors = await AuthorsAsync(
            db, messages[0].ServerId,
            [.. messages.Concat(replies.Values).Where(m => m.AuthorName is null).Select(m => m.AuthorId).Concat(messages.SelectMany(m => m.MentionedAccounts.Concat(m.NamedAccounts))).Distinct()], cancellationToken);
        var roleIds = messages.SelectMany(m => m.MentionedRoles.Concat(m.NamedRoles)).Distinct().ToList();
        var roles = roleIds.Count == 0 ? [] : await db.ServerRoles.AsNoTracking().Where(r => roleIds.Contains(r.Id)).ToDictionaryAsync(r => r.Id, cancellationToken);
        var threads = await ThreadsAsync(db, [.. messages.Select(m => m.ThreadId).OfType<Guid>()], cancellationToken);
        return [.. messages.Select(m => Of(m, AuthorOf(m)) with
        {
            Mentions =
            [
                .. m.MentionedAccounts.Concat(m.NamedAccounts).Distinct().Where(authors.ContainsKey).Select(id => new MentionResponse(id, authors[id].Kind == AuthorKind.Bot ? MentionKind.Bot : MentionKind.Person, authors[id].Name, null)),
                .. m.MentionedRoles.Concat(m.NamedRoles).Distinct().Where(roles.ContainsKey).Select(id => new MentionResponse(id, MentionKind.Role, roles[id].Name, roles[id].Color)),
            ],
            ReplyTo = m.ReplyToId is { } id && replies.TryGetValue(id, out var reply) ? new ReplyPreviewResponse(reply.Id, reply.Seq, AuthorOf(reply), Beginning(reply.Content), reply.DeletedAt is not null) : null,
            Thread = m.ThreadId is { } threadId ? threads.GetValueOrDefault(threadId) : null,
        })];

        AuthorResponse AuthorOf(ChannelMessage m) => m.AuthorName is { } name ? new AuthorResponse(m.AuthorId, (AuthorKind)m.AuthorKind, name, null) : authors.GetValueOrDefault(m.AuthorId) ?? Unknown(m);
    }

    /// <summary>Without what has to be asked for: names in the text, what it answers, its thread.</summary>
    public static ChannelMessageResponse Of(ChannelMessage m, AuthorResponse author) => new(
        m.Id, m.ChannelId, m.ServerId, m.Seq, m.Change, (ChannelMessageKind)m.Kind, author, m.Content, m.Nonce, m.ReplyToId, m.MentionedAccounts, m.MentionedRoles, m.MentionsEveryone,
        m.PinnedAt is not null, m.CreatedAt, m.EditedAt, m.DeletedAt)
    {
        Attachments = [.. (m.Parts.Attachments ?? []).Select(From)],
        Reactions = [.. (m.Parts.Reactions ?? []).Select(r => new ReactionResponse(r.Emoji, r.Name, r.Count, r.First))],
        Poll = m.Parts.Poll is { } p ? new PollResponse(p.Question, [.. p.Options.Select(o => new PollOptionResponse(o.Id, o.Text, o.Votes))], p.AllowsSeveral, p.EndsAt, p.ClosedAt is not null, p.Voters) : null,
        IsForwarded = m.Parts.Forwarded is not null,
    };

    public static ChannelAttachmentResponse From(AttachedFile f) => new(f.Id, f.IsImage, f.Name, f.ContentType, f.Size, f.Width, f.Height);

    private static async Task<Dictionary<Guid, ThreadSummaryResponse>> ThreadsAsync(ChatSphereDb db, List<Guid> ids, CancellationToken cancellationToken) => ids.Count == 0 ? []
        : await db.Channels.AsNoTracking().Where(c => ids.Contains(c.Id) && c.DeletedAt == null)
            .Join(db.ChannelCounters, c => c.Id, n => n.ChannelId, (c, n) => new ThreadSummaryResponse(c.Id, c.Name, n.LastSeq, n.LastMessageAt, c.ArchivedAt != null, c.LockedAt != null)).ToDictionaryAsync(t => t.Id, cancellationToken);

    /// <summary>Whole characters, as people see them.</summary>
    private static string Beginning(string content)
    {
        if (content.Length <= PreviewLength)
        {
            return content;
        }

        var end = 0;
        while (end < content.Length && end + StringInfo.GetNextTextElementLength(content, end) is var next && next <= PreviewLength)
        {
            end = next;
        }

        return content[..end] + "…";
    }

    /// <summary>People and bots by the name that they have in a server, or at all.</summary>
    public static async Task<Dictionary<Guid, AuthorResponse>> AuthorsAsync(ChatSphereDb db, Guid? serverId, IReadOnlyList<Guid> ids, CancellationToken cancellationToken)
    {
        var people = await db.Users.AsNoTracking().Where(a => ids.Contains(a.Id)).Select(a => new
        {
            a.Id,
            a.DisplayName,
            Nickname = db.ServerMembers.Where(m => m.ServerId == serverId && m.MemberId == a.Id).Select(m => m.Nickname).FirstOrDefault(),
            Avatar = db.Profiles.Where(p => p.AccountId == a.Id).Select(p => p.AvatarSha256).FirstOrDefault(),
        }).ToListAsync(cancellationToken);
        var found = people.ToDictionary(p => p.Id, p => new AuthorResponse(p.Id, AuthorKind.Person, p.Nickname is { Length: > 0 } nickname ? nickname : p.DisplayName, AvatarImage.VersionOf(p.Avatar)));
        if (found.Count < ids.Count)
        {
            foreach (var bot in await db.Bots.AsNoTracking().Where(b => ids.Contains(b.Id)).Select(b => new
            {
                b.Id,
                b.Name,
                Nickname = db.ServerMembers.Where(m => m.ServerId == serverId && m.MemberId == b.Id).Select(m => m.Nickname).FirstOrDefault(),
                b.AvatarSha256,
            }).ToListAsync(cancellationToken))
            {
                found[bot.Id] = new AuthorResponse(bot.Id, AuthorKind.Bot, bot.Nickname is { Length: > 0 } nickname ? nickname : bot.Name, AvatarImage.VersionOf(bot.AvatarSha256));
            }
        }

        return found;
    }

    private static AuthorResponse Unknown(ChannelMessage m) => new(m.AuthorId, (AuthorKind)m.AuthorKind, "", null);
}
