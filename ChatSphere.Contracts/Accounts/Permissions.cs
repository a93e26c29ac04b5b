using System.Collections.Frozen;

namespace ChatSphere.Contracts.Accounts;

/// <summary>One thing that may be allowed. Roles grant permissions; an API key carries some of its owner's as scopes.</summary>
/// <param name="Name">Its wire name, <c>what.verb</c>; never changes its meaning.</param>
/// <param name="Description">What it allows, for whoever hands it out.</param>
/// <param name="Delegable">False: only a person in a session of their own; no API key ever carries it.</param>
public sealed record Permission(string Name, string Description, bool Delegable = true);

/// <summary>The catalogue. Every route names one of these or is public; nothing else is a permission.</summary>
public static class Permissions
{
    public static readonly Permission AccountRead = new("account.read", "See one's own account and what belongs to it");
    public static readonly Permission AccountManage = new("account.manage", "Change one's own account: password, factors, sessions, keys, privacy", Delegable: false);
    public static readonly Permission PeopleRead = new("people.read", "Find people and see their profiles");
    public static readonly Permission PeopleConnect = new("people.connect", "Ask for friendship, accept, block");
    public static readonly Permission BotsRead = new("bots.read", "See bots that are one's own or shared");
    public static readonly Permission BotsWrite = new("bots.write", "Make, change and delete bots");
    public static readonly Permission BotsShare = new("bots.share", "Share one's bots and prompts with people and groups or with everyone");
    public static readonly Permission KnowledgeRead = new("knowledge.read", "Read and search the documents of bots one may see");
    public static readonly Permission KnowledgeWrite = new("knowledge.write", "Give documents to bots one may edit, and take them away");
    public static readonly Permission ConversationsRead = new("conversations.read", "Read one's own conversations");
    public static readonly Permission ConversationsWrite = new("conversations.write", "Talk with bots, rename and delete one's conversations");
    public static readonly Permission ModelsUse = new("models.use", "Use models and bots through the OpenAI and MCP interfaces");
    public static readonly Permission CommunitiesRead = new("communities.read", "See the servers one is in and read their channels and direct messages");
    public static readonly Permission CommunitiesWrite = new("communities.write", "Make and join servers, write messages, and do what one's roles in a server allow");
    public static readonly Permission ModerationManage = new("moderation.manage", "Act on what other people wrote");
    public static readonly Permission UsersRead = new("users.read", "List all accounts and see their state");
    public static readonly Permission UsersManage = new("users.manage", "Make, import, change, disable and delete accounts; end their sessions");
    public static readonly Permission RolesManage = new("roles.manage", "Define roles and give them to people and groups", Delegable: false);
    public static readonly Permission GroupsManage = new("groups.manage", "Make groups and say who is in them");
    public static readonly Permission ServiceAccountsManage = new("service-accounts.manage", "Make service accounts and their keys", Delegable: false);
    public static readonly Permission PlansManage = new("plans.manage", "Change plans and who has which");
    public static readonly Permission AiManage = new("ai.manage", "Connect providers of models, set prices, budgets and tools for all");
    public static readonly Permission AuditRead = new("audit.read", "Search, verify and export the audit log");
    public static readonly Permission PrivacyManage = new("privacy.manage", "Set retention and legal holds, erase and export for others");
    public static readonly Permission SystemManage = new("system.manage", "Address lists, keys, health in detail");

    public static IReadOnlyList<Permission> All { get; } =
    [
        AccountRead, AccountManage, PeopleRead, PeopleConnect, BotsRead, BotsWrite, BotsShare, KnowledgeRead, KnowledgeWrite, ConversationsRead, ConversationsWrite, ModelsUse,
        CommunitiesRead, CommunitiesWrite, ModerationManage, UsersRead, UsersManage, RolesManage, GroupsManage, ServiceAccountsManage, PlansManage, AiManage, AuditRead, PrivacyManage, SystemManage,
    ];

    private static readonly FrozenDictionary<string, Permission> ByName = All.ToFrozenDictionary(p => p.Name);

    /// <summary>Null for a name that is no permission.</summary>
    public static Permission? Find(string name) => ByName.GetValueOrDefault(name);
}

/// <summary>Roles that every deployment has. Their names are fixed; what the three lower ones grant may be changed.</summary>
public static class BuiltInRoles
{
    public const string Administrator = "administrator";
    public const string Moderator = "moderator";
    public const string Member = "member";
    public const string Guest = "guest";
}
