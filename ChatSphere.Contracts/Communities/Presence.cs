using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;

namespace ChatSphere.Contracts.Communities;

/// <summary>How somebody is seen.</summary>
[JsonConverter(typeof(SnakeCaseEnum<PresenceStatus>))]
public enum PresenceStatus
{
    /// <summary>Nothing is connected, or the person does not want to be seen.</summary>
    Offline,
    Online,

    /// <summary>Connected, and nothing was done for a while on any device.</summary>
    Idle,

    /// <summary>Connected, and wants not to be disturbed.</summary>
    DoNotDisturb,
}

/// <summary>How one wants to be seen while connected.</summary>
[JsonConverter(typeof(SnakeCaseEnum<PresenceChoice>))]
public enum PresenceChoice
{
    /// <summary>As it is: online, or idle.</summary>
    Online,
    Idle,
    DoNotDisturb,

    /// <summary>Everybody sees offline.</summary>
    Invisible,
}

public sealed record PresenceResponse(Guid AccountId, PresenceStatus Status);

public sealed record MyPresenceResponse(PresenceChoice Choice);

public sealed record ChoosePresenceRequest([property: Required] PresenceChoice? Choice);

/// <param name="ConnectionId">From the event <c>ready</c> of a live connection of mine.</param>
/// <param name="IsIdle">Nobody did anything there for a while.</param>
public sealed record SayIdleRequest([property: Required] Guid? ConnectionId, bool IsIdle);
