using System.Text.Json;

namespace ChatSphere.Data.Audit;

/// <summary>Who acts. The Api takes it from the request; background work is <see cref="SystemActor"/>.</summary>
public interface IActor
{
    ActorKind Kind { get; }
    Guid? AccountId { get; }
    Guid? CredentialId { get; }

    /// <summary>See <see cref="AuditEvent.Network"/>.</summary>
    string? Network { get; }
}

public sealed class SystemActor : IActor
{
    public ActorKind Kind => ActorKind.System;
    public Guid? AccountId => null;
    public Guid? CredentialId => null;
    public string? Network => null;
}

/// <summary>Where every security-relevant act is written down, by the same <c>SaveChangesAsync</c> as the act itself: neither is there without the other.</summary>
public sealed class AuditTrail(ChatSphereDb db, IActor actor, TimeProvider time)
{
    /// <summary>Adds an event; the caller saves.</summary>
    /// <param name="action">From <see cref="AuditActions"/>.</param>
    /// <param name="details">Becomes JSON. Ids, names of roles and permissions, counts; never a secret, an e-mail address or what somebody wrote.</param>
    /// <param name="actorId">Who acts, where the request does not say it yet: signing in, resetting a password.</param>
    public void Record(string action, string? targetKind = null, Guid? targetId = null, object? details = null, string? reason = null, Guid? actorId = null)
    {
        var now = time.GetUtcNow();
        db.AuditEvents.Add(new AuditEvent
        {
            Id = Guid.CreateVersion7(now),
            At = now,
            ActorKind = actor.Kind == ActorKind.Anonymous && actorId is not null ? ActorKind.Person : actor.Kind,
            ActorId = actor.AccountId ?? actorId,
            CredentialId = actor.CredentialId,
            Network = actor.Network,
            Action = action,
            TargetKind = targetKind,
            TargetId = targetId,
            Reason = reason is { Length: > 400 } ? reason[..400] : reason,
            Details = details is null ? null : JsonSerializer.Serialize(details, JsonSerializerOptions.Web),
        });
    }
}
