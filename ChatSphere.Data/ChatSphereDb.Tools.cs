using ChatSphere.Data.Tools;
using Microsoft.EntityFrameworkCore;

namespace ChatSphere.Data;

public sealed partial class ChatSphereDb
{
    public DbSet<BotTool> BotTools => Set<BotTool>();
    public DbSet<ToolServer> ToolServers => Set<ToolServer>();
    public DbSet<ToolApproval> ToolApprovals => Set<ToolApproval>();
}
