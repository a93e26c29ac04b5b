using ChatSphere.Data.Privacy;
using Microsoft.EntityFrameworkCore;

namespace ChatSphere.Data.Communities;

/// <summary>
/// Memberships, read marks and what the person wrote. Erasing takes the person out of every server and empties their messages, which stay as places with numbers so that the
/// channel's order is whole. A server whose owner is erased goes to the member who stands highest and has been there longest; one with nobody left is deleted.
/// </summary>
public sealed class CommunitiesPersonalData(ChatSphereDb db) : IPersonalData
{
    public string Section => "communities";

    public IReadOnlyList<Type> Owns =>
    [
        typeof(Server), typeof(ServerMember), typeof(MemberRole), typeof(Invite), typeof(ServerBan), typeof(Channel), typeof(ChannelMember), typeof(ReadState), typeof(ChannelMessage),
    ];

    public async Task ExportAsync(Guid accountId, IPersonalDataWriter writer, CancellationToken cancellationToken)
    {
        await writer.WriteAsync(
            "servers",
            db.ServerMembers.AsNoTracking().Where(m => m.MemberId == accountId).OrderBy(m => m.ServerId)
                .Select(m => new { m.ServerId, Name = db.Servers.Where(s => s.Id == m.ServerId).Select(s => s.Name).FirstOrDefault(), m.Nickname, m.JoinedAt, m.TimedOutUntil }).AsAsyncEnumerable(),
            cancellationToken);
        await writer.WriteAsync(
            "invites", db.Invites.AsNoTracking().Where(i => i.CreatedBy == accountId).OrderBy(i => i.Id).Select(i => new { i.ServerId, i.CreatedAt, i.ExpiresAt, i.MaxUses, i.Uses }).AsAsyncEnumerable(), cancellationToken);
        await writer.WriteAsync(
            "bans", db.ServerBans.AsNoTracking().Where(b => b.AccountId == accountId).OrderBy(b => b.ServerId).Select(b => new { b.ServerId, b.Reason, b.CreatedAt }).AsAsyncEnumerable(), cancellationToken);
        await writer.WriteAsync(
            "conversations", db.ChannelMembers.AsNoTracking().Where(m => m.AccountId == accountId).OrderBy(m => m.ChannelId).Select(m => new { m.ChannelId, m.JoinedAt }).AsAsyncEnumerable(), cancellationToken);
        await writer.WriteAsync(
            "read", db.ReadStates.AsNoTracking().Where(r => r.AccountId == accountId).OrderBy(r => r.ChannelId).Select(r => new { r.ChannelId, r.LastReadSeq, r.ReadAt }).AsAsyncEnumerable(), cancellationToken);
        await writer.WriteAsync(
            "messages",
            db.ChannelMessages.AsNoTracking().Where(m => m.AuthorId == accountId && m.DeletedAt == null).OrderBy(m => m.Id)
                .Select(m => new { m.Id, m.ServerId, m.ChannelId, m.Seq, m.Content, m.ReplyToId, m.CreatedAt, m.EditedAt }).AsAsyncEnumerable(),
            cancellationToken);
    }

    public async Task EraseAsync(Guid accountId, CancellationToken cancellationToken)
    {
        foreach (var server in await db.Servers.Where(s => s.OwnerId == accountId).ToListAsync(cancellationToken))
        {
            var heir = await db.ServerMembers.Where(m => m.ServerId == server.Id && m.Kind == MemberKind.Person && m.MemberId != accountId)
                .OrderByDescending(m => db.MemberRoles.Where(r => r.ServerId == m.ServerId && r.MemberId == m.MemberId).Max(r => (int?)db.ServerRoles.Where(x => x.Id == r.RoleId).Select(x => x.Position).First()) ?? 0)
                .ThenBy(m => m.JoinedAt).ThenBy(m => m.MemberId).Select(m => (Guid?)m.MemberId).FirstOrDefaultAsync(cancellationToken);
            if (heir is { } next)
            {
                server.OwnerId = next;
            }
            else
            {
                server.ShowIcon(null, null);
                db.Servers.Remove(server);
            }
        }

        await db.SaveChangesAsync(cancellationToken);
        await db.ServerMembers.Where(m => m.MemberId == accountId).ExecuteDeleteAsync(cancellationToken);
        await db.ServerBans.Where(b => b.AccountId == accountId).ExecuteDeleteAsync(cancellationToken);
        await db.Invites.Where(i => i.CreatedBy == accountId).ExecuteDeleteAsync(cancellationToken);
        await db.ChannelOverwrites.Where(o => o.TargetId == accountId).ExecuteDeleteAsync(cancellationToken);
        await db.ChannelMembers.Where(m => m.AccountId == accountId).ExecuteDeleteAsync(cancellationToken);
        await db.Channels.Where(c => c.GroupOwnerId == accountId).ExecuteUpdateAsync(
            c => c.SetProperty(x => x.GroupOwnerId, x => db.ChannelMembers.Where(m => m.ChannelId == x.Id).OrderBy(m => m.JoinedAt).ThenBy(m => m.AccountId).Select(m => (Guid?)m.AccountId).FirstOrDefault()), cancellationToken);
        await db.ReadStates.Where(r => r.AccountId == accountId).ExecuteDeleteAsync(cancellationToken);
        var now = DateTimeOffset.UnixEpoch;
        await db.ChannelMessages.Where(m => m.AuthorId == accountId).ExecuteUpdateAsync(
            m => m.SetProperty(x => x.Content, "").SetProperty(x => x.Nonce, (string?)null).SetProperty(x => x.Fingerprint, (byte[]?)null).SetProperty(x => x.DeletedAt, x => x.DeletedAt ?? now), cancellationToken);
    }
}
