using System.ComponentModel.DataAnnotations;

namespace ChatSphere.Contracts.Conversations;

public sealed partial record CreateTurnRequest
{
    /// <summary>The message that this follows. Null: the end of the current branch.</summary>
    public Guid? ParentId { get; init; }

    /// <summary>A question of this conversation that this one is a new wording of: it stands beside it, and everything after the old one stays with the old one.</summary>
    public Guid? Edits { get; init; }

    /// <summary>One to four models to answer it, each at the same time, in place of the bot's.</summary>
    [MaxLength(4)]
    public IReadOnlyList<string>? Models { get; init; }
}

/// <param name="Models">One to four, answering at the same time. None: the bot's own.</param>
public sealed record AnswerAgainRequest([property: MaxLength(4)] IReadOnlyList<string>? Models = null);

/// <param name="MessageId">Any message of the branch; the branch is followed to its end, where it forks along what was said last.</param>
public sealed record ChooseBranchRequest([property: Required] Guid? MessageId);

public sealed partial record TurnResponse
{
    /// <summary>The other turns of this request, where several models answer.</summary>
    public IReadOnlyList<TurnResponse> Others { get; init; } = [];
}

public sealed partial record MessageResponse
{
    /// <summary>What it was said after; null: it begins the conversation.</summary>
    public Guid? ParentId { get; init; }

    /// <summary>The model that was asked for in place of the bot's.</summary>
    public string? RequestedModel { get; init; }

    /// <summary>Why the model ended, in the provider's word; <c>length</c>: there was no room for more.</summary>
    public string? FinishReason { get; init; }

    /// <summary>What stands in its place on other branches, itself among them, in the order in which it was said. Only in lists of messages.</summary>
    public IReadOnlyList<Guid>? Siblings { get; init; }

    public RatingResponse? Rating { get; init; }
}

public sealed partial record ConversationResponse
{
    /// <summary>The last message of the branch that is read and continued; null: nothing was said yet.</summary>
    public Guid? CurrentMessageId { get; init; }

    public bool IsPinned { get; init; }

    public bool IsArchived { get; init; }

    public Guid? FolderId { get; init; }

    public IReadOnlyList<string> Tags { get; init; } = [];

    /// <summary>Temporary, and gone after this.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }
}
