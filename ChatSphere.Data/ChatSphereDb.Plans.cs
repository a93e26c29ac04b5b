using ChatSphere.Data.Plans;
using Microsoft.EntityFrameworkCore;

namespace ChatSphere.Data;

public sealed partial class ChatSphereDb
{
    public DbSet<Plan> Plans => Set<Plan>();
    public DbSet<Subscription> Subscriptions => Set<Subscription>();
    public DbSet<SubscriptionSeat> SubscriptionSeats => Set<SubscriptionSeat>();
    public DbSet<UsageCounter> UsageCounters => Set<UsageCounter>();
    public DbSet<PaymentMessage> PaymentMessages => Set<PaymentMessage>();
}
