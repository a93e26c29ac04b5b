using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ChatSphere.Data.People;

public enum PresenceChoice
{
    Online,
    Idle,
    DoNotDisturb,
    Invisible,
}

public sealed partial class Profile
{
    /// <summary>How the person wants to be seen while connected. Whether somebody is connected is in Redis only.</summary>
    public PresenceChoice Presence { get; set; }

    internal sealed class PresenceMapping : IEntityTypeConfiguration<Profile>
    {
        public void Configure(EntityTypeBuilder<Profile> builder) => builder.Property(p => p.Presence).HasDefaultValue(PresenceChoice.Online);
    }
}
