using ChatSphere.Api.Http;
using ChatSphere.Api.Responses;
using ChatSphere.Contracts;
using ChatSphere.Contracts.Communities;
using ChatSphere.Data;
using ChatSphere.Data.Communities;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace ChatSphere.Api.Modules.Communities;

/// <summary>The roles of a server. Everybody changes only what stands below their own highest role, and only by rights that they hold.</summary>
internal static class Roles
{
    private const int Most = 250;

    /// <summary>A new role stands lowest, just above everyone's.</summary>
    public static async Task<Results<Created<ServerRoleResponse>, ProblemHttpResult>> CreateAsync(
        Guid serverId, CreateRoleRequest request, CurrentUser user, ChatSphereDb db, ServerChanges changes, CommunitySignals signals, CancellationToken cancellationToken)
    {
        await using var change = await changes.BeginAsync(user.AccountId, serverId, cancellationToken);
        if (change is null)
        {
            return Problems.NotFound();
        }

        if (!change.Seat.May(ServerPermissions.ManageRoles))
        {
            return ServerResponses.Missing(ServerPermissions.ManageRoles);
        }

        var permissions = ServerPermissions.None;
        if (NameProblem(request.Name) is { } refused || (request.Permissions is { } wire && (refused = Read(wire, out permissions)) is not null))
        {
            return refused;
        }

        if (!change.Seat.May(permissions))
        {
            return ServerChange.Exceeds();
        }

        var roles = await db.ServerRoles.Where(r => r.ServerId == serverId).ToListAsync(cancellationToken);
        if (roles.Count >= Most)
        {
            return Problems.Conflict(ErrorCodes.TooMany, $"A server has at most {Most} roles.");
        }

        foreach (var other in roles.Where(r => r.Id != serverId))
        {
            other.Position++;
        }

        var name = request.Name.Trim();
        var role = new ServerRole
        {
            Id = Guid.CreateVersion7(change.Now),
            ServerId = serverId,
            Name = name,
            NameKey = LookAlikes.KeyOf(name),
            Permissions = (long)permissions,
            Position = 1,
            Color = request.Color,
            IsHoisted = request.IsHoisted,
            IsMentionable = request.IsMentionable,
            CreatedAt = change.Now,
        };
        db.Add(role);
        change.Record(ServerActions.RoleCreated, ServerLogTarget.Role, role.Id, details: new { role = name, permissions = permissions.ToWire() });
        if (await change.CommitNamedAsync("role", cancellationToken) is { } taken)
        {
            return taken;
        }

        signals.ServerChanged(serverId);
        return TypedResults.Created($"/v1/servers/{serverId}/roles/{role.Id}", ServerResponses.From(role));
    }

    public static async Task<Results<Ok<ServerRoleResponse>, ProblemHttpResult>> UpdateAsync(
        Guid serverId, Guid roleId, UpdateRoleRequest request, CurrentUser user, ChatSphereDb db, ServerChanges changes, CommunitySignals signals, CancellationToken cancellationToken)
    {
        await using var change = await changes.BeginAsync(user.AccountId, serverId, cancellationToken);
        var (role, refused) = await LowerAsync(change, db, roleId, cancellationToken);
        if (change is null || role is null)
        {
            return refused!;
        }

        var isEveryones = roleId == serverId;
        if (isEveryones && (request.Name is not null || request.Color is not null || request.IsHoisted is true || request.IsMentionable is true))
        {
            return Problems.Conflict(ErrorCodes.RoleFixed, "Of everyone’s role only the permissions can be changed.");
        }

        if (request.Name is { } newName && (refused = NameProblem(newName)) is not null)
        {
            return refused;
        }

        var permissions = (ServerPermissions)role.Permissions;
        if (request.Permissions is { } wire && (refused = Read(wire, out permissions)) is not null)
        {
            return refused;
        }

        var before = (ServerPermissions)role.Permissions;
        if (!change.Seat.May(before ^ permissions))
        {
            return ServerChange.Exceeds();
        }

        var nameBefore = role.Name;
        if (request.Name is { } name)
        {
            (role.Name, role.NameKey) = (name.Trim(), LookAlikes.KeyOf(name));
        }

        role.Permissions = (long)permissions;
        role.Color = request.Color is { } color ? color < 0 ? null : color : role.Color;
        role.IsHoisted = request.IsHoisted ?? role.IsHoisted;
        role.IsMentionable = request.IsMentionable ?? role.IsMentionable;
        change.Record(ServerActions.RoleChanged, ServerLogTarget.Role, roleId, details: new
        {
            role = role.Name,
            was = role.Name == nameBefore ? null : nameBefore,
            given = ServerResponses.May(permissions & ~before),
            taken = ServerResponses.May(before & ~permissions),
        });
        if (await change.CommitNamedAsync("role", cancellationToken) is { } taken)
        {
            return taken;
        }

        signals.ServerChanged(serverId);
        return TypedResults.Ok(ServerResponses.From(role));
    }

