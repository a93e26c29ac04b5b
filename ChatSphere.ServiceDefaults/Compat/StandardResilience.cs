using System.Collections.Concurrent;
using System.Net;
using ChatSphere.ServiceDefaults;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Http.Resilience;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Polly;
using Polly.CircuitBreaker;
using Polly.Retry;
using Polly.Timeout;

namespace Microsoft.Extensions.DependencyInjection
{
    /// <summary>Stands for Microsoft.Extensions.Http.Resilience (docs/adr/0002).</summary>
    public static class ResilienceHttpClientBuilderExtensions
    {
        /// <summary>
        /// A total timeout, retries, a circuit breaker per authority and a timeout per attempt, in this order from the outside.
        /// Both timeouts end with the response's headers; a body may stream for as long as it likes.
        /// </summary>
        public static IHttpStandardResiliencePipelineBuilder AddStandardResilienceHandler(this IHttpClientBuilder builder)
        {
            var name = string.IsNullOrEmpty(builder.Name) ? "standard" : builder.Name + "-standard";
            builder.Services.AddOptions<HttpStandardResilienceOptions>(name).ValidateDataAnnotations();
            builder.Services.TryAddSingleton<ResiliencePipelines>();
            builder.AddHttpMessageHandler(provider => new ResilienceHandler(name, provider.GetRequiredService<ResiliencePipelines>()));
            return new PipelineBuilder(name, builder.Services);
        }

        public static IHttpStandardResiliencePipelineBuilder AddStandardResilienceHandler(this IHttpClientBuilder builder, Action<HttpStandardResilienceOptions> configure)
        {
            var pipeline = builder.AddStandardResilienceHandler();
            builder.Services.Configure(pipeline.PipelineName, configure);
            return pipeline;
        }

        /// <summary>Takes the default resilience off one client: for event streams whose headers may be slow, for large uploads, for callers with a retry policy of their own.</summary>
        public static IHttpClientBuilder RemoveAllResilienceHandlers(this IHttpClientBuilder builder) =>
            builder.ConfigureAdditionalHttpMessageHandlers((handlers, _) =>
            {
                for (var i = handlers.Count - 1; i >= 0; i--)
                {
                    if (handlers[i] is ResilienceHandler)
                    {
                        handlers.RemoveAt(i);
                    }
                }
            });

        private sealed record PipelineBuilder(string PipelineName, IServiceCollection Services) : IHttpStandardResiliencePipelineBuilder;
    }
}

namespace Microsoft.Extensions.Http.Resilience
{
    public interface IHttpStandardResiliencePipelineBuilder
    {
        string PipelineName { get; }

        IServiceCollection Services { get; }
    }

    /// <summary>The package's defaults, but that unsafe methods are never retried unless a request says so.</summary>
    public sealed class HttpStandardResilienceOptions
    {
        public HttpTimeoutStrategyOptions TotalRequestTimeout { get; set; } = new() { Timeout = TimeSpan.FromSeconds(30) };

        public HttpRetryStrategyOptions Retry { get; set; } = new();

        public HttpCircuitBreakerStrategyOptions CircuitBreaker { get; set; } = new();

        public HttpTimeoutStrategyOptions AttemptTimeout { get; set; } = new() { Timeout = TimeSpan.FromSeconds(10) };
    }

    public class HttpTimeoutStrategyOptions : TimeoutStrategyOptions;

    public class HttpCircuitBreakerStrategyOptions : CircuitBreakerStrategyOptions<HttpResponseMessage>
    {
        public HttpCircuitBreakerStrategyOptions() => ShouldHandle = static args => ValueTask.FromResult(Transient.IsTransient(args.Outcome));
    }

    public class HttpRetryStrategyOptions : RetryStrategyOptions<HttpResponseMessage>
    {
        public HttpRetryStrategyOptions()
        {
            MaxRetryAttempts = 3;
            Delay = TimeSpan.FromSeconds(1);
            BackoffType = DelayBackoffType.Exponential;
            UseJitter = true;
            this.DisableForUnsafeHttpMethods();
        }
    }

