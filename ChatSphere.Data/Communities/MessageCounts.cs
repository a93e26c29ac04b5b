using Microsoft.EntityFrameworkCore;

namespace ChatSphere.Data.Communities;

/// <summary>Makes a message's counts from the rows that they count. After <see cref="ChannelChangeNumbers.TakeChangesAsync"/>, so that nobody changes them meanwhile.</summary>
public static class MessageCounts
{
    /// <param name="name">Of an emoji of the server's own that is new here.</param>
    public static async Task CountReactionsAsync(this ChatSphereDb db, ChannelMessage message, CancellationToken cancellationToken, (string Emoji, string Name)? name = null)
    {
        var rows = await db.MessageReactions.AsNoTracking().Where(r => r.MessageId == message.Id).GroupBy(r => r.Emoji)
            .Select(g => new { Emoji = g.Key, Count = g.Count(), Since = g.Min(r => r.CreatedAt), First = g.OrderBy(r => r.CreatedAt).ThenBy(r => r.AccountId).Select(r => r.AccountId).Take(ReactionCount.MostShown).ToList() })
            .ToListAsync(cancellationToken);
        var names = (message.Parts.Reactions ?? []).ToDictionary(r => r.Emoji, r => r.Name);
        var counts = rows.OrderBy(r => r.Since).ThenBy(r => r.Emoji, StringComparer.Ordinal)
            .Select(r => new ReactionCount(r.Emoji, name is { } own && own.Emoji == r.Emoji ? own.Name : names.GetValueOrDefault(r.Emoji), r.Count, r.First)).ToList();
        message.Parts = Tidy(message.Parts with { Reactions = counts.Count == 0 ? null : counts });
    }

    public static async Task CountVotesAsync(this ChatSphereDb db, ChannelMessage message, CancellationToken cancellationToken)
    {
        if (message.Parts.Poll is not { } poll)
        {
            return;
        }

        var votes = await db.PollVotes.AsNoTracking().Where(v => v.MessageId == message.Id).Select(v => v.Options).ToListAsync(cancellationToken);
        var counts = votes.SelectMany(v => v).CountBy(o => o).ToDictionary();
        message.Parts = message.Parts with { Poll = poll with { Voters = votes.Count, Options = [.. poll.Options.Select(o => o with { Votes = counts.GetValueOrDefault(o.Id) })] } };
    }

    private static MessageParts Tidy(MessageParts parts) => parts is { Attachments: null, Reactions: null, Poll: null, Forwarded: null } ? MessageParts.None : parts;
}