    /// <summary>The whole order at once. What stands at or above one's own highest role stays where it is.</summary>
    public static async Task<Results<NoContent, ProblemHttpResult>> OrderAsync(
        Guid serverId, OrderRolesRequest request, CurrentUser user, ChatSphereDb db, ServerChanges changes, CommunitySignals signals, CancellationToken cancellationToken)
    {
        await using var change = await changes.BeginAsync(user.AccountId, serverId, cancellationToken);
        if (change is null)
        {
            return Problems.NotFound();
        }

        if (!change.Seat.May(ServerPermissions.ManageRoles))
        {
            return ServerResponses.Missing(ServerPermissions.ManageRoles);
        }

        if (request.RoleIds.Distinct().Count() != request.RoleIds.Count)
        {
            return Problems.Invalid("roleIds", "Each role once.");
        }

        var roles = await db.ServerRoles.Where(r => r.ServerId == serverId && r.Id != serverId).ToListAsync(cancellationToken);
        if (request.RoleIds.Contains(serverId))
        {
            return Problems.Conflict(ErrorCodes.RoleFixed, "Everyone’s role is always the lowest.");
        }

        if (!roles.Select(r => r.Id).ToHashSet().SetEquals(request.RoleIds))
        {
            return Problems.Conflict(ErrorCodes.OrderStale, "These are not the roles that there are now. Look again.");
        }

        var order = roles.OrderByDescending(r => r.Position).ThenBy(r => r.Id.ToString(), StringComparer.Ordinal).ToList();
        for (var i = 0; i < order.Count; i++)
        {
            if (order[i].Id != request.RoleIds[i] && !(change.StandsAbove(order[i].Id) && change.StandsAbove(request.RoleIds[i])))
            {
                return ServerChange.RankTooLow();
            }
        }

        if (!order.Select(r => r.Id).SequenceEqual(request.RoleIds))
        {
            var known = roles.ToDictionary(r => r.Id);
            for (var i = 0; i < request.RoleIds.Count; i++)
            {
                known[request.RoleIds[i]].Position = request.RoleIds.Count - i;
            }

            change.Record(ServerActions.RolesOrdered, ServerLogTarget.Server, serverId, details: new { roles = request.RoleIds.Select(id => known[id].Name) });
            await change.CommitAsync(cancellationToken);
            signals.ServerChanged(serverId);
        }

        return TypedResults.NoContent();
    }

    /// <summary>Whoever has it loses what it allows; what channels said about it goes too.</summary>
    public static async Task<Results<NoContent, ProblemHttpResult>> DeleteAsync(
        Guid serverId, Guid roleId, CurrentUser user, ChatSphereDb db, ServerChanges changes, CommunitySignals signals, CancellationToken cancellationToken)
    {
        await using var change = await changes.BeginAsync(user.AccountId, serverId, cancellationToken);
        var (role, refused) = await LowerAsync(change, db, roleId, cancellationToken);
        if (change is null || role is null)
        {
            return refused!;
        }

        if (roleId == serverId)
        {
            return Problems.Conflict(ErrorCodes.RoleFixed, "Everyone’s role stays.");
        }

        if (role.BotId is { } bot && await db.ServerMembers.AnyAsync(m => m.ServerId == serverId && m.MemberId == bot, cancellationToken))
        {
            return Problems.Conflict(ErrorCodes.RoleFixed, "This role is its bot’s and goes with it.");
        }

        await db.ChannelOverwrites.Where(o => o.TargetId == roleId && db.Channels.Any(c => c.Id == o.ChannelId && c.ServerId == serverId)).ExecuteDeleteAsync(cancellationToken);
        db.Remove(role);
        change.Record(ServerActions.RoleDeleted, ServerLogTarget.Role, roleId, details: new { role = role.Name, permissions = ((ServerPermissions)role.Permissions).ToWire() });
        await change.CommitAsync(cancellationToken);
        signals.ServerChanged(serverId);
        return TypedResults.NoContent();
    }

