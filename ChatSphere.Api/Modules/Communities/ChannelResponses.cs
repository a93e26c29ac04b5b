using ChatSphere.Api.Responses;
using ChatSphere.Contracts.Communities;
using ChatSphere.Data;
using ChatSphere.Data.Communities;
using Microsoft.EntityFrameworkCore;

namespace ChatSphere.Api.Modules.Communities;

internal static class ChannelResponses
{
    /// <summary>Channels that an account has been found to see, with how far it has read them and what of the rest mentions it.</summary>
    /// <param name="roleIds">The account's roles in the channels' server.</param>
    public static async Task<List<ChannelResponse>> OfAsync(
        ChatSphereDb db, Guid accountId, IReadOnlyList<Guid> roleIds, IReadOnlyList<Channel> channels, Func<Channel, ServerPermissions> permissions, CancellationToken cancellationToken)
    {
        var ids = channels.Select(c => c.Id).ToList();
        var counters = await db.ChannelCounters.AsNoTracking().Where(c => ids.Contains(c.ChannelId)).ToDictionaryAsync(c => c.ChannelId, cancellationToken);
        var read = await db.ReadStates.AsNoTracking().Where(r => r.AccountId == accountId && ids.Contains(r.ChannelId)).ToDictionaryAsync(r => r.ChannelId, r => r.LastReadSeq, cancellationToken);
        var unread = counters.Values.Where(c => c.LastSeq > read.GetValueOrDefault(c.ChannelId)).Select(c => c.ChannelId).ToList();
        var mentions = await db.ChannelMessages.AsNoTracking()
            .Where(m => unread.Contains(m.ChannelId) && (m.MentionsEveryone || m.MentionedAccounts.Count > 0 || m.MentionedRoles.Count > 0))
            .Where(m => m.DeletedAt == null && m.AuthorId != accountId && m.Seq > (db.ReadStates.Where(r => r.AccountId == accountId && r.ChannelId == m.ChannelId).Select(r => (long?)r.LastReadSeq).FirstOrDefault() ?? 0))
            .Where(m => m.MentionsEveryone || m.MentionedAccounts.Contains(accountId) || m.MentionedRoles.Any(r => roleIds.Contains(r)))
            .GroupBy(m => m.ChannelId).Select(g => new { g.Key, Count = g.Count() }).ToDictionaryAsync(g => g.Key, g => g.Count, cancellationToken);
        return [.. channels.Select(c => ServerResponses.From(c, permissions(c), counters.GetValueOrDefault(c.Id), read.GetValueOrDefault(c.Id), mentions.GetValueOrDefault(c.Id)))];
    }
}
