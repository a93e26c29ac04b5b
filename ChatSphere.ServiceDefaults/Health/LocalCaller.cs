using System.Net;
using Microsoft.AspNetCore.Http;

namespace ChatSphere.ServiceDefaults.Health;

internal static class LocalCaller
{
    private static readonly string[] Forwarding = ["Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Original-For", "X-Real-IP"];

    /// <summary>
    /// A connection from this machine that no reverse proxy made for somebody else. A TCP proxy on the same machine cannot be told apart from a local
    /// caller: where one faces a network, set <c>Metrics:Token</c> and an <c>admin</c> policy.
    /// </summary>
    public static bool Is(HttpContext context) =>
        context.Connection.RemoteIpAddress is { } address && IPAddress.IsLoopback(address)
        && !Array.Exists(Forwarding, context.Request.Headers.ContainsKey);
}
