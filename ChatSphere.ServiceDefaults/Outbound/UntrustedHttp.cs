using System.ComponentModel.DataAnnotations;
using System.Diagnostics.Metrics;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using ChatSphere.ServiceDefaults.Outbound;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using OpenTelemetry;

namespace ChatSphere.ServiceDefaults.Outbound
{
    public sealed class OutboundOptions
    {
        public const string Section = "Outbound";

        /// <summary>Networks that are allowed although they are not public, such as <c>10.1.2.3/32</c> for one internal host. Empty by default.</summary>
        public List<string> AllowedNetworks { get; } = [];

        /// <summary>Ports; 80 and 443 when empty.</summary>
        public List<int> Ports { get; } = [];

        [Range(typeof(TimeSpan), "00:00:00.1", "00:01:00")]
        public TimeSpan ConnectTimeout { get; set; } = TimeSpan.FromSeconds(5);

        /// <summary>For all of it: names, connections, redirects and the body.</summary>
        [Range(typeof(TimeSpan), "00:00:00.1", "00:05:00")]
        public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(10);

        /// <summary>Of the body once it is unpacked.</summary>
        [Range(1, 100_000_000)]
        public int MaxBytes { get; set; } = 2 * 1024 * 1024;

        [Range(0, 10)]
        public int MaxRedirects { get; set; } = 3;
    }

    /// <summary>Why a stranger's address was not fetched. For the one who gave it these are enough; more would let them look around in our network.</summary>
    public enum OutboundRefusal
    {
        /// <summary>Not an absolute address.</summary>
        AddressInvalid,

        /// <summary>Neither http nor https.</summary>
        SchemeNotAllowed,
        PortNotAllowed,

        /// <summary>It carries a user name or password.</summary>
        CredentialsInAddress,

        /// <summary>Its name has no address.</summary>
        NameNotFound,

        /// <summary>It leads, or one of its addresses does, to a network that is not public.</summary>
        NotPublic,
        TooManyRedirects,

        /// <summary>A redirect of a request that is not GET, from https to http, or to nowhere.</summary>
        RedirectNotAllowed,
        ConnectionFailed,

        /// <summary>No certificate that can be trusted for that name.</summary>
        CertificateInvalid,
        TimedOut,
        TooLarge,
        ContentTypeNotAllowed,

        /// <summary>Not HTTP, or headers beyond measure.</summary>
        ResponseInvalid,
    }

    /// <summary>What became of a fetch: <see cref="Fetched"/> or <see cref="Refused"/>.</summary>
    public abstract record OutboundResult
    {
        private OutboundResult()
        {
        }

        /// <param name="Status">Of the last answer, whichever it is.</param>
        /// <param name="ContentType">As the server claims it; null when it claims nothing.</param>
        /// <param name="Address">After redirects.</param>
        public sealed record Fetched(HttpStatusCode Status, MediaTypeHeaderValue? ContentType, byte[] Body, Uri Address) : OutboundResult
        {
            /// <summary>As the server sent them, several values of a name joined by commas.</summary>
            public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>();
        }

        public sealed record Refused(OutboundRefusal Reason) : OutboundResult;
    }

    /// <summary>What is sent, and what is taken.</summary>
    public sealed class OutboundRequest
    {
        public HttpMethod Method { get; init; } = HttpMethod.Get;
        public byte[]? Body { get; init; }
        public string? BodyType { get; init; }

        /// <summary>Sent to the address itself, and after redirects only to the same scheme, host and port.</summary>
        public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>();

        /// <summary>Media types, <c>image/*</c> for a family; null takes any. Asked of successful answers only.</summary>
        public IReadOnlyList<string>? AcceptedTypes { get; init; }

        /// <summary>Null: as configured.</summary>
        public int? MaxBytes { get; init; }

        /// <summary>For all of it. Null: as configured.</summary>
        public TimeSpan? Timeout { get; init; }
    }

    /// <summary>Finds the addresses of a name.</summary>
    public delegate Task<IPAddress[]> HostResolver(string host, CancellationToken cancellationToken);

    /// <summary>
    /// The only way to an address that a user gave. A name is resolved once, every address of it must be public, and the connection goes to one of those and nowhere
    /// else; redirects are followed here and go through the same. No proxy, no cookies, no credentials, no trace headers, and bounds for time, headers and bytes. Not
    /// made by the client factory, whose clients retry and know the addresses of our own services. See docs/adr/0015.
    /// </summary>
    public sealed class UntrustedHttp : IDisposable
    {
        private const int MaxAddressLength = 2048;
        private const int MaxHeaderKilobytes = 32;
        private static readonly HttpRequestOptionsKey<IPAddress[]> Vetted = new("vetted");
        private readonly OutboundOptions _options;
        private readonly HostResolver _resolve;
        private readonly TimeProvider _time;
        private readonly IPNetwork[] _allowed;
        private readonly int[] _ports;
        private readonly UnheardMeters _meters = new();
        private readonly HttpMessageInvoker _http;

