using ChatSphere.Data.Knowledge;
using Npgsql;

namespace ChatSphere.AI.Knowledge;

public sealed partial class KnowledgeRetriever
{
    /// <summary>
    /// Best first; empty when nothing matches or there are no documents. Of a scope with a conversation both collections are searched and their results taken in turn, the
    /// conversation's first: scores of two collections do not compare, and what somebody brought along is what they ask about.
    /// </summary>
    public Task<IReadOnlyList<RetrievedPassage>> SearchAsync(KnowledgeScope scope, string query, int top, CancellationToken cancellationToken) =>
        SearchAsync(scope, query, top, null, cancellationToken);

    /// <summary>The same, telling what was looked at.</summary>
    public async Task<IReadOnlyList<RetrievedPassage>> SearchAsync(KnowledgeScope scope, string query, int top, RetrievalReport? report, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(scope);
        if (scope.ConversationId is null)
        {
            return await SearchCollectionAsync(scope, query, top, report, cancellationToken);
        }

        var results = new List<IReadOnlyList<RetrievedPassage>>();
        foreach (var collection in scope.Collections.Reverse())
        {
            results.Add(await SearchCollectionAsync(collection, query, top, report, cancellationToken));
        }

        var merged = new List<RetrievedPassage>();
        for (var rank = 0; merged.Count < top && results.Exists(r => r.Count > rank); rank++)
        {
            merged.AddRange(results.Where(r => r.Count > rank).Select(r => r[rank]));
        }

        return merged.Count > top ? merged[..top] : merged;
    }

    /// <summary>The first passages of files of the scope's conversation, whatever they say.</summary>
    public async Task<IReadOnlyList<RetrievedPassage>> BeginningsAsync(KnowledgeScope scope, IReadOnlyCollection<Guid> documentIds, int each, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(scope);
        if (scope.ConversationId is not { } conversationId || documentIds.Count == 0)
        {
            return [];
        }

        await using var command = database.CreateCommand("""
            select c.id, c.document_id, d.name, c.page, c.start, c."end", c.heading, c.text
            from knowledge.documents d join knowledge.chunks c on c.document_id = d.id and c.bot_id = $1 and c.ordinal < $3
            where d.id = any($2) and d.bot_id = $1 and d.conversation_id = $1 and d.stage = 'Ready'
            order by d.id desc, c.ordinal
            """);
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = conversationId });
        command.Parameters.Add(new NpgsqlParameter<Guid[]> { TypedValue = [.. documentIds] });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = each });
        var passages = new List<RetrievedPassage>();
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            passages.Add(Read(reader));
        }

        return passages;
    }
}
