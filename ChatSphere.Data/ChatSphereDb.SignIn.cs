using ChatSphere.Data.Accounts;
using Microsoft.EntityFrameworkCore;

namespace ChatSphere.Data;

public sealed partial class ChatSphereDb
{
    public DbSet<SignInCount> SignInCounts => Set<SignInCount>();
}
