using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ChatSphere.Data.Accounts;

/// <summary>A named set of permissions, given to people and to groups. A migration puts the built-in ones in place.</summary>
public sealed class Role : IdentityRole<Guid>
{
    public static readonly Guid AdministratorId = new("01990000-0000-7000-8000-000000000001");
    public static readonly Guid ModeratorId = new("01990000-0000-7000-8000-000000000002");
    public static readonly Guid MemberId = new("01990000-0000-7000-8000-000000000003");
    public static readonly Guid GuestId = new("01990000-0000-7000-8000-000000000004");

    public string Description { get; set; } = "";

    /// <summary>Names from the catalogue of permissions. Of <see cref="AdministratorId"/> empty: that role grants all there are, also those of later versions.</summary>
    public List<string> Permissions { get; set; } = [];

    /// <summary>Who has it needs a second factor before it grants anything.</summary>
    public bool RequiresMfa { get; set; }

    /// <summary>Cannot be renamed or deleted.</summary>
    public bool IsBuiltIn { get; init; }

    internal sealed class Mapping : IEntityTypeConfiguration<Role>
    {
        public void Configure(EntityTypeBuilder<Role> builder)
        {
            builder.Property(r => r.Description).HasMaxLength(400);
        }
    }
}

/// <summary>People together: shares and roles given to it reach all its members.</summary>
public sealed class Group
{
    public required Guid Id { get; init; }
    public required string Name { get; set; }
    public string Description { get; set; } = "";

    /// <summary>The provisioning client's own id for it (SCIM <c>externalId</c>).</summary>
    public string? ExternalId { get; set; }
    public required DateTimeOffset CreatedAt { get; init; }

    internal sealed class Mapping : IEntityTypeConfiguration<Group>
    {
        public void Configure(EntityTypeBuilder<Group> builder)
        {
            builder.ToTable("groups", "accounts");
            builder.Property(g => g.Name).HasMaxLength(80).UseCollation("case_insensitive");
            builder.Property(g => g.Description).HasMaxLength(400);
            builder.Property(g => g.ExternalId).HasMaxLength(200);
            builder.HasIndex(g => g.Name).IsUnique();
        }
    }
}

public sealed class GroupMember
{
    public required Guid GroupId { get; init; }
    public required Guid AccountId { get; init; }
    public required DateTimeOffset AddedAt { get; init; }

    internal sealed class Mapping : IEntityTypeConfiguration<GroupMember>
    {
        public void Configure(EntityTypeBuilder<GroupMember> builder)
        {
            builder.ToTable("group_members", "accounts");
            builder.HasKey(m => new { m.GroupId, m.AccountId });
            builder.HasIndex(m => m.AccountId);
            builder.HasOne<Group>().WithMany().HasForeignKey(m => m.GroupId).OnDelete(DeleteBehavior.Cascade);
            builder.HasOne<Account>().WithMany().HasForeignKey(m => m.AccountId).OnDelete(DeleteBehavior.Cascade);
        }
    }
}

public sealed class GroupRole
{
    public required Guid GroupId { get; init; }
    public required Guid RoleId { get; init; }

    internal sealed class Mapping : IEntityTypeConfiguration<GroupRole>
    {
        public void Configure(EntityTypeBuilder<GroupRole> builder)
        {
            builder.ToTable("group_roles", "accounts");
            builder.HasKey(r => new { r.GroupId, r.RoleId });
            builder.HasOne<Group>().WithMany().HasForeignKey(r => r.GroupId).OnDelete(DeleteBehavior.Cascade);
            builder.HasOne<Role>().WithMany().HasForeignKey(r => r.RoleId).OnDelete(DeleteBehavior.Cascade);
        }
    }
}

public static class RoleQueries
{
    /// <summary>The roles that an account has by itself or through its groups.</summary>
    public static IQueryable<Role> RolesOf(this ChatSphereDb db, Guid accountId) => db.Roles.Where(r =>
        db.UserRoles.Any(u => u.RoleId == r.Id && u.UserId == accountId)
        || db.GroupRoles.Any(g => g.RoleId == r.Id && db.GroupMembers.Any(m => m.GroupId == g.GroupId && m.AccountId == accountId)));
}
