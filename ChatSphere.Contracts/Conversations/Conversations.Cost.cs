namespace ChatSphere.Contracts.Conversations;

public sealed partial record UsageResponse
{
    /// <summary>What it cost the deployment, in <see cref="Currency"/>; null: no price is known of the model.</summary>
    public decimal? Cost { get; init; }

    /// <summary>ISO 4217; null without a cost.</summary>
    public string? Currency { get; init; }
}
