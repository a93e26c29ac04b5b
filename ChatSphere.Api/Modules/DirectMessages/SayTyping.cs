using System.Text.Json;
using ChatSphere.Api.Http;
using ChatSphere.Api.Responses;
using ChatSphere.Contracts.Live;
using ChatSphere.Data.Communities;
using ChatSphere.Messaging.Live;
using Microsoft.AspNetCore.Http.HttpResults;
using StackExchange.Redis;

namespace ChatSphere.Api.Modules.DirectMessages;

/// <summary>In Redis only, and once in a while however often it is said; without Redis nobody is told.</summary>
internal static class SayTyping
{
    private static readonly TimeSpan Once = TimeSpan.FromSeconds(8);

    public static async Task<Results<NoContent, ProblemHttpResult>> HandleAsync(
        Guid channelId, CurrentUser user, Seats seats, CommunityFeed feed, IConnectionMultiplexer redis, CancellationToken cancellationToken)
    {
        if (await seats.InChannelAsync(user.AccountId, channelId, cancellationToken) is not { } seat)
        {
            return Problems.NotFound();
        }

        if (!seat.May(ServerPermissions.SendMessages))
        {
            return ServerResponses.Missing(ServerPermissions.SendMessages);
        }

        try
        {
            if (await redis.GetDatabase().StringSetAsync($"chatsphere:typing:{channelId:n}:{user.AccountId:n}", "1", Once, When.NotExists).WaitAsync(TimeSpan.FromSeconds(1), cancellationToken))
            {
                feed.Publish(new CommunityEvent
                {
                    Type = LiveEventTypes.Typing,
                    ServerId = seat.Channel.ServerId,
                    ChannelId = channelId,
                    RightsChannelId = seat.Channel.ServerId is null ? null : seat.RightsChannelId,
                    OnlyLooking = true,
                    Data = JsonSerializer.Serialize(new TypingEvent(channelId, user.AccountId, seat.Channel.Nickname.Length > 0 ? seat.Channel.Nickname : seat.Channel.AuthorName), JsonSerializerOptions.Web),
                });
            }
        }
        catch (Exception e) when (e is RedisException or TimeoutException)
        {
            // Not worth a refusal.
        }

        return TypedResults.NoContent();
    }
}
