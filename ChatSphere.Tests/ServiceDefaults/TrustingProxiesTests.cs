using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace ChatSphere.Tests.ServiceDefaults;

public sealed class TrustingProxiesTests
{
    [Theory]
    // A stranger says to be somebody else, or this machine.
    [InlineData("203.0.113.9", "192.0.2.1", "203.0.113.9")]
    [InlineData("203.0.113.9", "127.0.0.1", "203.0.113.9")]
    [InlineData("203.0.113.9", "10.1.0.1, 127.0.0.1", "203.0.113.9")]
    // Web on this machine, and a proxy that is named.
    [InlineData("127.0.0.1", "203.0.113.9", "203.0.113.9")]
    [InlineData("10.1.0.7", "203.0.113.9", "203.0.113.9")]
    [InlineData("::ffff:10.1.0.7", "203.0.113.9", "203.0.113.9")]
    // What the stranger wrote stands before what the proxy wrote.
    [InlineData("10.1.0.7", "127.0.0.1, 203.0.113.9", "203.0.113.9")]
    [InlineData("10.1.0.7", "192.0.2.1, 127.0.0.1, 203.0.113.9", "203.0.113.9")]
    // Two proxies in a row, the outer one a single address.
    [InlineData("10.1.0.7", "203.0.113.9, 198.51.100.7", "203.0.113.9")]
    [InlineData("10.1.0.7", "192.0.2.1, 203.0.113.9, 198.51.100.7", "203.0.113.9")]
    // A neighbour of a trusted network is not in it.
    [InlineData("10.2.0.7", "203.0.113.9", "10.2.0.7")]
    [InlineData("10.1.0.7", "nonsense", "10.1.0.7")]
    [InlineData("10.1.0.7", null, "10.1.0.7")]
    public async Task The_caller_is_the_last_hop_that_is_not_trusted(string peer, string? forwarded, string caller)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        builder.Configuration.AddInMemoryCollection([new("Proxies:Networks:0", "10.1.0.0/16"), new("Proxies:Networks:1", "198.51.100.7")]);
        builder.AddTrustedProxies();
        await using var app = builder.Build();
        app.Use((context, next) =>
        {
            context.Connection.RemoteIpAddress = IPAddress.Parse(peer);
            return next(context);
        });
        app.UseForwardedHeaders();
        app.Run(context => context.Response.WriteAsync(context.Connection.RemoteIpAddress!.MapToIPv4IfMapped().ToString()));
        await app.StartAsync();
        using var client = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, app.Urls.First());
        if (forwarded is not null)
        {
            request.Headers.Add("X-Forwarded-For", forwarded);
        }

        Assert.Equal(caller, await (await client.SendAsync(request)).Content.ReadAsStringAsync());
    }

    [Theory]
    [InlineData("everything")]
    [InlineData("0.0.0.0/0")]
    [InlineData("::/0")]
    public void A_network_that_is_none_or_everything_stops_the_start(string network)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Configuration.AddInMemoryCollection([new("Proxies:Networks:0", network)]);
        Assert.Contains("Proxies:Networks", Assert.Throws<InvalidOperationException>(() => builder.AddTrustedProxies()).Message, StringComparison.Ordinal);
    }
}

file static class Mapped
{
    public static IPAddress MapToIPv4IfMapped(this IPAddress address) => address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
}
