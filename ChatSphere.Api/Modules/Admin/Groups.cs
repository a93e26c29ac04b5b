using System.Linq.Expressions;
using ChatSphere.Api.Http;
using ChatSphere.Contracts;
using ChatSphere.Contracts.Admin;
using ChatSphere.Data;
using ChatSphere.Data.Accounts;
using ChatSphere.Data.Audit;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace ChatSphere.Api.Modules.Admin;

internal static class GroupRules
{
    public static Expression<Func<Group, GroupResponse>> Projection(ChatSphereDb db) => g => new GroupResponse(
        g.Id, g.Name, g.Description, g.ExternalId, db.GroupMembers.Count(m => m.GroupId == g.Id),
        db.Roles.Where(r => db.GroupRoles.Any(x => x.GroupId == g.Id && x.RoleId == r.Id)).OrderBy(r => r.Id).Select(r => new RoleReference(r.Id, r.Name!)).ToList(), g.CreatedAt);

    public static ProblemHttpResult? Refuse(string? name, string? description) =>
        name is not null && TextRules.Problem(name) is { } unfit ? Problems.Invalid("name", unfit)
        : description is not null && TextRules.HasUnstorable(description) ? Problems.Invalid("description", "It must not contain control characters.")
        : null;

    public static ProblemHttpResult NameTaken() => Problems.Conflict(ErrorCodes.GroupNameTaken, "There is a group of this name.");

    public static Group Create(string name, string? description, DateTimeOffset now) => new() { Id = Guid.CreateVersion7(now), Name = RoleRules.Name(name), Description = description?.Trim() ?? "", CreatedAt = now };
}

internal static class ListGroups
{
    public static async Task<Results<Ok<Page<GroupResponse>>, ProblemHttpResult>> HandleAsync(ChatSphereDb db, CancellationToken cancellationToken, string? cursor = null, int? limit = null)
    {
        if (!Cursor.TryRead(cursor, out Guid? before))
        {
            return Problems.BadRequest(ErrorCodes.CursorInvalid, "The cursor is not one that this list gave out.");
        }

        var take = Cursor.Limit(limit);
        var found = await db.Groups.AsNoTracking().Where(g => before == null || g.Id < before).OrderByDescending(g => g.Id).Take(take + 1).Select(GroupRules.Projection(db)).ToListAsync(cancellationToken);
        return TypedResults.Ok(Pages.Of(found, take, g => Cursor.Of(g.Id)));
    }
}

internal static class GetGroup
{
    public static async Task<Results<Ok<GroupResponse>, ProblemHttpResult>> HandleAsync(Guid groupId, ChatSphereDb db, CancellationToken cancellationToken) =>
        await db.Groups.AsNoTracking().Where(g => g.Id == groupId).Select(GroupRules.Projection(db)).SingleOrDefaultAsync(cancellationToken) is { } group ? TypedResults.Ok(group) : Problems.NotFound();
}

internal static class CreateGroup
{
    public static async Task<Results<Created<GroupResponse>, ProblemHttpResult>> HandleAsync(
        CreateGroupRequest request, ChatSphereDb db, AuditTrail audit, TimeProvider time, CancellationToken cancellationToken)
    {
        if (GroupRules.Refuse(request.Name, request.Description) is { } refusal)
        {
            return refusal;
        }

        var group = GroupRules.Create(request.Name, request.Description, time.GetUtcNow());
        db.Groups.Add(group);
        audit.Record(AuditActions.GroupCreated, "group", group.Id, new { groupId = group.Id, group = group.Name });
        try
        {
            await db.SaveChangesAsync(cancellationToken);
        }
        catch (DbUpdateException e) when (RoleRules.IsTaken(e))
        {
            return GroupRules.NameTaken();
        }

        return TypedResults.Created($"/v1/groups/{group.Id}", new GroupResponse(group.Id, group.Name, group.Description, null, 0, [], group.CreatedAt));
    }
}

internal static class UpdateGroup
{
    public static async Task<Results<Ok<GroupResponse>, ProblemHttpResult>> HandleAsync(
        Guid groupId, UpdateGroupRequest request, ChatSphereDb db, AuditTrail audit, CancellationToken cancellationToken)
    {
        if (await db.Groups.SingleOrDefaultAsync(g => g.Id == groupId, cancellationToken) is not { } group)
        {
            return Problems.NotFound();
        }

        if (GroupRules.Refuse(request.Name, request.Description) is { } refusal)
        {
            return refusal;
        }

        group.Name = request.Name is null ? group.Name : RoleRules.Name(request.Name);
        group.Description = request.Description?.Trim() ?? group.Description;
        audit.Record(AuditActions.GroupChanged, "group", group.Id, new { groupId = group.Id, group = group.Name });
        try
        {
            await db.SaveChangesAsync(cancellationToken);
        }
        catch (DbUpdateException e) when (RoleRules.IsTaken(e))
        {
            return GroupRules.NameTaken();
        }

        return await GetGroup.HandleAsync(groupId, db, cancellationToken);
    }
}

