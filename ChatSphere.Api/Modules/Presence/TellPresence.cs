using System.Text.Json;
using ChatSphere.Contracts.Communities;
using ChatSphere.Contracts.Live;
using ChatSphere.Data;
using ChatSphere.Data.People;
using ChatSphere.Messaging.Live;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using PresenceChoice = ChatSphere.Data.People.PresenceChoice;

namespace ChatSphere.Api.Modules.Presence;

/// <summary>Tells those who look, and friends, when somebody has come, gone, fallen idle or chosen otherwise. Once, by whichever node finds it out first.</summary>
internal sealed partial class TellPresence(
    Connections connections, CommunityFeed feed, IServiceScopeFactory scopes, IOptions<Microsoft.AspNetCore.Http.Json.JsonOptions> json, ILogger<TellPresence> logger) : IHostedService
{
    // Friends and people written with, beyond whom it is found out by looking.
    private const int MostFriends = 500;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        connections.Changed = TellAsync;
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        connections.Changed = null;
        return Task.CompletedTask;
    }

    private async Task<bool> TellAsync(Guid accountId)
    {
        try
        {
            if (await connections.OfAsync(accountId) is not { } connected)
            {
                return false;
            }

            await using var scope = scopes.CreateAsyncScope();
            var db = scope.ServiceProvider.GetRequiredService<ChatSphereDb>();
            var profile = await db.Profiles.AsNoTracking().Where(p => p.AccountId == accountId).Select(p => new { p.Presence, p.ShowPresence }).SingleOrDefaultAsync();
            var status = Of(connected, profile?.Presence ?? PresenceChoice.Online);
            if (await connections.IsNewsAsync(accountId, status.ToString()) is not { } isNews)
            {
                return false;
            }

            if (!isNews || profile?.ShowPresence == Audience.Nobody)
            {
                return true;
            }

            var data = JsonSerializer.Serialize(new PresenceResponse(accountId, status), json.Value.SerializerOptions);
            var friends = await db.FriendsOf(accountId).OrderBy(id => id).Take(MostFriends).ToListAsync();
            feed.Publish(new CommunityEvent { Type = LiveEventTypes.PresenceChanged, Accounts = [accountId, .. friends], Data = data });
            if (profile?.ShowPresence != Audience.Friends)
            {
                foreach (var serverId in await db.ServerMembers.Where(m => m.MemberId == accountId).Select(m => m.ServerId).ToListAsync())
                {
                    feed.Publish(new CommunityEvent { Type = LiveEventTypes.PresenceChanged, ServerId = serverId, OnlyLooking = true, Data = data });
                }
            }

            return true;
        }
        catch (Exception e)
        {
            LogNotTold(logger, e);
            return !DatabaseFaults.IsAway(e);
        }
    }

    internal static PresenceStatus Of(Connectedness connected, PresenceChoice choice) => (connected, choice) switch
    {
        (Connectedness.None, _) or (_, PresenceChoice.Invisible) => PresenceStatus.Offline,
        (_, PresenceChoice.DoNotDisturb) => PresenceStatus.DoNotDisturb,
        (Connectedness.Idle, _) or (_, PresenceChoice.Idle) => PresenceStatus.Idle,
        _ => PresenceStatus.Online,
    };

    [LoggerMessage(Level = LogLevel.Warning, Message = "Somebody's presence could not be told")]
    private static partial void LogNotTold(ILogger logger, Exception exception);
}
