using System.Text.Json.Serialization;
using ChatSphere.Contracts.Communities;
using ChatSphere.Contracts.Conversations;

namespace ChatSphere.Contracts.Search;

/// <summary>A message in a channel. To show it where it stands, ask for the channel's messages around <c>seq</c>.</summary>
/// <param name="Excerpt">The words around what was found.</param>
/// <param name="Matches">Where in the excerpt the words stand, in UTF-16 code units; empty when no words were looked for.</param>
public sealed record FoundChannelMessageResponse(
    Guid MessageId, Guid ChannelId, long Seq, Guid? ServerId, string? ServerName, string ChannelName, ChannelKind ChannelKind, AuthorResponse Author, string Excerpt, IReadOnlyList<MatchRange> Matches,
    DateTimeOffset CreatedAt, bool IsPinned);

/// <summary>A page of what was found. There is no total: it would have to count what nobody asked to see.</summary>
/// <param name="Next">Opaque; pass it back as <c>cursor</c> to look further. Null: everything was looked through.</param>
public sealed record FoundChannelMessagesResponse(IReadOnlyList<FoundChannelMessageResponse> Items, string? Next)
{
    /// <summary>Where content is stored encrypted, messages are read one by one, and a request ends after so many: this says how far back it came. Null: everywhere was looked.</summary>
    public DateTimeOffset? SearchedBackTo { get; init; }
}

[JsonConverter(typeof(SnakeCaseEnum<FoundKind>))]
public enum FoundKind
{
    Server,
    Channel,
    Thread,
    Person,
    Conversation,
    Document,
}

/// <param name="Id">Of the thing; of a document its own.</param>
/// <param name="ParentId">Of channels and threads the server; of a document its bot.</param>
/// <param name="Detail">Where it is: the server, the channel, the bot.</param>
public sealed record FoundThingResponse(FoundKind Kind, Guid Id, string Name, Guid? ParentId, string? Detail);
