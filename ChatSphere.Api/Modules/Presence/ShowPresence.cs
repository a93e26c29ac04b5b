using System.ComponentModel.DataAnnotations;
using ChatSphere.Api.Http;
using ChatSphere.Contracts.Communities;
using ChatSphere.Data;
using ChatSphere.Data.Communities;
using ChatSphere.Messaging.Live;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace ChatSphere.Api.Modules.Presence;

/// <summary>Whoever is not to be seen is offline, like whoever is not there: one does not tell from the other.</summary>
internal static class ShowPresence
{
    public static async Task<Ok<IReadOnlyList<PresenceResponse>>> HandleAsync([MaxLength(200)] Guid[] accountId, CurrentUser user, ChatSphereDb db, Connections connections, CancellationToken cancellationToken)
    {
        var asked = accountId.Distinct().ToList();
        var visible = await db.PresenceVisibleTo(user.AccountId).Where(a => asked.Contains(a.Id)).Select(a => a.Id).ToListAsync(cancellationToken);
        var shown = await connections.ShownAsync(visible);
        return TypedResults.Ok<IReadOnlyList<PresenceResponse>>([.. asked.Select(a => new PresenceResponse(a, shown.TryGetValue(a, out var status) ? Enum.Parse<PresenceStatus>(status) : PresenceStatus.Offline))]);
    }
}
