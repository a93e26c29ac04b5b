using ChatSphere.Api.Http;
using ChatSphere.Contracts.Communities;
using ChatSphere.Data;
using ChatSphere.Data.People;
using ChatSphere.Messaging.Live;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using PresenceChoice = ChatSphere.Contracts.Communities.PresenceChoice;

namespace ChatSphere.Api.Modules.Presence;

internal static class ChoosePresence
{
    public static async Task<Ok<MyPresenceResponse>> GetAsync(CurrentUser user, ChatSphereDb db, CancellationToken cancellationToken) =>
        TypedResults.Ok(new MyPresenceResponse((PresenceChoice)await db.Profiles.Where(p => p.AccountId == user.AccountId).Select(p => p.Presence).SingleOrDefaultAsync(cancellationToken)));

    public static async Task<Ok<MyPresenceResponse>> HandleAsync(ChoosePresenceRequest request, CurrentUser user, ChatSphereDb db, Connections connections, CancellationToken cancellationToken)
    {
        var profile = await db.ProfileOfAsync(user.AccountId, cancellationToken);
        profile.Presence = (Data.People.PresenceChoice)request.Choice!.Value;
        await db.SaveChangesAsync(cancellationToken);
        connections.LookAt(user.AccountId);
        return TypedResults.Ok(new MyPresenceResponse(request.Choice.Value));
    }
}
