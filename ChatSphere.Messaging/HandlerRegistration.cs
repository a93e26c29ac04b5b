using System.Reflection;
using ChatSphere.Data;
using ChatSphere.Data.Messaging;
using Microsoft.Extensions.DependencyInjection;

namespace ChatSphere.Messaging;

/// <summary>A handler as the host runs it.</summary>
internal sealed record HandlerRegistration(string Name, Type EventType, string EventName, HandlerAttribute Options, Func<IServiceProvider, IDomainEvent, CancellationToken, Task> InvokeAsync)
{
    public string Queue => $"chatsphere.{Name}";
}

public static class HandlerRegistrationExtensions
{
    /// <summary>Lets <typeparamref name="THandler"/> handle <typeparamref name="TEvent"/> in this program.</summary>
    public static IServiceCollection AddHandler<THandler, TEvent>(this IServiceCollection services)
        where THandler : class, IHandle<TEvent>
        where TEvent : IDomainEvent
    {
        services.AddScoped<THandler>();
        services.AddSingleton(new HandlerRegistration(
            typeof(THandler).Name,
            typeof(TEvent),
            EventTypes.NameOf(typeof(TEvent)),
            typeof(THandler).GetCustomAttribute<HandlerAttribute>() ?? new HandlerAttribute(),
            (scope, happened, cancellationToken) => scope.GetRequiredService<THandler>().HandleAsync((TEvent)happened, cancellationToken)));
        return services;
    }
}
