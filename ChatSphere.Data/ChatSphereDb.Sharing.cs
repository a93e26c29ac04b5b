using ChatSphere.Data.People;
using ChatSphere.Data.Sharing;
using Microsoft.EntityFrameworkCore;

namespace ChatSphere.Data;

public sealed partial class ChatSphereDb
{
    public DbSet<Share> Shares => Set<Share>();
    public DbSet<Profile> Profiles => Set<Profile>();
    public DbSet<Relationship> Relationships => Set<Relationship>();
    public DbSet<Block> Blocks => Set<Block>();
}
