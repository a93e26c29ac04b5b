using System.ComponentModel.DataAnnotations.Schema;

namespace ChatSphere.Data;

/// <summary>
/// Something that happened, for whoever wants to act on it elsewhere. Stored in the outbox by the same <c>SaveChangesAsync</c> as the change that it tells of,
/// and delivered at least once.
/// </summary>
public interface IDomainEvent
{
    /// <summary>Events with the same key may be handled in order by a handler that asks for it: the aggregate's id.</summary>
    string OrderingKey { get; }
}

/// <summary>The wire name, <c>module.thing-happened.v1</c>. It never changes its meaning; a new meaning gets a new version.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class EventNameAttribute(string name) : Attribute
{
    public string Name { get; } = name;
}

/// <summary>What can raise events.</summary>
public interface IRaiseEvents
{
    /// <summary>Hands over the events raised since the last call.</summary>
    IReadOnlyList<IDomainEvent> TakeEvents();
}

/// <summary>A thing with an identity of its own (a UUIDv7) that raises events.</summary>
public abstract class Entity : IRaiseEvents
{
    [NotMapped]
    private List<IDomainEvent>? _events;

    public Guid Id { get; protected init; }

    protected void Raise(IDomainEvent happened) => (_events ??= []).Add(happened);

    public IReadOnlyList<IDomainEvent> TakeEvents()
    {
        IReadOnlyList<IDomainEvent> taken = _events ?? [];
        _events = null;
        return taken;
    }
}
