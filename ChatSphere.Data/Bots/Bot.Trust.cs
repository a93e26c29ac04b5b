using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ChatSphere.Data.Bots;

public sealed partial class Bot
{
    /// <summary>Sentences of its answers that no source supports are marked.</summary>
    public bool Strict { get; private set; }

    /// <summary>Whether it is told what people let be remembered about them.</summary>
    public bool UsesMemory { get; private set; } = true;

    /// <summary>Null leaves a value as it is.</summary>
    public void Trust(bool? strict, bool? usesMemory) => (Strict, UsesMemory) = (strict ?? Strict, usesMemory ?? UsesMemory);

    internal sealed class TrustMapping : IEntityTypeConfiguration<Bot>
    {
        public void Configure(EntityTypeBuilder<Bot> builder)
        {
            builder.Property(b => b.Strict).HasDefaultValue(false);
            builder.Property(b => b.UsesMemory).HasDefaultValue(true).HasSentinel(true);
        }
    }
}
