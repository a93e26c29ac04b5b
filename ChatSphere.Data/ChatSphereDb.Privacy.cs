using ChatSphere.Data.Privacy;
using Microsoft.EntityFrameworkCore;

namespace ChatSphere.Data;

public sealed partial class ChatSphereDb
{
    public DbSet<Policy> Policies => Set<Policy>();
    public DbSet<Consent> Consents => Set<Consent>();
    public DbSet<DataExport> DataExports => Set<DataExport>();
    public DbSet<Erasure> Erasures => Set<Erasure>();
    public DbSet<PurgeEntry> PurgeEntries => Set<PurgeEntry>();
    public DbSet<LegalHold> LegalHolds => Set<LegalHold>();
    public DbSet<RetentionRule> RetentionRules => Set<RetentionRule>();
    public DbSet<BotRetentionRule> BotRetentionRules => Set<BotRetentionRule>();
    public DbSet<OwnRetention> OwnRetentions => Set<OwnRetention>();
}
