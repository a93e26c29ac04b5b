using System.Text;
using ChatSphere.AI.Chat;
using ChatSphere.Data.Knowledge;
using ChatSphere.Data.Secrets;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace ChatSphere.AI.Knowledge;

/// <summary>
/// The one way to a bot's knowledge, for chat, tools and API alike: passages by their words and by their vectors, fused, and filtered in SQL to the scope's bot and
/// to documents that are ready. At most three statements. Answers by words alone while embedder or vector index is away.
/// </summary>
public sealed partial class KnowledgeRetriever(
    NpgsqlDataSource database, ContentSeal seal, EmbeddingSets embeddings, IVectorIndex index, TimeProvider time, ILogger<KnowledgeRetriever> logger)
{
    public const int MaxQueryLength = 2_000;

    private const int Candidates = 50;

    // Reciprocal rank fusion as published.
    private const double RankConstant = 60;

    // Hashed vectors know no more than the words do; with equal weights they lower BM25 (docs/retrieval.md). They may break ties and find what words cannot.
    private const double LocalWeight = 0.2;

    // Below this a hashed vector's similarity is what any two texts have in common.
    private const double LocalFloor = 0.2;

    private const double NearlyTheSame = 0.85;
    private static readonly TimeSpan EmbeddingPatience = TimeSpan.FromSeconds(3);

    private async Task<IReadOnlyList<RetrievedPassage>> SearchCollectionAsync(KnowledgeScope scope, string query, int top, RetrievalReport? report, CancellationToken cancellationToken)
    {
        using var activity = KnowledgeTelemetry.Source.StartActivity("search knowledge");
        var started = time.GetTimestamp();
        query = Clean(query);
        if (query.Length == 0 || top < 1)
        {
            return [];
        }

        var candidates = Math.Max(Candidates, top);

        // Once for the whole search: while another model takes over, its first half must not be asked of one and its second of the other.
        var active = (await embeddings.CurrentAsync(cancellationToken)).Active;
        var local = active.Source != EmbeddingSource.Provider;
        var vectorSearch = SearchVectorsAsync(active, scope, query, candidates, cancellationToken);
        Dictionary<Guid, Candidate> found;
        try
        {
            found = await SearchWordsAsync(scope, query, candidates, cancellationToken);
        }
        catch
        {
            // Nobody else will look at its exception.
            await ((Task)vectorSearch).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            throw;
        }

        var hits = await vectorSearch;
        var gone = await AddVectorHitsAsync(scope, found, hits, top, local, cancellationToken);
        var ranked = found.Values.Select(c => c.Fused(local)).OrderByDescending(p => p.Score).ThenBy(p => p.ChunkId).ToList();
        var repetitions = new HashSet<Guid>();
        var result = Spread(ranked, top, repetitions);
        report?.Add(Looked(ranked, found, gone, [.. result.Select(p => p.ChunkId)], repetitions));

        activity?.SetTag("chatsphere.passages", result.Count);
        KnowledgeTelemetry.SearchDuration.Record(time.GetElapsedTime(started).TotalSeconds);
        return result;
    }

    private async Task<Dictionary<Guid, Candidate>> SearchWordsAsync(KnowledgeScope scope, string query, int candidates, CancellationToken cancellationToken)
    {
        // "offset 0" holds the planner to the found chunks, one by one; it guesses so wrongly how many chunks a document has that it would rather read them all.
        var wordKeys = seal.WordKeys;
        await using var command = database.CreateCommand($"""
            with s as materialized (select * from knowledge.{(wordKeys.Length == 0 ? "lexical_search($1, $2, $3)" : "lexical_search_hidden($1, $2, $3, $4)")})
            select c.id, c.document_id, d.name, c.page, c.start, c."end", c.heading, c.text, s.score, s.share
            from s
            cross join lateral (select * from knowledge.chunks k where k.id = s.chunk_id offset 0) c
            join knowledge.documents d on d.id = c.document_id and d.bot_id = $1 and d.stage = 'Ready'
            order by s.score desc
            """);
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = scope.BotId });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = query });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = candidates });
        if (wordKeys.Length > 0)
        {
            command.Parameters.Add(new NpgsqlParameter<byte[][]> { TypedValue = wordKeys });
        }

        var found = new Dictionary<Guid, Candidate>();
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var best = 0d;
        while (await reader.ReadAsync(cancellationToken))
        {
            var passage = Read(reader);
            var score = reader.GetDouble(8);
            best = found.Count == 0 ? score : best;
            found[passage.ChunkId] = new Candidate(passage with { LexicalScore = await reader.IsDBNullAsync(9, cancellationToken) ? null : reader.GetDouble(9) })
            {
                LexicalRank = found.Count + 1,
                LexicalPart = best > 0 ? Math.Max(0, score / best) : 0,
            };
        }

        return found;
    }

    private async Task<IReadOnlyList<VectorHit>> SearchVectorsAsync(EmbeddingTarget active, KnowledgeScope scope, string query, int candidates, CancellationToken cancellationToken)
    {
        if (active.Embedder is null)
        {
            return [];
        }

        try
        {
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            patience.CancelAfter(EmbeddingPatience);
            var embedded = await active.Embedder.GenerateAsync([query], cancellationToken: patience.Token);
            var hits = await index.SearchAsync(active.Key, scope, embedded[0].Vector, candidates, cancellationToken);
            return active.Source == EmbeddingSource.BuiltIn ? [.. hits.Where(h => h.Similarity >= LocalFloor)] : hits;
        }
        catch (Exception e) when (e is ProviderException or HttpRequestException || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            KnowledgeTelemetry.Degraded.Add(1);
            LogDegraded(logger, e.GetType().Name);
            return [];
        }
    }

    /// <summary>What of the hits is not there any more.</summary>
    private async Task<IReadOnlyList<VectorHit>> AddVectorHitsAsync(KnowledgeScope scope, Dictionary<Guid, Candidate> found, IReadOnlyList<VectorHit> hits, int top, bool local, CancellationToken cancellationToken)
    {
        for (var i = 0; i < hits.Count; i++)
        {
            if (found.TryGetValue(hits[i].ChunkId, out var candidate))
            {
                candidate.VectorRank = i + 1;
                candidate.Similarity = hits[i].Similarity;
            }
        }

        // What cannot come among the first is not worth a statement.
        var worth = found.Count < top ? double.NegativeInfinity : found.Values.Select(c => c.Fused(local).Score).OrderDescending().ElementAt(top - 1);
        var missing = hits.Select((hit, i) => (Hit: hit, Rank: i + 1)).Where(h => !found.ContainsKey(h.Hit.ChunkId) && Candidate.VectorPart(local, h.Rank, h.Hit.Similarity) > worth).ToList();
        if (missing.Count == 0)
        {
            return [];
        }

        var passages = await ReadAsync(scope, [.. missing.Select(m => m.Hit.ChunkId)], cancellationToken);
        foreach (var (hit, rank) in missing)
        {
            if (passages.TryGetValue(hit.ChunkId, out var passage))
            {
                found[hit.ChunkId] = new Candidate(passage) { VectorRank = rank, Similarity = hit.Similarity };
            }
        }

        var gone = missing.Where(m => !passages.ContainsKey(m.Hit.ChunkId)).Select(m => m.Hit.DocumentId).ToHashSet();
        if (gone.Count > 0)
        {
            index.Forget(scope, gone);
        }

        return gone.Count == 0 ? [] : [.. missing.Where(m => !passages.ContainsKey(m.Hit.ChunkId)).Select(m => m.Hit)];
    }

    private static IEnumerable<RetrievalCandidate> Looked(
        List<RetrievedPassage> ranked, Dictionary<Guid, Candidate> found, IReadOnlyList<VectorHit> gone, HashSet<Guid> chosen, HashSet<Guid> repetitions) =>
        ranked.Select(p => new RetrievalCandidate(
            p.ChunkId, p.DocumentId, p.Page, p.Start, p.End, found[p.ChunkId].LexicalRank is > 0 and var words ? words : null, p.LexicalScore, found[p.ChunkId].VectorRank is > 0 and var near ? near : null, p.VectorScore, p.Score,
            chosen.Contains(p.ChunkId) ? CandidateFate.Chosen : repetitions.Contains(p.ChunkId) ? CandidateFate.Duplicate : CandidateFate.BelowCut))
        .Concat(gone.Select(h => new RetrievalCandidate(h.ChunkId, h.DocumentId, null, 0, 0, null, null, null, h.Similarity, null, CandidateFate.Gone)));

    private async Task<Dictionary<Guid, RetrievedPassage>> ReadAsync(KnowledgeScope scope, Guid[] chunkIds, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand("""
            select c.id, c.document_id, d.name, c.page, c.start, c."end", c.heading, c.text
            from unnest($2) s(id)
            cross join lateral (select * from knowledge.chunks k where k.id = s.id and k.bot_id = $1 offset 0) c
            join knowledge.documents d on d.id = c.document_id and d.bot_id = $1 and d.stage = 'Ready'
            """);
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = scope.BotId });
        command.Parameters.Add(new NpgsqlParameter<Guid[]> { TypedValue = chunkIds });
        var passages = new Dictionary<Guid, RetrievedPassage>();
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            var passage = Read(reader);
            passages[passage.ChunkId] = passage;
        }

        return passages;
    }

    private RetrievedPassage Read(NpgsqlDataReader reader) => new(
        reader.GetGuid(0),
        reader.GetGuid(1),
        reader.GetString(2),
        reader.IsDBNull(3) ? null : reader.GetInt32(3),
        reader.GetInt32(4),
        reader.GetInt32(5),
        reader.IsDBNull(6) ? null : seal.Open(ContentPurposes.Passage, reader.GetString(6)),
        seal.Open(ContentPurposes.Passage, reader.GetString(7)),
        Score: 0,
        LexicalScore: null,
        VectorScore: null);

    /// <summary>The best, but what says almost the same as something better goes behind everything that does not.</summary>
    private static List<RetrievedPassage> Spread(List<RetrievedPassage> ranked, int top, HashSet<Guid> repeated)
    {
        var chosen = new List<(RetrievedPassage Passage, HashSet<int> Words)>(top);
        var repetitions = new List<RetrievedPassage>();
        foreach (var passage in ranked)
        {
            if (chosen.Count == top)
            {
                break;
            }

            var words = WordsOf(passage.Text);
            if (chosen.Exists(c => Overlaps(c.Passage, passage) || Similarity(c.Words, words) >= NearlyTheSame))
            {
                repetitions.Add(passage);
                repeated.Add(passage.ChunkId);
            }
            else
            {
                chosen.Add((passage, words));
            }
        }

        return [.. chosen.Select(c => c.Passage).Concat(repetitions).Take(top)];
    }

    private static bool Overlaps(RetrievedPassage a, RetrievedPassage b) =>
        a.DocumentId == b.DocumentId && Math.Min(a.End, b.End) - Math.Max(a.Start, b.Start) > Math.Min(a.End - a.Start, b.End - b.Start) / 2;

    private static double Similarity(HashSet<int> a, HashSet<int> b)
    {
        var (small, large) = a.Count < b.Count ? (a, b) : (b, a);
        if (small.Count < large.Count * NearlyTheSame)
        {
            return 0;
        }

        var common = small.Count(large.Contains);
        return large.Count == 0 ? 0 : (double)common / (small.Count + large.Count - common);
    }

    private static HashSet<int> WordsOf(string text)
    {
        var words = new HashSet<int>();
        for (int i = 0, start = 0; i <= text.Length; i++)
        {
            if (i == text.Length || !char.IsLetterOrDigit(text[i]))
            {
                if (i > start)
                {
                    words.Add(string.GetHashCode(text.AsSpan(start, i - start), StringComparison.OrdinalIgnoreCase));
                }

                start = i + 1;
            }
        }

        return words;
    }

    /// <summary>What PostgreSQL's text cannot hold (NUL, lone surrogates) becomes a blank.</summary>
    private static string Clean(string query)
    {
        var text = new StringBuilder(Math.Min(query.Length, MaxQueryLength));
        foreach (var rune in query.EnumerateRunes())
        {
            if (text.Length + rune.Utf16SequenceLength > MaxQueryLength)
            {
                break;
            }

            if (rune.Value is 0 or 0xfffd)
            {
                text.Append(' ');
            }
            else
            {
                text.Append(rune.ToString());
            }
        }

        return text.ToString().Trim();
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "A search was answered by words alone: the embedder or the vector index failed with {Error}.")]
    private static partial void LogDegraded(ILogger logger, string error);

    private sealed class Candidate(RetrievedPassage passage)
    {
        public int LexicalRank { get; init; }

        /// <summary>1 for the best.</summary>
        public double LexicalPart { get; init; }

        public int VectorRank { get; set; }

        public double Similarity { get; set; }

        public static double VectorPart(bool local, int rank, double similarity) => local ? LocalWeight * similarity : 1 / (RankConstant + rank);

        public RetrievedPassage Fused(bool local)
        {
            var score = local ? LexicalPart : LexicalRank > 0 ? 1 / (RankConstant + LexicalRank) : 0;
            if (VectorRank > 0)
            {
                score += VectorPart(local, VectorRank, Similarity);
            }

            return passage with { Score = score, VectorScore = VectorRank > 0 ? Similarity : null };
        }
    }
}
