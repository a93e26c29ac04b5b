using ChatSphere.Api.Http;
using ChatSphere.Api.Responses;
using ChatSphere.Contracts;
using ChatSphere.Contracts.Communities;
using ChatSphere.Data;
using ChatSphere.Data.Communities;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace ChatSphere.Api.Modules.Communities;

/// <summary>Coming into a server, by whatever door.</summary>
internal sealed class JoiningServers(ChatSphereDb db, Seats seats, ServerLog log, CommunitySignals signals, TimeProvider time)
{
    /// <summary>
    /// A ban that is being made waits for a join that holds this, or the join for it. Lock order: server (<see cref="ServerChanges"/>), member, then rows; a join takes the last two only.
    /// </summary>
    public static async Task LockMemberAsync(ChatSphereDb db, Guid serverId, Guid memberId, CancellationToken cancellationToken) =>
        await db.Database.ExecuteSqlAsync($"select pg_advisory_xact_lock(hashtextextended({$"member:{serverId}:{memberId}"}, 0))", cancellationToken);

    /// <summary>Whoever is a member already stays what they are, and uses nothing up.</summary>
    /// <param name="use">Asked under the lock, of who is no member yet: the roles that they get, or null: this door is closed.</param>
    public async Task<Results<Ok<ServerResponse>, ProblemHttpResult>> JoinAsync(
        Guid serverId, Guid accountId, Func<Task<IReadOnlyList<Guid>?>> use, Func<ProblemHttpResult> closed, string by, CancellationToken cancellationToken)
    {
        var joined = false;
        await using (var transaction = await db.Database.BeginTransactionAsync(cancellationToken))
        {
            await LockMemberAsync(db, serverId, accountId, cancellationToken);
            if (await db.ServerBans.AnyAsync(b => b.ServerId == serverId && b.AccountId == accountId, cancellationToken))
            {
                return Problems.Of(StatusCodes.Status403Forbidden, ErrorCodes.Banned, "You may not come back to this server.");
            }

            if (!await db.ServerMembers.AnyAsync(m => m.ServerId == serverId && m.MemberId == accountId, cancellationToken))
            {
                if (await use() is not { } roles || await db.Servers.SingleOrDefaultAsync(s => s.Id == serverId && s.DeleteAfter == null, cancellationToken) is not { } server)
                {
                    return closed();
                }

                db.Add(new ServerMember { ServerId = serverId, MemberId = accountId, Kind = MemberKind.Person, JoinedAt = time.GetUtcNow() });
                db.AddRange(roles.Select(r => new MemberRole { ServerId = serverId, MemberId = accountId, RoleId = r }));
                log.Record(serverId, accountId, ServerActions.MemberJoined, ServerLogTarget.Member, accountId, details: new { by });
                server.Joined(accountId);
                await db.SaveChangesAsync(cancellationToken);
                joined = true;
            }

            await transaction.CommitAsync(cancellationToken);
        }

        if (joined)
        {
            signals.MembershipsChanged(serverId, accountId);
        }

        return await seats.InServerAsync(accountId, serverId, cancellationToken) is { } seat
            ? TypedResults.Ok(ServerResponses.From(await db.Servers.AsNoTracking().SingleAsync(s => s.Id == serverId, cancellationToken), seat.Permissions))
            : Problems.NotFound();
    }
}
