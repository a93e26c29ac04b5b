using System.ComponentModel.DataAnnotations;

namespace ChatSphere.Contracts.Communities;

/// <param name="AccountIds">The others: one for a direct channel, which two people have only once; up to nine for a group.</param>
/// <param name="Name">Of a group.</param>
public sealed partial record OpenDirectChannelRequest(
    [property: Required, MinLength(1), MaxLength(9)] IReadOnlyList<Guid> AccountIds,
    [property: StringLength(100)] string? Name = null);

/// <param name="Name">Of a group; empty: it is called by its people.</param>
public sealed partial record UpdateDirectChannelRequest([property: Required(AllowEmptyStrings = true), StringLength(100)] string Name);

/// <param name="People">All of them, me among them.</param>
/// <param name="OwnerId">Of a group: who may remove others.</param>
public sealed partial record DirectChannelResponse(ChannelResponse Channel, IReadOnlyList<AuthorResponse> People, Guid? OwnerId);
