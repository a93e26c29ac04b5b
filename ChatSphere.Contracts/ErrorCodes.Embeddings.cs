namespace ChatSphere.Contracts;

public static partial class ErrorCodes
{
    /// <summary>400: the model was asked for one embedding and did not make it; the field's message says what failed. Nothing has changed.</summary>
    public const string EmbeddingTestFailed = "embedding_test_failed";

    /// <summary>409: another choice is being carried out; wait for it or cancel it.</summary>
    public const string EmbeddingRebuildRunning = "embedding_rebuild_running";

    /// <summary>409: the passages' vectors are made through this connection; choose another embedding model first.</summary>
    public const string ProviderEmbeds = "provider_embeds";
}
