using ChatSphere.Data.Conversations;
using Microsoft.EntityFrameworkCore;

namespace ChatSphere.Data;

public sealed partial class ChatSphereDb
{
    public DbSet<Folder> Folders => Set<Folder>();
    public DbSet<MessageRating> MessageRatings => Set<MessageRating>();
}
