using ChatSphere.AI.Chat;
using ChatSphere.AI.Knowledge;
using ChatSphere.Data.Bots;
using Microsoft.Extensions.AI;

namespace ChatSphere.Api.Answering;

/// <summary>
/// One answer while it is prepared: who asks whom what, and what the <see cref="IPrepareAnswer"/> steps have put together so far. A turn of a conversation has one,
/// and so has every other way to ask a bot; the steps do not know which.
/// </summary>
internal sealed partial class AnswerDraft
{
    /// <summary>The turn's id, or one of its own where there is no turn.</summary>
    public required Guid Id { get; init; }

    /// <summary>Whose rights, budget and keys count.</summary>
    public required Guid AskerId { get; init; }

    /// <summary>Loaded through <see cref="BotQueries.UsableBy"/> for the asker.</summary>
    public required Bot Bot { get; set; }

    public required string Question { get; init; }

    /// <summary>Null where nothing is kept.</summary>
    public Guid? ConversationId { get; init; }

    /// <summary>The question's message; null where nothing is kept.</summary>
    public Guid? QuestionId { get; init; }

    public int QuestionSeq { get; init; }

    /// <summary>The settings in effect: the bot's, unless a step decides otherwise.</summary>
    public required string Instructions { get; set; }

    /// <summary>Null: the default model.</summary>
    public string? Model { get; set; }

    /// <summary>Asked in this order after <see cref="Model"/>, before the deployment's own chain.</summary>
    public IReadOnlyList<string> Fallback { get; set; } = [];

    public double? Temperature { get; set; }

    /// <summary>What is looked for in the documents: the question, or what it means on its own.</summary>
    public string SearchText { get; set; } = "";

    /// <summary>Oldest first, without the question.</summary>
    public List<PastMessage> History { get; } = [];

    /// <summary>Best first.</summary>
    public IReadOnlyList<RetrievedPassage> Passages { get; set; } = [];

    public List<AITool> Tools { get; } = [];

    /// <summary>How long each step took, in order.</summary>
    public List<(string Step, TimeSpan Took)> Timings { get; } = [];

    public static AnswerDraft For(Guid id, Guid askerId, Bot bot, string question, Guid? conversationId = null, Guid? questionId = null, int questionSeq = 0, string? chosenModel = null, string shown = "") => new()
    {
        Id = id,
        AskerId = askerId,
        Bot = bot,
        Question = question,
        ConversationId = conversationId,
        QuestionId = questionId,
        QuestionSeq = questionSeq,
        SearchText = question,
        Instructions = bot.Instructions,
        Model = chosenModel ?? bot.Model,
        ChosenModel = chosenModel,
        Shown = shown,
        Fallback = bot.Fallback,
        Temperature = bot.Temperature,
    };

    public AnswerRequest ToRequest() => new()
    {
        TurnId = Id,
        AskerId = AskerId,
        BotId = Bot.Id,
        Instructions = Instructions,
        Model = Model,
        Fallback = Fallback,
        Temperature = Temperature,
        History = History,
        Question = Question,
        Passages = Passages,
        Tools = Tools,
        Report = Prompt,
        Notes = Notes,
        Images = Images,
        Summary = Summary,
        SearchText = SearchText == Question ? null : SearchText,
        Access = Access,
        OwnConnections = OwnConnections,
        Route = Route,
        Approvals = Approvals,
        HoldsOthersText = HoldsOthersText,
        Shown = Shown,
    };
}
