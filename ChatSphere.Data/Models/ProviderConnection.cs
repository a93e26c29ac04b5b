using ChatSphere.Data.Accounts;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ChatSphere.Data.Models;

/// <summary>Whose protocol is spoken.</summary>
public enum ProviderKind
{
    OpenAi,
    AzureOpenAi,
    Anthropic,
    Gemini,
    OpenAiCompatible,
}

/// <summary>An account with somebody who serves models, added while the system runs. What the configuration names is not here.</summary>
public sealed class ProviderConnection
{
    public required Guid Id { get; init; }

    /// <summary>Null: the deployment's, for everybody. Else one account's own keys, for its questions only.</summary>
    public Guid? OwnerId { get; init; }
    public required ProviderKind Kind { get; init; }
    public required string Name { get; set; }

    /// <summary>Null: the provider's public address. Never null for Azure and compatible servers.</summary>
    public string? Endpoint { get; set; }

    /// <summary>Azure only. Null: its v1 address; else the addresses by deployment of that version.</summary>
    public string? ApiVersion { get; set; }

    /// <summary>Azure only, both or none: the keys are secrets of this application, exchanged for tokens of Entra ID.</summary>
    public string? TenantId { get; set; }
    public string? ClientId { get; set; }

    /// <summary>Models that are there whatever the provider lists: deployments of Azure, aliases.</summary>
    public List<string> Models { get; set; } = [];

    /// <summary>What the provider listed when it was last tried, so that a node knows before it has asked by itself.</summary>
    public List<string> ListedModels { get; set; } = [];

    /// <summary>For bots that name none, when the configuration names none either.</summary>
    public string? DefaultModel { get; set; }
    public bool IsEnabled { get; set; } = true;

    /// <summary>Where several serve a model, the lowest is asked first; equals share the calls.</summary>
    public int Priority { get; set; }
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>Moves with every change, of the keys too: nodes take the connection up anew when they see another one.</summary>
    public required DateTimeOffset UpdatedAt { get; set; }

    internal sealed class Mapping : IEntityTypeConfiguration<ProviderConnection>
    {
        public void Configure(EntityTypeBuilder<ProviderConnection> builder)
        {
            builder.ToTable("provider_connections", "ai");
            builder.Property(c => c.Name).HasMaxLength(80);
            builder.Property(c => c.Endpoint).HasMaxLength(500);
            builder.Property(c => c.ApiVersion).HasMaxLength(40);
            builder.Property(c => c.TenantId).HasMaxLength(100);
            builder.Property(c => c.ClientId).HasMaxLength(100);
            builder.Property(c => c.DefaultModel).HasMaxLength(200);
            builder.Property(c => c.UpdatedAt).IsConcurrencyToken();
            builder.HasIndex(c => new { c.OwnerId, c.Name }).IsUnique().AreNullsDistinct(false);
            builder.HasOne<Account>().WithMany().HasForeignKey(c => c.OwnerId).OnDelete(DeleteBehavior.Cascade);
        }
    }
}

/// <summary>A key of a connection, or a secret of its Entra application.</summary>
public sealed class ProviderKey
{
    public const string Purpose = "ai.provider-key";

    public required Guid Id { get; init; }
    public required Guid ConnectionId { get; init; }
    public required byte[] SealedKey { get; init; }

    /// <summary>The last letters of a long key, to tell keys apart; empty for short ones.</summary>
    public required string Hint { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }

    public static string HintOf(string key) => key.Length >= 20 ? key[^4..] : "";

    internal sealed class Mapping : IEntityTypeConfiguration<ProviderKey>
    {
        public void Configure(EntityTypeBuilder<ProviderKey> builder)
        {
            builder.ToTable("provider_keys", "ai");
            builder.Property(k => k.Hint).HasMaxLength(4);
            builder.HasIndex(k => k.ConnectionId);
            builder.HasOne<ProviderConnection>().WithMany().HasForeignKey(k => k.ConnectionId).OnDelete(DeleteBehavior.Cascade);
        }
    }
}

public static class ProviderQueries
{
    public static IQueryable<ProviderConnection> OfDeployment(this IQueryable<ProviderConnection> connections) => connections.Where(c => c.OwnerId == null);

    public static IQueryable<ProviderConnection> OwnedBy(this IQueryable<ProviderConnection> connections, Guid accountId) => connections.Where(c => c.OwnerId == accountId);
}
