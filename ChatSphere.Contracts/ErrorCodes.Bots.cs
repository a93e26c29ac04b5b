namespace ChatSphere.Contracts;

public static partial class ErrorCodes
{
    /// <summary>412: somebody else changed the bot since the revision in <c>If-Match</c>.</summary>
    public const string BotChanged = "bot_changed";

    /// <summary>409: it was put away; take it back first.</summary>
    public const string BotArchived = "bot_archived";

    /// <summary>409: there is nothing to publish.</summary>
    public const string DraftMissing = "draft_missing";

    /// <summary>409: publish or discard the draft first.</summary>
    public const string DraftExists = "draft_exists";

    /// <summary>409: tests fail that the version in effect passes. <c>regressions</c> lists them; <c>runId</c> says where.</summary>
    public const string PublishBlocked = "publish_blocked";

    /// <summary>409: there are golden questions, and no finished run for the draft, the version in effect and the questions as they are now.</summary>
    public const string TestsRequired = "tests_required";

    /// <summary>409: tests of this bot are running already.</summary>
    public const string TestsRunning = "tests_running";

    /// <summary>409: there is nothing to ask.</summary>
    public const string GoldenQuestionsMissing = "golden_questions_missing";

    /// <summary>409: no version is on trial.</summary>
    public const string CanaryMissing = "canary_missing";
}
