using System.ComponentModel.DataAnnotations;
using ChatSphere.Data;
using ChatSphere.Data.Communities;
using ChatSphere.Data.Privacy;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Npgsql;

namespace ChatSphere.Worker.Modules.Communities;

public sealed class ServerSweepOptions
{
    public const string Section = "Communities";

    /// <summary>How often deleted servers and channels are looked for.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")]
    public TimeSpan SweepEvery { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>How long a deleted channel's messages are kept, unseen.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "30.00:00:00")]
    public TimeSpan KeepDeletedChannels { get; set; } = TimeSpan.FromDays(1);
}

/// <summary>
/// Removes for good the servers that nobody took back in time, and deleted channels. Messages go in batches, so that no statement holds much for long; but nothing that somebody
/// under a legal hold wrote or owns. May be repeated and interrupted at any point.
/// </summary>
internal sealed partial class RemoveDeletedServers(IServiceScopeFactory scopes, IOptions<ServerSweepOptions> options, TimeProvider time, ILogger<RemoveDeletedServers> logger) : BackgroundService
{
    private const int BatchSize = 5_000;
    private const int Most = 50;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(options.Value.SweepEvery, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await SweepAsync(stoppingToken);
            }
            catch (Exception e) when (e is NpgsqlException or DbUpdateException or TimeoutException or InvalidOperationException)
            {
                LogSkipped(logger, e.GetType().Name);
            }
        }
    }

    private async Task SweepAsync(CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<ChatSphereDb>();
        var now = time.GetUtcNow();
        var before = now - options.Value.KeepDeletedChannels;
        var channels = await Removable(db, db.Channels.Where(c => c.ServerId != null && c.DeletedAt < before)).OrderBy(c => c.DeletedAt).Take(Most).Select(c => c.Id).ToListAsync(cancellationToken);
        foreach (var id in channels)
        {
            await RemoveChannelAsync(db, id, cancellationToken);
        }

        var over = await db.Servers.Where(s => s.DeleteAfter < now && !db.HeldAccounts().Contains(s.OwnerId)).OrderBy(s => s.DeleteAfter).Take(Most).ToListAsync(cancellationToken);
        foreach (var server in over)
        {
            // Threads before their channels; a category holds nothing.
            var all = db.Channels.Where(c => c.ServerId == server.Id);
            var removable = await Removable(db, all).OrderByDescending(c => c.Kind == ChannelKind.Thread).Select(c => c.Id).ToListAsync(cancellationToken);
            foreach (var id in removable)
            {
                await RemoveChannelAsync(db, id, cancellationToken);
            }

            if (!await all.AnyAsync(cancellationToken))
            {
                server.ShowIcon(null, null);
                db.Remove(server);
                await SaveAsync(db, cancellationToken);
            }
        }
    }

    private static IQueryable<Channel> Removable(ChatSphereDb db, IQueryable<Channel> channels) =>
        channels.Where(c => !db.HeldAccounts().Any(h => db.ChannelMessages.Any(m => m.ChannelId == c.Id && m.AuthorId == h)));

    private static async Task RemoveChannelAsync(ChatSphereDb db, Guid id, CancellationToken cancellationToken)
    {
        while (await db.Database.ExecuteSqlAsync($"delete from communities.messages where id in (select id from communities.messages where channel_id = {id} limit {BatchSize})", cancellationToken) == BatchSize)
        {
        }

        await db.Channels.Where(c => c.Id == id).ExecuteDeleteAsync(cancellationToken);
    }

    private static async Task SaveAsync(ChatSphereDb db, CancellationToken cancellationToken)
    {
        try
        {
            await db.SaveChangesAsync(cancellationToken);
        }
        catch (DbUpdateConcurrencyException)
        {
            // Another Worker was quicker.
            db.ChangeTracker.Clear();
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Deleted servers and channels stay until the next round: {Kind}")]
    private static partial void LogSkipped(ILogger logger, string kind);
}
