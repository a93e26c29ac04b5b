using ChatSphere.Data.Privacy;
using Microsoft.EntityFrameworkCore;

namespace ChatSphere.Data.Plans;

public sealed class PlansPersonalData(ChatSphereDb db) : IPersonalData
{
    public string Section => "plans";

    public IReadOnlyList<Type> Owns { get; } = [typeof(Subscription), typeof(SubscriptionSeat), typeof(UsageCounter)];

    public async Task ExportAsync(Guid accountId, IPersonalDataWriter writer, CancellationToken cancellationToken)
    {
        await writer.WriteAsync("subscription", db.Subscriptions.AsNoTracking().Where(s => s.AccountId == accountId)
            .Select(s => new { Plan = db.Plans.Single(p => p.Id == s.PlanId).Key, s.State, s.PeriodStart, s.PeriodEnd, s.ProviderCustomerId, s.ProviderSubscriptionId }).AsAsyncEnumerable(), cancellationToken);
        await writer.WriteAsync("seats", db.SubscriptionSeats.AsNoTracking().Where(s => s.OwnerId == accountId || s.AccountId == accountId)
            .Select(s => new { s.OwnerId, s.AccountId, s.AddedAt }).AsAsyncEnumerable(), cancellationToken);
        await writer.WriteAsync("usage", db.UsageCounters.AsNoTracking().Where(c => c.AccountId == accountId).OrderBy(c => c.Day)
            .Select(c => new { c.Kind, c.Day, c.Used }).AsAsyncEnumerable(), cancellationToken);
    }

    public async Task EraseAsync(Guid accountId, CancellationToken cancellationToken)
    {
        await db.SubscriptionSeats.Where(s => s.OwnerId == accountId || s.AccountId == accountId).ExecuteDeleteAsync(cancellationToken);
        await db.Subscriptions.Where(s => s.AccountId == accountId).ExecuteDeleteAsync(cancellationToken);
        await db.UsageCounters.Where(c => c.AccountId == accountId).ExecuteDeleteAsync(cancellationToken);
    }
}
