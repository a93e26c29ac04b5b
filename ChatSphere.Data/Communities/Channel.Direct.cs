using ChatSphere.Data.Accounts;
using ChatSphere.Data.People;

namespace ChatSphere.Data.Communities;

public sealed partial class Channel
{
    /// <summary>With everybody.</summary>
    public const int MostInGroup = 10;

    /// <summary>Of a group: who may remove others from it. The one who made it, then who has been in it longest.</summary>
    public Guid? GroupOwnerId { get; set; }
}

public sealed partial class ChannelMember
{
    /// <summary>Of direct and group messages: put out of sight when the channel was this far; it is seen again with the next message.</summary>
    public long? HiddenAtSeq { get; set; }
}

public static class DirectMessageQueries
{
    /// <summary>
    /// People whom an account may write to: nobody of whom one blocks the other; friends, unless they want messages of nobody; and of the others who want them of everyone those
    /// who share a server with it or let themselves be found.
    /// </summary>
    public static IQueryable<Account> MessageableBy(this ChatSphereDb db, Guid accountId) => db.Users.Where(a =>
        a.Id != accountId && a.Kind == AccountKind.Person && a.DisabledAt == null
        && !db.Blocks.Any(b => (b.BlockerId == a.Id && b.BlockedId == accountId) || (b.BlockerId == accountId && b.BlockedId == a.Id))
        && !db.Profiles.Any(p => p.AccountId == a.Id && p.WhoCanMessageMe == Audience.Nobody)
        && (db.FriendsOf(accountId).Contains(a.Id)
            || (!db.Profiles.Any(p => p.AccountId == a.Id && p.WhoCanMessageMe == Audience.Friends)
                && (!db.Profiles.Any(p => p.AccountId == a.Id && p.WhoCanFindMe != Audience.Everyone) || db.SharesServerWith(accountId).Contains(a.Id)))));

    /// <summary>Everybody who is in a server with an account, itself among them.</summary>
    public static IQueryable<Guid> SharesServerWith(this ChatSphereDb db, Guid accountId) =>
        db.ServerMembers.Where(m => m.Kind == MemberKind.Person && db.ServerMembers.Any(o => o.MemberId == accountId && o.ServerId == m.ServerId) && db.Servers.Any(s => s.Id == m.ServerId && s.DeleteAfter == null)).Select(m => m.MemberId);

    /// <summary>The direct channels of two people, encrypted ones aside.</summary>
    public static IQueryable<Channel> DirectBetween(this ChatSphereDb db, Guid one, Guid other) => db.Channels.Where(c =>
        c.Kind == ChannelKind.Direct && !c.IsEncrypted && c.DeletedAt == null
        && db.ChannelMembers.Any(m => m.ChannelId == c.Id && m.AccountId == one) && db.ChannelMembers.Any(m => m.ChannelId == c.Id && m.AccountId == other));
}