        public UntrustedHttp(IOptions<OutboundOptions> options, HostResolver resolve, TimeProvider time)
        {
            (_options, _resolve, _time) = (options.Value, resolve, time);
            _allowed = [.. _options.AllowedNetworks.Select(IPNetwork.Parse)];
            _ports = _options.Ports.Count == 0 ? [80, 443] : [.. _options.Ports];
            _http = new HttpMessageInvoker(new SocketsHttpHandler
            {
                AllowAutoRedirect = false,
                UseCookies = false,
                UseProxy = false,
                Credentials = null,
                AutomaticDecompression = DecompressionMethods.All,
                ActivityHeadersPropagator = null,
                MeterFactory = _meters,
                ConnectTimeout = _options.ConnectTimeout,
                ConnectCallback = ConnectAsync,
                MaxResponseHeadersLength = MaxHeaderKilobytes,
                MaxResponseDrainSize = 0,

                // What was vetted is used for the request that it was vetted for.
                PooledConnectionLifetime = TimeSpan.Zero,
                SslOptions = new SslClientAuthenticationOptions { EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13 },
            });
        }

        public Task<OutboundResult> GetAsync(string address, IReadOnlyList<string>? acceptedTypes, CancellationToken cancellationToken) =>
            SendAsync(address, new OutboundRequest { AcceptedTypes = acceptedTypes }, cancellationToken);

        /// <summary>Never throws for what the other side does; only for the caller's own cancellation.</summary>
        public async Task<OutboundResult> SendAsync(string address, OutboundRequest request, CancellationToken cancellationToken)
        {
            using var limit = new CancellationTokenSource(request.Timeout ?? _options.Timeout, _time);
            using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);

            // The path and query of a stranger's address may be secret, and their host names are beyond number: neither belongs in our telemetry.
            using var quiet = SuppressInstrumentationScope.Begin();
            try
            {
                return await FollowAsync(address, request, both.Token);
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                return new OutboundResult.Refused(OutboundRefusal.TimedOut);
            }
            catch (HttpRequestException e)
            {
                return new OutboundResult.Refused(e.InnerException is AuthenticationException ? OutboundRefusal.CertificateInvalid : e.HttpRequestError switch
                {
                    HttpRequestError.SecureConnectionError => OutboundRefusal.CertificateInvalid,
                    HttpRequestError.InvalidResponse or HttpRequestError.ConfigurationLimitExceeded or HttpRequestError.HttpProtocolError or HttpRequestError.ResponseEnded => OutboundRefusal.ResponseInvalid,
                    _ => OutboundRefusal.ConnectionFailed,
                });
            }
            catch (Exception e) when (e is IOException or InvalidDataException)
            {
                return new OutboundResult.Refused(OutboundRefusal.ResponseInvalid);
            }
        }

        public void Dispose()
        {
            _http.Dispose();
            _meters.Dispose();
        }

        private async Task<OutboundResult> FollowAsync(string address, OutboundRequest request, CancellationToken cancellationToken)
        {
            if (address.Length > MaxAddressLength || !Uri.TryCreate(address.Trim(), UriKind.Absolute, out var target))
            {
                return new OutboundResult.Refused(OutboundRefusal.AddressInvalid);
            }

            var first = target;
            for (var redirects = 0; ; redirects++)
            {
                var (refusal, addresses) = await VetAsync(target, cancellationToken);
                if (refusal is { } reason)
                {
                    return new OutboundResult.Refused(reason);
                }

                using var message = Compose(target, request, isFirst: SameOrigin(first, target));
                message.Options.Set(Vetted, addresses);
                using var response = await _http.SendAsync(message, cancellationToken);
                if ((int)response.StatusCode is not (301 or 302 or 303 or 307 or 308) || response.Headers.Location is not { } location)
                {
                    return await ReadAsync(response, request, target, cancellationToken);
                }

                if (request.Method != HttpMethod.Get || !Uri.TryCreate(target, location, out var next) || (target.Scheme == Uri.UriSchemeHttps && next.Scheme == Uri.UriSchemeHttp))
                {
                    return new OutboundResult.Refused(OutboundRefusal.RedirectNotAllowed);
                }

                if (redirects == _options.MaxRedirects)
                {
                    return new OutboundResult.Refused(OutboundRefusal.TooManyRedirects);
                }

                target = next;
            }
        }

