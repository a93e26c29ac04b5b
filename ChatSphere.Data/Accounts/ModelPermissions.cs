namespace ChatSphere.Data.Accounts;

/// <summary>Who could talk with bots before may do so through the OpenAI and MCP interfaces as well.</summary>
internal static class ModelPermissions
{
    public const string Up = """
        update accounts.roles set permissions = array_append(permissions, 'models.use')
        where 'conversations.write' = any(permissions) and not 'models.use' = any(permissions);
        """;
}
