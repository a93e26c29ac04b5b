using System.Globalization;
using ChatSphere.Api.Http;
using ChatSphere.Data;
using ChatSphere.Data.Conversations;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;

namespace ChatSphere.Api.Modules.Conversations;

internal static class StreamTurn
{
    public static async Task<IResult> HandleAsync(
        Guid turnId, [FromHeader(Name = "Last-Event-ID")] string? lastEventId, CurrentUser user, ChatSphereDb db, TurnReader reader, TimeProvider time, CancellationToken cancellationToken)
    {
        // Anything that is not a number of ours starts from the beginning: a reader can bear events twice, not events missed.
        _ = int.TryParse(lastEventId, NumberStyles.None, CultureInfo.InvariantCulture, out var after);
        return await db.Turns.VisibleTo(user.AccountId).AnyAsync(t => t.Id == turnId, cancellationToken)
            ? new EventStream(reader.ReadAsync(turnId, after, default), time)
            : Problems.NotFound();
    }
}
