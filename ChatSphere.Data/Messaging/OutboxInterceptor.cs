using System.Diagnostics;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace ChatSphere.Data.Messaging;

/// <summary>Writes the events raised by changed entities to the outbox in the transaction that saves the change.</summary>
public sealed class OutboxInterceptor(TimeProvider time) : SaveChangesInterceptor
{
    public override ValueTask<InterceptionResult<int>> SavingChangesAsync(DbContextEventData eventData, InterceptionResult<int> result, CancellationToken cancellationToken = default)
    {
        StoreEvents(eventData.Context!);
        return ValueTask.FromResult(result);
    }

    public override InterceptionResult<int> SavingChanges(DbContextEventData eventData, InterceptionResult<int> result)
    {
        StoreEvents(eventData.Context!);
        return result;
    }

    private void StoreEvents(DbContext db)
    {
        var now = time.GetUtcNow();
        foreach (var entry in db.ChangeTracker.Entries<IRaiseEvents>().ToList())
        {
            foreach (var happened in entry.Entity.TakeEvents())
            {
                db.Add(new OutboxMessage
                {
                    Id = Guid.CreateVersion7(now),
                    Type = EventTypes.NameOf(happened.GetType()),
                    OrderingKey = happened.OrderingKey,
                    Payload = JsonSerializer.Serialize(happened, happened.GetType(), EventTypes.Json),
                    TraceParent = Activity.Current?.Id,
                    OccurredAt = now,
                });
            }
        }
    }
}
