using ChatSphere.AI.Chat;
using ChatSphere.Data;
using ChatSphere.Data.Conversations;

namespace ChatSphere.Api.Answering;

/// <summary>When a step has its turn; steps of the same stage run in the order of their registration.</summary>
internal enum PreparationStage
{
    /// <summary>Which instructions, model and parameters are in effect.</summary>
    Settings,

    /// <summary>What was said before, and what is known about the person.</summary>
    Memory,

    /// <summary>What the question means on its own.</summary>
    Question,

    /// <summary>What the documents say.</summary>
    Retrieval,

    /// <summary>What the model may call.</summary>
    Tools,
}

/// <summary>One step of preparing an answer. Scoped; modules register theirs. What it throws fails the turn, so a step that may do without says so and goes on.</summary>
internal interface IPrepareAnswer
{
    PreparationStage Stage { get; }

    Task PrepareAsync(AnswerDraft draft, CancellationToken cancellationToken);
}

/// <summary>How an answer ended.</summary>
/// <param name="Draft">As far as it was prepared.</param>
/// <param name="Answer">The message as it is about to be kept; null where nothing is kept.</param>
/// <param name="Finished">Null when no model finished it.</param>
/// <param name="HasWorked">A model has done something for it.</param>
internal sealed record EndedAnswer(AnswerDraft Draft, Message? Answer, MessageState State, AnswerFinished? Finished, bool HasWorked, TimeSpan Took);

/// <summary>What is done when an answer has ended, however it did: settling, keeping a trace. Runs in the transaction that keeps the message, before it is saved; may run again when that fails.</summary>
internal interface IFinishAnswer
{
    Task FinishAsync(ChatSphereDb db, EndedAnswer ended, CancellationToken cancellationToken);
}
