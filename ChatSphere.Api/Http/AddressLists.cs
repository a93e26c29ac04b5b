using System.Diagnostics.Metrics;
using System.Net;
using ChatSphere.Contracts;
using ChatSphere.Data;
using ChatSphere.Data.Network;
using Microsoft.EntityFrameworkCore;

namespace ChatSphere.Api.Http;

/// <summary>What the rules say, for asking often.</summary>
internal sealed class AddressList
{
    private readonly IPNetwork[] _allowed;
    private readonly IPNetwork[] _denied;

    public AddressList(IEnumerable<(string Cidr, AddressRuleKind Kind)> rules)
    {
        var parsed = rules.Where(r => IPNetwork.TryParse(r.Cidr, out _)).Select(r => (Network: IPNetwork.Parse(r.Cidr), r.Kind)).ToList();
        _allowed = [.. parsed.Where(r => r.Kind == AddressRuleKind.Allow).Select(r => r.Network)];
        _denied = [.. parsed.Where(r => r.Kind == AddressRuleKind.Deny).Select(r => r.Network)];
    }

    /// <summary>Programs on this machine always get in: probes, Web, and whoever must repair a wrong rule.</summary>
    public bool LetsIn(IPAddress? address)
    {
        if (_allowed.Length == 0 && _denied.Length == 0)
        {
            return true;
        }

        if (address is null)
        {
            return false;
        }

        var plain = address.Plain();
        return IPAddress.IsLoopback(plain) || (!Array.Exists(_denied, n => n.Contains(plain)) && (_allowed.Length == 0 || Array.Exists(_allowed, n => n.Contains(plain))));
    }
}

/// <summary>
/// The rules as this node knows them, at most <see cref="Freshness"/> old while the database answers, and the last known ones while it does not. Read once before
/// anything is served.
/// </summary>
internal sealed partial class AddressLists(IServiceScopeFactory scopes, TimeProvider time, ILogger<AddressLists> logger) : BackgroundService
{
    public static readonly TimeSpan Freshness = TimeSpan.FromSeconds(3);
    private AddressList _list = new([]);

    public AddressList Current => Volatile.Read(ref _list);

    /// <summary>Reads them now: this node knows at once what has just changed.</summary>
    public async Task LoadAsync(CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var now = time.GetUtcNow();
        var rules = await scope.ServiceProvider.GetRequiredService<ChatSphereDb>().AddressRules.AsNoTracking().Where(r => r.ExpiresAt == null || r.ExpiresAt > now)
            .Select(r => new { r.Cidr, r.Kind }).ToListAsync(cancellationToken);
        Volatile.Write(ref _list, new AddressList(rules.Select(r => (r.Cidr, r.Kind))));
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Freshness, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await LoadAsync(stoppingToken);
            }
            catch (Exception e) when (DatabaseFaults.IsAway(e))
            {
                LogStale(logger, e.GetBaseException().GetType().Name);
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The address rules could not be read anew; the last known ones hold: {Kind}")]
    private static partial void LogStale(ILogger logger, string kind);
}

internal static class AddressListing
{
    private static readonly Meter Meter = new("ChatSphere.Http");
    private static readonly Counter<long> Denied = Meter.CreateCounter<long>("chatsphere.http.address_denied", "{request}", "Requests refused by an address rule.");

    /// <summary>Before everything that costs something: no route, no token, no database is looked at for an address that does not get in.</summary>
    public static IApplicationBuilder UseAddressLists(this IApplicationBuilder app)
    {
        var lists = app.ApplicationServices.GetRequiredService<AddressLists>();
        return app.Use((context, next) =>
        {
            // Probes of an orchestrator say nothing to anybody, and a node that does not answer them is taken down.
            if (lists.Current.LetsIn(context.Connection.RemoteIpAddress) || context.Request.Path.Value is "/alive" or "/health")
            {
                return next(context);
            }

            Denied.Add(1);
            return Problems.Of(StatusCodes.Status403Forbidden, ErrorCodes.AddressDenied, "Requests from your address are not taken.").ExecuteAsync(context);
        });
    }
}
