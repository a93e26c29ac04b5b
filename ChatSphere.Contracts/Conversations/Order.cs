using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;

namespace ChatSphere.Contracts.Conversations;

public sealed partial record CreateConversationRequest
{
    /// <summary>In no list and in no search, and deleted after a while.</summary>
    public bool Temporary { get; init; }

    public Guid? FolderId { get; init; }
}

public sealed partial record UpdateConversationRequest
{
    public bool? Pinned { get; init; }

    public bool? Archived { get; init; }

    /// <summary>All zeros: out of its folder.</summary>
    public Guid? FolderId { get; init; }

    /// <summary>In place of those that it has: at most 20, of at most 40 characters each.</summary>
    [MaxLength(20)]
    public IReadOnlyList<string>? Tags { get; init; }

    /// <summary>Keeps a temporary conversation.</summary>
    public bool? Keep { get; init; }
}

[JsonConverter(typeof(SnakeCaseEnum<ConversationAction>))]
public enum ConversationAction
{
    Archive,
    Unarchive,
    Delete,

    /// <summary>Into <c>folderId</c>; all zeros: out of any.</summary>
    Move,
}

/// <param name="Ids">Those that are not the caller's, or gone, are passed over.</param>
public sealed record ChangeConversationsRequest([property: Required, MinLength(1), MaxLength(200)] IReadOnlyList<Guid> Ids, [property: Required] ConversationAction? Action)
{
    public Guid? FolderId { get; init; }
}

/// <param name="Changed">How many there were.</param>
public sealed record ChangedConversationsResponse(int Changed);

public sealed record FolderRequest([property: Required, StringLength(80, MinimumLength = 1)] string Name);

/// <param name="Conversations">How many are in it, archived ones too.</param>
public sealed record FolderResponse(Guid Id, string Name, int Conversations, DateTimeOffset CreatedAt);

/// <param name="Conversations">How many have it.</param>
public sealed record TagResponse(string Tag, int Conversations);

[JsonConverter(typeof(SnakeCaseEnum<MessageRatingValue>))]
public enum MessageRatingValue
{
    Up,
    Down,
}

public sealed record RateMessageRequest([property: Required] MessageRatingValue? Value, [property: StringLength(2_000)] string? Comment = null);

public sealed record RatingResponse(MessageRatingValue Value, string? Comment, DateTimeOffset RatedAt);
