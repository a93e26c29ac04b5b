using ChatSphere.Api.Http;
using ChatSphere.Contracts.Accounts;
using ChatSphere.Contracts.Audit;
using ChatSphere.Data;
using ChatSphere.Data.Accounts;
using ChatSphere.Data.Audit;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ChatSphere.Api.Modules.Audit;

internal static class GetRightsThen
{
    /// <param name="at">Missing: now.</param>
    public static async Task<Results<Ok<RightsThenResponse>, ProblemHttpResult>> HandleAsync(Guid accountId, ChatSphereDb db, TimeProvider time, CancellationToken cancellationToken, DateTimeOffset? at = null)
    {
        var moment = (at ?? time.GetUtcNow()).ToUniversalTime();
        var then = await RightsHistory.AtAsync(db, accountId, moment, cancellationToken);
        if (!then.Knows(accountId))
        {
            return Problems.NotFound();
        }

        var groups = then.GroupsOf(accountId);
        var own = then.OwnRolesOf(accountId);
        var through = groups.SelectMany(g => then.RolesOfGroup(g).Select(r => (Role: r, Group: g))).ToLookup(x => x.Role, x => x.Group);
        var active = !then.IsDisabled(accountId) && !then.IsDeleted(accountId);
        var roles = own.Concat(through.Select(t => t.Key)).Distinct().Select(id => then.Roles.GetValueOrDefault(id)).OfType<RightsHistory.RoleThen>().OrderBy(r => r.Name, StringComparer.Ordinal).ToList();

        // The administrator's role grants whatever there is; the names are those of this version.
        var granted = !active ? [] : roles.Exists(r => r.Id == Role.AdministratorId) ? Permissions.All.Select(p => p.Name) : roles.SelectMany(r => r.Permissions).Distinct();
        return TypedResults.Ok(new RightsThenResponse(
            accountId, moment, active,
            [.. roles.Select(r => new RoleThenResponse(r.Id, r.Name, r.RequiresMfa, own.Contains(r.Id) ? [] : [.. through[r.Id].Select(NameOf)]))],
            [.. groups.Select(g => new GroupThenResponse(g, NameOf(g))).OrderBy(g => g.Name, StringComparer.Ordinal)],
            [.. granted.Order(StringComparer.Ordinal)]));

        string NameOf(Guid group) => then.Groups.GetValueOrDefault(group) ?? "";
    }
}
