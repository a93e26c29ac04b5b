using ChatSphere.Data.Models;
using Microsoft.EntityFrameworkCore;

namespace ChatSphere.Data;

public sealed partial class ChatSphereDb
{
    public DbSet<ProviderConnection> ProviderConnections => Set<ProviderConnection>();
    public DbSet<ProviderKey> ProviderKeys => Set<ProviderKey>();
    public DbSet<ModelSetting> ModelSettings => Set<ModelSetting>();
}
