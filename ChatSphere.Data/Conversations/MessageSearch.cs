using Microsoft.EntityFrameworkCore;

namespace ChatSphere.Data.Conversations;

/// <param name="Excerpt">The words around the matches; each match stands between U+0002 and U+0003.</param>
public sealed record FoundMessage(Guid Id, Guid ConversationId, string Author, string Excerpt, DateTimeOffset CreatedAt);

/// <summary>Full text over what a person's conversations say. What is stored sealed has no words in the index, so it is not found.</summary>
public static class MessageSearch
{
    /// <summary>Words as they are, of any language. Long texts count by their beginning: the index has a limit for one row.</summary>
    public const string Up = """
        create index ix_messages_words on conversations.messages using gin (to_tsvector('pg_catalog.simple', left(text, 100000))) where not starts_with(text, E'\x01');
        """;

    /// <summary>Newest first.</summary>
    /// <param name="before">Where the page before ended.</param>
    public static Task<List<FoundMessage>> SearchMessagesAsync(
        this ChatSphereDb db, Guid ownerId, string query, (DateTimeOffset Time, Guid Id)? before, int take, CancellationToken cancellationToken)
    {
        var (beforeTime, beforeId) = before ?? (DateTimeOffset.MaxValue.AddDays(-1).ToUniversalTime(), Guid.AllBitsSet);
        return db.Database.SqlQuery<FoundMessage>($"""
            with q as materialized (select websearch_to_tsquery('pg_catalog.simple', {query}) as q),
            hits as materialized (
                select m.id, m.conversation_id, m.author, m.text, m.created_at
                from conversations.messages m join conversations.conversations c on c.id = m.conversation_id
                where c.owner_id = {ownerId} and c.expires_at is null and not starts_with(m.text, E'\x01')
                    and to_tsvector('pg_catalog.simple', left(m.text, 100000)) @@ (select q from q) and (m.created_at, m.id) < ({beforeTime}, {beforeId})
                order by m.created_at desc, m.id desc limit {take})
            select h.id as "Id", h.conversation_id as "ConversationId", h.author as "Author", h.created_at as "CreatedAt",
                ts_headline('pg_catalog.simple', translate(left(h.text, 100000), E'\x02\x03', ''), (select q from q), E'StartSel=\x02,StopSel=\x03,MaxFragments=2,MaxWords=24,MinWords=8,FragmentDelimiter=" … "') as "Excerpt"
            from hits h order by h.created_at desc, h.id desc
            """).ToListAsync(cancellationToken);
    }
}
