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
    private const int Most = 500;

    public static async Task<Results<Created<InviteResponse>, ProblemHttpResult>> CreateAsync(
        Guid serverId, CreateInviteRequest request, CurrentUser user, ChatSphereDb db, Seats seats, ServerLog log, TimeProvider time, CancellationToken cancellationToken)
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

        if (roles.Any(r => !MayGive(seat, r)))
        {
            return Problems.Invalid("roleIds", "Roles of this server below your own, with no right that you do not hold.");
        }

        var now = time.GetUtcNow();
        if (await db.Invites.CountAsync(i => i.ServerId == serverId && (i.ExpiresAt == null || i.ExpiresAt > now) && (i.MaxUses == null || i.Uses < i.MaxUses), cancellationToken) >= Most)
        {
            return Problems.Conflict(ErrorCodes.TooMany, $"A server has at most {Most} invites at a time; take one back first.");
        }

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
        log.Record(serverId, user.AccountId, ServerActions.InviteCreated, ServerLogTarget.Invite, invite.Id, details: new { invite.ExpiresAt, invite.MaxUses, invite.RoleIds });
        await db.SaveChangesAsync(cancellationToken);
        return TypedResults.Created($"/v1/invites/{invite.Code}", From(invite));
    }

    public static async Task<Results<Ok<InvitePreviewResponse>, ProblemHttpResult>> PreviewAsync(string code, CurrentUser user, ChatSphereDb db, TimeProvider time, CancellationToken cancellationToken) =>
        await Usable(db, code, time).Select(i => new { i.ServerId, Server = db.Servers.First(s => s.Id == i.ServerId) }).SingleOrDefaultAsync(cancellationToken) is { } found
            ? TypedResults.Ok(new InvitePreviewResponse(code, found.ServerId, found.Server.Name, found.Server.Description, await db.ServerMembers.CountAsync(m => m.ServerId == found.ServerId, cancellationToken))
            {
                IsMember = await db.ServerMembers.AnyAsync(m => m.ServerId == found.ServerId && m.MemberId == user.AccountId, cancellationToken),
            })
            : Invalid();

    /// <summary>Its roles are given as long as who made it could still give them.</summary>
    public static async Task<Results<Ok<ServerResponse>, ProblemHttpResult>> AcceptAsync(
        string code, CurrentUser user, ChatSphereDb db, Seats seats, JoiningServers joining, TimeProvider time, CancellationToken cancellationToken)
    {
        if (await Usable(db, code, time).AsNoTracking().SingleOrDefaultAsync(cancellationToken) is not { } invite)
        {
            return Invalid();
        }

        var maker = invite.RoleIds.Count == 0 ? null : await seats.InServerAsync(invite.CreatedBy, invite.ServerId, cancellationToken);
        var roles = maker is not null && maker.May(ServerPermissions.ManageRoles) ? invite.RoleIds.Where(r => MayGive(maker, r)).ToList() : [];
        return await joining.JoinAsync(
            invite.ServerId,
            user.AccountId,
            async () => await db.Invites.Where(i => i.Id == invite.Id && (i.MaxUses == null || i.Uses < i.MaxUses)).ExecuteUpdateAsync(i => i.SetProperty(x => x.Uses, x => x.Uses + 1), cancellationToken) == 0
                ? null
                : roles.Count == 0 ? [] : await db.ServerRoles.Where(r => r.ServerId == invite.ServerId && roles.Contains(r.Id)).Select(r => r.Id).ToListAsync(cancellationToken),
            Invalid,
            "invite",
            cancellationToken);
    }

    /// <summary>All of them for who manages the server; else those one has made oneself.</summary>
    public static async Task<Results<Ok<List<InviteResponse>>, ProblemHttpResult>> ListAsync(Guid serverId, CurrentUser user, ChatSphereDb db, Seats seats, TimeProvider time, CancellationToken cancellationToken)
    {
        if (await seats.InServerAsync(user.AccountId, serverId, cancellationToken) is not { } seat)
        {
            return Problems.NotFound();
        }

        var (now, all) = (time.GetUtcNow(), seat.May(ServerPermissions.ManageServer));
        var invites = await db.Invites.AsNoTracking().Where(i => i.ServerId == serverId && (all || i.CreatedBy == user.AccountId) && (i.ExpiresAt == null || i.ExpiresAt > now) && (i.MaxUses == null || i.Uses < i.MaxUses))
            .OrderByDescending(i => i.Id).Take(Most).ToListAsync(cancellationToken);
        return TypedResults.Ok(invites.ConvertAll(From));
    }

    public static async Task<Results<NoContent, ProblemHttpResult>> RevokeAsync(Guid serverId, Guid inviteId, CurrentUser user, ChatSphereDb db, Seats seats, ServerLog log, CancellationToken cancellationToken)
    {
        if (await seats.InServerAsync(user.AccountId, serverId, cancellationToken) is not { } seat
            || await db.Invites.SingleOrDefaultAsync(i => i.Id == inviteId && i.ServerId == serverId, cancellationToken) is not { } invite
            || (invite.CreatedBy != user.AccountId && !seat.May(ServerPermissions.ManageServer)))
        {
            return Problems.NotFound();
        }

        db.Remove(invite);
        log.Record(serverId, user.AccountId, ServerActions.InviteRevoked, ServerLogTarget.Invite, invite.Id, details: new { invite.CreatedBy, invite.Uses });
        try
        {
            await db.SaveChangesAsync(cancellationToken);
        }
        catch (DbUpdateConcurrencyException)
        {
            return Problems.NotFound();
        }

        return TypedResults.NoContent();
    }

    /// <summary>Below the highest of one's own, and with nothing in it that one does not hold.</summary>
    private static bool MayGive(ServerSeat seat, Guid roleId) =>
        roleId != seat.Server.ServerId && seat.Server.Roles.TryGetValue(roleId, out var role) && seat.May(role.Permissions)
        && (seat.IsOwner || PermissionRules.IsAbove(PermissionRules.TopRole(seat.Server, seat.Member), role));

    private static IQueryable<Invite> Usable(ChatSphereDb db, string code, TimeProvider time)
    {
        var now = time.GetUtcNow();
        return db.Invites.Where(i => i.Code == code && (i.ExpiresAt == null || i.ExpiresAt > now) && (i.MaxUses == null || i.Uses < i.MaxUses) && db.Servers.Any(s => s.Id == i.ServerId && s.DeleteAfter == null));
    }

    private static InviteResponse From(Invite i) => new(i.Id, i.Code, i.ServerId, i.CreatedBy, i.ExpiresAt, i.MaxUses, i.Uses, i.RoleIds, i.CreatedAt);

    private static ProblemHttpResult Invalid() => Problems.Of(StatusCodes.Status404NotFound, ErrorCodes.NotFound, "This invite does not exist, or works no more.");
}
