namespace ChatSphere.AI.Knowledge;

public enum CandidateFate
{
    Chosen,

    /// <summary>Others were better.</summary>
    BelowCut,

    /// <summary>Says almost the same as a better one, which came first.</summary>
    Duplicate,

    /// <summary>In the index of vectors, but its document is not there any more, or not ready.</summary>
    Gone,
}

/// <summary>A passage that a search came across. Where it is, not what it says.</summary>
public sealed record RetrievalCandidate(
    Guid ChunkId, Guid DocumentId, int? Page, int Start, int End, int? LexicalRank, double? LexicalScore, int? VectorRank, double? VectorScore, double? Score, CandidateFate Fate);

/// <summary>What a search looked at. Searches add to it, one after the other.</summary>
public sealed class RetrievalReport
{
    private readonly List<RetrievalCandidate> _candidates = [];

    /// <summary>Best first, as far as they have a score.</summary>
    public IReadOnlyList<RetrievalCandidate> Candidates => _candidates;

    internal void Add(IEnumerable<RetrievalCandidate> candidates) => _candidates.AddRange(candidates);
}
