namespace ChatSphere.Contracts.Communities;

/// <summary>The names of the permissions in servers, as in <c>may</c> of the responses. What each means, and its bit, is in <c>GET /v1/server-permissions</c>.</summary>
public static class ServerRights
{
    public const string CreateInvite = "create_invite";
    public const string KickMembers = "kick_members";
    public const string BanMembers = "ban_members";
    public const string Administrator = "administrator";
    public const string ManageChannels = "manage_channels";
    public const string ManageServer = "manage_server";
    public const string AddReactions = "add_reactions";
    public const string ViewAuditLog = "view_audit_log";
    public const string PrioritySpeaker = "priority_speaker";
    public const string ViewChannel = "view_channel";
    public const string SendMessages = "send_messages";
    public const string ManageMessages = "manage_messages";
    public const string EmbedLinks = "embed_links";
    public const string AttachFiles = "attach_files";
    public const string ReadMessageHistory = "read_message_history";
    public const string MentionEveryone = "mention_everyone";
    public const string UseExternalEmoji = "use_external_emoji";
    public const string ViewInsights = "view_insights";
    public const string Connect = "connect";
    public const string Speak = "speak";
    public const string MuteMembers = "mute_members";
    public const string DeafenMembers = "deafen_members";
    public const string MoveMembers = "move_members";
    public const string ChangeNickname = "change_nickname";
    public const string ManageNicknames = "manage_nicknames";
    public const string ManageRoles = "manage_roles";
    public const string ManageWebhooks = "manage_webhooks";
    public const string ManageEmoji = "manage_emoji";
    public const string UseCommands = "use_commands";
    public const string ManageThreads = "manage_threads";
    public const string CreateThreads = "create_threads";
    public const string SendMessagesInThreads = "send_messages_in_threads";
    public const string ModerateMembers = "moderate_members";
    public const string SendPolls = "send_polls";
    public const string PinMessages = "pin_messages";
}
