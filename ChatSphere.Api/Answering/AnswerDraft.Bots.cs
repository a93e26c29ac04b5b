using ChatSphere.AI.Chat;
using ChatSphere.AI.Knowledge;
using ChatSphere.Data.Bots;

namespace ChatSphere.Api.Answering;

internal sealed partial class AnswerDraft
{
    /// <summary>Which version of the bot answers; null for settings that are no version.</summary>
    public int? BotVersion { get; set; }

    /// <summary>A test asks, not a person: the settings are those that it was given, and nothing is kept.</summary>
    public bool IsTrial { get; set; }

    public RetrievalReport Retrieval { get; } = new();

    public PromptReport Prompt { get; } = new();

    /// <summary>Citations of the answer that were not true any more when it ended.</summary>
    public IReadOnlyList<int> NotVerified { get; set; } = [];

    /// <summary>Answers as this one, with what the person chose for themselves left alone.</summary>
    public void Use(Bot bot)
    {
        (Bot, Instructions, Fallback, Temperature) = (bot, bot.Instructions, bot.Fallback, bot.Temperature);
        Model = ChosenModel ?? bot.Model;
    }
}
