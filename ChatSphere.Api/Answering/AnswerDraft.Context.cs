using ChatSphere.AI.Chat;

namespace ChatSphere.Api.Answering;

internal sealed partial class AnswerDraft
{
    /// <summary>Data for the model besides history and sources.</summary>
    public List<PromptNote> Notes { get; } = [];

    /// <summary>Pictures of the question, and the latest of those before it.</summary>
    public List<PromptImage> Images { get; } = [];

    /// <summary>What was said before what the prompt has room for.</summary>
    public PastSummary? Summary { get; set; }

    /// <summary>The conversation has files of its own, which are searched with the bot's knowledge.</summary>
    public bool HasFiles { get; set; }

    /// <summary>How <see cref="SearchText"/> came about: null, the question as it is; <c>rule</c>; or the model that wrote it.</summary>
    public string? SearchTextBy { get; set; }
}
