using ChatSphere.AI.Chat.Providers;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace ChatSphere.AI.Chat;

/// <param name="IsDefault">For bots that name none.</param>
public sealed record ModelEntry(string Id, string Provider, bool IsDefault)
{
    /// <summary>Served with a key of the asker's own.</summary>
    public bool IsOwn { get; init; }
}

/// <summary>
/// Which models there are, what is known of them, and in which order they are asked. <c>extractive</c> is always there; a provider's models are asked for when somebody
/// wants to see them, kept five minutes, and a provider that cannot be asked takes nothing else down.
/// </summary>
public sealed partial class ModelCatalogue : IModelPrices
{
    public const string Extractive = ExtractiveChatClient.ModelId;

    /// <summary>Of models whose room is not known.</summary>
    private const int UnknownPromptTokens = 8_000;

    private readonly ModelConnection[] _configured;
    private readonly ProviderConnections? _added;
    private readonly AiOptions _options;
    private readonly ChatModel _extractive = new(Extractive, Extractive, new ExtractiveChatClient());
    private uint _turn;

    /// <param name="configured">Of the configuration, beside <c>AI:Providers</c>.</param>
    /// <param name="added">Those made while the system runs.</param>
    public ModelCatalogue(
        IEnumerable<IChatProvider> providers, IOptions<AiOptions> options, TimeProvider time, ILogger<ModelCatalogue> logger,
        IEnumerable<ModelConnection>? configured = null, ProviderFactory? factory = null, ProviderConnections? added = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        _options = options.Value;
        _added = added;
        var named = factory is null ? [] : _options.Providers.OrderBy(p => p.Value.Priority).ThenBy(p => p.Key, StringComparer.Ordinal).Select(p => Open(p.Key, p.Value, factory, time, logger));
        _configured =
        [
            .. providers.Select(p => new ModelConnection(p.Name, [new("", p)], time, logger) { DefaultModel = p.DefaultModel }),
            .. configured ?? [],
            .. named,
        ];
    }

    public string DefaultModel => _options.DefaultModel ?? All().Select(c => c.DefaultModel).FirstOrDefault(m => m is not null) ?? Extractive;

    /// <summary>Whether anything but <c>extractive</c> can answer.</summary>
    public bool HasLanguageModel => _configured.Length > 0 || _added?.Connections.Count > 0;

    /// <summary>Those of the configuration.</summary>
    public IReadOnlyList<ModelConnection> Configured => _configured;

    public string Currency => _options.Currency;

    /// <summary>The default first, <c>extractive</c> last. Of a provider that cannot be asked only the models that are known without it.</summary>
    /// <param name="own">The asker's own connections.</param>
    /// <param name="access">What the asker may use; null: everything, also what is switched off.</param>
    public async Task<IReadOnlyList<ModelEntry>> ListAsync(CancellationToken cancellationToken, IReadOnlyList<ModelConnection>? own = null, ModelAccess? access = null)
    {
        var connections = (own ?? []).Concat(All()).ToList();
        var fetched = await Task.WhenAll(connections.Select(c => c.IdsAsync(cancellationToken)));
        var entries = new List<ModelEntry>();
        var fallback = DefaultModel;
        foreach (var (connection, ids) in connections.Zip(fetched))
        {
            // The configuration's models belong to whoever serves them, and to the first who cannot be asked.
            IEnumerable<string> known = ids is not null ? connection.Named.Concat(ids)
                : connection.Known.Concat(connections.Count(c => c.OwnerId is null) == 1 && connection.OwnerId is null ? [.. NamedByConfiguration()] : Array.Empty<string>());
            entries.AddRange(known.Where(id => KnownModels.Talks(id) && id != Extractive).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)
                .Select(id => new ModelEntry(id, connection.Provider, id == fallback) { IsOwn = connection.OwnerId is not null }));
        }

        if (!entries.Exists(e => e.IsDefault) && fallback != Extractive && connections.Count > 0)
        {
            entries.Add(new(fallback, connections[0].Provider, IsDefault: true));
        }

