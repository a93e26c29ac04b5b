namespace ChatSphere.Data.Audit;

public static partial class AuditActions
{
    /// <summary>Made by somebody else. Details: <c>roleIds</c>, <c>kind</c>, <c>by</c>: <c>administrator</c>, <c>import</c> or <c>scim</c>.</summary>
    public const string AccountCreated = "account.created";

    /// <summary>Details: <c>changed</c>, names of fields.</summary>
    public const string AccountChanged = "account.changed";
    public const string AccountDisabled = "account.disabled";
    public const string AccountEnabled = "account.enabled";

    /// <summary>A service account: its row stays for the ids that others keep.</summary>
    public const string AccountDeleted = "account.deleted";

    /// <summary>Details: <c>groupId</c>, <c>group</c>. Target: the account.</summary>
    public const string GroupJoined = "rights.group_joined";

    /// <summary>Details: <c>groupId</c>, <c>group</c>. Target: the account.</summary>
    public const string GroupLeft = "rights.group_left";

    /// <summary>Details: <c>groupId</c>, <c>group</c>, <c>roleId</c>, <c>role</c>. Target: the group.</summary>
    public const string GroupRoleGiven = "rights.group_role_given";

    /// <summary>Details: <c>groupId</c>, <c>group</c>, <c>roleId</c>, <c>role</c>. Target: the group.</summary>
    public const string GroupRoleTaken = "rights.group_role_taken";

    /// <summary>Details: <c>groupId</c>, <c>group</c>. Target: the group.</summary>
    public const string GroupCreated = "rights.group_created";

    /// <summary>Details: <c>groupId</c>, <c>group</c>. Target: the group.</summary>
    public const string GroupChanged = "rights.group_changed";

    /// <summary>Details: <c>groupId</c>, <c>group</c>. Target: the group.</summary>
    public const string GroupDeleted = "rights.group_deleted";

    /// <summary>Details: <c>roleId</c>, <c>role</c>, <c>permissions</c>, <c>requiresMfa</c>. Target: the role.</summary>
    public const string RoleCreated = "rights.role_created";

    /// <summary>Details: as of <see cref="RoleCreated"/>, and <c>before</c> with the same. Target: the role.</summary>
    public const string RoleChanged = "rights.role_changed";

    /// <summary>Details: <c>roleId</c>, <c>role</c>. Target: the role.</summary>
    public const string RoleDeleted = "rights.role_deleted";

    /// <summary>Details: <c>accountId</c>, <c>scopes</c>, <c>expiresAt</c>. Target: the key.</summary>
    public const string KeyCreated = "keys.created";

    /// <summary>Details: <c>accountId</c>. Target: the key.</summary>
    public const string KeyRevoked = "keys.revoked";

    /// <summary>Details: <c>created</c>, <c>updated</c>, <c>failed</c>.</summary>
    public const string UsersImported = "accounts.imported";
}
