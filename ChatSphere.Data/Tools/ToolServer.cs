using ChatSphere.Data.Bots;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ChatSphere.Data.Tools;

/// <summary>An MCP server: at an address, for one bot; or a program that administrators have named, for all.</summary>
public sealed class ToolServer
{
    private ToolServer()
    {
    }

    public Guid Id { get; private init; }

    /// <summary>Null: the deployment's own.</summary>
    public Guid? BotId { get; private init; }
    public string Name { get; private init; } = "";
    public string? Address { get; private init; }
    public string? Command { get; private init; }
    public List<string> Arguments { get; private init; } = [];

    /// <summary>A JSON object, sealed: headers, or the program's environment.</summary>
    public byte[]? SealedValues { get; private init; }
    public List<string> ValueNames { get; private init; } = [];
    public DateTimeOffset CreatedAt { get; private init; }

    /// <summary>False: its tools stay with the bots that have them, and none can be called.</summary>
    public bool Enabled { get; set; } = true;

    public bool IsProgram => Command is not null;

    public static ToolServer AtAddress(Guid id, Guid botId, string name, string address, IEnumerable<string> headerNames, byte[]? sealedHeaders, DateTimeOffset now) =>
        new() { Id = id, BotId = botId, Name = name, Address = address, ValueNames = [.. headerNames], SealedValues = sealedHeaders, CreatedAt = now };

    public static ToolServer Program(Guid id, string name, string command, IEnumerable<string> arguments, IEnumerable<string> variableNames, byte[]? sealedVariables, DateTimeOffset now) =>
        new() { Id = id, Name = name, Command = command, Arguments = [.. arguments], ValueNames = [.. variableNames], SealedValues = sealedVariables, CreatedAt = now };

    internal sealed class Mapping : IEntityTypeConfiguration<ToolServer>
    {
        public void Configure(EntityTypeBuilder<ToolServer> builder)
        {
            builder.ToTable("tool_servers", "bots");
            builder.Property(s => s.Name).HasMaxLength(60);
            builder.Property(s => s.Address).HasMaxLength(2_000);
            builder.Property(s => s.Command).HasMaxLength(500);
            builder.Property(s => s.Enabled).HasDefaultValue(true).HasSentinel(true);
            builder.Ignore(s => s.IsProgram);
            builder.HasIndex(s => s.BotId);
            builder.HasOne<Bot>().WithMany().HasForeignKey(s => s.BotId).OnDelete(DeleteBehavior.Cascade);
        }
    }
}

public static class ToolQueries
{
    /// <summary>Its own, and the deployment's, without what was switched off.</summary>
    public static IQueryable<ToolServer> OfBot(this IQueryable<ToolServer> servers, Guid botId) => servers.Where(s => s.Enabled && (s.BotId == botId || s.BotId == null));
}
