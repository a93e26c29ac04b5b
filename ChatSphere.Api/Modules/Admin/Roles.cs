using System.Linq.Expressions;
using System.Text;
using ChatSphere.Api.Http;
using ChatSphere.Contracts;
using ChatSphere.Contracts.Accounts;
using ChatSphere.Contracts.Admin;
using ChatSphere.Data;
using ChatSphere.Data.Accounts;
using ChatSphere.Data.Audit;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace ChatSphere.Api.Modules.Admin;

internal static class RoleRules
{
    private static readonly string[] All = [.. Permissions.All.Select(p => p.Name)];

    public static Expression<Func<Role, RoleResponse>> Projection(ChatSphereDb db) => r => new RoleResponse(
        r.Id, r.Name!, r.Description, r.Id == Role.AdministratorId ? All : r.Permissions, r.RequiresMfa, r.IsBuiltIn, db.UserRoles.Count(u => u.RoleId == r.Id), db.GroupRoles.Count(g => g.RoleId == r.Id));

    /// <summary>One form of a name, so that two that look the same are the same.</summary>
    public static string Name(string name) => name.Trim().Normalize(NormalizationForm.FormKC);

    public static ProblemHttpResult? Refuse(CurrentUser user, string? name, string? description, IReadOnlyList<string>? permissions)
    {
        if (name is not null && TextRules.Problem(name) is { } unfit)
        {
            return Problems.Invalid("name", unfit);
        }

        if (description is not null && TextRules.HasUnstorable(description))
        {
            return Problems.Invalid("description", "It must not contain control characters.");
        }

        foreach (var permission in permissions ?? [])
        {
            // JSON can hold a null where no string may be one.
            if (permission is null || Permissions.Find(permission) is null)
            {
                return Problems.Invalid("permissions", $"There is no permission “{TextRules.FileName(permission)}”.");
            }
        }

        return RightsChange.RefuseGrant(user, permissions ?? []);
    }

    public static object Details(Role role, object? before = null) => before is null
        ? new { roleId = role.Id, role = role.Name, permissions = role.Permissions, requiresMfa = role.RequiresMfa }
        : new { roleId = role.Id, role = role.Name, permissions = role.Permissions, requiresMfa = role.RequiresMfa, before };

    public static ProblemHttpResult NameTaken() => Problems.Conflict(ErrorCodes.RoleNameTaken, "There is a role of this name.");

    public static bool IsTaken(DbUpdateException e) => e.InnerException is PostgresException { SqlState: PostgresErrorCodes.UniqueViolation };
}

internal static class ListPermissions
{
    public static Ok<List<PermissionResponse>> Handle() => TypedResults.Ok(Permissions.All.Select(p => new PermissionResponse(p.Name, p.Description, p.Delegable)).ToList());
}

internal static class ListRoles
{
    public static async Task<Ok<List<RoleResponse>>> HandleAsync(ChatSphereDb db, CancellationToken cancellationToken) =>
        TypedResults.Ok(await db.Roles.AsNoTracking().OrderByDescending(r => r.IsBuiltIn).ThenBy(r => r.Id).Select(RoleRules.Projection(db)).Take(500).ToListAsync(cancellationToken));
}

internal static class CreateRole
{
    public static async Task<Results<Created<RoleResponse>, ProblemHttpResult>> HandleAsync(
        CreateRoleRequest request, CurrentUser user, ChatSphereDb db, AuditTrail audit, TimeProvider time, CancellationToken cancellationToken)
    {
        if (RoleRules.Refuse(user, request.Name, request.Description, request.Permissions) is { } refusal)
        {
            return refusal;
        }

        var name = RoleRules.Name(request.Name);
        var role = new Role
        {
            Id = Guid.CreateVersion7(time.GetUtcNow()),
            Name = name,
            NormalizedName = name.ToUpperInvariant(),
            Description = request.Description?.Trim() ?? "",
            Permissions = [.. request.Permissions.Distinct()],
            RequiresMfa = request.RequiresMfa,
            ConcurrencyStamp = Guid.NewGuid().ToString(),
        };
        db.Roles.Add(role);
        audit.Record(AuditActions.RoleCreated, "role", role.Id, RoleRules.Details(role));
        try
        {
            await db.SaveChangesAsync(cancellationToken);
        }
        catch (DbUpdateException e) when (RoleRules.IsTaken(e))
        {
            return RoleRules.NameTaken();
        }

        return TypedResults.Created($"/v1/roles/{role.Id}", new RoleResponse(role.Id, name, role.Description, role.Permissions, role.RequiresMfa, role.IsBuiltIn, 0, 0));
    }
}

