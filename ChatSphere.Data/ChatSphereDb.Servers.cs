using ChatSphere.Data.Communities;
using Microsoft.EntityFrameworkCore;

namespace ChatSphere.Data;

public sealed partial class ChatSphereDb
{
    public DbSet<ServerLogEntry> ServerLog => Set<ServerLogEntry>();
}