internal static class DeleteGroup
{
    public static async Task<Results<NoContent, ProblemHttpResult>> HandleAsync(Guid groupId, CurrentUser user, ChatSphereDb db, RightsChange change, AuditTrail audit, CancellationToken cancellationToken)
    {
        await using var transaction = await change.BeginAsync(cancellationToken);
        if (await db.Groups.SingleOrDefaultAsync(g => g.Id == groupId, cancellationToken) is not { } group)
        {
            return Problems.NotFound();
        }

        if (await change.RefuseMembershipAsync(user, groupId, cancellationToken) is { } refusal)
        {
            return refusal;
        }

        db.Groups.Remove(group);
        audit.Record(AuditActions.GroupDeleted, "group", group.Id, new { groupId = group.Id, group = group.Name });
        change.TouchedEverybody();
        return await change.CommitAsync(transaction, cancellationToken) is { } locked ? locked : TypedResults.NoContent();
    }
}

internal static class ListGroupMembers
{
    public static async Task<Results<Ok<Page<GroupMemberResponse>>, ProblemHttpResult>> HandleAsync(
        Guid groupId, ChatSphereDb db, CancellationToken cancellationToken, string? cursor = null, int? limit = null)
    {
        if (!await db.Groups.AnyAsync(g => g.Id == groupId, cancellationToken))
        {
            return Problems.NotFound();
        }

        if (!Cursor.TryRead(cursor, out Guid? after))
        {
            return Problems.BadRequest(ErrorCodes.CursorInvalid, "The cursor is not one that this list gave out.");
        }

        var take = Cursor.Limit(limit);
        var found = await db.GroupMembers.AsNoTracking().Where(m => m.GroupId == groupId && (after == null || m.AccountId > after))
            .Join(db.Users, m => m.AccountId, a => a.Id, (m, a) => new { m, a }).OrderBy(x => x.m.AccountId).Take(take + 1)
            .Select(x => new GroupMemberResponse(x.a.Id, x.a.DisplayName, x.a.Email, x.a.DisabledAt != null, x.m.AddedAt)).ToListAsync(cancellationToken);
        return TypedResults.Ok(Pages.Of(found, take, m => Cursor.Of(m.AccountId)));
    }
}

/// <summary>Puts somebody in, or takes them out. Both may be repeated.</summary>
internal static class ChangeGroupMember
{
    public static Task<Results<NoContent, ProblemHttpResult>> AddAsync(Guid groupId, Guid accountId, CurrentUser user, ChatSphereDb db, RightsChange change, CancellationToken cancellationToken) =>
        HandleAsync(groupId, accountId, user, db, change, join: true, cancellationToken);

    public static Task<Results<NoContent, ProblemHttpResult>> RemoveAsync(Guid groupId, Guid accountId, CurrentUser user, ChatSphereDb db, RightsChange change, CancellationToken cancellationToken) =>
        HandleAsync(groupId, accountId, user, db, change, join: false, cancellationToken);

    private static async Task<Results<NoContent, ProblemHttpResult>> HandleAsync(
        Guid groupId, Guid accountId, CurrentUser user, ChatSphereDb db, RightsChange change, bool join, CancellationToken cancellationToken)
    {
        await using var transaction = await change.BeginAsync(cancellationToken);
        if (await db.Groups.AsNoTracking().SingleOrDefaultAsync(g => g.Id == groupId, cancellationToken) is not { } group
            || !await db.Users.AnyAsync(a => a.Id == accountId && a.ErasedAt == null, cancellationToken))
        {
            return Problems.NotFound();
        }

        if (await change.RefuseMembershipAsync(user, groupId, cancellationToken) is { } refusal)
        {
            return refusal;
        }

        _ = join ? await change.JoinAsync(group, accountId, cancellationToken) : await change.LeaveAsync(group, accountId, cancellationToken);
        return await change.CommitAsync(transaction, cancellationToken) is { } locked ? locked : TypedResults.NoContent();
    }
}

internal static class SetGroupRoles
{
    public static async Task<Results<Ok<GroupResponse>, ProblemHttpResult>> HandleAsync(
        Guid groupId, SetRolesRequest request, CurrentUser user, ChatSphereDb db, RightsChange change, AuditTrail audit, CancellationToken cancellationToken)
    {
        await using var transaction = await change.BeginAsync(cancellationToken);
        if (await db.Groups.AsNoTracking().SingleOrDefaultAsync(g => g.Id == groupId, cancellationToken) is not { } group)
        {
            return Problems.NotFound();
        }

        var (wanted, unknown) = await change.FindRolesAsync(request.RoleIds, cancellationToken);
        if (unknown is not null)
        {
            return unknown;
        }

        var had = await change.RolesOfGroupAsync(groupId, cancellationToken);
        var given = wanted.ExceptBy(had.Select(r => r.Id), r => r.Id).ToList();
        var taken = had.ExceptBy(wanted.Select(r => r.Id), r => r.Id).ToList();
        if (await change.RefuseGrantAsync(user, given.Concat(taken), cancellationToken) is { } refusal)
        {
            return refusal;
        }

        foreach (var role in given)
        {
            db.GroupRoles.Add(new GroupRole { GroupId = groupId, RoleId = role.Id });
            audit.Record(AuditActions.GroupRoleGiven, "group", groupId, new { groupId, group = group.Name, roleId = role.Id, role = role.Name });
        }

        foreach (var role in taken)
        {
            await db.GroupRoles.Where(r => r.GroupId == groupId && r.RoleId == role.Id).ExecuteDeleteAsync(cancellationToken);
            audit.Record(AuditActions.GroupRoleTaken, "group", groupId, new { groupId, group = group.Name, roleId = role.Id, role = role.Name });
        }

        change.TouchedEverybody();
        return await change.CommitAsync(transaction, cancellationToken) is { } locked ? locked : await GetGroup.HandleAsync(groupId, db, cancellationToken);
    }
}
