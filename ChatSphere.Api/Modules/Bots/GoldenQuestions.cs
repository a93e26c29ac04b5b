using System.Security.Cryptography;
using System.Text.Json;
using ChatSphere.Api.Http;
using ChatSphere.Api.Responses;
using ChatSphere.Contracts;
using ChatSphere.Contracts.Bots;
using ChatSphere.Data;
using ChatSphere.Data.Bots;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace ChatSphere.Api.Modules.Bots;

/// <summary>The questions whose answers are known; for those who may edit the bot.</summary>
internal static class GoldenQuestions
{
    public static async Task<Results<Ok<IReadOnlyList<GoldenQuestionResponse>>, ProblemHttpResult>> ListAsync(Guid botId, CurrentUser user, ChatSphereDb db, CancellationToken cancellationToken)
    {
        if (!await db.Bots.EditableBy(db, user.AccountId).AnyAsync(b => b.Id == botId, cancellationToken))
        {
            return await Refusals.OfBotAsync(db, botId, user, cancellationToken);
        }

        var found = await db.GoldenQuestions.AsNoTracking().Where(q => q.BotId == botId).OrderBy(q => q.Id).ToListAsync(cancellationToken);
        var names = await NamesAsync(db, botId, found.SelectMany(q => q.Sources), cancellationToken);
        return TypedResults.Ok<IReadOnlyList<GoldenQuestionResponse>>(found.ConvertAll(q => From(q, names)));
    }

    public static async Task<Results<Created<GoldenQuestionResponse>, ProblemHttpResult>> AddAsync(
        Guid botId, SaveGoldenQuestionRequest request, CurrentUser user, ChatSphereDb db, TimeProvider time, CancellationToken cancellationToken)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        await db.LockBotAsync(botId, cancellationToken);
        if (!await db.Bots.EditableBy(db, user.AccountId).AnyAsync(b => b.Id == botId, cancellationToken))
        {
            return await Refusals.OfBotAsync(db, botId, user, cancellationToken);
        }

        if (await RefuseAsync(db, botId, request, cancellationToken) is { } refusal)
        {
            return refusal;
        }

        if (await db.GoldenQuestions.CountAsync(q => q.BotId == botId, cancellationToken) >= GoldenQuestion.MostOfABot)
        {
            return Problems.Conflict(ErrorCodes.TooMany, $"A bot has at most {GoldenQuestion.MostOfABot} golden questions.");
        }