        private async Task<(OutboundRefusal? Refusal, IPAddress[] Addresses)> VetAsync(Uri target, CancellationToken cancellationToken)
        {
            if (target.Scheme != Uri.UriSchemeHttp && target.Scheme != Uri.UriSchemeHttps)
            {
                return (OutboundRefusal.SchemeNotAllowed, []);
            }

            if (target.UserInfo.Length > 0 || target.OriginalString.AsSpan().Trim()[..Math.Min(target.OriginalString.Trim().Length, AuthorityEnd(target))].Contains('@'))
            {
                return (OutboundRefusal.CredentialsInAddress, []);
            }

            if (!_ports.Contains(target.Port))
            {
                return (OutboundRefusal.PortNotAllowed, []);
            }

            // In ASCII: 127。0。0。1 is 127.0.0.1 here, and a last dot means nothing.
            var host = target.IdnHost.TrimEnd('.');
            IPAddress[] addresses;
            if (host.Length == 0)
            {
                return (OutboundRefusal.AddressInvalid, []);
            }

            if (IPAddress.TryParse(target.HostNameType == UriHostNameType.IPv6 ? target.Host.Trim('[', ']') : host, out var literal))
            {
                addresses = [literal];
            }
            else
            {
                try
                {
                    addresses = await _resolve(host, cancellationToken).WaitAsync(cancellationToken);
                }
                catch (Exception e) when (e is SocketException or ArgumentException)
                {
                    return (OutboundRefusal.NameNotFound, []);
                }
            }

            return addresses.Length == 0 ? (OutboundRefusal.NameNotFound, [])
                : Array.TrueForAll(addresses, a => Array.Exists(_allowed, n => n.Contains(a)) || PublicAddresses.IsPublic(a)) ? (null, addresses)
                : (OutboundRefusal.NotPublic, []);
        }

        /// <summary>Where the authority ends in the text as it was given: Uri drops an empty user name without a word.</summary>
        private static int AuthorityEnd(Uri target)
        {
            var text = target.OriginalString.Trim();
            var start = text.IndexOf("//", StringComparison.Ordinal);
            var end = start < 0 ? -1 : text.AsSpan(start + 2).IndexOfAny("/?#\\");
            return start < 0 ? 0 : end < 0 ? text.Length : start + 2 + end;
        }

        private static HttpRequestMessage Compose(Uri target, OutboundRequest request, bool isFirst)
        {
            var message = new HttpRequestMessage(request.Method, target) { Version = HttpVersion.Version11, VersionPolicy = HttpVersionPolicy.RequestVersionExact };
            message.Headers.TryAddWithoutValidation("User-Agent", "ChatSphere");
            message.Headers.TryAddWithoutValidation("Accept", request.AcceptedTypes is { Count: > 0 } types ? string.Join(", ", types) : "*/*");
            if (request.Body is not null)
            {
                message.Content = new ByteArrayContent(request.Body);
                message.Content.Headers.TryAddWithoutValidation("Content-Type", request.BodyType ?? "application/octet-stream");
            }

            if (isFirst)
            {
                foreach (var (name, value) in request.Headers)
                {
                    message.Headers.TryAddWithoutValidation(name, value);
                }
            }

            return message;
        }

        private async Task<OutboundResult> ReadAsync(HttpResponseMessage response, OutboundRequest request, Uri target, CancellationToken cancellationToken)
        {
            var type = response.Content.Headers.ContentType;
            if (response.IsSuccessStatusCode && request.AcceptedTypes is { } accepted && !accepted.Any(a => Matches(a, type?.MediaType)))
            {
                return new OutboundResult.Refused(OutboundRefusal.ContentTypeNotAllowed);
            }

            var limit = request.MaxBytes ?? _options.MaxBytes;
            if (response.Content.Headers.ContentLength > limit)
            {
                return new OutboundResult.Refused(OutboundRefusal.TooLarge);
            }

            // Unpacked as it is read, so a bomb costs what is read of it.
            await using var content = await response.Content.ReadAsStreamAsync(cancellationToken);
            using var body = new MemoryStream();
            var buffer = new byte[16_384];
            for (int read; (read = await content.ReadAsync(buffer, cancellationToken)) > 0;)
            {
                if (body.Length + read > limit)
                {
                    return new OutboundResult.Refused(OutboundRefusal.TooLarge);
                }

                body.Write(buffer, 0, read);
            }

            return new OutboundResult.Fetched(response.StatusCode, type, body.ToArray(), target)
            {
                Headers = response.Headers.ToDictionary(h => h.Key, h => string.Join(", ", h.Value), StringComparer.OrdinalIgnoreCase),
            };
        }

