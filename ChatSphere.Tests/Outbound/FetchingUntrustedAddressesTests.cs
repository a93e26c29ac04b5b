using System.IO.Compression;
using System.Net;
using System.Net.Sockets;
using System.Text;
using ChatSphere.ServiceDefaults.Outbound;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace ChatSphere.Tests.Outbound;

/// <summary>The client for strangers' addresses against real sockets: what it must not reach, a listener would see.</summary>
public sealed class FetchingUntrustedAddressesTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("http://127.0.0.1:{0}/")]
    [InlineData("http://2130706433:{0}/")]
    [InlineData("http://0x7f.1:{0}/")]
    [InlineData("http://0177.0.0.1:{0}/")]
    [InlineData("http://127.1:{0}/")]
    [InlineData("http://0:{0}/")]
    [InlineData("http://0.0.0.0:{0}/")]
    [InlineData("http://[::1]:{0}/")]
    [InlineData("http://[::]:{0}/")]
    [InlineData("http://[::ffff:127.0.0.1]:{0}/")]
    [InlineData("http://[::ffff:7f00:1]:{0}/")]
    [InlineData("http://[64:ff9b::7f00:1]:{0}/")]
    [InlineData("http://[::127.0.0.1]:{0}/")]
    [InlineData("http://localhost:{0}/")]
    [InlineData("http://localhost.:{0}/")]
    [InlineData("http://LOCALHOST:{0}/")]
    [InlineData("http://127。0。0。1:{0}/")]
    [InlineData("http://127.0.0.1.:{0}/")]
    [InlineData("http://１２７.0.0.1:{0}/")]
    public async Task Nothing_that_means_this_machine_is_connected_to(string address)
    {
        await using var listener = new SilentListener();
        using var host = Build(settings: [("Outbound:Ports:0", $"{listener.Port}")]);
        var result = await Client(host).GetAsync(string.Format(System.Globalization.CultureInfo.InvariantCulture, address, listener.Port), null, Token);
        Assert.Contains(Assert.IsType<OutboundResult.Refused>(result).Reason, (OutboundRefusal[])[OutboundRefusal.NotPublic, OutboundRefusal.AddressInvalid, OutboundRefusal.NameNotFound]);
        Assert.Equal(0, listener.Accepted);
    }

    [Theory]
    [InlineData("10.0.0.1")]
    [InlineData("100.64.0.1")]
    [InlineData("169.254.169.254")]
    [InlineData("172.31.255.255")]
    [InlineData("192.0.0.8")]
    [InlineData("192.0.2.1")]
    [InlineData("192.168.1.1")]
    [InlineData("198.19.0.1")]
    [InlineData("198.51.100.1")]
    [InlineData("203.0.113.9")]
    [InlineData("224.0.0.1")]
    [InlineData("255.255.255.255")]
    [InlineData("168.63.129.16")]
    [InlineData("::")]
    [InlineData("::1")]
    [InlineData("::ffff:8.8.8.8")]
    [InlineData("64:ff9b::808:808")]
    [InlineData("64:ff9b:1::1")]
    [InlineData("100::1")]
    [InlineData("2001:0:5ef5:79fd::1")]
    [InlineData("2001:db8::1")]
    [InlineData("2002:7f00:1::1")]
    [InlineData("3fff::1")]
    [InlineData("fc00::1")]
    [InlineData("fd00:ec2::254")]
    [InlineData("fe80::1")]
    [InlineData("fec0::1")]
    [InlineData("ff02::1")]
    public async Task A_name_with_one_such_address_among_good_ones_is_refused(string hidden)
    {
        await using var listener = new SilentListener();
        using var host = Build((_, _) => Task.FromResult<IPAddress[]>([IPAddress.Parse("127.0.0.5"), IPAddress.Parse(hidden)]), ("Outbound:AllowedNetworks:0", "127.0.0.5/32"), ("Outbound:Ports:0", $"{listener.Port}"), ("Outbound:Timeout", "00:00:02"));
        Assert.Equal(OutboundRefusal.NotPublic, await RefusedAsync(host, $"http://site.example:{listener.Port}/"));
        Assert.Equal(OutboundRefusal.NotPublic, await RefusedAsync(host, hidden.Contains(':', StringComparison.Ordinal) ? $"https://[{hidden}]:{listener.Port}/" : $"https://{hidden}:{listener.Port}/"));
        Assert.Equal(0, listener.Accepted);
    }

    [Theory]
    [InlineData("file:///etc/passwd", OutboundRefusal.SchemeNotAllowed)]
    [InlineData("gopher://example.org/", OutboundRefusal.SchemeNotAllowed)]
    [InlineData("ftp://example.org/", OutboundRefusal.SchemeNotAllowed)]
    [InlineData("javascript:alert(1)", OutboundRefusal.SchemeNotAllowed)]
    [InlineData("http://example.org:22/", OutboundRefusal.PortNotAllowed)]
    [InlineData("https://example.org:6379/", OutboundRefusal.PortNotAllowed)]
    [InlineData("http://user@example.org/", OutboundRefusal.CredentialsInAddress)]
    [InlineData("http://example.com:x@10.0.0.1/", OutboundRefusal.CredentialsInAddress)]
    [InlineData("http://@example.org/", OutboundRefusal.CredentialsInAddress)]
    [InlineData("//example.org/", OutboundRefusal.SchemeNotAllowed)]
    [InlineData("example.org", OutboundRefusal.AddressInvalid)]
    [InlineData("", OutboundRefusal.AddressInvalid)]
    public async Task Odd_addresses_are_refused_before_a_name_is_asked_for(string address, OutboundRefusal reason)
    {
        using var host = Build((_, _) => throw new InvalidOperationException("A name was asked for."));
        Assert.Equal(reason, await RefusedAsync(host, address));
    }

    [Fact]
    public async Task An_at_sign_in_the_path_is_no_user_name()
    {
        await using var server = await RawServer.StartAsync(_ => Response("text/plain", "here"));
        using var host = Allowing(server);
        Assert.Equal("here", await TextAsync(host, $"http://site.example:{server.Port}/@somebody?x=a@b"));
    }

    [Fact]
    public async Task The_name_is_resolved_once_and_the_connection_goes_to_what_was_vetted()
    {
        await using var listener = new SilentListener();
        await using var server = await RawServer.StartAsync(request => Response("text/plain", request.Split("\r\n").Single(l => l.StartsWith("Host:", StringComparison.Ordinal))));
        var asked = 0;

        // The second answer would be another place: rebinding.
        using var host = Build((name, _) => Task.FromResult<IPAddress[]>(++asked == 1 ? [IPAddress.Parse("127.0.0.5")] : [IPAddress.Parse("127.0.0.1")]),
            ("Outbound:AllowedNetworks:0", "127.0.0.5/32"), ("Outbound:Ports:0", $"{server.Port}"));
        Assert.Equal($"Host: rebound.example:{server.Port}", await TextAsync(host, $"http://rebound.example:{server.Port}/"));
        Assert.Equal(1, asked);
        Assert.Equal(OutboundRefusal.NotPublic, await RefusedAsync(host, $"http://rebound.example:{server.Port}/"));
        Assert.Equal(1, server.Requests);
    }

    [Theory]
    [InlineData("http://127.0.0.1:{1}/", OutboundRefusal.NotPublic)]
    [InlineData("//127.0.0.1:{1}/", OutboundRefusal.NotPublic)]
    [InlineData("file:///etc/passwd", OutboundRefusal.SchemeNotAllowed)]
    [InlineData("gopher://site.example/", OutboundRefusal.SchemeNotAllowed)]
    [InlineData("http://user:password@site.example:{0}/", OutboundRefusal.CredentialsInAddress)]
    [InlineData("/again", OutboundRefusal.TooManyRedirects)]
    public async Task Redirects_go_through_the_same(string location, OutboundRefusal reason)
    {
        await using var listener = new SilentListener();
        RawServer? self = null;
        await using var server = await RawServer.StartAsync(_ =>
            Encoding.ASCII.GetBytes($"HTTP/1.1 302 Found\r\nLocation: {string.Format(System.Globalization.CultureInfo.InvariantCulture, location, self!.Port, listener.Port)}\r\nContent-Length: 0\r\n\r\n"));
        self = server;
        using var host = Allowing(server, ("Outbound:Ports:1", $"{listener.Port}"));
        Assert.Equal(reason, await RefusedAsync(host, $"http://site.example:{server.Port}/"));
        Assert.Equal(0, listener.Accepted);
        Assert.Equal(reason == OutboundRefusal.TooManyRedirects ? 4 : 1, server.Requests);
    }

    [Fact]
    public async Task What_was_meant_for_one_site_is_not_sent_to_the_next()
    {
        var seen = new List<string>();
        await using var second = await RawServer.StartAsync(request => { seen.Add(request); return Response("text/plain", "end"); });
        await using var first = await RawServer.StartAsync(request => { seen.Add(request); return Encoding.ASCII.GetBytes($"HTTP/1.1 307 Temporary\r\nSet-Cookie: a=b\r\nLocation: http://site.example:{second.Port}/\r\nContent-Length: 0\r\n\r\n"); });
        using var host = Allowing(first, ("Outbound:Ports:1", $"{second.Port}"));
        var request = new OutboundRequest { Headers = new Dictionary<string, string> { ["X-Signature"] = "secret" } };
        Assert.IsType<OutboundResult.Fetched>(await Client(host).SendAsync($"http://site.example:{first.Port}/", request, Token));
        Assert.Contains("X-Signature: secret", seen[0], StringComparison.Ordinal);
        Assert.DoesNotContain("X-Signature", seen[1], StringComparison.Ordinal);
        Assert.All(seen, s => Assert.DoesNotContain("Cookie", s, StringComparison.OrdinalIgnoreCase));
        Assert.All(seen, s => Assert.DoesNotContain("traceparent", s, StringComparison.OrdinalIgnoreCase));
    }

    [Fact]
    public async Task A_post_is_not_carried_on_to_where_a_redirect_points()
    {
        await using var server = await RawServer.StartAsync(_ => "HTTP/1.1 307 Temporary\r\nLocation: /other\r\nContent-Length: 0\r\n\r\n"u8.ToArray());
        using var host = Allowing(server);
        var result = await Client(host).SendAsync($"http://site.example:{server.Port}/", new OutboundRequest { Method = HttpMethod.Post, Body = "{}"u8.ToArray(), BodyType = "application/json" }, Token);
        Assert.Equal(OutboundRefusal.RedirectNotAllowed, Assert.IsType<OutboundResult.Refused>(result).Reason);
        Assert.Equal(1, server.Requests);
    }

    [Fact]
    public async Task A_bomb_is_unpacked_no_further_than_allowed()
    {
        using var packed = new MemoryStream();
        await using (var gzip = new GZipStream(packed, CompressionLevel.SmallestSize, leaveOpen: true))
        {
            var zeros = new byte[1 << 20];
            for (var i = 0; i < 200; i++)
            {
                await gzip.WriteAsync(zeros, Token);
            }
        }

        await using var server = await RawServer.StartAsync(_ => [.. Encoding.ASCII.GetBytes($"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Encoding: gzip\r\nContent-Length: {packed.Length}\r\n\r\n"), .. packed.ToArray()]);
        using var host = Allowing(server);
        Assert.True(packed.Length < 2 * 1024 * 1024);
        Assert.Equal(OutboundRefusal.TooLarge, await RefusedAsync(host, $"http://site.example:{server.Port}/"));
    }

    [Fact]
    public async Task More_than_allowed_is_not_read_whether_announced_or_not()
    {
        await using var announced = await RawServer.StartAsync(_ => "HTTP/1.1 200 OK\r\nContent-Length: 10737418240\r\n\r\nbegin"u8.ToArray());
        using var one = Allowing(announced);
        Assert.Equal(OutboundRefusal.TooLarge, await RefusedAsync(one, $"http://site.example:{announced.Port}/"));
        await using var endless = await RawServer.StartAsync(_ => "HTTP/1.1 200 OK\r\n\r\n"u8.ToArray(), drip: new byte[65_536], pause: TimeSpan.Zero);
        using var two = Allowing(endless);
        Assert.Equal(OutboundRefusal.TooLarge, await RefusedAsync(two, $"http://site.example:{endless.Port}/"));
    }

    [Fact]
    public async Task A_server_that_drips_or_says_nothing_is_left_alone_in_time()
    {
        await using var dripping = await RawServer.StartAsync(_ => "HTTP/1.1 200 OK\r\n\r\n"u8.ToArray(), drip: [65], pause: TimeSpan.FromMilliseconds(20));
        using var one = Allowing(dripping, ("Outbound:Timeout", "00:00:01"));
        Assert.Equal(OutboundRefusal.TimedOut, await RefusedAsync(one, $"http://site.example:{dripping.Port}/"));
        await using var silent = new SilentListener();
        using var two = Build((_, _) => Task.FromResult<IPAddress[]>([IPAddress.Loopback]), ("Outbound:AllowedNetworks:0", "127.0.0.1/32"), ("Outbound:Ports:0", $"{silent.Port}"), ("Outbound:Timeout", "00:00:01"));
        Assert.Equal(OutboundRefusal.TimedOut, await RefusedAsync(two, $"http://site.example:{silent.Port}/"));
        using var nowhere = Build((_, token) => Task.Delay(Timeout.Infinite, token).ContinueWith(_ => Array.Empty<IPAddress>(), token), ("Outbound:Timeout", "00:00:01"));
        Assert.Equal(OutboundRefusal.TimedOut, await RefusedAsync(nowhere, "http://site.example/"));
    }

    [Fact]
    public async Task Headers_without_end_and_answers_that_are_not_HTTP_are_refused()
    {
        await using var headers = await RawServer.StartAsync(_ => Encoding.ASCII.GetBytes("HTTP/1.1 200 OK\r\n" + string.Concat(Enumerable.Range(0, 100_000).Select(i => $"X-{i}: y\r\n")) + "\r\n"));
        using var one = Allowing(headers);
        Assert.Equal(OutboundRefusal.ResponseInvalid, await RefusedAsync(one, $"http://site.example:{headers.Port}/"));
        await using var ssh = await RawServer.StartAsync(_ => "SSH-2.0-OpenSSH_9.2\r\n"u8.ToArray());
        using var two = Allowing(ssh);
        Assert.Equal(OutboundRefusal.ResponseInvalid, await RefusedAsync(two, $"http://site.example:{ssh.Port}/"));
    }

    [Theory]
    [InlineData("text/html; charset=utf-8", true)]
    [InlineData("image/png", true)]
    [InlineData("application/octet-stream", false)]
    [InlineData(null, false)]
    public async Task Only_the_types_asked_for_are_taken(string? type, bool taken)
    {
        await using var server = await RawServer.StartAsync(_ => Response(type, "x"));
        using var host = Allowing(server);
        var result = await Client(host).GetAsync($"http://site.example:{server.Port}/", ["text/html", "image/*"], Token);
        Assert.Equal(taken ? null : OutboundRefusal.ContentTypeNotAllowed, (result as OutboundResult.Refused)?.Reason);
    }

    [Fact]
    public async Task What_does_not_answer_is_a_refusal_and_no_exception()
    {
        var closed = 0;
        await using (var listener = new SilentListener())
        {
            closed = listener.Port;
        }

        using var host = Build((_, _) => Task.FromResult<IPAddress[]>([IPAddress.Loopback]), ("Outbound:AllowedNetworks:0", "127.0.0.1/32"), ("Outbound:Ports:0", $"{closed}"));
        Assert.Equal(OutboundRefusal.ConnectionFailed, await RefusedAsync(host, $"http://site.example:{closed}/"));
        using var unknown = Build((_, _) => throw new SocketException((int)SocketError.HostNotFound));
        Assert.Equal(OutboundRefusal.NameNotFound, await RefusedAsync(unknown, "https://nobody.example/"));
        await using var plain = await RawServer.StartAsync(_ => "HTTP/1.1 400 Bad\r\nContent-Length: 0\r\n\r\n"u8.ToArray());
        using var tls = Allowing(plain);
        Assert.Equal(OutboundRefusal.CertificateInvalid, await RefusedAsync(tls, $"https://site.example:{plain.Port}/"));
    }

    [Fact]
    public void A_network_that_is_none_stops_the_start()
    {
        var error = Assert.Throws<Microsoft.Extensions.Options.OptionsValidationException>(() => Build(settings: [("Outbound:AllowedNetworks:0", "10.1.2.3/24")]));
        Assert.Contains("Outbound:AllowedNetworks", error.Message, StringComparison.Ordinal);
    }

    private static byte[] Response(string? type, string text) =>
        Encoding.UTF8.GetBytes($"HTTP/1.1 200 OK\r\n{(type is null ? "" : $"Content-Type: {type}\r\n")}Content-Length: {Encoding.UTF8.GetByteCount(text)}\r\n\r\n{text}");

    private static UntrustedHttp Client(IHost host) => host.Services.GetRequiredService<UntrustedHttp>();

    private static async Task<OutboundRefusal> RefusedAsync(IHost host, string address) => Assert.IsType<OutboundResult.Refused>(await Client(host).GetAsync(address, null, Token)).Reason;

    private static async Task<string> TextAsync(IHost host, string address) => Encoding.UTF8.GetString(Assert.IsType<OutboundResult.Fetched>(await Client(host).GetAsync(address, null, Token)).Body);

    /// <summary>The name <c>site.example</c> is the server, which an operator has allowed. The address 127.0.0.1 is not.</summary>
    private static IHost Allowing(RawServer server, params (string Key, string Value)[] settings) =>
        Build((_, _) => Task.FromResult<IPAddress[]>([IPAddress.Parse("127.0.0.5")]), [("Outbound:AllowedNetworks:0", "127.0.0.5/32"), ("Outbound:Ports:0", $"{server.Port}"), .. settings]);

    private static IHost Build(HostResolver? resolve = null, params (string Key, string Value)[] settings)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Configuration.AddInMemoryCollection(settings.Select(s => KeyValuePair.Create(s.Key, (string?)s.Value)));
        if (resolve is not null)
        {
            builder.Services.AddSingleton(resolve);
        }

        builder.AddUntrustedHttp();
        var host = builder.Build();
        host.Services.GetRequiredService<UntrustedHttp>();
        return host;
    }

    /// <summary>Takes connections on every address of this machine, counts them, and says nothing.</summary>
    private sealed class SilentListener : IAsyncDisposable
    {
        private readonly TcpListener _listener = TcpListener.Create(0);
        private readonly Task _accepting;
        private readonly List<TcpClient> _clients = [];
        private int _accepted;

        public SilentListener()
        {
            _listener.Start();
            _accepting = AcceptAsync();
        }

        public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

        public int Accepted => Volatile.Read(ref _accepted);

        public async ValueTask DisposeAsync()
        {
            _listener.Stop();
            await _accepting.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            _clients.ForEach(c => c.Dispose());
        }

        private async Task AcceptAsync()
        {
            while (true)
            {
                _clients.Add(await _listener.AcceptTcpClientAsync());
                Interlocked.Increment(ref _accepted);
            }
        }
    }

    /// <summary>Writes the very bytes that a test wants.</summary>
    private sealed class RawServer : IAsyncDisposable
    {
        private readonly TcpListener _listener = TcpListener.Create(0);
        private readonly CancellationTokenSource _stop = new();
        private Task _serving = Task.CompletedTask;
        private int _requests;

        public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

        public int Requests => Volatile.Read(ref _requests);

        public static Task<RawServer> StartAsync(Func<string, byte[]> respond, byte[]? drip = null, TimeSpan pause = default)
        {
            var server = new RawServer();
            server._listener.Start();
            server._serving = server.ServeAsync(respond, drip, pause);
            return Task.FromResult(server);
        }

        public async ValueTask DisposeAsync()
        {
            await _stop.CancelAsync();
            _listener.Stop();
            await _serving.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            _stop.Dispose();
        }

        private async Task ServeAsync(Func<string, byte[]> respond, byte[]? drip, TimeSpan pause)
        {
            while (true)
            {
                using var client = await _listener.AcceptTcpClientAsync(_stop.Token);
                try
                {
                    await using var stream = client.GetStream();
                    var buffer = new byte[8192];
                    var read = await stream.ReadAsync(buffer, _stop.Token);
                    Interlocked.Increment(ref _requests);
                    await stream.WriteAsync(respond(Encoding.ASCII.GetString(buffer, 0, read)), _stop.Token);
                    while (drip is not null)
                    {
                        await stream.WriteAsync(drip, _stop.Token);
                        if (pause > TimeSpan.Zero)
                        {
                            await Task.Delay(pause, _stop.Token);
                        }
                    }
                }
                catch (IOException)
                {
                    // It has hung up on us, as it should.
                }
            }
        }
    }
}
