using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Security.Cryptography;
using System.Text;
using ChatSphere.AI.Chat.Providers;
using ChatSphere.Data;
using ChatSphere.Data.Models;
using ChatSphere.Data.Secrets;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace ChatSphere.AI.Chat;

/// <summary>
/// The connections and settings of models that administrators and users made, as this node knows them: at most <see cref="Freshness"/> old while the database answers, and
/// the last known ones while it does not. A connection that did not change keeps its object, and with it the list of its models.
/// </summary>
public sealed partial class ProviderConnections(IServiceScopeFactory scopes, ProviderFactory factory, SecretBox secrets, TimeProvider time, ILogger<ProviderConnections> logger) : BackgroundService
{
    public static readonly TimeSpan Freshness = TimeSpan.FromSeconds(2);
    private const int MaxAccounts = 5_000;

    private readonly ConcurrentDictionary<Guid, (long At, IReadOnlyList<ModelConnection> Connections)> _own = new();
    private State _state = new([], FrozenDictionary<string, ModelSetting>.Empty);

    private sealed record State(IReadOnlyList<ModelConnection> Connections, FrozenDictionary<string, ModelSetting> Settings);

    /// <summary>The deployment's.</summary>
    public IReadOnlyList<ModelConnection> Connections => Volatile.Read(ref _state).Connections;

    /// <summary>By model.</summary>
    public IReadOnlyDictionary<string, ModelSetting> Settings => Volatile.Read(ref _state).Settings;

    /// <summary>Reads them now: this node knows at once what has just changed.</summary>
    public async Task LoadAsync(CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<ChatSphereDb>();
        var connections = await ReadAsync(db, db.ProviderConnections.OfDeployment(), Connections, cancellationToken);
        var settings = await db.ModelSettings.AsNoTracking().ToListAsync(cancellationToken);
        Volatile.Write(ref _state, new(connections, settings.ToFrozenDictionary(s => s.ModelId, StringComparer.Ordinal)));
    }

    /// <summary>One account's own, at most <see cref="Freshness"/> old.</summary>
    public async Task<IReadOnlyList<ModelConnection>> OfAccountAsync(Guid accountId, CancellationToken cancellationToken)
    {
        var known = _own.GetValueOrDefault(accountId);
        if (known.Connections is not null && time.GetElapsedTime(known.At) < Freshness)
        {
            return known.Connections;
        }

        if (_own.Count > MaxAccounts)
        {
            // Read again when they come back; that costs a query.
            _own.Clear();
        }

        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<ChatSphereDb>();
        var at = time.GetTimestamp();
        var connections = await ReadAsync(db, db.ProviderConnections.OwnedBy(accountId), known.Connections ?? [], cancellationToken);
        _own[accountId] = (at, connections);
        return connections;
    }

    /// <summary>This node reads the account's anew when it is asked.</summary>
    public void Forget(Guid accountId) => _own.TryRemove(accountId, out _);

    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        await TryLoadAsync(cancellationToken);
        await base.StartAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Freshness, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            await TryLoadAsync(stoppingToken);
        }
    }

    private async Task TryLoadAsync(CancellationToken cancellationToken)
    {
        try
        {
            await LoadAsync(cancellationToken);
        }
        catch (Exception e) when (DatabaseFaults.IsAway(e))
        {
            LogStale(logger, e.GetBaseException().GetType().Name);
        }
    }

    private async Task<IReadOnlyList<ModelConnection>> ReadAsync(ChatSphereDb db, IQueryable<ProviderConnection> query, IReadOnlyList<ModelConnection> known, CancellationToken cancellationToken)
    {
        // First the versions alone: keys are opened when something changed, not every two seconds.
        var versions = await query.AsNoTracking().Where(c => c.IsEnabled).Select(c => new { c.Id, c.UpdatedAt }).ToListAsync(cancellationToken);
        var byId = known.ToDictionary(c => c.Id!.Value);
        var stale = versions.Where(v => byId.GetValueOrDefault(v.Id)?.UpdatedAt != v.UpdatedAt).Select(v => v.Id).ToHashSet();
        if (stale.Count > 0)
        {
            var rows = await query.AsNoTracking().Where(c => stale.Contains(c.Id)).ToListAsync(cancellationToken);
            var keys = (await db.ProviderKeys.AsNoTracking().Where(k => stale.Contains(k.ConnectionId)).OrderBy(k => k.Id).ToListAsync(cancellationToken)).ToLookup(k => k.ConnectionId);
            foreach (var row in rows)
            {
                byId[row.Id] = Open(row, keys[row.Id]);
            }
        }

        // An unreadable one has no keys.
        return [.. versions.Select(v => byId.GetValueOrDefault(v.Id)).OfType<ModelConnection>().Where(c => c.Keys.Count > 0).OrderBy(c => c.Priority).ThenBy(c => c.Id)];
    }

    private ModelConnection Open(ProviderConnection row, IEnumerable<ProviderKey> keys)
    {
        var settings = SettingsOf(row);
        var opened = new List<ConnectionKey>();
        try
        {
            foreach (var key in keys)
            {
                opened.Add(new(key.Id.ToString(), factory.Open(settings, Encoding.UTF8.GetString(secrets.Unprotect(ProviderKey.Purpose, key.SealedKey)))));
            }

            if (opened.Count == 0 && row.Kind == ProviderKind.OpenAiCompatible)
            {
                opened.Add(new("", factory.Open(settings, "")));
            }
        }
        catch (Exception e) when (e is CryptographicException or MissingEncryptionKeyException or ProviderException or UriFormatException)
        {
            LogUnusable(logger, row.Id, e.GetType().Name);
            opened.Clear();
        }

        return new(row.Name, opened, time, logger)
        {
            Id = row.Id,
            OwnerId = row.OwnerId,
            Kind = row.Kind,
            Settings = settings,
            Priority = row.Priority,
            UpdatedAt = row.UpdatedAt,
            Named = row.Models,
            Listed = row.ListedModels,
            DefaultModel = row.DefaultModel,
        };
    }

    public static ProviderSettings SettingsOf(ProviderConnection row)
    {
        ArgumentNullException.ThrowIfNull(row);
        return new(row.Kind, row.Name, row.Endpoint is null ? null : new Uri(row.Endpoint), row.ApiVersion, row.TenantId, row.ClientId, IsTrusted: row.OwnerId is null)
        {
            Models = row.Models,
            DefaultModel = row.DefaultModel,
        };
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The connections to providers could not be read anew; the last known ones hold: {Kind}")]
    private static partial void LogStale(ILogger logger, string kind);

    [LoggerMessage(Level = LogLevel.Error, Message = "The connection {ConnectionId} cannot be used: {Kind}")]
    private static partial void LogUnusable(ILogger logger, Guid connectionId, string kind);
}
