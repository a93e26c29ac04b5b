namespace ChatSphere.Contracts;

public static partial class ErrorCodes
{
    /// <summary>409: only a conversation that was brought in without a bot can be given one.</summary>
    public const string BotFixed = "bot_fixed";
}
