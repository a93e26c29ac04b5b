using ChatSphere.Data.Bots;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ChatSphere.Data.Tools;

public enum ToolKind
{
    /// <summary>One of ours; named, not described.</summary>
    BuiltIn,

    /// <summary>A request to a fixed host that the bot's editor described.</summary>
    Http,

    /// <summary>Something that an MCP server offers.</summary>
    Mcp,
}

/// <summary>What a bot's models may call. What a server on the other side says of itself is kept as it was when an editor looked at it, and not taken anew by a call.</summary>
public sealed class BotTool
{
    public const int MaxNameLength = 64;
    public const int MaxDescriptionLength = 1_000;
    public const int MaxSchemaLength = 20_000;

    private BotTool()
    {
    }

    public Guid Id { get; private init; }
    public Guid BotId { get; private init; }
    public ToolKind Kind { get; private init; }

    /// <summary>As models see it; unique in the bot.</summary>
    public string Name { get; set; } = "";
    public string Description { get; set; } = "";
    public bool Enabled { get; set; }

    /// <summary>Asks although it changes nothing.</summary>
    public bool NeedsApproval { get; set; }

    /// <summary>Changes something where it goes, as far as anybody can tell: every call waits for the person.</summary>
    public bool HasEffects { get; set; }

    /// <summary>JSON Schema of the arguments; empty for built-in tools.</summary>
    public string Schema { get; set; } = "";
    public string? Method { get; set; }

    /// <summary>Placeholders as <c>{name}</c>, in path and query only.</summary>
    public string? UrlTemplate { get; set; }

    /// <summary>A JSON object of headers, sealed.</summary>
    public byte[]? SealedHeaders { get; set; }
    public List<string> HeaderNames { get; set; } = [];

    /// <summary>Of the result, in characters.</summary>
    public int MaxResultLength { get; set; } = 8_000;
    public Guid? ServerId { get; private init; }

    /// <summary>Its name on the MCP server.</summary>
    public string? RemoteName { get; private init; }
    public DateTimeOffset CreatedAt { get; private init; }

    /// <summary>When what it does was last changed: what a person allowed before counts no more.</summary>
    public DateTimeOffset UpdatedAt { get; set; }

    public static BotTool BuiltIn(Guid botId, string name, DateTimeOffset now) => new() { Id = Guid.CreateVersion7(now), BotId = botId, Kind = ToolKind.BuiltIn, Name = name, CreatedAt = now, UpdatedAt = now };

    public static BotTool Http(Guid botId, string name, DateTimeOffset now) => new() { Id = Guid.CreateVersion7(now), BotId = botId, Kind = ToolKind.Http, Name = name, CreatedAt = now, UpdatedAt = now };

    public static BotTool Mcp(Guid botId, Guid serverId, string name, string remoteName, DateTimeOffset now) => new()
    {
        Id = Guid.CreateVersion7(now),
        BotId = botId,
        Kind = ToolKind.Mcp,
        ServerId = serverId,
        Name = name,
        RemoteName = remoteName,
        CreatedAt = now,
        UpdatedAt = now,
    };

    internal sealed class Mapping : IEntityTypeConfiguration<BotTool>
    {
        public void Configure(EntityTypeBuilder<BotTool> builder)
        {
            builder.ToTable("bot_tools", "bots");
            builder.Property(t => t.Name).HasMaxLength(MaxNameLength);
            builder.Property(t => t.Description).HasMaxLength(MaxDescriptionLength);
            builder.Property(t => t.Method).HasMaxLength(10);
            builder.Property(t => t.UrlTemplate).HasMaxLength(2_000);
            builder.Property(t => t.RemoteName).HasMaxLength(200);
            builder.HasIndex(t => new { t.BotId, t.Name }).IsUnique();
            builder.HasOne<Bot>().WithMany().HasForeignKey(t => t.BotId).OnDelete(DeleteBehavior.Cascade);
            builder.HasOne<ToolServer>().WithMany().HasForeignKey(t => t.ServerId).OnDelete(DeleteBehavior.Cascade);
        }
    }
}
