using System.Text.Json;
using Microsoft.EntityFrameworkCore;

namespace ChatSphere.Data.Audit;

/// <summary>What somebody was allowed, told from the events alone. The tables of today are not asked.</summary>
public sealed class RightsHistory
{
    private readonly Dictionary<Guid, RoleThen> _roles = [];
    private readonly Dictionary<Guid, string> _groups = [];
    private readonly Dictionary<Guid, HashSet<Guid>> _rolesOf = [];
    private readonly Dictionary<Guid, HashSet<Guid>> _groupsOf = [];
    private readonly Dictionary<Guid, HashSet<Guid>> _rolesOfGroup = [];
    private readonly HashSet<Guid> _accounts = [];
    private readonly HashSet<Guid> _disabled = [];
    private readonly HashSet<Guid> _deleted = [];

    public sealed record RoleThen(Guid Id, string Name, IReadOnlyList<string> Permissions, bool RequiresMfa);

    public IReadOnlyDictionary<Guid, RoleThen> Roles => _roles;

    public IReadOnlyDictionary<Guid, string> Groups => _groups;

    /// <summary>Whether any event has mentioned the account.</summary>
    public bool Knows(Guid accountId) => _accounts.Contains(accountId);

    public bool IsDisabled(Guid accountId) => _disabled.Contains(accountId);

    public bool IsDeleted(Guid accountId) => _deleted.Contains(accountId);

    public IEnumerable<Guid> Accounts => _accounts;

    public IReadOnlySet<Guid> OwnRolesOf(Guid accountId) => _rolesOf.GetValueOrDefault(accountId) ?? [];

    public IReadOnlySet<Guid> GroupsOf(Guid accountId) => _groupsOf.GetValueOrDefault(accountId) ?? [];

    public IReadOnlySet<Guid> RolesOfGroup(Guid groupId) => _rolesOfGroup.GetValueOrDefault(groupId) ?? [];

    /// <summary>As of a moment, for one account. Events of other accounts are left out.</summary>
    public static async Task<RightsHistory> AtAsync(ChatSphereDb db, Guid accountId, DateTimeOffset at, CancellationToken cancellationToken)
    {
        var history = new RightsHistory();
        await foreach (var e in Relevant(db).Where(e => e.At <= at && (e.TargetKind != "account" || e.TargetId == accountId)).OrderBy(e => e.At).ThenBy(e => e.Id).AsAsyncEnumerable().WithCancellation(cancellationToken))
        {
            history.Apply(e);
        }

        return history;
    }

    /// <summary>Everybody's, up to now.</summary>
    internal static async Task<RightsHistory> AllAsync(ChatSphereDb db, CancellationToken cancellationToken)
    {
        var history = new RightsHistory();
        await foreach (var e in Relevant(db).OrderBy(e => e.At).ThenBy(e => e.Id).AsAsyncEnumerable().WithCancellation(cancellationToken))
        {
            history.Apply(e);
        }

        return history;
    }

    public void Apply(AuditEvent e)
    {
        using var details = e.Details is null ? null : JsonDocument.Parse(e.Details);
        var json = details?.RootElement;
        var account = e.TargetKind == "account" ? e.TargetId : Id("accountId");
        var role = e.TargetKind == "role" ? e.TargetId : Id("roleId");
        var group = e.TargetKind == "group" ? e.TargetId : Id("groupId");
        if (account is { } mentioned)
        {
            _accounts.Add(mentioned);
        }

        switch (e.Action)
        {
            case AuditActions.AccountRegistered or AuditActions.RoleGiven or "account.created" or "account.imported":
                if (account is not null && role is not null)
                {
                    Of(_rolesOf, account.Value).Add(role.Value);
                }

                // Several at once: an account that was made with its roles.
                foreach (var several in account is null ? [] : Ids("roleIds"))
                {
                    Of(_rolesOf, account!.Value).Add(several);
                }

                break;
            case AuditActions.RoleTaken when account is not null && role is not null:
                Of(_rolesOf, account.Value).Remove(role.Value);
                break;
            case "account.disabled" when account is not null:
                _disabled.Add(account.Value);
                break;
            case "account.enabled" when account is not null:
                _disabled.Remove(account.Value);
                break;
            case "account.deleted" or AuditActions.AccountErased when account is not null:
                _deleted.Add(account.Value);
                _rolesOf.Remove(account.Value);
                _groupsOf.Remove(account.Value);
                break;
            case "rights.group_joined" when account is not null && group is not null:
                Of(_groupsOf, account.Value).Add(group.Value);
                NameGroup();
                break;
            case "rights.group_left" when account is not null && group is not null:
                Of(_groupsOf, account.Value).Remove(group.Value);
                break;
            case "rights.group_role_given" when group is not null && role is not null:
                Of(_rolesOfGroup, group.Value).Add(role.Value);
                NameGroup();
                break;
            case "rights.group_role_taken" when group is not null && role is not null:
                Of(_rolesOfGroup, group.Value).Remove(role.Value);
                break;
            case "rights.group_created" or "rights.group_changed":
                NameGroup();
                break;
            case "rights.group_deleted" when group is not null:
                _groups.Remove(group.Value);
                _rolesOfGroup.Remove(group.Value);
                foreach (var groups in _groupsOf.Values)
                {
                    groups.Remove(group.Value);
                }

                break;
            case "rights.role_created" or "rights.role_changed" when role is not null:
                var before = _roles.GetValueOrDefault(role.Value);
                _roles[role.Value] = new RoleThen(
                    role.Value, Text("role") ?? before?.Name ?? "", Permissions() ?? before?.Permissions ?? [],
                    json?.TryGetProperty("requiresMfa", out var mfa) == true && mfa.ValueKind is JsonValueKind.True or JsonValueKind.False ? mfa.GetBoolean() : before?.RequiresMfa ?? false);
                break;
            case "rights.role_deleted" when role is not null:
                _roles.Remove(role.Value);
                foreach (var roles in _rolesOf.Values.Concat(_rolesOfGroup.Values))
                {
                    roles.Remove(role.Value);
                }

                break;
        }

        void NameGroup()
        {
            if (group is { } named)
            {
                _groups[named] = Text("group") ?? _groups.GetValueOrDefault(named) ?? "";
            }
        }

        string? Text(string name) => json?.TryGetProperty(name, out var value) == true && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

        Guid? Id(string name) => Guid.TryParse(Text(name), out var id) ? id : null;

        List<Guid> Ids(string name) => json?.TryGetProperty(name, out var value) == true && value.ValueKind == JsonValueKind.Array
            ? [.. value.EnumerateArray().Where(v => v.ValueKind == JsonValueKind.String && v.TryGetGuid(out _)).Select(v => v.GetGuid())]
            : [];

        List<string>? Permissions() => json?.TryGetProperty("permissions", out var value) == true && value.ValueKind == JsonValueKind.Array
            ? [.. value.EnumerateArray().Select(v => v.GetString()!)]
            : null;
    }

    private static IQueryable<AuditEvent> Relevant(ChatSphereDb db) => db.AuditEvents.AsNoTracking().Where(e =>
        e.Action.StartsWith("rights.") || new[]
        {
            AuditActions.AccountRegistered, "account.created", "account.imported", "account.disabled", "account.enabled", "account.deleted", AuditActions.AccountErased,
        }.Contains(e.Action));

    private static HashSet<Guid> Of(Dictionary<Guid, HashSet<Guid>> sets, Guid id) => sets.TryGetValue(id, out var set) ? set : sets[id] = [];
}
