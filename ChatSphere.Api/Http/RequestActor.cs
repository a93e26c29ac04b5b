using System.Net;
using System.Net.Sockets;
using ChatSphere.Data.Audit;

namespace ChatSphere.Api.Http;

/// <summary>Who acts, by the request at hand.</summary>
internal sealed class RequestActor(IHttpContextAccessor accessor) : IActor
{
    private CurrentUser? User => accessor.HttpContext is { } context ? CurrentUser.From(context.User) : null;

    public ActorKind Kind => accessor.HttpContext is null ? ActorKind.System : User switch { null => ActorKind.Anonymous, { Credential.IsApiKey: true } => ActorKind.ApiKey, _ => ActorKind.Person };

    public Guid? AccountId => User?.AccountId;

    public Guid? CredentialId => User?.Credential.Id;

    public string? Network => NetworkOf(accessor.HttpContext?.Connection.RemoteIpAddress);

    /// <summary>The first 24 bits of an IPv4 address, the first 48 of an IPv6 address: enough to know a place again, too little to know a person by.</summary>
    public static string? NetworkOf(IPAddress? address)
    {
        if (address is null)
        {
            return null;
        }

        address = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        var keep = address.AddressFamily == AddressFamily.InterNetwork ? 3 : 6;
        var bytes = address.GetAddressBytes();
        bytes.AsSpan(keep).Clear();
        return $"{new IPAddress(bytes)}/{keep * 8}";
    }
}
