using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;

namespace ChatSphere.Contracts.Network;

[JsonConverter(typeof(SnakeCaseEnum<AddressRuleKind>))]
public enum AddressRuleKind
{
    /// <summary>As soon as there is one, only addresses in such rules get in.</summary>
    Allow,

    /// <summary>Never gets in, whatever allows it.</summary>
    Deny,
}

/// <param name="Cidr">A network or one address: <c>203.0.113.0/24</c>, <c>2001:db8::/32</c>, <c>198.51.100.7</c>.</param>
/// <param name="Note">Why.</param>
/// <param name="ExpiresAt">Null: until it is taken away.</param>
/// <param name="Force">Also when it would refuse the address that asks for it.</param>
public sealed record AddAddressRuleRequest(
    [property: Required, StringLength(50, MinimumLength = 2)] string Cidr,
    AddressRuleKind Kind,
    [property: StringLength(200)] string? Note = null,
    DateTimeOffset? ExpiresAt = null,
    bool Force = false);

/// <param name="Cidr">In its shortest form, always with its length.</param>
public sealed record AddressRuleResponse(Guid Id, string Cidr, AddressRuleKind Kind, string Note, DateTimeOffset CreatedAt, DateTimeOffset? ExpiresAt);

/// <param name="YourAddress">Where this request came from, as the Api sees it.</param>
public sealed record AddressRulesResponse(IReadOnlyList<AddressRuleResponse> Rules, string YourAddress);
