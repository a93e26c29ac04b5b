using System.Text.Json;

namespace ChatSphere.Contracts.Live;

/// <summary>Something that a signed-in person's screens may want to show at once. At most once: after a reconnect, or a <c>resync</c>, ask for the state again.</summary>
/// <param name="Type">One of <see cref="LiveEventTypes"/>.</param>
/// <param name="Data">The response record that the type names.</param>
public sealed record LiveEvent(string Type, JsonElement Data);

public static partial class LiveEventTypes
{
    /// <summary>Data: <c>{}</c>. The first event: from here on nothing is missed, so now is the time to ask for the state.</summary>
    public const string Ready = "ready";

    /// <summary>Data: <see cref="Knowledge.DocumentResponse"/>.</summary>
    public const string DocumentChanged = "document_changed";

    /// <summary>Data: <see cref="DocumentDeletedEvent"/>.</summary>
    public const string DocumentDeleted = "document_deleted";

    /// <summary>Data: <see cref="Conversations.MessageResponse"/>; sent when a message is stored and when an answer ends.</summary>
    public const string MessageChanged = "message_changed";

    /// <summary>Data: <see cref="Conversations.ConversationResponse"/>.</summary>
    public const string ConversationChanged = "conversation_changed";

    /// <summary>Data: <see cref="Context.MemoryResponse"/>. Something was noticed about the person: proposed, or kept at once.</summary>
    public const string MemoryAdded = "memory_added";

    /// <summary>Data: <see cref="ConversationDeletedEvent"/>.</summary>
    public const string ConversationDeleted = "conversation_deleted";

    /// <summary>Data: <c>{}</c>. Folders were added, renamed or deleted.</summary>
    public const string FoldersChanged = "folders_changed";

    /// <summary>Data: <see cref="People.RelationshipChangedEvent"/>.</summary>
    public const string RelationshipChanged = "relationship_changed";

    /// <summary>Data: <c>{}</c>. Events were dropped because this reader was too slow; ask for the state again.</summary>
    public const string Resync = "resync";
}

public sealed record DocumentDeletedEvent(Guid Id, Guid BotId);

public sealed record ConversationDeletedEvent(Guid Id);
