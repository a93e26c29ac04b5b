namespace ChatSphere.Data.Audit;

public static partial class AuditActions
{
    /// <summary>Another embedding model was chosen. Target: the set that is built with it. Details: <c>source</c>, <c>connection</c>, <c>model</c>, <c>dimensions</c>.</summary>
    public const string EmbeddingsChosen = "models.embeddings_chosen";

    /// <summary>Building the chosen set was given up by an administrator. Target: the set.</summary>
    public const string EmbeddingsCancelled = "models.embeddings_cancelled";

    /// <summary>The set that was built is searched from now on. Target: the set. Details: <c>model</c>, <c>passages</c>, <c>refused</c>.</summary>
    public const string EmbeddingsSwitched = "models.embeddings_switched";

    /// <summary>Building the chosen set failed; the one before stays. Target: the set. Details: <c>model</c>, <c>reason</c>.</summary>
    public const string EmbeddingsFailed = "models.embeddings_failed";
}
