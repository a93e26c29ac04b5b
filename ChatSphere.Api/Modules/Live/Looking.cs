using System.Text.Json;
using ChatSphere.Api.Http;
using ChatSphere.Contracts.Live;
using ChatSphere.Messaging.Live;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ChatSphere.Api.Modules.Live;

/// <summary>
/// Says which channels are on a screen, for a connection of server-sent events, which cannot be told anything itself. The connection may be another node's, so all of them are
/// told; one that is not this account's takes no notice.
/// </summary>
internal static class Looking
{
    public static NoContent Handle(LookingRequest request, CurrentUser user, CommunityFeed feed)
    {
        feed.Publish(new CommunityEvent { Type = CommunityEvent.Looking, Accounts = [user.AccountId], Data = JsonSerializer.Serialize(request, JsonSerializerOptions.Web) });
        return TypedResults.NoContent();
    }
}
