namespace ChatSphere.AI.Chat;

public sealed partial record AnswerRequest
{
    /// <summary>Who may use which model; null: the caller answers for it.</summary>
    public ModelAccess? Access { get; init; }

    /// <summary>The asker's own connections: preferred for what they serve.</summary>
    public IReadOnlyList<ModelConnection> OwnConnections { get; init; } = [];

    /// <summary>Filled while the answer is written, also when it fails or is cancelled.</summary>
    public RouteLog? Route { get; init; }
}

/// <summary>What the asker may use.</summary>
/// <param name="PlanModels">Null: the plan has all. The deployment's default model and <c>extractive</c> are in every plan.</param>
/// <param name="GroupIds">The groups that the asker is in.</param>
public sealed record ModelAccess(IReadOnlyCollection<string>? PlanModels, IReadOnlyCollection<Guid> GroupIds)
{
    /// <summary>Nothing is withheld.</summary>
    public static ModelAccess Everything { get; } = new(null, []);
}
