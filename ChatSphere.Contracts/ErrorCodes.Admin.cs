namespace ChatSphere.Contracts;

public static partial class ErrorCodes
{
    /// <summary>403: it would grant or take rights that you do not hold yourself.</summary>
    public const string GrantExceedsOwn = "grant_exceeds_own";

    /// <summary>409: a role of this name exists.</summary>
    public const string RoleNameTaken = "role_name_taken";

    /// <summary>409: built-in roles keep their names, are not deleted, and the administrator's permissions are all there are.</summary>
    public const string RoleFixed = "role_fixed";

    /// <summary>409: a group of this name exists.</summary>
    public const string GroupNameTaken = "group_name_taken";

    /// <summary>409: an account has so many keys; revoke one first.</summary>
    public const string TooManyKeys = "too_many_keys";
}
