using ChatSphere.Data;
using ChatSphere.Data.Communities;
using Microsoft.EntityFrameworkCore;

namespace ChatSphere.Api.Modules.CommunitySearch;

/// <summary>What the names in a query stand for, among what the asker may see. A name that stands for nothing and one that may not be seen are the same: nothing.</summary>
internal sealed class QueriedNames(ChatSphereDb db)
{
    private sealed record Named(string Name, Guid Id);

    /// <summary>People and bots that the asker shares a server or a direct channel with, by handle, name or nickname; by <c>me</c>; and by id.</summary>
    public async Task<ILookup<string, Guid>> AuthorsAsync(Guid accountId, Sight sight, IEnumerable<string> names, CancellationToken cancellationToken)
    {
        var asked = names.Select(n => (Raw: n, Key: KeyOf(n))).Distinct().ToArray();
        var keys = asked.Where(n => n.Key != "me" && !Guid.TryParse(n.Key, out _)).Select(n => n.Key).Distinct().ToArray();
        var found = new List<(string Name, Guid Id)>();
        if (keys.Length > 0)
        {
            var (servers, direct) = (sight.Servers.Select(s => s.Id).ToArray(), sight.Direct.ToArray());
            var rows = await db.Database.SqlQuery<Named>($"""
                select x.name as "Name", x.id as "Id" from (
                    select lower(a.display_name) as name, a.id from accounts.accounts a where lower(a.display_name) = any({keys})
                    union select p.handle, p.account_id from people.profiles p where p.handle = any({keys})
                    union select lower(b.name), b.id from bots.bots b join communities.server_members m on m.member_id = b.id where m.server_id = any({servers}) and m.kind = 'Bot' and lower(b.name) = any({keys})
                    union select lower(m.nickname), m.member_id from communities.server_members m where m.server_id = any({servers}) and m.nickname <> '' and lower(m.nickname) = any({keys})) x
                where x.id = {accountId}
                    or exists (select 1 from communities.server_members m where m.member_id = x.id and m.server_id = any({servers}))
                    or exists (select 1 from communities.channel_members m where m.account_id = x.id and m.channel_id = any({direct}))
                """).ToListAsync(cancellationToken);
            found.AddRange(rows.Select(r => (r.Name, r.Id)));
        }

        return asked.SelectMany(n => n.Key == "me" ? [(n.Raw, accountId)] : Guid.TryParse(n.Key, out var id) ? [(n.Raw, id)] : found.Where(f => f.Name == n.Key).Select(f => (n.Raw, f.Id)))
            .ToLookup(x => x.Raw, x => x.Item2);
    }

    /// <summary>Channels and threads in sight, by name, with or without <c>#</c>, or by id.</summary>
    public async Task<ILookup<string, Guid>> ChannelsAsync(Sight sight, IEnumerable<string> names, CancellationToken cancellationToken)
    {
        var asked = names.Distinct().Select(n => (Raw: n, Key: LookAlikes.KeyOf(n.TrimStart('#')), Id: Guid.TryParse(n, out var id) ? id : (Guid?)null)).ToArray();
        if (asked.Length == 0)
        {
            return Enumerable.Empty<(string, Guid)>().ToLookup(x => x.Item1, x => x.Item2);
        }

        var (keys, ids, seen) = (asked.Select(a => a.Key).ToArray(), asked.Where(a => a.Id is not null).Select(a => a.Id!.Value).ToArray(), sight.Channels);
        var rows = await db.Channels.AsNoTracking()
            .Where(c => c.DeletedAt == null && (ids.Contains(c.Id) || keys.Contains(c.NameKey)) && (c.Kind == ChannelKind.Thread ? seen.Contains(c.ParentId!.Value) : seen.Contains(c.Id)))
            .Select(c => new { c.Id, c.NameKey }).ToListAsync(cancellationToken);
        return asked.SelectMany(a => rows.Where(r => a.Id == r.Id || (a.Key.Length > 0 && r.NameKey == a.Key)).Select(r => (a.Raw, r.Id))).ToLookup(x => x.Raw, x => x.Id);
    }

    public static IEnumerable<ServerInSight> Servers(Sight sight, string name) =>
        sight.Servers.Where(s => Guid.TryParse(name, out var id) ? s.Id == id : LookAlikes.KeyOf(s.Name) == LookAlikes.KeyOf(name));

    private static string KeyOf(string name) => name.Trim().TrimStart('@').ToLowerInvariant();
}