internal static class UpdateRole
{
    public static async Task<Results<Ok<RoleResponse>, ProblemHttpResult>> HandleAsync(
        Guid roleId, UpdateRoleRequest request, CurrentUser user, ChatSphereDb db, RightsChange change, AuditTrail audit, CancellationToken cancellationToken)
    {
        await using var transaction = await change.BeginAsync(cancellationToken);
        if (await db.Roles.SingleOrDefaultAsync(r => r.Id == roleId, cancellationToken) is not { } role)
        {
            return Problems.NotFound();
        }

        // What it grants now and what it would grant: both are theirs to hand out, or it is not theirs to change.
        if (await change.RefuseGrantAsync(user, [role], cancellationToken) is { } notTheirs)
        {
            return notTheirs;
        }

        if (RoleRules.Refuse(user, request.Name, request.Description, request.Permissions) is { } refusal)
        {
            return refusal;
        }

        var name = request.Name is null ? role.Name! : RoleRules.Name(request.Name);
        if (role.IsBuiltIn && name != role.Name)
        {
            return Problems.Conflict(ErrorCodes.RoleFixed, "A built-in role keeps its name.");
        }

        if (role.Id == Role.AdministratorId && request.Permissions is not null)
        {
            return Problems.Conflict(ErrorCodes.RoleFixed, "The administrator may do everything there is; that is not changed.");
        }

        var before = new { role = role.Name, permissions = role.Permissions, requiresMfa = role.RequiresMfa };
        role.Name = name;
        role.NormalizedName = name.ToUpperInvariant();
        role.Description = request.Description?.Trim() ?? role.Description;
        role.Permissions = request.Permissions is null ? role.Permissions : [.. request.Permissions.Distinct()];
        role.RequiresMfa = request.RequiresMfa ?? role.RequiresMfa;
        role.ConcurrencyStamp = Guid.NewGuid().ToString();
        audit.Record(AuditActions.RoleChanged, "role", role.Id, RoleRules.Details(role, before));
        change.TouchedEverybody();
        try
        {
            if (await change.CommitAsync(transaction, cancellationToken) is { } locked)
            {
                return locked;
            }
        }
        catch (DbUpdateException e) when (RoleRules.IsTaken(e))
        {
            return RoleRules.NameTaken();
        }

        return TypedResults.Ok(await db.Roles.AsNoTracking().Where(r => r.Id == roleId).Select(RoleRules.Projection(db)).SingleAsync(cancellationToken));
    }
}

internal static class DeleteRole
{
    public static async Task<Results<NoContent, ProblemHttpResult>> HandleAsync(
        Guid roleId, CurrentUser user, ChatSphereDb db, RightsChange change, AuditTrail audit, CancellationToken cancellationToken)
    {
        await using var transaction = await change.BeginAsync(cancellationToken);
        if (await db.Roles.SingleOrDefaultAsync(r => r.Id == roleId, cancellationToken) is not { } role)
        {
            return Problems.NotFound();
        }

        if (role.IsBuiltIn)
        {
            return Problems.Conflict(ErrorCodes.RoleFixed, "A built-in role is not deleted.");
        }

        if (await change.RefuseGrantAsync(user, [role], cancellationToken) is { } notTheirs)
        {
            return notTheirs;
        }

        // Whoever has it loses it with the row; the event says so for all of them.
        db.Roles.Remove(role);
        audit.Record(AuditActions.RoleDeleted, "role", role.Id, new { roleId = role.Id, role = role.Name });
        change.TouchedEverybody();
        return await change.CommitAsync(transaction, cancellationToken) is { } locked ? locked : TypedResults.NoContent();
    }
}
