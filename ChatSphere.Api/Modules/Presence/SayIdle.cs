using ChatSphere.Api.Http;
using ChatSphere.Contracts.Communities;
using ChatSphere.Messaging.Live;
using Microsoft.AspNetCore.Http.HttpResults;

namespace ChatSphere.Api.Modules.Presence;

internal static class SayIdle
{
    public static NoContent Handle(SayIdleRequest request, CurrentUser user, Connections connections)
    {
        connections.SayIdle(user.AccountId, request.ConnectionId!.Value, request.IsIdle);
        return TypedResults.NoContent();
    }
}
