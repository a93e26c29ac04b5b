using System.Buffers.Text;
using System.Text;
using ChatSphere.Api.Http;
using ChatSphere.Contracts;
using ChatSphere.Contracts.Communities;
using ChatSphere.Data;
using ChatSphere.Data.Communities;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace ChatSphere.Api.Modules.Communities;

/// <summary>Who is in a server, by the name that is shown.</summary>
internal static class ListMembers
{
    private sealed record Row(Guid MemberId, string Kind, string Name, string Nickname, string? Avatar, Guid[] RoleIds, DateTimeOffset JoinedAt, DateTimeOffset? TimedOutUntil, string SortName);

    /// <param name="role">Only who has this role.</param>
    /// <param name="q">The beginning of the nickname or of the name, without regard to case.</param>
    public static async Task<Results<Ok<Page<ServerMemberResponse>>, ProblemHttpResult>> HandleAsync(
        Guid serverId, CurrentUser user, ChatSphereDb db, Seats seats, CancellationToken cancellationToken, Guid? role = null, string? q = null, string? cursor = null, int? limit = null)
    {
        if (await seats.InServerAsync(user.AccountId, serverId, cancellationToken) is not { } seat)
        {
            return Problems.NotFound();
        }

        if (!TryRead(cursor, out var after))
        {
            return Problems.BadRequest(ErrorCodes.CursorInvalid, "The cursor is not one that this list gave out.");
        }

        if (q is not null && (q.Length > 100 || TextRules.HasUnstorable(q)))
        {
            return Problems.Invalid("q", "It is longer than any name, or has characters that no name has.");
        }

        if (role is { } wanted && !seat.Server.Roles.ContainsKey(wanted))
        {
            return Problems.Invalid("role", "A role of this server.");
        }

        var take = Cursor.Limit(limit);
        var withRole = role == serverId ? null : role;
        var like = string.IsNullOrWhiteSpace(q) ? null : q.Trim().Replace("\\", "\\\\", StringComparison.Ordinal).Replace("%", "\\%", StringComparison.Ordinal).Replace("_", "\\_", StringComparison.Ordinal) + "%";
        var (afterName, afterId) = after ?? ("", Guid.Empty);

        // The order is that of the bytes, so that a cursor means the same in every database.
        var found = await db.Database.SqlQuery<Row>($"""
            select m.member_id as "MemberId", m.kind as "Kind", m.name as "Name", m.nickname as "Nickname", m.avatar as "Avatar", m.joined_at as "JoinedAt", m.timed_out_until as "TimedOutUntil",
                   m.sort_name as "SortName", array(select r.role_id from communities.member_roles r where r.server_id = {serverId} and r.member_id = m.member_id) as "RoleIds"
            from (
                select s.*, coalesce(a.display_name, b.name, '') as name, left(coalesce(p.avatar_sha256, b.avatar_sha256), 16) as avatar,
                       lower(coalesce(nullif(s.nickname, ''), a.display_name, b.name, '')) collate "C" as sort_name
                from communities.server_members s
                left join accounts.accounts a on a.id = s.member_id
                left join people.profiles p on p.account_id = s.member_id
                left join bots.bots b on b.id = s.member_id
                where s.server_id = {serverId}) m
            where ({withRole}::uuid is null or exists (select 1 from communities.member_roles r where r.server_id = {serverId} and r.member_id = m.member_id and r.role_id = {withRole}))
              and ({like}::text is null or m.nickname ilike {like} or m.name ilike {like})
              and (m.sort_name, m.member_id) > ({afterName} collate "C", {afterId})
            order by m.sort_name, m.member_id limit {take + 1}
            """).ToListAsync(cancellationToken);
        var names = found.ToDictionary(m => m.MemberId, m => m.SortName);
        return TypedResults.Ok(Pages.Of(found.ConvertAll(From), take, m => CursorOf(names[m.MemberId], m.MemberId)));
    }

    public static async Task<Results<Ok<ServerMemberResponse>, ProblemHttpResult>> OneAsync(Guid serverId, Guid memberId, CurrentUser user, ChatSphereDb db, Seats seats, CancellationToken cancellationToken) =>
        await seats.InServerAsync(user.AccountId, serverId, cancellationToken) is not null && await FindAsync(db, serverId, memberId, cancellationToken) is { } member ? TypedResults.Ok(member) : Problems.NotFound();

    /// <summary>Null: no member.</summary>
    public static async Task<ServerMemberResponse?> FindAsync(ChatSphereDb db, Guid serverId, Guid memberId, CancellationToken cancellationToken) =>
        await db.Database.SqlQuery<Row>($"""
            select s.member_id as "MemberId", s.kind as "Kind", coalesce(a.display_name, b.name, '') as "Name", s.nickname as "Nickname", left(coalesce(p.avatar_sha256, b.avatar_sha256), 16) as "Avatar",
                   s.joined_at as "JoinedAt", s.timed_out_until as "TimedOutUntil", '' as "SortName",
                   array(select r.role_id from communities.member_roles r where r.server_id = s.server_id and r.member_id = s.member_id) as "RoleIds"
            from communities.server_members s
            left join accounts.accounts a on a.id = s.member_id
            left join people.profiles p on p.account_id = s.member_id
            left join bots.bots b on b.id = s.member_id
            where s.server_id = {serverId} and s.member_id = {memberId}
            """).SingleOrDefaultAsync(cancellationToken) is { } row ? From(row) : null;

    private static ServerMemberResponse From(Row m) => new(m.MemberId, m.Kind == nameof(MemberKind.Bot) ? ServerMemberKind.Bot : ServerMemberKind.Person, m.Name, m.Nickname, m.Avatar, m.RoleIds, m.JoinedAt, m.TimedOutUntil);

    private static string CursorOf(string name, Guid id) => Base64Url.EncodeToString([.. id.ToByteArray(bigEndian: true), .. Encoding.UTF8.GetBytes(name)]);

    private static bool TryRead(string? cursor, out (string Name, Guid Id)? after)
    {
        after = null;
        if (string.IsNullOrEmpty(cursor))
        {
            return true;
        }

        if (cursor.Length > 1_000 || !Base64Url.IsValid(cursor, out var length) || length < 16)
        {
            return false;
        }

        var bytes = Base64Url.DecodeFromChars(cursor);
        var name = Encoding.UTF8.GetString(bytes.AsSpan(16));
        after = (name, new Guid(bytes.AsSpan(0, 16), bigEndian: true));
        return !TextRules.HasUnstorable(name);
    }
}
