namespace ChatSphere.Contracts.Conversations;

/// <summary>A page of what was found, newest first.</summary>
/// <param name="Items">At most as many as asked for.</param>
/// <param name="Next">Opaque; pass it back as <c>cursor</c> to look further. Null: everything was looked through.</param>
public sealed record FoundMessagesResponse(IReadOnlyList<FoundMessageResponse> Items, string? Next)
{
    /// <summary>
    /// Where content is stored encrypted, messages are read one by one, the newest first, and a request ends after so many or after a short time: then this says how far back it
    /// came, and there may be more to be found with <c>next</c>. Null: what was looked for was looked for everywhere.
    /// </summary>
    public DateTimeOffset? SearchedBackTo { get; init; }

    /// <summary>How many messages this request read; null where an index was asked.</summary>
    public int? Searched { get; init; }
}
