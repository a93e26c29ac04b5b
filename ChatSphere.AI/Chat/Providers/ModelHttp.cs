using ChatSphere.Data.Models;

namespace ChatSphere.AI.Chat.Providers;

/// <summary>Connects to an address that an ordinary user gave: only to what is public, whatever its name means by now.</summary>
public delegate ValueTask<Stream> PublicConnect(SocketsHttpConnectionContext context, CancellationToken cancellationToken);

/// <summary>
/// HTTP to providers. Not from IHttpClientFactory: its resilience handler retries and times out, which would double ours and cut long streams. Redirects stay off, they
/// would carry prompt and key along. All connections share two pools: one for addresses of administrators, one for those of users.
/// </summary>
public sealed class ModelHttp : IDisposable
{
    private const int MaxResponseBytes = 64 * 1024 * 1024;
    private readonly SocketsHttpHandler _trusted;
    private readonly SocketsHttpHandler? _public;
    private readonly EntraTokens _entra;

    /// <param name="connect">Null: there is no way to addresses that users gave.</param>
    public ModelHttp(TimeProvider time, Uri? entraAuthority = null, PublicConnect? connect = null)
    {
        _trusted = Handler();
        if (connect is not null)
        {
            _public = Handler();
            _public.UseProxy = false;
            _public.UseCookies = false;
            _public.ConnectCallback = (context, cancellationToken) => connect(context, cancellationToken);
        }

        _entra = new(new HttpClient(_trusted, disposeHandler: false) { Timeout = TimeSpan.FromSeconds(15), MaxResponseContentBufferSize = 256 * 1024 }, entraAuthority ?? new("https://login.microsoftonline.com"), time);
    }

    /// <summary>A client that shows this key wherever it goes.</summary>
    /// <exception cref="ProviderException">The address is a user's, and this program does not connect to those.</exception>
    internal HttpClient Client(ProviderSettings settings, string key)
    {
        var handler = settings.IsTrusted ? _trusted : _public ?? throw new ProviderException("Connections of users are not used here.");
        return new(new Authentication(handler, settings, key, _entra), disposeHandler: false) { Timeout = Timeout.InfiniteTimeSpan, MaxResponseContentBufferSize = 8 * 1024 * 1024 };
    }

    public void Dispose()
    {
        _trusted.Dispose();
        _public?.Dispose();
    }

    private static SocketsHttpHandler Handler() => new()
    {
        ConnectTimeout = TimeSpan.FromSeconds(5),
        PooledConnectionLifetime = TimeSpan.FromMinutes(5),
        AllowAutoRedirect = false,
        MaxConnectionsPerServer = int.MaxValue,
        MaxResponseHeadersLength = 64,
    };

    /// <summary>The headers of each protocol, in place of what the OpenAI SDK sends.</summary>
    private sealed class Authentication(HttpMessageHandler inner, ProviderSettings settings, string key, EntraTokens entra) : DelegatingHandler(inner)
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            request.Headers.Authorization = null;
            switch (settings.Kind)
            {
                case ProviderKind.AzureOpenAi:
                    if (settings.UsesEntra)
                    {
                        request.Headers.Authorization = new("Bearer", await entra.GetAsync(settings.TenantId!, settings.ClientId!, key, cancellationToken));
                    }
                    else
                    {
                        request.Headers.TryAddWithoutValidation("api-key", key);
                    }

                    if (settings.ApiVersion is { } version)
                    {
                        request.RequestUri = new UriBuilder(request.RequestUri!) { Query = "api-version=" + Uri.EscapeDataString(version) }.Uri;
                    }

                    break;
                case ProviderKind.Anthropic:
                    request.Headers.TryAddWithoutValidation("x-api-key", key);
                    request.Headers.TryAddWithoutValidation("anthropic-version", "2023-06-01");
                    break;
                case ProviderKind.Gemini:
                    request.Headers.TryAddWithoutValidation("x-goog-api-key", key);
                    break;
                default:
                    // Servers that ask for no key still want the header to be there.
                    request.Headers.TryAddWithoutValidation("Authorization", "Bearer " + (key.Length == 0 ? "none" : key));
                    break;
            }

            var response = await base.SendAsync(request, cancellationToken);
            if (settings.UsesEntra && response.StatusCode == System.Net.HttpStatusCode.Unauthorized)
            {
                entra.Forget(settings.TenantId!, settings.ClientId!);
            }

            var limited = new StreamContent(new LimitedStream(await response.Content.ReadAsStreamAsync(cancellationToken), MaxResponseBytes));
            foreach (var (name, values) in response.Content.Headers)
            {
                limited.Headers.TryAddWithoutValidation(name, values);
            }

            response.Content = limited;
            return response;
        }
    }

    /// <summary>An answer without end, in one line without end, must not fill the memory.</summary>
    private sealed class LimitedStream(Stream inner, long left) : Stream
    {
        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => Count(await inner.ReadAsync(buffer, cancellationToken));

        public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

        public override int Read(byte[] buffer, int offset, int count) => Count(inner.Read(buffer, offset, count));

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
            if (disposing)
            {
                inner.Dispose();
            }

            base.Dispose(disposing);
        }

        private int Count(int read) => (left -= read) < 0 ? throw new IOException("The answer is longer than any answer.") : read;
    }
}
