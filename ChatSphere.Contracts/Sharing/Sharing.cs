using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;

namespace ChatSphere.Contracts.Sharing;

/// <summary>What a share is of: the bot (<c>bot</c>), or the documents that it knows (<c>knowledge</c>).</summary>
[JsonConverter(typeof(SnakeCaseEnum<SharedThing>))]
public enum SharedThing
{
    Bot,
    Knowledge,
}

/// <summary>With whom: <c>person</c>, <c>group</c>, or <c>everyone</c> who has an account.</summary>
[JsonConverter(typeof(SnakeCaseEnum<SharedWith>))]
public enum SharedWith
{
    Person,
    Group,
    Everyone,
}

/// <summary>
/// Each includes those before it. Of a bot: see it, talk with it, change it and its documents. Of its knowledge: list and read the documents, have them searched, add and delete
/// them. <c>owner</c> is nobody's to give.
/// </summary>
[JsonConverter(typeof(SnakeCaseEnum<SharedRight>))]
public enum SharedRight
{
    View,
    Use,
    Edit,
    Owner,
}

/// <param name="Id">Of the person or group; null for everyone, and for a person named by <paramref name="Email"/>.</param>
/// <param name="Email">Instead of an id, a person's exact address.</param>
public sealed record ShareGranteeRequest(
    [property: Required] SharedWith? Kind, Guid? Id = null, [property: EmailAddress, StringLength(254)] string? Email = null);

/// <param name="Right"><c>view</c>, <c>use</c> or <c>edit</c>; everyone at most <c>use</c>.</param>
public sealed record ShareRequest(
    [property: Required] ShareGranteeRequest Grantee, [property: Required] SharedRight? Right, [property: Required] SharedThing? Of);

/// <param name="Shares">All shares as they shall be; what is not among them is taken away.</param>
public sealed record ReplaceSharesRequest([property: Required, MaxLength(200)] IReadOnlyList<ShareRequest> Shares);

/// <param name="Id">Null for everyone.</param>
/// <param name="Name">What people call the person or the group.</param>
public sealed record ShareGranteeResponse(SharedWith Kind, Guid? Id, string Name);

public sealed record ShareResponse(Guid Id, ShareGranteeResponse Grantee, SharedRight Right, SharedThing Of, DateTimeOffset CreatedAt);

/// <summary>A group that the caller may share with.</summary>
public sealed record ShareableGroupResponse(Guid Id, string Name);
