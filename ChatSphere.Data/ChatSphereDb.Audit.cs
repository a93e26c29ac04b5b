using ChatSphere.Data.Audit;
using ChatSphere.Data.Network;
using Microsoft.EntityFrameworkCore;

namespace ChatSphere.Data;

public sealed partial class ChatSphereDb
{
    public DbSet<AuditLink> AuditLinks => Set<AuditLink>();
    public DbSet<PendingAuditEvent> PendingAuditEvents => Set<PendingAuditEvent>();
    public DbSet<AuditCheckpoint> AuditCheckpoints => Set<AuditCheckpoint>();
    public DbSet<AuditKey> AuditKeys => Set<AuditKey>();
    public DbSet<AddressRule> AddressRules => Set<AddressRule>();
}
