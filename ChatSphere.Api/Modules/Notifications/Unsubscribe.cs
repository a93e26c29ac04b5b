using ChatSphere.Api.Http;
using ChatSphere.Contracts.Notifications;
using ChatSphere.Data;
using ChatSphere.Data.Notifications;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace ChatSphere.Api.Modules.Notifications;

internal static class Unsubscribe
{
    public static async Task<Results<NoContent, ProblemHttpResult>> HandleAsync(UnsubscribeRequest request, ChatSphereDb db, UnsubscribeLinks links, TimeProvider time, CancellationToken cancellationToken)
    {
        if (links.AccountOf(request.Token) is not { } accountId)
        {
            return Problems.Invalid("token", "The link is not whole. Copy all of it from the mail.");
        }

        // The account may be gone; then there is nothing to end.
        await db.Database.ExecuteSqlAsync($"""
            insert into notifications.preferences (account_id, kinds_off, keywords, mails_at_once, mail_after_minutes, digest, digested_at)
            select id, array[]::text[], array[]::text[], false, 15, 'Never', {time.GetUtcNow()} from accounts.accounts where id = {accountId}
            on conflict (account_id) do update set mails_at_once = false, digest = 'Never'
            """, cancellationToken);
        return TypedResults.NoContent();
    }
}
