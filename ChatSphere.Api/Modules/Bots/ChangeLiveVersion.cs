using ChatSphere.Api.Http;
using ChatSphere.Contracts;
using ChatSphere.Contracts.Bots;
using ChatSphere.Data;
using ChatSphere.Data.Bots;
using ChatSphere.Data.Plans;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

namespace ChatSphere.Api.Modules.Bots;

/// <summary>Going back, throwing a draft away, and what becomes of a version on trial.</summary>
internal static class ChangeLiveVersion
{
    /// <summary>A new version equal to an old one, in effect at once whatever the review says: it is what one does when something is wrong.</summary>
    public static async Task<Results<Ok<BotResponse>, ProblemHttpResult>> RollBackAsync(
        Guid botId, RollBackBotRequest request, [FromHeader(Name = "If-Match")] string? ifMatch, HttpResponse http, CurrentUser user, ChatSphereDb db, IUsageGate gate, TimeProvider time, CancellationToken cancellationToken)
    {
        if (BotRules.RefuseTexts(null, null, null, request.Note) is { } unfit)
        {
            return unfit;
        }

        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var (bot, refused) = await BotEditing.OpenAsync(db, botId, user, ifMatch, cancellationToken);
        if (bot is null)
        {
            return refused!;
        }

        if (await db.SettingsOfAsync(botId, request.Version!.Value, cancellationToken) is not { } settings)
        {
            return Problems.Invalid("version", "There is no such version.");
        }

        if (settings.Model != bot.Model && await gate.RefuseModelAsync(user.AccountId, settings.Model, cancellationToken) is { } beyondPlan)
        {
            return beyondPlan.ToProblem();
        }

        var now = time.GetUtcNow();
        await db.EnsureVersionAsync(bot, now, cancellationToken);
        if (!settings.IsSameAs(BotSettings.Of(bot)))
        {
            db.BotVersions.Add(bot.MakeLive(settings, user.AccountId, request.Note, BotVersionOrigin.RolledBack, now, request.Version));
        }

        return await SaveAsync(db, transaction, botId, user, http, cancellationToken);
    }

    public static async Task<Results<Ok<BotResponse>, ProblemHttpResult>> DiscardDraftAsync(
        Guid botId, [FromHeader(Name = "If-Match")] string? ifMatch, HttpResponse http, CurrentUser user, ChatSphereDb db, TimeProvider time, CancellationToken cancellationToken)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var (bot, refused) = await BotEditing.OpenAsync(db, botId, user, ifMatch, cancellationToken);
        if (bot is null)
        {
            return refused!;
        }

        if (bot.Draft is not null)
        {
            bot.KeepDraft(null, time.GetUtcNow());
        }

        return await SaveAsync(db, transaction, botId, user, http, cancellationToken);
    }

    public static Task<Results<Ok<BotResponse>, ProblemHttpResult>> ShareCanaryAsync(
        Guid botId, ShareCanaryRequest request, [FromHeader(Name = "If-Match")] string? ifMatch, HttpResponse http, CurrentUser user, ChatSphereDb db, TimeProvider time, CancellationToken cancellationToken) =>
        WithCanaryAsync(botId, ifMatch, http, user, db, (bot, _) => bot.ShareCanary(request.Percent!.Value, time.GetUtcNow()), cancellationToken);

    public static Task<Results<Ok<BotResponse>, ProblemHttpResult>> PromoteCanaryAsync(
        Guid botId, [FromHeader(Name = "If-Match")] string? ifMatch, HttpResponse http, CurrentUser user, ChatSphereDb db, TimeProvider time, CancellationToken cancellationToken) =>
        WithCanaryAsync(botId, ifMatch, http, user, db, (bot, settings) => bot.PromoteCanary(settings, time.GetUtcNow()), cancellationToken);

    public static Task<Results<Ok<BotResponse>, ProblemHttpResult>> WithdrawCanaryAsync(
        Guid botId, [FromHeader(Name = "If-Match")] string? ifMatch, HttpResponse http, CurrentUser user, ChatSphereDb db, TimeProvider time, CancellationToken cancellationToken) =>
        WithCanaryAsync(botId, ifMatch, http, user, db, (bot, settings) => bot.WithdrawCanary(settings, time.GetUtcNow()), cancellationToken);

    private static async Task<Results<Ok<BotResponse>, ProblemHttpResult>> WithCanaryAsync(
        Guid botId, string? ifMatch, HttpResponse http, CurrentUser user, ChatSphereDb db, Action<Bot, BotSettings> change, CancellationToken cancellationToken)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var (bot, refused) = await BotEditing.OpenAsync(db, botId, user, ifMatch, cancellationToken);
        if (bot is null)
        {
            return refused!;
        }

        if (bot.CanaryVersion is not { } number || await db.SettingsOfAsync(botId, number, cancellationToken) is not { } settings)
        {
            return Problems.Conflict(ErrorCodes.CanaryMissing, "No version is on trial.");
        }

        change(bot, settings);
        return await SaveAsync(db, transaction, botId, user, http, cancellationToken);
    }

    private static async Task<Results<Ok<BotResponse>, ProblemHttpResult>> SaveAsync(
        ChatSphereDb db, Microsoft.EntityFrameworkCore.Storage.IDbContextTransaction transaction, Guid botId, CurrentUser user, HttpResponse http, CancellationToken cancellationToken)
    {
        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return await BotEditing.ShowAsync(db, botId, user, http, cancellationToken);
    }
}