        entries.Add(new(Extractive, Extractive, fallback == Extractive));
        return [.. entries.DistinctBy(e => e.Id).Where(e => access is null || Withheld(e.Id, access) is null).OrderByDescending(e => e.IsDefault)];
    }

    /// <summary>Whether a bot may name this model. Yes also while a provider's list cannot be had: a provider that is down must not make good settings invalid.</summary>
    public Task<bool> KnowsAsync(string model, CancellationToken cancellationToken) => KnowsAsync(model, (IReadOnlyList<ModelConnection>)[], cancellationToken);

    /// <summary>The same, and yes for what this account's own connections serve.</summary>
    public async Task<bool> KnowsAsync(string model, Guid accountId, CancellationToken cancellationToken) =>
        await KnowsAsync(model, _added is null || !_options.OwnKeys ? [] : await _added.OfAccountAsync(accountId, cancellationToken), cancellationToken);

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

        IEnumerable<string> chain = [first, .. fallback ?? [], .. Chosen() is { } chosen && chosen != Extractive ? [chosen] : Array.Empty<string>(), .. _options.Fallback];
        return [.. (_options.FallbackToExtractive ? chain.Append(Extractive) : chain).Distinct(StringComparer.Ordinal)];
    }

    /// <summary>
    /// The chain without the models that lack what the question needs, or that the asker may not use. Tools and pictures are done without when no model of the chain takes
    /// them: then the models are asked without.
    /// </summary>
    public ModelPlan Plan(AnswerRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        var chain = ChainFor(request.Model, request.Fallback);
        var access = request.Access ?? ModelAccess.Everything;
        var least = request.Prompt is { } prompt ? prompt.Sum(m => TokenEstimate.Of(m.Text) + TokenEstimate.PerMessage)
            : TokenEstimate.Of(request.Instructions) + TokenEstimate.Of(request.Question) + (2 * TokenEstimate.PerMessage);
        var pictures = request.Images.Count > 0 || request.Prompt?.Any(m => m.Contents.Any(c => c is DataContent)) == true;
        var json = request.Parameters?.ResponseFormat is ChatResponseFormatJson;
        var skipped = new List<(string Id, string Why)>();
        var models = new List<ModelInfo>();
        foreach (var info in chain.Select(InfoOf))
        {
            // The extractive model answers from passages; to a prompt of the caller's own it has nothing to say, unless it is what was asked for.
            if (info.Id == Extractive && request.Prompt is not null && chain.Count > 1)
            {
                continue;
            }

            var why = Withheld(info.Id, access) ?? (info.Id == Extractive ? null
                : json && info.Json == false ? RouteOutcomes.LacksJson
                : info.ContextTokens is { } room && least > room - Math.Min(_options.MaxOutputTokens, room / 4) ? RouteOutcomes.ContextTooSmall
                : null);
            if (why is not null)
            {
                skipped.Add((info.Id, why));
            }
            else
            {
                models.Add(info);
            }
        }

        var withTools = request.Tools.Count > 0 && models.Exists(m => m.Id != Extractive && m.Tools != false);
        Leave(withTools, m => m.Tools == false, RouteOutcomes.LacksTools);
        Leave(pictures && models.Exists(m => m.Id != Extractive && m.Vision != false), m => m.Vision == false, RouteOutcomes.LacksVision);

        if (_options.Prefer == ModelPreference.Cost)
        {
            // Stable: among equals the order stays. A typical turn reads three times what it writes.
            models = [.. models.OrderBy(m => m.Id == Extractive).ThenBy(m => (m.InputPrice * 3) + m.OutputPrice ?? decimal.MaxValue)];
        }

        return new(chain[0], [.. models.Select(m => m.Id)], skipped, !withTools && request.Tools.Count > 0);

        void Leave(bool others, Predicate<ModelInfo> lacks, string why)
        {
            if (others)
            {
                skipped.AddRange(models.Where(m => m.Id != Extractive && lacks(m)).Select(m => (m.Id, why)));
                models.RemoveAll(m => m.Id != Extractive && lacks(m));
            }
        }
    }

    /// <summary>Ways to ask the model, the best first: the asker's own keys, then by priority; equals take turns. Empty: no provider is connected that could serve it.</summary>
    public IReadOnlyList<ChatModel> Open(string id, IReadOnlyList<ModelConnection>? own = null)
    {
        if (id == Extractive)
        {
            return [_extractive];
        }

        var turn = (int)(Interlocked.Increment(ref _turn) & int.MaxValue);
        var all = All().ToList();
        var least = all.Count == 0 ? 0 : all.Min(c => c.DoubtAbout(id));

        // Nobody is known to serve it: one guess, not everybody.
        IEnumerable<ModelConnection> served = least == 0 ? all.Where(c => c.DoubtAbout(id) == 0) : all.Where(c => c.DoubtAbout(id) == least).Take(1);
        return
        [
            .. (own ?? []).Where(c => c.Serves(id)).Concat(served).GroupBy(c => (c.OwnerId is null, c.Priority)).OrderBy(g => g.Key).SelectMany(group =>
            {
                var keys = group.SelectMany(c => c.Keys.Select(k => (Connection: c, Key: k))).ToList();
                return Enumerable.Range(0, keys.Count).Select(i => keys[(i + turn) % keys.Count]);
            }).Select(k => new ChatModel(id, k.Key.Provider.Name, k.Key.Provider.Open(id))
            {
                Connection = k.Connection.Name,
                Circuit = k.Connection.Id?.ToString() ?? k.Connection.Name,
                Key = k.Key.Id,
                IsOwn = k.Connection.OwnerId is not null,
            }),
        ];
    }

    /// <summary>The names of the connections that serve a model, in the order in which they are asked.</summary>
    public IReadOnlyList<string> ConnectionsOf(string id) => [.. All().Where(c => c.Serves(id)).OrderBy(c => c.Priority).Select(c => c.Name)];

    /// <summary>What is known of a model: what an administrator set, else what is known of its family.</summary>
    public ModelInfo InfoOf(string id)
    {
        if (id == Extractive)
        {
            return new(id, null, Tools: false, Vision: false, Json: false, 0, 0);
        }

        var known = KnownModels.Find(id) ?? new(id);
        if (_options.Currency != KnownModels.Currency)
        {
            known = known with { InputPrice = null, OutputPrice = null };
        }

        return _added?.Settings.GetValueOrDefault(id) is not { } set ? known : known with
        {
            ContextTokens = set.ContextTokens ?? known.ContextTokens,
            Tools = set.Tools ?? known.Tools,
            Vision = set.Vision ?? known.Vision,
            Json = set.Json ?? known.Json,
            InputPrice = set.InputPrice ?? known.InputPrice,
            OutputPrice = set.OutputPrice ?? known.OutputPrice,
            IsEnabled = set.IsEnabled,
            GroupIds = set.GroupIds,
        };
    }

    /// <summary>What so many tokens cost, in <see cref="Currency"/>; null when the model's price is not known.</summary>
    public decimal? CostOf(string modelId, long inputTokens, long outputTokens) =>
        InfoOf(modelId) is { InputPrice: { } input, OutputPrice: { } output } ? ((inputTokens * input) + (outputTokens * output)) / 1_000_000m : null;

    /// <summary>How long a prompt may be, in estimated tokens; null model: the default.</summary>
    public int PromptTokensOf(string? model)
    {
        var room = InfoOf(string.IsNullOrWhiteSpace(model) ? DefaultModel : model).ContextTokens;
        return (room is { } tokens ? tokens - Math.Min(_options.MaxOutputTokens, tokens / 4) : (int?)null, _options.ContextTokens) switch
        {
            ({ } most, { } set) => Math.Min(most, set),
            ({ } most, null) => most,
            (null, { } set) => set,
            _ => UnknownPromptTokens,
        };
    }

    /// <summary>How much a model may write.</summary>
    public int OutputTokensOf(string model) => InfoOf(model).ContextTokens is { } room ? Math.Min(_options.MaxOutputTokens, Math.Max(16, room / 4)) : _options.MaxOutputTokens;

    /// <summary>Why the asker may not use the model; null: they may.</summary>
    public string? Withheld(string id, ModelAccess access)
    {
        ArgumentNullException.ThrowIfNull(access);
        var info = InfoOf(id);
        return id == Extractive ? null
            : !info.IsEnabled ? RouteOutcomes.Disabled
            : info.GroupIds is { } groups && !groups.Any(access.GroupIds.Contains) ? RouteOutcomes.NotAllowed
            : access.PlanModels is { } plan && id != DefaultModel && !plan.Contains(id) ? RouteOutcomes.NotInPlan
            : null;
    }

    private async Task<bool> KnowsAsync(string model, IReadOnlyList<ModelConnection> own, CancellationToken cancellationToken)
    {
        if (model == Extractive || model == DefaultModel || _options.Fallback.Contains(model, StringComparer.Ordinal))
        {
            return true;
        }

        if (!InfoOf(model).IsEnabled)
        {
            return false;
        }

        var connections = own.Concat(All()).ToList();
        if (connections.Exists(c => c.Named.Contains(model, StringComparer.Ordinal)))
        {
            return true;
        }

        foreach (var connection in connections)
        {
            var ids = await connection.IdsAsync(cancellationToken);
            if (ids is null || ids.Contains(model) || await connection.ServesAsync(model, cancellationToken))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The default that somebody chose for the deployment: not the one that merely comes with a connection of the configuration.</summary>
    private string? Chosen() => _options.DefaultModel ?? _added?.Connections.Select(c => c.DefaultModel).FirstOrDefault(m => m is not null);

    private IEnumerable<ModelConnection> All() => _added is null ? _configured : _configured.Concat(_added.Connections);

    private IEnumerable<string> NamedByConfiguration() => ((string[])[DefaultModel, .. _options.Fallback]).Where(m => m != Extractive).Distinct(StringComparer.Ordinal);

    private static ModelConnection Open(string name, ConfiguredProvider provider, ProviderFactory factory, TimeProvider time, ILogger logger)
    {
        var settings = new ProviderSettings(provider.Kind, name, provider.Endpoint, provider.ApiVersion, provider.TenantId, provider.ClientId) { Models = provider.Models, DefaultModel = provider.Model };
        IReadOnlyList<string> keys = provider.AllKeys is { Count: > 0 } given ? given : [""];
        return new(name, [.. keys.Select((key, i) => new ConnectionKey(keys.Count == 1 ? "" : $"{i + 1}", factory.Open(settings, key)))], time, logger)
        {
            Kind = provider.Kind,
            Settings = settings,
            Priority = provider.Priority,
            Named = provider.Models,
            DefaultModel = provider.Model,
        };
    }
}

/// <summary>What is asked for an answer.</summary>
/// <param name="Wanted">The first choice, whether it may be asked or not.</param>
/// <param name="Models">To ask, in order.</param>
/// <param name="Skipped">Passed over, and why: <see cref="RouteOutcomes"/>.</param>
/// <param name="WithoutTools">None of them calls functions, so none is given any.</param>
public sealed record ModelPlan(string Wanted, IReadOnlyList<string> Models, IReadOnlyList<(string Id, string Why)> Skipped, bool WithoutTools);
