using ChatSphere.Api.Http;
using ChatSphere.Contracts.Notifications;
using ChatSphere.Data;
using ChatSphere.Data.Communities;
using ChatSphere.Data.Notifications;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using DigestRhythm = ChatSphere.Data.Notifications.DigestRhythm;
using NotificationKind = ChatSphere.Contracts.Notifications.NotificationKind;
using NotificationLevel = ChatSphere.Data.Notifications.NotificationLevel;

namespace ChatSphere.Api.Modules.Notifications;

internal static class Preferences
{
    private const int MostPlaces = 1_000;

    public static async Task<Ok<NotificationPreferencesBody>> GetAsync(CurrentUser user, ChatSphereDb db, CancellationToken cancellationToken)
    {
        var mine = await db.NotificationPreferences.AsNoTracking().SingleOrDefaultAsync(p => p.AccountId == user.AccountId, cancellationToken) ?? new NotificationPreferences { AccountId = user.AccountId };
        return TypedResults.Ok(new NotificationPreferencesBody(
            [.. mine.KindsOff.Select(k => Enum.TryParse<NotificationKind>(k, out var kind) ? kind : (NotificationKind?)null).OfType<NotificationKind>()], mine.Keywords, Time(mine.QuietFrom), Time(mine.QuietUntil), mine.TimeZone,
            mine.MailsAtOnce, mine.MailAfterMinutes, (Contracts.Notifications.DigestRhythm)mine.Digest));

        static TimeOnly? Time(int? minutes) => minutes is { } m ? new TimeOnly(m / 60, m % 60) : null;
    }

    public static async Task<Results<NoContent, ProblemHttpResult>> PutAsync(NotificationPreferencesBody request, CurrentUser user, ChatSphereDb db, TimeProvider time, CancellationToken cancellationToken)
    {
        var keywords = request.Keywords.Select(k => k.Trim().ToLowerInvariant()).Distinct().ToList();
        if (keywords.Exists(k => k.EnumerateRunes().Count() is < 2 or > 50 || TextRules.HasUnstorable(k)))
        {
            return Problems.Invalid("keywords", "Each of 2 to 50 characters.");
        }

        if (request.QuietFrom is null != request.QuietUntil is null)
        {
            return Problems.Invalid("quietUntil", "Quiet hours need a beginning and an end.");
        }

        if (request.TimeZone is { } zone && !TimeZoneInfo.TryFindSystemTimeZoneById(zone, out _))
        {
            return Problems.Invalid("timeZone", "Not the name of a time zone, such as Europe/Berlin.");
        }

        var now = time.GetUtcNow();
        await db.Database.ExecuteSqlAsync($"""
            insert into notifications.preferences (account_id, kinds_off, keywords, mails_at_once, mail_after_minutes, digest, digested_at) values ({user.AccountId}, array[]::text[], array[]::text[], true, 15, 'Never', {now})
            on conflict (account_id) do nothing
            """, cancellationToken);
        var mine = await db.NotificationPreferences.SingleAsync(p => p.AccountId == user.AccountId, cancellationToken);
        if (mine.Digest == DigestRhythm.Never)
        {
            // The first one begins now, and does not bring years.
            mine.DigestedAt = now;
        }

        (mine.KindsOff, mine.Keywords) = ([.. request.KindsOff.Distinct().Select(k => k.ToString())], keywords);
        (mine.QuietFrom, mine.QuietUntil, mine.TimeZone) = (Minutes(request.QuietFrom), Minutes(request.QuietUntil), request.TimeZone);
        (mine.MailsAtOnce, mine.MailAfterMinutes, mine.Digest) = (request.MailsAtOnce, request.MailAfterMinutes, (DigestRhythm)request.Digest);
        await db.SaveChangesAsync(cancellationToken);
        return TypedResults.NoContent();

        static int? Minutes(TimeOnly? at) => at is { } t ? (t.Hour * 60) + t.Minute : null;
    }

    /// <summary>Only of places that I may see now; what is set for others waits until I may again.</summary>
    public static async Task<Ok<List<PlacePreferenceResponse>>> ListPlacesAsync(CurrentUser user, ChatSphereDb db, ChannelsInSight channels, CancellationToken cancellationToken)
    {
        var sight = await channels.OfAsync(user.AccountId, cancellationToken);
        var (seen, servers) = (sight.Channels, sight.Servers.ToDictionary(s => s.Id, s => s.Name));
        var mine = await db.PlacePreferences.AsNoTracking().Where(p => p.AccountId == user.AccountId).OrderBy(p => p.PlaceId).ToListAsync(cancellationToken);
        var ids = mine.Select(p => p.PlaceId).ToArray();
        var places = await db.Channels.AsNoTracking().Where(c => ids.Contains(c.Id) && c.DeletedAt == null && (seen.Contains(c.Id) || seen.Contains(c.ParentId!.Value))).ToDictionaryAsync(c => c.Id, cancellationToken);
        return TypedResults.Ok(mine.Select(p =>
            servers.TryGetValue(p.PlaceId, out var server) ? new PlacePreferenceResponse(p.PlaceId, server, null, (Contracts.Notifications.NotificationLevel?)p.Level, p.MutedUntil)
            : places.TryGetValue(p.PlaceId, out var c)
                ? new PlacePreferenceResponse(p.PlaceId, c.Name, c.ServerId is { } s ? servers.GetValueOrDefault(s) : null, (Contracts.Notifications.NotificationLevel?)p.Level, p.MutedUntil)
            : null).OfType<PlacePreferenceResponse>().ToList());
    }

    public static async Task<Results<NoContent, ProblemHttpResult>> PutPlaceAsync(
        Guid placeId, PlacePreferenceRequest request, CurrentUser user, ChatSphereDb db, Seats seats, CancellationToken cancellationToken)
    {
        if (await seats.InServerAsync(user.AccountId, placeId, cancellationToken) is null && await seats.InChannelAsync(user.AccountId, placeId, cancellationToken) is null)
        {
            return Problems.NotFound();
        }

        if (request.Level is null && request.MutedUntil is null)
        {
            await db.PlacePreferences.Where(p => p.AccountId == user.AccountId && p.PlaceId == placeId).ExecuteDeleteAsync(cancellationToken);
            return TypedResults.NoContent();
        }

        if (await db.PlacePreferences.CountAsync(p => p.AccountId == user.AccountId && p.PlaceId != placeId, cancellationToken) >= MostPlaces)
        {
            return Problems.Invalid("level", $"At most {MostPlaces} places.");
        }

        var level = request.Level is { } asked ? ((NotificationLevel)asked).ToString() : null;
        await db.Database.ExecuteSqlAsync($"""
            insert into notifications.place_preferences (account_id, place_id, level, muted_until) values ({user.AccountId}, {placeId}, {level}, {request.MutedUntil?.ToUniversalTime()})
            on conflict (account_id, place_id) do update set level = excluded.level, muted_until = excluded.muted_until
            """, cancellationToken);
        return TypedResults.NoContent();
    }
}