        var now = time.GetUtcNow();
        var question = new GoldenQuestion { Id = Guid.CreateVersion7(now), BotId = botId, Question = request.Question.Trim(), CreatedAt = now, UpdatedAt = now };
        Fill(question, request);
        db.GoldenQuestions.Add(question);
        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return TypedResults.Created($"/v1/bots/{botId}/golden-questions/{question.Id}", From(question, await NamesAsync(db, botId, question.Sources, cancellationToken)));
    }

    public static async Task<Results<Ok<GoldenQuestionResponse>, ProblemHttpResult>> ReplaceAsync(
        Guid botId, Guid questionId, SaveGoldenQuestionRequest request, CurrentUser user, ChatSphereDb db, TimeProvider time, CancellationToken cancellationToken)
    {
        if (!await db.Bots.EditableBy(db, user.AccountId).AnyAsync(b => b.Id == botId, cancellationToken))
        {
            return await Refusals.OfBotAsync(db, botId, user, cancellationToken);
        }

        if (await RefuseAsync(db, botId, request, cancellationToken) is { } refusal)
        {
            return refusal;
        }

        if (await db.GoldenQuestions.SingleOrDefaultAsync(q => q.Id == questionId && q.BotId == botId, cancellationToken) is not { } question)
        {
            return Problems.NotFound();
        }

        (question.Question, question.UpdatedAt) = (request.Question.Trim(), time.GetUtcNow());
        Fill(question, request);
        try
        {
            await db.SaveChangesAsync(cancellationToken);
        }
        catch (DbUpdateConcurrencyException)
        {
            // Taken away at this very moment.
            return Problems.NotFound();
        }

        return TypedResults.Ok(From(question, await NamesAsync(db, botId, question.Sources, cancellationToken)));
    }

    public static async Task<Results<NoContent, ProblemHttpResult>> DeleteAsync(Guid botId, Guid questionId, CurrentUser user, ChatSphereDb db, CancellationToken cancellationToken)
    {
        if (!await db.Bots.EditableBy(db, user.AccountId).AnyAsync(b => b.Id == botId, cancellationToken))
        {
            return await Refusals.OfBotAsync(db, botId, user, cancellationToken);
        }

        return await db.GoldenQuestions.Where(q => q.Id == questionId && q.BotId == botId).ExecuteDeleteAsync(cancellationToken) == 0 ? Problems.NotFound() : TypedResults.NoContent();
    }

    /// <summary>The same exactly for the same questions with the same expectations.</summary>
    public static string FingerprintOf(IEnumerable<GoldenQuestion> questions) => Convert.ToHexStringLower(SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(
        questions.OrderBy(q => q.Id).Select(q => new { q.Id, q.Question, Sources = q.Sources.Select(s => new { s.DocumentId, s.Page }), q.All, q.Any, q.Forbidden }))));

    /// <summary>What the version in effect passes and the draft does not.</summary>
    public static IReadOnlyList<Guid> Regressions(IEnumerable<(Guid QuestionId, bool IsDraft, bool Passed)> results)
    {
        var all = results.ToList();
        var live = all.Where(r => !r.IsDraft && r.Passed).Select(r => r.QuestionId).ToHashSet();
        return [.. all.Where(r => r.IsDraft && !r.Passed && live.Contains(r.QuestionId)).Select(r => r.QuestionId).Order()];
    }

    public static async Task<Dictionary<Guid, string>> NamesAsync(ChatSphereDb db, Guid botId, IEnumerable<ExpectedSource> sources, CancellationToken cancellationToken)
    {
        var ids = sources.Select(s => s.DocumentId).Distinct().ToArray();
        return ids.Length == 0 ? [] : await db.Documents.AsNoTracking().Where(d => d.BotId == botId && ids.Contains(d.Id)).ToDictionaryAsync(d => d.Id, d => d.Name, cancellationToken);
    }

    public static GoldenSourceResponse From(ExpectedSource source, Dictionary<Guid, string> names) => new(source.DocumentId, names.GetValueOrDefault(source.DocumentId), source.Page);

    private static GoldenQuestionResponse From(GoldenQuestion q, Dictionary<Guid, string> names) =>
        new(q.Id, q.Question, [.. q.Sources.Select(s => From(s, names))], q.All, q.Any, q.Forbidden, q.CreatedAt, q.UpdatedAt);

    private static void Fill(GoldenQuestion question, SaveGoldenQuestionRequest request)
    {
        question.Sources = [.. (request.Sources ?? []).Select(s => new ExpectedSource { DocumentId = s.DocumentId!.Value, Page = s.Page })];
        (question.All, question.Any, question.Forbidden) = (Trimmed(request.All), Trimmed(request.Any), Trimmed(request.Forbidden));
    }

    private static async Task<ProblemHttpResult?> RefuseAsync(ChatSphereDb db, Guid botId, SaveGoldenQuestionRequest request, CancellationToken cancellationToken)
    {
        if (string.IsNullOrWhiteSpace(request.Question) || TextRules.HasUnstorable(request.Question))
        {
            return Problems.Invalid("question", "It must hold something, and no NUL characters or broken surrogates.");
        }

        foreach (var (field, phrases) in new[] { ("all", request.All), ("any", request.Any), ("forbidden", request.Forbidden) })
        {
            if (phrases?.Any(p => p is null || p.Trim().Length is 0 or > 500 || TextRules.HasUnstorable(p)) == true)
            {
                return Problems.Invalid(field, "Each is 1 to 500 characters.");
            }
        }

        if (request.Sources is not { Count: > 0 } sources)
        {
            return (request.All?.Count ?? 0) + (request.Any?.Count ?? 0) + (request.Forbidden?.Count ?? 0) == 0
                ? Problems.Invalid("all", "Say what the answer has to cite, hold or leave out; without any of it every answer would pass.") : null;
        }

        if (sources.Any(s => s?.DocumentId is null || s.Page < 1))
        {
            return Problems.Invalid("sources", "Each names a document, and a page from 1 if it has pages.");
        }

        var ids = sources.Select(s => s.DocumentId!.Value).Distinct().ToArray();
        return await db.Documents.CountAsync(d => d.BotId == botId && ids.Contains(d.Id), cancellationToken) == ids.Length ? null : Problems.Invalid("sources", "Each must be a document of this bot.");
    }

    private static List<string> Trimmed(IReadOnlyList<string>? phrases) => [.. (phrases ?? []).Select(p => p.Trim())];
}
