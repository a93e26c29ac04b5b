using ChatSphere.Api.Http;
using ChatSphere.Contracts;
using ChatSphere.Data;
using ChatSphere.Data.Communities;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;
using Npgsql;

namespace ChatSphere.Api.Modules.Communities;

/// <summary>
/// Changes of who may do what in a server, one after the other: whoever decides by ranks and rights decides by those that hold until the change is committed, and lists are
/// put in order whole. Joining takes no part in it; see <see cref="ServerChange.LockMemberAsync"/>.
/// </summary>
internal sealed class ServerChanges(ChatSphereDb db, ServerLog log, TimeProvider time)
{
    /// <summary>Null: there is no such server for this member. To be disposed of; what is not committed has not happened.</summary>
    public async Task<ServerChange?> BeginAsync(Guid memberId, Guid serverId, CancellationToken cancellationToken)
    {
        // Strangers make nobody wait.
        if (!await db.ServerMembers.AnyAsync(m => m.ServerId == serverId && m.MemberId == memberId, cancellationToken))
        {
            return null;
        }

        var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        try
        {
            await db.Database.ExecuteSqlAsync($"select pg_advisory_xact_lock(hashtextextended({$"server:{serverId}"}, 0))", cancellationToken);
            var server = await db.Servers.SingleOrDefaultAsync(s => s.Id == serverId && (s.DeleteAfter == null || s.OwnerId == memberId), cancellationToken);

            // On this connection: a second one for everybody who waits could use them all up.
            var snapshot = server is null ? null : await ServerSnapshots.ReadAsync((NpgsqlConnection)db.Database.GetDbConnection(), (NpgsqlTransaction)transaction.GetDbTransaction(), serverId, cancellationToken);
            var change = snapshot is null ? null : new ServerChange(db, log, transaction, server!, snapshot, time.GetUtcNow());
            if (change is not null && await change.MemberAsync(memberId, cancellationToken) is { } member)
            {
                change.Seat = new ServerSeat(snapshot!, member.Facts, member.Row.Nickname, PermissionRules.InServer(snapshot!, member.Facts, change.Now));
                return change;
            }
        }
        catch
        {
            await transaction.DisposeAsync();
            throw;
        }

        await transaction.DisposeAsync();
        return null;
    }

    /// <summary>The server of a channel that is no thread. Null: no such channel of a server.</summary>
    public async Task<Guid?> ServerOfAsync(Guid channelId, CancellationToken cancellationToken) =>
        await db.Channels.Where(c => c.Id == channelId && c.DeletedAt == null && c.Kind != ChannelKind.Thread).Select(c => c.ServerId).SingleOrDefaultAsync(cancellationToken);
}

/// <summary>One change under way.</summary>
internal sealed class ServerChange(ChatSphereDb db, ServerLog log, IDbContextTransaction transaction, Server server, ServerSnapshot snapshot, DateTimeOffset now) : IAsyncDisposable
{
    public Server Server => server;

    /// <summary>Who changes something, with what they may do now.</summary>
    public ServerSeat Seat { get; internal set; } = null!;
    public DateTimeOffset Now => now;

    public ValueTask DisposeAsync() => transaction.DisposeAsync();

    /// <summary>A member, tracked, with what their rights follow from.</summary>
    public async Task<(ServerMember Row, MemberFacts Facts)?> MemberAsync(Guid memberId, CancellationToken cancellationToken)
    {
        if (await db.ServerMembers.SingleOrDefaultAsync(m => m.ServerId == server.Id && m.MemberId == memberId, cancellationToken) is not { } row)
        {
            return null;
        }

        var roles = await db.MemberRoles.Where(r => r.ServerId == server.Id && r.MemberId == memberId).Select(r => r.RoleId).ToListAsync(cancellationToken);
        return (row, new MemberFacts(memberId, roles, row.TimedOutUntil));
    }

    /// <summary>Whoever joins holds this lock, so coming and being kept out take turns. Before anything is written: see <see cref="JoiningServers"/>.</summary>
    public Task LockMemberAsync(Guid memberId, CancellationToken cancellationToken) => JoiningServers.LockMemberAsync(db, server.Id, memberId, cancellationToken);

    /// <summary>What the actor may do in a channel or category; none: not even see it.</summary>
    public ServerPermissions InChannel(Guid channelId) => PermissionRules.InChannel(snapshot, Seat.Member, channelId, inThread: false, now);

    /// <summary>Whether a role stands below the actor's highest.</summary>
    public bool StandsAbove(Guid roleId) => Seat.IsOwner || (snapshot.Roles.TryGetValue(roleId, out var role) && PermissionRules.IsAbove(PermissionRules.TopRole(snapshot, Seat.Member), role));

    /// <summary>Whether the actor may act on this member.</summary>
    public bool OutRanks(MemberFacts other) => PermissionRules.OutRanks(snapshot, Seat.Member, other);

    public void Record(string action, ServerLogTarget target, Guid? targetId, string? reason = null, object? details = null) => log.Record(server.Id, Seat.Member.MemberId, action, target, targetId, reason, details);

    public async Task CommitAsync(CancellationToken cancellationToken)
    {
        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    /// <summary>Null: done. The name was taken, in the very moment or before: the refusal.</summary>
    public async Task<ProblemHttpResult?> CommitNamedAsync(string what, CancellationToken cancellationToken)
    {
        try
        {
            await CommitAsync(cancellationToken);
            return null;
        }
        catch (DbUpdateException e) when (e.InnerException is PostgresException { SqlState: PostgresErrorCodes.UniqueViolation })
        {
            return NameTaken(what);
        }
    }

    public static ProblemHttpResult NameTaken(string what) => Problems.Conflict(ErrorCodes.NameTaken, $"A {what} of this name, or of one that looks like it, is there already.");

    public static ProblemHttpResult RankTooLow() => Problems.Of(StatusCodes.Status403Forbidden, ErrorCodes.RankTooLow, "Only on what stands below your own highest role; and nobody acts on the owner or on themselves.");

    public static ProblemHttpResult Exceeds() => Problems.Of(StatusCodes.Status403Forbidden, ErrorCodes.GrantExceedsOwn, "Rights that you do not hold yourself are not yours to give or to take.");

    public static ProblemHttpResult OwnerOnly() => Problems.Of(StatusCodes.Status403Forbidden, ErrorCodes.OwnerOnly, "Only the owner of the server does this.");
}
