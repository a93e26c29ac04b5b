using ChatSphere.Data.Conversations;
using Microsoft.EntityFrameworkCore;

namespace ChatSphere.Data;

public sealed partial class ChatSphereDb
{
    public DbSet<Folder> Folders => Set<Folder>();
    public DbSet<SharedLink> SharedLinks => Set<SharedLink>();
    public DbSet<Prompt> Prompts => Set<Prompt>();
    public DbSet<ConversationImport> ConversationImports => Set<ConversationImport>();
    public DbSet<MessageRating> MessageRatings => Set<MessageRating>();
}
