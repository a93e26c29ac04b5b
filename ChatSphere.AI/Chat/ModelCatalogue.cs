using ChatSphere.AI.Chat.Providers;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace ChatSphere.AI.Chat;

/// <param name="IsDefault">For bots that name none.</param>
public sealed record ModelEntry(string Id, string Provider, bool IsDefault);

/// <summary>
/// Which models there are, and in which order they are asked. <c>extractive</c> is always there; a provider's models are asked for when somebody wants to see them, kept
/// five minutes, and a provider that cannot be asked takes nothing else down.
/// </summary>
public sealed partial class ModelCatalogue
{
    public const string Extractive = ExtractiveChatClient.ModelId;

    private static readonly TimeSpan KeepList = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan KeepFailure = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan ListTimeout = TimeSpan.FromSeconds(5);

    private readonly ProviderModels[] _providers;
    private readonly AiOptions _options;
    private readonly ChatModel _extractive = new(Extractive, Extractive, new ExtractiveChatClient());

    public ModelCatalogue(IEnumerable<IChatProvider> providers, IOptions<AiOptions> options, TimeProvider time, ILogger<ModelCatalogue> logger)
    {
        ArgumentNullException.ThrowIfNull(options);
        _providers = [.. providers.Select(p => new ProviderModels(p, time, logger))];
        _options = options.Value;
        DefaultModel = _options.DefaultModel ?? _providers.Select(p => p.Provider.DefaultModel).FirstOrDefault(m => m is not null) ?? Extractive;
    }

    public string DefaultModel { get; }

    /// <summary>Whether anything but <c>extractive</c> can answer.</summary>
    public bool HasLanguageModel => _providers.Length > 0;

    /// <summary>The default first, <c>extractive</c> last. Of a provider that cannot be asked only the models named in the configuration.</summary>
    public async Task<IReadOnlyList<ModelEntry>> ListAsync(CancellationToken cancellationToken)
    {
        var entries = new List<ModelEntry>();
        foreach (var provider in _providers)
        {
            IEnumerable<string> ids = (IEnumerable<string>?)await provider.IdsAsync(cancellationToken) ?? Configured(provider.Provider);
            entries.AddRange(ids.Order(StringComparer.Ordinal).Select(id => new ModelEntry(id, provider.Provider.Name, id == DefaultModel)));
        }

        if (!entries.Exists(e => e.IsDefault) && DefaultModel != Extractive && _providers.Length > 0)
        {
            entries.Add(new(DefaultModel, _providers[0].Provider.Name, IsDefault: true));
        }

        entries.Add(new(Extractive, Extractive, DefaultModel == Extractive));
        return [.. entries.DistinctBy(e => e.Id).OrderByDescending(e => e.IsDefault)];
    }

    /// <summary>Whether a bot may name this model. Yes also while a provider's list cannot be had: a provider that is down must not make good settings invalid.</summary>
    public async Task<bool> KnowsAsync(string model, CancellationToken cancellationToken)
    {
        if (model == Extractive || model == DefaultModel || _options.Fallback.Contains(model, StringComparer.Ordinal))
        {
            return true;
        }

        foreach (var provider in _providers)
        {
            var ids = await provider.IdsAsync(cancellationToken);
            if (ids is null || ids.Contains(model) || await provider.ServesAsync(model, cancellationToken))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>
    /// The ids to ask, in order, each once. Nothing is fetched for it: an id that its provider no longer serves is refused by the provider, and the next one is asked.
    /// </summary>
    public IReadOnlyList<string> ChainFor(string? model, IReadOnlyList<string>? fallback = null)
    {
        var first = string.IsNullOrWhiteSpace(model) ? DefaultModel : model;

        // A bot that answers without a language model on purpose must not send its passages to one.
        if (first == Extractive)
        {
            return [Extractive];
        }

        IEnumerable<string> chain = [first, .. fallback ?? [], .. _options.Fallback];
        return [.. (_options.FallbackToExtractive ? chain.Append(Extractive) : chain).Distinct(StringComparer.Ordinal)];
    }

    /// <summary>Null when no provider is connected that could serve it.</summary>
    public ChatModel? Open(string id)
    {
        if (id == Extractive)
        {
            return _extractive;
        }

        var provider = Array.Find(_providers, p => p.Serves(id)) ?? (_providers.Length > 0 ? _providers[0] : null);
        return provider is null ? null : new(id, provider.Provider.Name, provider.Provider.Open(id));
    }

    private IEnumerable<string> Configured(IChatProvider provider) =>
        ((string?[])[DefaultModel, provider.DefaultModel, .. _options.Fallback]).OfType<string>().Where(m => m != Extractive).Distinct(StringComparer.Ordinal);

    private sealed partial class ProviderModels(IChatProvider provider, TimeProvider time, ILogger logger)
    {
        private readonly Lock _lock = new();
        private volatile HashSet<string>? _ids;
        private Task<HashSet<string>?>? _fetch;
        private DateTimeOffset _fresh = DateTimeOffset.MinValue;

        public IChatProvider Provider => provider;

        public bool Serves(string id) => provider.DefaultModel == id || _ids?.Contains(id) == true;

        /// <summary>Null while it cannot be asked and never could. Everyone who asks at the same time waits for one request, which none of them can cancel for the others.</summary>
        public Task<HashSet<string>?> IdsAsync(CancellationToken cancellationToken)
        {
            Task<HashSet<string>?> fetch;
            lock (_lock)
            {
                if (_fetch is null || _fetch.IsCompleted && time.GetUtcNow() >= _fresh)
                {
                    _fetch = FetchAsync();
                }

                fetch = _fetch;
            }

            return fetch.WaitAsync(cancellationToken);
        }

        /// <summary>The provider's word on a model that its list leaves out. Yes when it cannot be asked.</summary>
        public async Task<bool> ServesAsync(string id, CancellationToken cancellationToken)
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            limit.CancelAfter(ListTimeout);
            try
            {
                return await provider.ServesAsync(id, limit.Token);
            }
            catch (Exception e) when (!cancellationToken.IsCancellationRequested && e is ProviderException or HttpRequestException or OperationCanceledException)
            {
                return true;
            }
        }

        private async Task<HashSet<string>?> FetchAsync()
        {
            using var limit = new CancellationTokenSource(ListTimeout, time);
            try
            {
                _ids = (await provider.ListAsync(limit.Token)).ToHashSet(StringComparer.Ordinal);
                _fresh = time.GetUtcNow() + KeepList;
            }
            catch (Exception e)
            {
                // An old list says more than none.
                ListFailed(logger, provider.Name, e.GetType().Name);
                _fresh = time.GetUtcNow() + KeepFailure;
            }

            return _ids;
        }

        [LoggerMessage(Level = LogLevel.Warning, Message = "The model list of {Provider} could not be fetched: {Error}")]
        private static partial void ListFailed(ILogger logger, string provider, string error);
    }
}
