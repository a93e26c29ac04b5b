using System.ComponentModel.DataAnnotations;

namespace ChatSphere.Api.Modules.Tools;

public sealed class ToolOptions
{
    public const string Section = "Tools";

    /// <summary>How long a call waits for the person before it counts as not approved.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan ApprovalTimeout { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>For a request of an HTTP tool, or one call of an MCP server.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:05:00")]
    public TimeSpan CallTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Of a web page or an answer, before anything is made of it.</summary>
    [Range(1_000, 20_000_000)]
    public int MaxBytes { get; set; } = 2_000_000;

    /// <summary>Tools of one bot.</summary>
    [Range(1, 1_000)]
    public int MaxTools { get; set; } = 128;

    /// <summary>MCP servers of one bot.</summary>
    [Range(1, 100)]
    public int MaxServers { get; set; } = 10;

    /// <summary>Whether administrators may name programs that the Api starts as MCP servers. They run as the Api's own user, so who may name one may do anything that the Api may.</summary>
    public bool AllowPrograms { get; set; }

    /// <summary>Programs that run at once on one node.</summary>
    [Range(1, 1_000)]
    public int MaxPrograms { get; set; } = 32;
}
