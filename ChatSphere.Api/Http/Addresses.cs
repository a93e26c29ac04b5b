using System.Net;
using System.Net.Sockets;

namespace ChatSphere.Api.Http;

internal static class Addresses
{
    /// <summary>An IPv4 address is one, also where it comes in an IPv6 dress.</summary>
    public static IPAddress Plain(this IPAddress address) => address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;

    /// <summary>What counts as one caller: an IPv4 address, or the first 64 bits of an IPv6 address, of which everybody has all the rest.</summary>
    public static string CallerOf(IPAddress? address)
    {
        if (address is null)
        {
            return "?";
        }

        address = address.Plain();
        if (address.AddressFamily == AddressFamily.InterNetwork)
        {
            return address.ToString();
        }

        var bytes = address.GetAddressBytes();
        bytes.AsSpan(8).Clear();
        return $"{new IPAddress(bytes)}/64";
    }

    /// <summary>A network, or a single address as one. Host bits that are set are no mistake of the caller's: <c>203.0.113.7/24</c> is <c>203.0.113.0/24</c>.</summary>
    public static bool TryParseNetwork(string text, out IPNetwork network)
    {
        network = default;
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        if (!IPAddress.TryParse(slash < 0 ? text : text[..slash], out var address) || address.ScopeIdIsSet())
        {
            return false;
        }

        var mapped = address.IsIPv4MappedToIPv6;
        address = address.Plain();
        var bits = address.GetAddressBytes().Length * 8;
        var length = bits;
        if (slash >= 0 && (!int.TryParse(text.AsSpan(slash + 1), System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out length) || mapped || length > bits))
        {
            return false;
        }

        var bytes = address.GetAddressBytes();
        for (var bit = length; bit < bits; bit++)
        {
            bytes[bit / 8] &= (byte)~(0x80 >> (bit % 8));
        }

        network = new IPNetwork(new IPAddress(bytes), length);
        return true;
    }

    private static bool ScopeIdIsSet(this IPAddress address) => address.AddressFamily == AddressFamily.InterNetworkV6 && address.ScopeId != 0;
}
