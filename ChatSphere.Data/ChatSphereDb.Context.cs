using ChatSphere.Data.Context;
using Microsoft.EntityFrameworkCore;

namespace ChatSphere.Data;

public sealed partial class ChatSphereDb
{
    public DbSet<Attachment> Attachments => Set<Attachment>();
    public DbSet<ConversationSummary> ConversationSummaries => Set<ConversationSummary>();
    public DbSet<Memory> Memories => Set<Memory>();
    public DbSet<MemoryPreference> MemoryPreferences => Set<MemoryPreference>();
    public DbSet<TokenCount> TokenCounts => Set<TokenCount>();
}
