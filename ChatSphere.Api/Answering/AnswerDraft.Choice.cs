namespace ChatSphere.Api.Answering;

internal sealed partial class AnswerDraft
{
    /// <summary>The model that the person chose for this answer; it wins over the bot's.</summary>
    public string? ChosenModel { get; init; }

    /// <summary>The part of the answer that there is already; the rest is wanted.</summary>
    public string Shown { get; init; } = "";
}
