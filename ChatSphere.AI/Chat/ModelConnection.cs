using ChatSphere.Data.Models;
using Microsoft.Extensions.Logging;

namespace ChatSphere.AI.Chat;

/// <summary>A key of a connection, and what speaks with it.</summary>
/// <param name="Id">Names the key without being it.</param>
public sealed record ConnectionKey(string Id, IChatProvider Provider);

/// <summary>Where models are served: a connection of the configuration, of the deployment, or of one account, with its keys and the list of its models.</summary>
public sealed partial class ModelConnection(string name, IReadOnlyList<ConnectionKey> keys, TimeProvider time, ILogger logger)
{
    private static readonly TimeSpan KeepList = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan KeepFailure = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan ListTimeout = TimeSpan.FromSeconds(5);

    private readonly Lock _lock = new();
    private volatile HashSet<string>? _ids;
    private Task<HashSet<string>?>? _fetch;
    private DateTimeOffset _fresh = DateTimeOffset.MinValue;

    public string Name => name;

    public IReadOnlyList<ConnectionKey> Keys => keys;

    /// <summary>Null: of the configuration.</summary>
    public Guid? Id { get; init; }

    /// <summary>Null: everybody's.</summary>
    public Guid? OwnerId { get; init; }

    /// <summary>Null: a provider that the configuration does not name by kind.</summary>
    public ProviderKind? Kind { get; init; }

    /// <summary>Shown to administrators; holds no secret.</summary>
    public ProviderSettings? Settings { get; init; }

    public int Priority { get; init; }

    /// <summary>The version of the row that this was made from.</summary>
    public DateTimeOffset? UpdatedAt { get; init; }

    /// <summary>There whatever the list says.</summary>
    public IReadOnlyList<string> Named { get; init; } = [];

    /// <summary>What it listed when it was last tried.</summary>
    public IReadOnlyList<string> Listed { get; init; } = [];

    public string? DefaultModel { get; init; }

    /// <summary>As in <c>gen_ai.provider.name</c>.</summary>
    public string Provider => keys[0].Provider.Name;

    /// <summary>What it is known to serve at this moment, without asking it.</summary>
    public IEnumerable<string> Known => Named.Concat((IEnumerable<string>?)_ids ?? Listed).Concat(DefaultModel is null ? [] : [DefaultModel]).Distinct(StringComparer.Ordinal);

    public bool Serves(string id) => DefaultModel == id || Named.Contains(id, StringComparer.Ordinal) || _ids?.Contains(id) == true || (_ids is null && Listed.Contains(id, StringComparer.Ordinal));

    /// <summary>How likely it serves the model, 0 for certain: lists come late, and leave out aliases and fine-tuned models.</summary>
    public int DoubtAbout(string id)
    {
        if (Serves(id))
        {
            return 0;
        }

        var maker = KnownModels.MakerOf(id);
        var fits = maker is not null && (Kind == maker || (maker == ProviderKind.OpenAi && Kind is null));
        return (_ids is null && Listed.Count == 0, fits) switch { (true, true) => 1, (false, true) => 2, (true, false) => maker is null ? 2 : 3, _ => 3 };
    }

    /// <summary>Null while it cannot be asked and never could. Everyone who asks at the same time waits for one request, which none of them can cancel for the others.</summary>
    public Task<HashSet<string>?> IdsAsync(CancellationToken cancellationToken)
    {
        Task<HashSet<string>?> fetch;
        lock (_lock)
        {
            if (_fetch is null || (_fetch.IsCompleted && time.GetUtcNow() >= _fresh))
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
            return await keys[0].Provider.ServesAsync(id, limit.Token);
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
            _ids = (await keys[0].Provider.ListAsync(limit.Token)).ToHashSet(StringComparer.Ordinal);
            _fresh = time.GetUtcNow() + KeepList;
        }
        catch (Exception e)
        {
            // An old list says more than none.
            ListFailed(logger, name, e.GetType().Name);
            _fresh = time.GetUtcNow() + KeepFailure;
        }

        return _ids;
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The model list of {Connection} could not be fetched: {Error}")]
    private static partial void ListFailed(ILogger logger, string connection, string error);
}
