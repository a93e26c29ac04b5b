namespace ChatSphere.Data.Audit;

public static partial class AuditActions
{
    /// <summary>Published although tests failed or were not run. Target: the bot. Details: <c>version</c>, <c>regressions</c> (ids of questions), <c>percent</c>; the reason says why.</summary>
    public const string BotPublishForced = "bot.publish_forced";
}
