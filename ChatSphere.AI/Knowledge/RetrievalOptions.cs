using System.ComponentModel.DataAnnotations;

namespace ChatSphere.AI.Knowledge;

public sealed class RetrievalOptions
{
    public const string Section = "Knowledge";

    /// <summary>For vectors kept in this process; the bots searched longest ago make room. A bot that does not fit by itself is searched by its words only.</summary>
    [Range(1L << 20, 1L << 40, ErrorMessage = "Set Knowledge:VectorMemoryBytes to between 1 MiB and 1 TiB.")]
    public long VectorMemoryBytes { get; set; } = 512L << 20;
}
