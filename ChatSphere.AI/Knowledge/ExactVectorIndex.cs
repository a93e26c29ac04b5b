using System.Collections.Concurrent;
using System.Data;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using ChatSphere.Data.Knowledge;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;

namespace ChatSphere.AI.Knowledge;

/// <summary>
/// Exact search over vectors that PostgreSQL keeps and this process follows. A bot's set is loaded when it is first searched; from then on each search asks for the
/// collection's version and loads only the documents that became ready since (versions commit in order, so "greater than the last" misses none). Deletions are not
/// followed: what is gone falls out where the caller reads the chunks, is then passed over, and is dropped with the whole set when it makes up a quarter of it.
/// </summary>
public sealed partial class ExactVectorIndex(
    NpgsqlDataSource database,
    IOptions<RetrievalOptions> options,
    TimeProvider time,
    ILogger<ExactVectorIndex> logger) : IVectorIndex
{
    private const int SegmentSize = 1_024;

    // One set of vectors for each bot: with another embedding model the next search of the bot loads anew, and the old ones are let go.
    private readonly ConcurrentDictionary<Guid, BotVectors> _bots = new();

    /// <summary>Bytes of all vectors in memory.</summary>
    public long MemoryBytes => _bots.Values.Sum(b => b.Bytes);

    public async Task<IReadOnlyList<VectorHit>> SearchAsync(string set, KnowledgeScope scope, ReadOnlyMemory<float> query, int top, CancellationToken cancellationToken)
    {
        var version = await VersionAsync(scope.BotId, cancellationToken);
        if (version is null)
        {
            return [];
        }

        var bot = _bots.AddOrUpdate(scope.BotId, static (_, set) => new BotVectors(set), static (_, known, set) => known.Set == set ? known : new BotVectors(set), set);
        bot.LastUsed = time.GetTimestamp();
        var vectors = bot.Current;
        if (vectors.Version < version)
        {
            vectors = await FollowAsync(scope.BotId, bot, version.Value, cancellationToken);
        }

        return Nearest(vectors, query.Span, top);
    }

    public void Forget(KnowledgeScope scope, IReadOnlyCollection<Guid> documentIds)
    {
        if (_bots.TryGetValue(scope.BotId, out var bot) && bot.MarkDead(documentIds))
        {
            _bots.TryRemove(new KeyValuePair<Guid, BotVectors>(scope.BotId, bot));
        }
    }

    // PostgreSQL has them already, and every node follows it.
    public Task AddAsync(string set, Guid botId, Guid documentId, IReadOnlyList<EmbeddedChunk> chunks, CancellationToken cancellationToken) => Task.CompletedTask;

    public Task RemoveDocumentAsync(IReadOnlyCollection<string> sets, Guid botId, Guid documentId, CancellationToken cancellationToken)
    {
        if (_bots.TryGetValue(botId, out var bot) && bot.MarkDead([documentId]))
        {
            _bots.TryRemove(new KeyValuePair<Guid, BotVectors>(botId, bot));
        }

        return Task.CompletedTask;
    }

    public Task RemoveBotAsync(IReadOnlyCollection<string> sets, Guid botId, CancellationToken cancellationToken)
    {
        _bots.TryRemove(botId, out _);
        return Task.CompletedTask;
    }

    public Task RemoveSetAsync(string set, CancellationToken cancellationToken)
    {
        foreach (var bot in _bots.Where(b => b.Value.Set == set))
        {
            _bots.TryRemove(bot);
        }

        return Task.CompletedTask;
    }

    private static List<VectorHit> Nearest(VectorSet set, ReadOnlySpan<float> query, int top)
    {
        if (set.Count == 0 || set.Dimensions != query.Length || top < 1)
        {
            return [];
        }

        var best = new PriorityQueue<(int Segment, int Row), float>(top + 1);
        var worst = float.NegativeInfinity;
        for (var s = 0; s * SegmentSize < set.Count; s++)
        {
            var segment = set.Segments[s];
            var rows = Math.Min(SegmentSize, set.Count - (s * SegmentSize));
            for (var row = 0; row < rows; row++)
            {
                var similarity = TensorPrimitives.Dot(segment.Vectors.AsSpan(row * set.Dimensions, set.Dimensions), query);
                if ((best.Count == top && similarity <= worst) || set.Dead[segment.Documents[row]])
                {
                    continue;
                }

                if (best.Count == top)
                {
                    best.DequeueEnqueue((s, row), similarity);
                }
                else
                {
                    best.Enqueue((s, row), similarity);
                }

                best.TryPeek(out _, out worst);
            }
        }

        var hits = new List<VectorHit>(best.Count);
        while (best.TryDequeue(out var place, out var similarity))
        {
            var segment = set.Segments[place.Segment];
            hits.Add(new VectorHit(segment.Chunks[place.Row], set.Documents[segment.Documents[place.Row]], similarity));
        }

        hits.Reverse();
        return hits;
    }

    private async Task<long?> VersionAsync(Guid botId, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand("select version from knowledge.collections where bot_id = $1");
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = botId });
        return (long?)await command.ExecuteScalarAsync(cancellationToken);
    }

    private async Task<VectorSet> FollowAsync(Guid botId, BotVectors bot, long version, CancellationToken cancellationToken)
    {
        // One load at a time for each bot; who waited finds the work done. A caller who gives up while loading leaves the set as it was.
        await bot.Loading.WaitAsync(cancellationToken);
        try
        {
            var set = bot.Current;
            if (set.Version >= version || (bot.TooLarge && set.Count == 0))
            {
                return set;
            }

            var loaded = await LoadAsync(botId, bot.Set, set, version, cancellationToken);
            if (loaded is null)
            {
                if (!bot.TooLarge)
                {
                    LogTooLarge(logger, botId, options.Value.VectorMemoryBytes);
                }

                bot.TooLarge = true;
                bot.Publish(VectorSet.Empty with { Version = version });
                return bot.Current;
            }

            bot.Publish(loaded);
            MakeRoom(botId);
            return loaded;
        }
        finally
        {
            bot.Loading.Release();
        }
    }

    /// <summary>What became ready after the set's version, appended to it. Null when it would not fit into the memory allowed.</summary>
    private async Task<VectorSet?> LoadAsync(Guid botId, string model, VectorSet set, long version, CancellationToken cancellationToken)
    {
        using var activity = KnowledgeTelemetry.Source.StartActivity("load vectors");
        var loaded = new VectorSetBuilder(set);
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var command = new NpgsqlCommand("""
            select v.document_id, v.chunk_id, v.vector
            from knowledge.documents d join knowledge.chunk_vectors v on v.document_id = d.id and v.model = $4
            where d.bot_id = $1 and d.stage = 'Ready' and d.index_version > $2 and d.index_version <= $3
            """, connection)
        {
            CommandTimeout = 300,
            Parameters =
            {
                new NpgsqlParameter<Guid> { TypedValue = botId },
                new NpgsqlParameter<long> { TypedValue = set.Version },
                new NpgsqlParameter<long> { TypedValue = version },
                new NpgsqlParameter<string> { TypedValue = model },
            },
        };
        await using var reader = await command.ExecuteReaderAsync(CommandBehavior.SequentialAccess, cancellationToken);
        var before = loaded.Count;
        while (await reader.ReadAsync(cancellationToken))
        {
            var document = reader.GetGuid(0);
            var chunk = reader.GetGuid(1);
            await using var bytes = await reader.GetStreamAsync(2, cancellationToken);
            if (loaded.Dimensions == 0)
            {
                loaded.Dimensions = (int)(bytes.Length / sizeof(float));
            }

            // Floats as they are in memory (little-endian), so they are read straight into their place.
            if (bytes.Length == loaded.Dimensions * sizeof(float))
            {
                bytes.ReadExactly(MemoryMarshal.AsBytes(loaded.Append(document, chunk)));
            }

            if (loaded.Bytes > options.Value.VectorMemoryBytes)
            {
                return null;
            }
        }

        KnowledgeTelemetry.VectorsLoaded.Add(loaded.Count - before);
        activity?.SetTag("chatsphere.vectors", loaded.Count - before);
        return loaded.Build(version);
    }

    private void MakeRoom(Guid keep)
    {
        var total = MemoryBytes;
        foreach (var (id, bot) in _bots.OrderBy(b => b.Value.LastUsed))
        {
            if (total <= options.Value.VectorMemoryBytes)
            {
                return;
            }

            if (id != keep && _bots.TryRemove(new KeyValuePair<Guid, BotVectors>(id, bot)))
            {
                total -= bot.Bytes;
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The vectors of bot {BotId} do not fit into Knowledge:VectorMemoryBytes ({Bytes}); it is searched by words only. Raise the limit or configure Qdrant.")]
    private static partial void LogTooLarge(ILogger logger, Guid botId, long bytes);

    private sealed class BotVectors(string set)
    {
        private readonly Lock _changing = new();
        private VectorSet _current = VectorSet.Empty;
        private int _dead;

        public SemaphoreSlim Loading { get; } = new(1, 1);

        public string Set => set;

        public long LastUsed { get; set; }

        public bool TooLarge { get; set; }

        public VectorSet Current => Volatile.Read(ref _current);

        public long Bytes => Current.Bytes;

        public void Publish(VectorSet set)
        {
            lock (_changing)
            {
                // Marks made while the larger set was being read.
                _current.Dead.CopyTo(set.Dead, 0);
                Volatile.Write(ref _current, set);
            }
        }

        /// <summary>True when so much is dead that the set had better be loaded anew.</summary>
        public bool MarkDead(IReadOnlyCollection<Guid> documentIds)
        {
            lock (_changing)
            {
                foreach (var id in documentIds)
                {
                    if (_current.Numbers.TryGetValue(id, out var document) && !_current.Dead[document])
                    {
                        _current.Dead[document] = true;
                        _dead += _current.Sizes[document];
                    }
                }

                return _dead > 0 && _dead * 4 >= _current.Count;
            }
        }
    }

    private sealed record Segment(float[] Vectors, Guid[] Chunks, int[] Documents);

    /// <summary>What readers see: the first <c>Count</c> rows. Later rows of the last segment may be written meanwhile and belong to the next set.</summary>
    private sealed record VectorSet(long Version, int Count, int Dimensions, Segment[] Segments, Guid[] Documents, int[] Sizes, Dictionary<Guid, int> Numbers, bool[] Dead)
    {
        public static VectorSet Empty { get; } = new(0, 0, 0, [], [], [], [], []);

        public long Bytes => (long)Segments.Length * SegmentSize * ((Dimensions * sizeof(float)) + 16 + sizeof(int));
    }

    private sealed class VectorSetBuilder(VectorSet from)
    {
        private readonly List<Segment> _segments = [.. from.Segments];
        private readonly List<Guid> _documents = [.. from.Documents];
        private readonly List<int> _sizes = [.. from.Sizes];
        private readonly Dictionary<Guid, int> _numbers = new(from.Numbers);

        public int Count { get; private set; } = from.Count;

        public int Dimensions { get; set; } = from.Dimensions;

        public long Bytes => (long)_segments.Count * SegmentSize * ((Dimensions * sizeof(float)) + 16 + sizeof(int));

        public Span<float> Append(Guid document, Guid chunk)
        {
            if (!_numbers.TryGetValue(document, out var number))
            {
                _numbers[document] = number = _documents.Count;
                _documents.Add(document);
                _sizes.Add(0);
            }

            _sizes[number]++;
            var row = Count % SegmentSize;
            if (row == 0 && Count / SegmentSize == _segments.Count)
            {
                _segments.Add(new Segment(GC.AllocateUninitializedArray<float>(SegmentSize * Dimensions), new Guid[SegmentSize], new int[SegmentSize]));
            }

            var segment = _segments[Count / SegmentSize];
            segment.Chunks[row] = chunk;
            segment.Documents[row] = number;
            Count++;
            return segment.Vectors.AsSpan(row * Dimensions, Dimensions);
        }

        public VectorSet Build(long version) => new(version, Count, Dimensions, [.. _segments], [.. _documents], [.. _sizes], _numbers, new bool[_documents.Count]);
    }
}