    public static class HttpRetryStrategyOptionsExtensions
    {
        /// <summary>Already so in this stand-in; called nevertheless, because the package itself retries every method.</summary>
        public static void DisableForUnsafeHttpMethods(this HttpRetryStrategyOptions options) =>
            options.ShouldHandle = static args => ValueTask.FromResult(Transient.IsTransient(args.Outcome) && Transient.MayRepeat(args.Context.Request()));
    }

    /// <summary>A handler over a Polly pipeline chosen by the request's authority.</summary>
    internal sealed class ResilienceHandler(string pipelineName, ResiliencePipelines pipelines) : DelegatingHandler
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var context = ResilienceContextPool.Shared.Get(cancellationToken);
            context.Properties.Set(Transient.RequestKey, request);
            try
            {
                var pipeline = pipelines.For(pipelineName, request.RequestUri);
                return await pipeline.ExecuteAsync(
                    static async (context, send) => await send.Handler.SendOnceAsync(send.Request, context.CancellationToken), context, (Handler: this, Request: request));
            }
            finally
            {
                ResilienceContextPool.Shared.Return(context);
            }
        }

        private Task<HttpResponseMessage> SendOnceAsync(HttpRequestMessage request, CancellationToken cancellationToken) => base.SendAsync(request, cancellationToken);
    }

    /// <summary>
    /// The pipelines outlive the handlers, which the client factory replaces every two minutes: a circuit that is open must stay open.
    /// One per authority, so that one broken host does not cut off the others that the same client talks to.
    /// </summary>
    internal sealed partial class ResiliencePipelines(IOptionsMonitor<HttpStandardResilienceOptions> options, ILoggerFactory loggers, TimeProvider? time = null)
    {
        // A client that fetches whatever people link to would otherwise keep a pipeline for every host for ever.
        private const int MostAuthorities = 256;

        private readonly ConcurrentDictionary<(string Name, string Authority), ResiliencePipeline<HttpResponseMessage>> pipelines = new();
        private readonly ILogger logger = loggers.CreateLogger("ChatSphere.ServiceDefaults.Resilience");

        public ResiliencePipeline<HttpResponseMessage> For(string name, Uri? uri)
        {
            var key = (name, uri is { IsAbsoluteUri: true } ? uri.GetLeftPart(UriPartial.Authority) : "");
            if (pipelines.TryGetValue(key, out var pipeline))
            {
                return pipeline;
            }

            return pipelines.Count < MostAuthorities
                ? pipelines.GetOrAdd(key, static (key, self) => self.Build(key.Name, key.Authority), this)
                : pipelines.GetOrAdd((name, "*"), static (key, self) => self.Build(key.Name, key.Authority), this);
        }

        private ResiliencePipeline<HttpResponseMessage> Build(string name, string authority)
        {
            // Read afresh for each pipeline and changed below: the instance is shared by all of them.
            var configured = options.Get(name);
            var total = configured.TotalRequestTimeout.Timeout;
            var retry = configured.Retry;
            var breaker = configured.CircuitBreaker;
            return new ResiliencePipelineBuilder<HttpResponseMessage> { TimeProvider = time }
                .AddTimeout(Timeout(configured.TotalRequestTimeout))
                .AddRetry(new RetryStrategyOptions<HttpResponseMessage>
                {
                    MaxRetryAttempts = retry.MaxRetryAttempts,
                    Delay = retry.Delay,
                    MaxDelay = retry.MaxDelay,
                    BackoffType = retry.BackoffType,
                    UseJitter = retry.UseJitter,
                    // Waiting longer than the total timeout ends in a timeout; the response in hand says more.
                    ShouldHandle = async args => !(Transient.RetryAfter(args.Outcome, time) > total) && await retry.ShouldHandle(args),
                    DelayGenerator = args => ValueTask.FromResult(Transient.RetryAfter(args.Outcome, time)),
                    OnRetry = args =>
                    {
                        LogRetry(args.Context.Request()?.Method.Method, authority, args.AttemptNumber + 1, Transient.Reason(args.Outcome), args.RetryDelay.TotalSeconds);
                        return retry.OnRetry is { } also ? also(args) : default;
                    },
                })
                .AddCircuitBreaker(new CircuitBreakerStrategyOptions<HttpResponseMessage>
                {
                    FailureRatio = breaker.FailureRatio,
                    MinimumThroughput = breaker.MinimumThroughput,
                    SamplingDuration = breaker.SamplingDuration,
                    BreakDuration = breaker.BreakDuration,
                    ShouldHandle = breaker.ShouldHandle,
                    OnOpened = args =>
                    {
                        LogOpened(authority, args.BreakDuration.TotalSeconds, Transient.Reason(args.Outcome));
                        return breaker.OnOpened is { } also ? also(args) : default;
                    },
                    OnClosed = breaker.OnClosed,
                    OnHalfOpened = breaker.OnHalfOpened,
                })
                .AddTimeout(Timeout(configured.AttemptTimeout))
                .Build();
        }

        private static TimeoutStrategyOptions Timeout(HttpTimeoutStrategyOptions configured) => new()
        {
            TimeoutGenerator = args => ValueTask.FromResult(
                args.Context.Request() is { } request && request.Options.TryGetValue(ResilienceRequestOptions.WithoutTimeouts, out var off) && off
                    ? System.Threading.Timeout.InfiniteTimeSpan
                    : configured.Timeout),
        };

        [LoggerMessage(1, LogLevel.Warning, "{Method} {Authority} failed ({Reason}); retry {Attempt} in {Seconds:0.###} s")]
        private partial void LogRetry(string? method, string authority, int attempt, string reason, double seconds);

        [LoggerMessage(2, LogLevel.Error, "Too many calls to {Authority} failed ({Reason}); none will be tried for {Seconds:0.###} s")]
        private partial void LogOpened(string authority, double seconds, string reason);
    }

    internal static class Transient
    {
        public static ResiliencePropertyKey<HttpRequestMessage> RequestKey { get; } = new("ChatSphere.Resilience.Request");

        public static HttpRequestMessage? Request(this ResilienceContext context) => context.Properties.GetValue(RequestKey, null!);

        public static bool IsTransient(Outcome<HttpResponseMessage> outcome) => outcome switch
        {
            { Exception: HttpRequestException or TimeoutRejectedException } => true,
            { Result.StatusCode: >= HttpStatusCode.InternalServerError or HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests } => true,
            _ => false,
        };

        /// <summary>GET, HEAD and OPTIONS. PUT and DELETE are idempotent on paper, but a repeated one can undo what somebody else did in between.</summary>
        public static bool MayRepeat(HttpRequestMessage? request) => request is not null
            && (request.Method == HttpMethod.Get || request.Method == HttpMethod.Head || request.Method == HttpMethod.Options
                || (request.Options.TryGetValue(ResilienceRequestOptions.Repeatable, out var repeatable) && repeatable));

        public static TimeSpan? RetryAfter(Outcome<HttpResponseMessage> outcome, TimeProvider? time) => outcome.Result?.Headers.RetryAfter switch
        {
            { Delta: { } wait } => wait,
            { Date: { } until } when until - (time ?? TimeProvider.System).GetUtcNow() is { Ticks: > 0 } wait => wait,
            { Date: not null } => TimeSpan.Zero,
            _ => null,
        };

        public static string Reason(Outcome<HttpResponseMessage> outcome) =>
            outcome.Result is { } response ? ((int)response.StatusCode).ToString(System.Globalization.CultureInfo.InvariantCulture) : outcome.Exception?.GetType().Name ?? "unknown";
    }
}
