using System.Net;
using System.Net.Sockets;

namespace ChatSphere.ServiceDefaults.Outbound;

/// <summary>Which addresses a stranger may make us connect to: those that lead over the public Internet to somebody else (IANA's special-purpose registries).</summary>
internal static class PublicAddresses
{
    private static readonly IPNetwork[] NotPublic =
    [
        .. new[]
        {
            "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24",
            "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
            // Public by number, and yet the host's own on Azure.
            "168.63.129.16/32",
            // Inside 2000::/3: protocol assignments with Teredo and benchmarking, documentation, 6to4, whose inner address may be anything.
            "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20",
        }.Select(IPNetwork.Parse),
    ];

    private static readonly IPNetwork GlobalUnicast = IPNetwork.Parse("2000::/3");

    /// <summary>Everything outside 2000::/3 is refused, and so are IPv4-mapped addresses and NAT64: they name an IPv4 address that was not looked at.</summary>
    public static bool IsPublic(IPAddress address) =>
        address.AddressFamily switch
        {
            AddressFamily.InterNetwork => true,
            AddressFamily.InterNetworkV6 => address.ScopeId == 0 && !address.IsIPv4MappedToIPv6 && GlobalUnicast.Contains(address),
            _ => false,
        }
        && !Array.Exists(NotPublic, n => n.Contains(address));
}
