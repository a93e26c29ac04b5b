namespace ChatSphere.Data.Conversations;

public sealed partial class Usage
{
    /// <summary>What it cost the deployment; null: no price is known.</summary>
    public decimal? Cost { get; set; }

    /// <summary>ISO 4217; null without a cost.</summary>
    public string? Currency { get; set; }
}
