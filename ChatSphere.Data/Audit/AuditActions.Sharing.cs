namespace ChatSphere.Data.Audit;

public static partial class AuditActions
{
    /// <summary>Given, or changed to another right. Details: <c>of</c> (bot, knowledge), <c>granteeKind</c>, <c>granteeId</c>, <c>right</c>. Target: the bot.</summary>
    public const string BotShared = "bot.shared";

    /// <summary>Taken, or left by the one it was shared with. Details as of <see cref="BotShared"/>. Target: the bot.</summary>
    public const string BotUnshared = "bot.unshared";
}