        /// <summary>
        /// For clients of their own that read what comes as it comes, as the answers of language models: connects where the request's address leads if all of that is
        /// public. Such a client follows no redirects, uses no proxy, and bounds what it reads.
        /// </summary>
        /// <exception cref="HttpRequestException">The address may not be connected to. The message says no more than the reason.</exception>
        public async ValueTask<Stream> ConnectPublicAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
        {
            var (refusal, addresses) = await VetAsync(context.InitialRequestMessage.RequestUri!, cancellationToken);
            return refusal is { } why ? throw new HttpRequestException($"The address may not be connected to: {why}.") : await ConnectAsync(addresses, context.DnsEndPoint.Port, cancellationToken);
        }

        /// <summary>Whether the deployment itself names this address, by number, among its <see cref="OutboundOptions.AllowedNetworks"/>. A name could mean something else by tomorrow.</summary>
        public bool IsAllowed(Uri address)
        {
            ArgumentNullException.ThrowIfNull(address);
            return _ports.Contains(address.Port) && IPAddress.TryParse(address.HostNameType == UriHostNameType.IPv6 ? address.Host.Trim('[', ']') : address.IdnHost, out var literal)
                && Array.Exists(_allowed, n => n.Contains(literal));
        }

        private ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken) =>
            context.InitialRequestMessage.Options.TryGetValue(Vetted, out var addresses)
                ? ConnectAsync(addresses, context.DnsEndPoint.Port, cancellationToken)
                : throw new InvalidOperationException("A connection without vetted addresses.");

        private static async ValueTask<Stream> ConnectAsync(IPAddress[] addresses, int port, CancellationToken cancellationToken)
        {
            // Never by name: it could mean something else by now.
            var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            try
            {
                await socket.ConnectAsync(addresses, port, cancellationToken);
                return new NetworkStream(socket, ownsSocket: true);
            }
            catch
            {
                socket.Dispose();
                throw;
            }
        }

        private static bool Matches(string accepted, string? type) =>
            type is not null && (accepted.EndsWith("/*", StringComparison.Ordinal) ? type.StartsWith(accepted.AsSpan(0, accepted.Length - 1), StringComparison.OrdinalIgnoreCase) : type.Equals(accepted, StringComparison.OrdinalIgnoreCase));

        private static bool SameOrigin(Uri a, Uri b) => a.Scheme == b.Scheme && a.Port == b.Port && a.IdnHost.Equals(b.IdnHost, StringComparison.OrdinalIgnoreCase);

        /// <summary>Meters under a name that nobody listens to: theirs would carry a series for every host that anybody thinks of.</summary>
        private sealed class UnheardMeters : IMeterFactory
        {
            private readonly List<Meter> _made = [];

            public Meter Create(MeterOptions options)
            {
                var meter = new Meter("untrusted");
                lock (_made)
                {
                    _made.Add(meter);
                }

                return meter;
            }

            public void Dispose() => _made.ForEach(m => m.Dispose());
        }
    }
}

namespace Microsoft.Extensions.Hosting
{
    public static class UntrustedHttpRegistration
    {
        /// <summary><see cref="UntrustedHttp"/>, with <see cref="OutboundOptions"/> from <c>Outbound</c>.</summary>
        public static TBuilder AddUntrustedHttp<TBuilder>(this TBuilder builder) where TBuilder : IHostApplicationBuilder
        {
            builder.Services.AddOptions<OutboundOptions>().BindConfiguration(OutboundOptions.Section).ValidateDataAnnotations()
                .Validate(o => o.AllowedNetworks.TrueForAll(n => IPNetwork.TryParse(n, out var network) && IPAddress.TryParse(n.AsSpan(0, n.IndexOf('/', StringComparison.Ordinal)), out var first) && first.Equals(network.BaseAddress)), "Outbound:AllowedNetworks: each must be a network such as 10.1.2.0/24, with no bits set behind its length.")
                .Validate(o => o.Ports.TrueForAll(p => p is > 0 and < 65_536), "Outbound:Ports: 1 to 65535.").ValidateOnStart();
            builder.Services.TryAddSingleton(TimeProvider.System);
            builder.Services.TryAddSingleton<HostResolver>((host, cancellationToken) => Dns.GetHostAddressesAsync(host, cancellationToken));
            builder.Services.TryAddSingleton<UntrustedHttp>();
            return builder;
        }
    }
}
