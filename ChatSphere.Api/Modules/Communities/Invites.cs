using System.Buffers.Text;
using System.Security.Cryptography;
using ChatSphere.Api.Http;
using ChatSphere.Api.Responses;
using ChatSphere.Contracts;
using ChatSphere.Contracts.Communities;
using ChatSphere.Data;
using ChatSphere.Data.Communities;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace ChatSphere.Api.Modules.Communities;

internal static class Invites
{
    public static async Task<Results<Created<InviteResponse>, ProblemHttpResult>> CreateAsync(
        Guid serverId, CreateInviteRequest request, CurrentUser user, ChatSphereDb db, Seats seats, TimeProvider time, CancellationToken cancellationToken)
    {
        if (await seats.InServerAsync(user.AccountId, serverId, cancellationToken) is not { } seat)
        {
            return Problems.NotFound();
        }

        if (!seat.May(ServerPermissions.CreateInvite))
        {
            return ServerResponses.Missing(ServerPermissions.CreateInvite);
        }

        var roles = request.RoleIds?.Distinct().ToList() ?? [];
        if (roles.Count > 0 && !seat.May(ServerPermissions.ManageRoles))
        {
            return ServerResponses.Missing(ServerPermissions.ManageRoles);
        }

        var top = PermissionRules.TopRole(seat.Server, seat.Member);
        if (roles.Any(r => r == serverId || !seat.Server.Roles.TryGetValue(r, out var role) || (!seat.IsOwner && !PermissionRules.IsAbove(top, role))))
        {
            return Problems.Invalid("roleIds", "Roles of this server below your own.");
        }

        var now = time.GetUtcNow();
        var invite = new Invite
        {
            Id = Guid.CreateVersion7(now),
            Code = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(16)),
            ServerId = serverId,
            CreatedBy = user.AccountId,
            CreatedAt = now,
            ExpiresAt = request.ExpiresInMinutes is { } minutes ? now.AddMinutes(minutes) : null,
            MaxUses = request.MaxUses,
            RoleIds = roles,
        };
        db.Add(invite);
        await db.SaveChangesAsync(cancellationToken);
        return TypedResults.Created($"/v1/invites/{invite.Code}", From(invite));
    }

    public static async Task<Results<Ok<InvitePreviewResponse>, ProblemHttpResult>> PreviewAsync(string code, ChatSphereDb db, TimeProvider time, CancellationToken cancellationToken) =>
        await Usable(db, code, time).Select(i => new { i.ServerId, Server = db.Servers.First(s => s.Id == i.ServerId) }).SingleOrDefaultAsync(cancellationToken) is { } found
            ? TypedResults.Ok(new InvitePreviewResponse(code, found.ServerId, found.Server.Name, found.Server.Description, await db.ServerMembers.CountAsync(m => m.ServerId == found.ServerId, cancellationToken)))
            : Invalid();

    /// <summary>Whoever is a member already stays what they are, and uses nothing up.</summary>
    public static async Task<Results<Ok<ServerResponse>, ProblemHttpResult>> AcceptAsync(
        string code, CurrentUser user, ChatSphereDb db, Seats seats, CommunitySignals signals, TimeProvider time, CancellationToken cancellationToken)
    {
        if (await Usable(db, code, time).AsNoTracking().SingleOrDefaultAsync(cancellationToken) is not { } invite)
        {
            return Invalid();
        }

        var joined = false;
        await using (var transaction = await db.Database.BeginTransactionAsync(cancellationToken))
        {
            // A ban that is being made waits for this, or this for it.
            await db.Database.ExecuteSqlAsync($"select pg_advisory_xact_lock(hashtextextended({$"member:{invite.ServerId}:{user.AccountId}"}, 0))", cancellationToken);
            if (await db.ServerBans.AnyAsync(b => b.ServerId == invite.ServerId && b.AccountId == user.AccountId, cancellationToken))
            {
                return Problems.Of(StatusCodes.Status403Forbidden, ErrorCodes.Banned, "You may not come back to this server.");
            }

            if (!await db.ServerMembers.AnyAsync(m => m.ServerId == invite.ServerId && m.MemberId == user.AccountId, cancellationToken))
            {
                var now = time.GetUtcNow();
                if (await db.Invites.Where(i => i.Id == invite.Id && (i.MaxUses == null || i.Uses < i.MaxUses)).ExecuteUpdateAsync(i => i.SetProperty(x => x.Uses, x => x.Uses + 1), cancellationToken) == 0)
                {
                    return Invalid();
                }

                db.Add(new ServerMember { ServerId = invite.ServerId, MemberId = user.AccountId, Kind = MemberKind.Person, JoinedAt = now });
                var roles = await db.ServerRoles.Where(r => r.ServerId == invite.ServerId && invite.RoleIds.Contains(r.Id)).Select(r => r.Id).ToListAsync(cancellationToken);
                db.AddRange(roles.Select(r => new MemberRole { ServerId = invite.ServerId, MemberId = user.AccountId, RoleId = r }));
                await db.SaveChangesAsync(cancellationToken);
                joined = true;
            }

            await transaction.CommitAsync(cancellationToken);
        }

        if (joined)
        {
            signals.MembershipsChanged(invite.ServerId, user.AccountId);
        }

        return await seats.InServerAsync(user.AccountId, invite.ServerId, cancellationToken) is { } seat
            ? TypedResults.Ok(ServerResponses.From(await db.Servers.AsNoTracking().SingleAsync(s => s.Id == invite.ServerId, cancellationToken), seat.Permissions))
            : Problems.NotFound();
    }

    private static IQueryable<Invite> Usable(ChatSphereDb db, string code, TimeProvider time)
    {
        var now = time.GetUtcNow();
        return db.Invites.Where(i => i.Code == code && (i.ExpiresAt == null || i.ExpiresAt > now) && (i.MaxUses == null || i.Uses < i.MaxUses) && db.Servers.Any(s => s.Id == i.ServerId && s.DeleteAfter == null));
    }

    private static InviteResponse From(Invite i) => new(i.Id, i.Code, i.ServerId, i.CreatedBy, i.ExpiresAt, i.MaxUses, i.Uses, i.RoleIds, i.CreatedAt);

    private static ProblemHttpResult Invalid() => Problems.Of(StatusCodes.Status404NotFound, ErrorCodes.NotFound, "This invite does not exist, or works no more.");
}
