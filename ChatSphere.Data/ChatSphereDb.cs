using System.Text;
using ChatSphere.Data.Accounts;
using ChatSphere.Data.Audit;
using ChatSphere.Data.Bots;
using ChatSphere.Data.Conversations;
using ChatSphere.Data.Knowledge;
using ChatSphere.Data.Messaging;
using ChatSphere.Data.Notifications;
using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.Identity.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata;

namespace ChatSphere.Data;

/// <summary>All that ChatSphere keeps, one PostgreSQL schema a module, names in snake_case so that SQL written by hand reads well.</summary>
public sealed partial class ChatSphereDb(DbContextOptions<ChatSphereDb> options) : IdentityDbContext<Account, Role, Guid>(options)
{
    public DbSet<Session> Sessions => Set<Session>();
    public DbSet<RefreshToken> RefreshTokens => Set<RefreshToken>();
    public DbSet<SigningKey> SigningKeys => Set<SigningKey>();
    public DbSet<Group> Groups => Set<Group>();
    public DbSet<GroupMember> GroupMembers => Set<GroupMember>();
    public DbSet<GroupRole> GroupRoles => Set<GroupRole>();
    public DbSet<ApiKey> ApiKeys => Set<ApiKey>();
    public DbSet<OneTimeToken> OneTimeTokens => Set<OneTimeToken>();
    public DbSet<AuditEvent> AuditEvents => Set<AuditEvent>();
    public DbSet<OutgoingMail> OutgoingMails => Set<OutgoingMail>();
    public DbSet<Bot> Bots => Set<Bot>();
    public DbSet<Document> Documents => Set<Document>();
    public DbSet<DocumentPage> DocumentPages => Set<DocumentPage>();
    public DbSet<Chunk> Chunks => Set<Chunk>();
    public DbSet<ChunkVector> ChunkVectors => Set<ChunkVector>();
    public DbSet<KnowledgeCollection> KnowledgeCollections => Set<KnowledgeCollection>();
    public DbSet<Conversation> Conversations => Set<Conversation>();
    public DbSet<Message> Messages => Set<Message>();
    public DbSet<Turn> Turns => Set<Turn>();
    public DbSet<OutboxMessage> Outbox => Set<OutboxMessage>();
    public DbSet<InboxMessage> Inbox => Set<InboxMessage>();
    public DbSet<DeadLetter> DeadLetters => Set<DeadLetter>();

    protected override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder)
    {
        configurationBuilder.Properties<Enum>().HaveConversion<string>().HaveMaxLength(32);
    }

    protected override void OnModelCreating(ModelBuilder builder)
    {
        base.OnModelCreating(builder);

        // For names that must be unique whatever their case.
        builder.HasCollation("case_insensitive", locale: "und-u-ks-level2", provider: "icu", deterministic: false);
        builder.ApplyConfigurationsFromAssembly(typeof(ChatSphereDb).Assembly, type => type.IsNested);

        builder.Entity<Account>().ToTable("accounts", "accounts");
        builder.Entity<Role>().ToTable("roles", "accounts");
        builder.Entity<IdentityUserRole<Guid>>().ToTable("account_roles", "accounts");
        builder.Entity<IdentityUserClaim<Guid>>().ToTable("account_claims", "accounts");
        builder.Entity<IdentityRoleClaim<Guid>>().ToTable("role_claims", "accounts");
        builder.Entity<IdentityUserLogin<Guid>>().ToTable("account_logins", "accounts");
        builder.Entity<IdentityUserToken<Guid>>().ToTable("account_tokens", "accounts");
        builder.Entity<IdentityUserPasskey<Guid>>().ToTable("account_passkeys", "accounts");

        SealContent(builder);

        foreach (var entity in builder.Model.GetEntityTypes())
        {
            NameInSnakeCase(entity);
        }
    }

    private static void NameInSnakeCase(IMutableEntityType entity)
    {
        if (entity.IsMappedToJson())
        {
            entity.SetContainerColumnName(SnakeCase(entity.GetContainerColumnName()!));
            return;
        }

        foreach (var property in entity.GetProperties().Where(p => p.Name != "xmin"))
        {
            property.SetColumnName(SnakeCase(property.Name));
        }

        foreach (var complex in entity.GetComplexProperties())
        {
            complex.ComplexType.SetContainerColumnName(SnakeCase(complex.Name));
        }

        foreach (var key in entity.GetKeys())
        {
            key.SetName(SnakeCase(key.GetName()!));
        }

        foreach (var key in entity.GetForeignKeys())
        {
            key.SetConstraintName(SnakeCase(key.GetConstraintName()!));
        }

        foreach (var index in entity.GetIndexes())
        {
            index.SetDatabaseName(SnakeCase(index.GetDatabaseName()!));
        }
    }

    private static string SnakeCase(string name)
    {
        var result = new StringBuilder(name.Length + 8);
        for (var i = 0; i < name.Length; i++)
        {
            if (char.IsUpper(name[i]) && i > 0 && name[i - 1] != '_' && (!char.IsUpper(name[i - 1]) || (i + 1 < name.Length && char.IsLower(name[i + 1]))))
            {
                result.Append('_');
            }

            result.Append(char.ToLowerInvariant(name[i]));
        }

        return result.ToString();
    }
}
