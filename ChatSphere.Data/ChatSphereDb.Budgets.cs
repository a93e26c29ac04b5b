using ChatSphere.Data.Budgets;
using Microsoft.EntityFrameworkCore;

namespace ChatSphere.Data;

public sealed partial class ChatSphereDb
{
    public DbSet<Budget> Budgets => Set<Budget>();
    public DbSet<BudgetCounter> BudgetCounters => Set<BudgetCounter>();
    public DbSet<BudgetReservation> BudgetReservations => Set<BudgetReservation>();
    public DbSet<UsageEntry> UsageEntries => Set<UsageEntry>();
}
