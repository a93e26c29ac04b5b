using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ChatSphere.Data.Models;

/// <summary>What an administrator says of a model, over what is known of its family. Null: as is known.</summary>
public sealed class ModelSetting
{
    public required string ModelId { get; init; }

    /// <summary>False: nobody is offered it and nothing asks it.</summary>
    public bool IsEnabled { get; set; } = true;

    /// <summary>Prompt and answer together.</summary>
    public int? ContextTokens { get; set; }
    public bool? Tools { get; set; }
    public bool? Vision { get; set; }
    public bool? Json { get; set; }

    /// <summary>For a million tokens, in <c>AI:Currency</c>.</summary>
    public decimal? InputPrice { get; set; }
    public decimal? OutputPrice { get; set; }

    /// <summary>Who may use it; null: everyone whose plan has it.</summary>
    public List<Guid>? GroupIds { get; set; }
    public required DateTimeOffset UpdatedAt { get; set; }

    internal sealed class Mapping : IEntityTypeConfiguration<ModelSetting>
    {
        public void Configure(EntityTypeBuilder<ModelSetting> builder)
        {
            builder.ToTable("model_settings", "ai");
            builder.HasKey(m => m.ModelId);
            builder.Property(m => m.ModelId).HasMaxLength(200);
            builder.Property(m => m.InputPrice).HasPrecision(18, 6);
            builder.Property(m => m.OutputPrice).HasPrecision(18, 6);
        }
    }
}
