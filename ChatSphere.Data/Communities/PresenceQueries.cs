using ChatSphere.Data.Accounts;
using ChatSphere.Data.People;

namespace ChatSphere.Data.Communities;

public static class PresenceQueries
{
    /// <summary>People of whom an account may see whether they are there: by each one's own wish its friends, or all who share a server or a direct channel with them; nobody where one blocks the other.</summary>
    public static IQueryable<Account> PresenceVisibleTo(this ChatSphereDb db, Guid accountId) => db.Users.Where(a =>
        a.Id == accountId
        || (a.DisabledAt == null
            && !db.Blocks.Any(b => (b.BlockerId == a.Id && b.BlockedId == accountId) || (b.BlockerId == accountId && b.BlockedId == a.Id))
            && !db.Profiles.Any(p => p.AccountId == a.Id && p.ShowPresence == Audience.Nobody)
            && (db.FriendsOf(accountId).Contains(a.Id)
                || (!db.Profiles.Any(p => p.AccountId == a.Id && p.ShowPresence == Audience.Friends)
                    && (db.SharesServerWith(accountId).Contains(a.Id)
                        || db.ChannelMembers.Any(m => m.AccountId == a.Id && db.Channels.Any(c => c.Id == m.ChannelId && c.ServerId == null && c.DeletedAt == null) && db.ChannelMembers.Any(o => o.ChannelId == m.ChannelId && o.AccountId == accountId)))))));
}
