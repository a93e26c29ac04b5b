using System.Collections.Frozen;
using System.Reflection;
using System.Text.Json;

namespace ChatSphere.Data.Messaging;

/// <summary>Wire names of the event records, both ways.</summary>
public static class EventTypes
{
    private static readonly FrozenDictionary<string, Type> ByName = typeof(EventTypes).Assembly.GetTypes()
        .Where(t => typeof(IDomainEvent).IsAssignableFrom(t) && t is { IsInterface: false, IsAbstract: false })
        .ToFrozenDictionary(NameOf);

    /// <summary>How payloads are written.</summary>
    public static JsonSerializerOptions Json { get; } = new(JsonSerializerDefaults.Web);

    public static IEnumerable<Type> All => ByName.Values;

    public static string NameOf(Type type) =>
        type.GetCustomAttribute<EventNameAttribute>()?.Name ?? throw new InvalidOperationException($"{type.Name} has no [EventName].");

    /// <summary>Null for a name that this version does not know.</summary>
    public static Type? Find(string name) => ByName.GetValueOrDefault(name);
}
