using System.Globalization;
using ChatSphere.Api.Http;
using ChatSphere.Api.Responses;
using ChatSphere.Contracts;
using ChatSphere.Contracts.Bots;
using ChatSphere.Data;
using ChatSphere.Data.Bots;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace ChatSphere.Api.Modules.Bots;

/// <summary>What a bot was: for those who may edit it.</summary>
internal static class BotVersions
{
    public static async Task<Results<Ok<Page<BotVersionResponse>>, ProblemHttpResult>> ListAsync(
        Guid botId, CurrentUser user, ChatSphereDb db, CancellationToken cancellationToken, string? cursor = null, int? limit = null)
    {
        if (!Cursor.TryRead(cursor, out int? before))
        {
            return Problems.BadRequest(ErrorCodes.CursorInvalid, "The cursor is not one that this list gave out.");
        }

        if (!await db.Bots.EditableBy(db, user.AccountId).AnyAsync(b => b.Id == botId, cancellationToken))
        {
            return await Refusals.OfBotAsync(db, botId, user, cancellationToken);
        }

        var take = Cursor.Limit(limit);
        var found = await ReadAsync(db, db.BotVersions.Where(v => v.BotId == botId && (before == null || v.Number < before)).OrderByDescending(v => v.Number).Take(take + 1), withSettings: false, cancellationToken);
        return TypedResults.Ok(Pages.Of(found, take, v => Cursor.Of(v.Number)));
    }

    public static async Task<Results<Ok<BotVersionResponse>, ProblemHttpResult>> GetAsync(Guid botId, string number, CurrentUser user, ChatSphereDb db, CancellationToken cancellationToken)
    {
        if (!await db.Bots.EditableBy(db, user.AccountId).AnyAsync(b => b.Id == botId, cancellationToken))
        {
            return await Refusals.OfBotAsync(db, botId, user, cancellationToken);
        }

        return int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var wanted)
            && await ReadAsync(db, db.BotVersions.Where(v => v.BotId == botId && v.Number == wanted), withSettings: true, cancellationToken) is [var one]
                ? TypedResults.Ok(one)
                : Problems.NotFound();
    }

    /// <summary>From one to another; either may be <c>live</c> or <c>draft</c>.</summary>
    public static async Task<Results<Ok<BotDiffResponse>, ProblemHttpResult>> CompareAsync(
        Guid botId, CurrentUser user, ChatSphereDb db, CancellationToken cancellationToken, string from = "live", string to = "draft")
    {
        if (await db.Bots.AsNoTracking().EditableBy(db, user.AccountId).SingleOrDefaultAsync(b => b.Id == botId, cancellationToken) is not { } bot)
        {
            return await Refusals.OfBotAsync(db, botId, user, cancellationToken);
        }

        return await NamedAsync(db, bot, from, cancellationToken) is { } before && await NamedAsync(db, bot, to, cancellationToken) is { } after
            ? TypedResults.Ok(new BotDiffResponse(from, to, SettingDiffs.Of(before, after)))
            : Problems.NotFound();
    }

    private static async Task<BotSettings?> NamedAsync(ChatSphereDb db, Bot bot, string name, CancellationToken cancellationToken) => name switch
    {
        "live" => BotSettings.Of(bot),
        "draft" => bot.Edited(),
        _ => int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? await db.SettingsOfAsync(bot.Id, number, cancellationToken) : null,
    };

    private static async Task<List<BotVersionResponse>> ReadAsync(ChatSphereDb db, IQueryable<BotVersion> versions, bool withSettings, CancellationToken cancellationToken)
    {
        var found = await versions.AsNoTracking().Select(v => new
        {
            v.Number,
            v.Origin,
            v.AuthorId,
            Author = db.Users.Where(a => a.Id == v.AuthorId).Select(a => a.DisplayName).FirstOrDefault(),
            v.Note,
            v.RestoredFrom,
            v.CreatedAt,
            Settings = withSettings ? v.Settings : null,
            Live = db.Bots.Where(b => b.Id == v.BotId).Select(b => b.Version).First(),
            Canary = db.Bots.Where(b => b.Id == v.BotId).Select(b => b.CanaryVersion).First(),
        }).ToListAsync(cancellationToken);
        return found.ConvertAll(v => new BotVersionResponse(
            v.Number, Enum.Parse<VersionOrigin>(v.Origin.ToString()), v.Number == v.Live, v.Number == v.Canary,
            v.AuthorId is { } author ? new BotOwner(author, v.Author ?? "") : null, v.Note, v.RestoredFrom, v.CreatedAt,
            v.Settings is null ? null : BotResponses.From(BotSettings.FromJson(v.Settings))));
    }
}