    /// <summary>Gives a member a role. May be repeated.</summary>
    public static async Task<Results<NoContent, ProblemHttpResult>> GiveAsync(
        Guid serverId, Guid memberId, Guid roleId, CurrentUser user, ChatSphereDb db, ServerChanges changes, CommunitySignals signals, CancellationToken cancellationToken)
    {
        await using var change = await changes.BeginAsync(user.AccountId, serverId, cancellationToken);
        var (role, refused) = await GivableAsync(change, db, roleId, cancellationToken);
        if (change is null || role is null)
        {
            return refused!;
        }

        if (await change.MemberAsync(memberId, cancellationToken) is not { } member)
        {
            return Problems.NotFound();
        }

        if (!change.Seat.May((ServerPermissions)role.Permissions))
        {
            return ServerChange.Exceeds();
        }

        if (!member.Facts.RoleIds.Contains(roleId))
        {
            db.Add(new MemberRole { ServerId = serverId, MemberId = memberId, RoleId = roleId });
            change.Record(ServerActions.RoleGiven, ServerLogTarget.Member, memberId, details: new { roleId, role = role.Name });
            await change.CommitAsync(cancellationToken);
            signals.ServerChanged(serverId);
        }

        return TypedResults.NoContent();
    }

    public static async Task<Results<NoContent, ProblemHttpResult>> TakeAsync(
        Guid serverId, Guid memberId, Guid roleId, CurrentUser user, ChatSphereDb db, ServerChanges changes, CommunitySignals signals, CancellationToken cancellationToken)
    {
        await using var change = await changes.BeginAsync(user.AccountId, serverId, cancellationToken);
        var (role, refused) = await GivableAsync(change, db, roleId, cancellationToken);
        if (change is null || role is null)
        {
            return refused!;
        }

        if (await db.MemberRoles.SingleOrDefaultAsync(r => r.ServerId == serverId && r.MemberId == memberId && r.RoleId == roleId, cancellationToken) is not { } given)
        {
            return Problems.NotFound();
        }

        db.Remove(given);
        change.Record(ServerActions.RoleTaken, ServerLogTarget.Member, memberId, details: new { roleId, role = role.Name });
        await change.CommitAsync(cancellationToken);
        signals.ServerChanged(serverId);
        return TypedResults.NoContent();
    }

    private static ProblemHttpResult? NameProblem(string name) => (TextRules.Problem(name) ?? ReservedNames.Problem(name)) is { } unfit ? Problems.Invalid("name", unfit) : null;

    private static ProblemHttpResult? Read(string wire, out ServerPermissions permissions) =>
        ServerPermissionNames.TryParse(wire, out permissions) ? null : Problems.Invalid("permissions", "A decimal number of bits that exist: GET /v1/server-permissions.");

    private static async Task<(ServerRole? Role, ProblemHttpResult? Refused)> GivableAsync(ServerChange? change, ChatSphereDb db, Guid roleId, CancellationToken cancellationToken)
    {
        var (role, refused) = await LowerAsync(change, db, roleId, cancellationToken);
        return role is null ? (null, refused)
            : role.Id == role.ServerId ? (null, Problems.Conflict(ErrorCodes.RoleFixed, "Everybody has everyone’s role."))
            : role.BotId is not null ? (null, Problems.Conflict(ErrorCodes.RoleFixed, "This role is a bot’s own."))
            : (role, null);
    }

    /// <summary>A role that the actor may change.</summary>
    private static async Task<(ServerRole? Role, ProblemHttpResult? Refused)> LowerAsync(ServerChange? change, ChatSphereDb db, Guid roleId, CancellationToken cancellationToken)
    {
        if (change is null || await db.ServerRoles.SingleOrDefaultAsync(r => r.Id == roleId && r.ServerId == change.Server.Id, cancellationToken) is not { } role)
        {
            return (null, Problems.NotFound());
        }

        return !change.Seat.May(ServerPermissions.ManageRoles) ? (null, ServerResponses.Missing(ServerPermissions.ManageRoles)) : change.StandsAbove(roleId) ? (role, null) : (null, ServerChange.RankTooLow());
    }
}
