using System.ComponentModel.DataAnnotations;

namespace ChatSphere.Worker.Modules.Knowledge;

/// <summary>How another embedding model is introduced.</summary>
public sealed class EmbeddingOptions
{
    public const string Section = "Knowledge";

    /// <summary>How long a model may fail without a break before it is given up and the one before stays for good.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "7.00:00:00", ErrorMessage = "Set Knowledge:EmbeddingPatience to between a second and a week, written as hours:minutes:seconds.")]
    public TimeSpan EmbeddingPatience { get; set; } = TimeSpan.FromHours(1);

    /// <summary>After the first failure; twice as long after each further one, up to a minute, and never less than the provider asks for.</summary>
    [Range(typeof(TimeSpan), "00:00:00.001", "00:01:00", ErrorMessage = "Set Knowledge:EmbeddingBackoff to at most a minute, written as hours:minutes:seconds.")]
    public TimeSpan EmbeddingBackoff { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>How long vectors stay that are not searched any more. Nodes follow within seconds; the rest is for those that could not ask the database for a while.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "365.00:00:00", ErrorMessage = "Set Knowledge:OldVectorsGrace to between nothing and a year, written as days.hours:minutes:seconds.")]
    public TimeSpan OldVectorsGrace { get; set; } = TimeSpan.FromMinutes(10);
}
