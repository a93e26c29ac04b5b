namespace ChatSphere.Data.Audit;

public static partial class AuditActions
{
    /// <summary>A connection to a provider of models was made, changed or removed, or its keys were. Target: the connection. Details: <c>kind</c>, <c>name</c>, <c>change</c>, <c>own</c>.</summary>
    public const string ProviderChanged = "models.provider_changed";

    /// <summary>What holds for a model. Target kind <c>model</c>. Details: <c>model</c> and what is set.</summary>
    public const string ModelChanged = "models.model_changed";
}
