using System.Text.RegularExpressions;
using ChatSphere.Api.Http;
using ChatSphere.Api.Responses;
using ChatSphere.Contracts;
using ChatSphere.Contracts.Conversations;
using ChatSphere.Contracts.Sharing;
using ChatSphere.Data;
using ChatSphere.Data.Conversations;
using ChatSphere.Data.Sharing;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace ChatSphere.Api.Modules.Conversations;

/// <summary>One's own prompts, and those that others let one use.</summary>
internal static partial class Prompts
{
    private const int Most = 500;
    private const int MostListed = 1_000;

    /// <param name="scope"><c>mine</c>, or <c>all</c> that the caller may use.</param>
    public static async Task<Results<Ok<List<PromptResponse>>, ProblemHttpResult>> ListAsync(CurrentUser user, ChatSphereDb db, CancellationToken cancellationToken, string? scope = null)
    {
        if (scope is not (null or "mine" or "all"))
        {
            return Problems.Invalid("scope", "One of mine, all.");
        }

        var listed = scope is "all" ? db.PromptsListedFor(user.AccountId) : db.Prompts.Where(p => p.OwnerId == user.AccountId);
        return TypedResults.Ok(await ShowAsync(db, listed.OrderBy(p => p.OwnerId != user.AccountId).ThenBy(p => p.Name).ThenBy(p => p.Id).Take(MostListed), user, cancellationToken));
    }

    public static async Task<Results<Ok<PromptResponse>, ProblemHttpResult>> GetAsync(Guid promptId, CurrentUser user, ChatSphereDb db, CancellationToken cancellationToken) =>
        await ShowAsync(db, db.Prompts.VisibleTo(db, user.AccountId).Where(p => p.Id == promptId), user, cancellationToken) is [var prompt] ? TypedResults.Ok(prompt) : Problems.NotFound();

    public static async Task<Results<Created<PromptResponse>, ProblemHttpResult>> CreateAsync(PromptRequest request, CurrentUser user, ChatSphereDb db, TimeProvider time, CancellationToken cancellationToken)
    {
        if (Refuse(request) is { } refusal)
        {
            return refusal;
        }

        if (await db.Prompts.CountAsync(p => p.OwnerId == user.AccountId, cancellationToken) >= Most)
        {
            return Problems.Conflict(ErrorCodes.TooMany, $"One may have {Most} prompts.");
        }

        var now = time.GetUtcNow();
        var prompt = new Prompt { Id = Guid.CreateVersion7(now), OwnerId = user.AccountId, Name = request.Name, Text = request.Text, CreatedAt = now, UpdatedAt = now };
        db.Add(prompt);
        return await SaveAsync(db, cancellationToken) is { } taken ? taken : TypedResults.Created($"/v1/prompts/{prompt.Id}", (await ShowAsync(db, db.Prompts.Where(p => p.Id == prompt.Id), user, cancellationToken))[0]);
    }

    public static async Task<Results<Ok<PromptResponse>, ProblemHttpResult>> UpdateAsync(Guid promptId, PromptRequest request, CurrentUser user, ChatSphereDb db, TimeProvider time, CancellationToken cancellationToken)
    {
        if (Refuse(request) is { } refusal)
        {
            return refusal;
        }

        if (await db.Prompts.EditableBy(db, user.AccountId).SingleOrDefaultAsync(p => p.Id == promptId, cancellationToken) is not { } prompt)
        {
            return await Refusals.OfPromptAsync(db, promptId, user, cancellationToken);
        }

        (prompt.Name, prompt.Text, prompt.UpdatedAt) = (request.Name, request.Text, time.GetUtcNow());
        return await SaveAsync(db, cancellationToken) is { } taken ? taken
            : await ShowAsync(db, db.Prompts.VisibleTo(db, user.AccountId).Where(p => p.Id == promptId), user, cancellationToken) is [var changed] ? TypedResults.Ok(changed) : Problems.NotFound();
    }

    public static async Task<Results<NoContent, ProblemHttpResult>> DeleteAsync(Guid promptId, CurrentUser user, ChatSphereDb db, CancellationToken cancellationToken)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        if (await db.Prompts.Where(p => p.Id == promptId && p.OwnerId == user.AccountId).ExecuteDeleteAsync(cancellationToken) == 0)
        {
            return await Refusals.OfPromptAsync(db, promptId, user, cancellationToken);
        }

        await db.Shares.Where(s => s.ResourceId == promptId).ExecuteDeleteAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return TypedResults.NoContent();
    }

    private static ProblemHttpResult? Refuse(PromptRequest request) =>
        !Name().IsMatch(request.Name) ? Problems.Invalid("name", "Lower case letters, digits and hyphens.")
        : TextRules.HasUnstorable(request.Text) || string.IsNullOrWhiteSpace(request.Text) ? Problems.Invalid("text", "It must hold something, and no NUL characters or broken surrogates.")
        : null;

    private static async Task<ProblemHttpResult?> SaveAsync(ChatSphereDb db, CancellationToken cancellationToken)
    {
        try
        {
            await db.SaveChangesAsync(cancellationToken);
            return null;
        }
        catch (DbUpdateConcurrencyException)
        {
            return Problems.NotFound();
        }
        catch (DbUpdateException e) when (e.InnerException is PostgresException { SqlState: PostgresErrorCodes.UniqueViolation })
        {
            return Problems.Conflict(ErrorCodes.NameTaken, "There is a prompt of this name already.");
        }
    }

    private static async Task<List<PromptResponse>> ShowAsync(ChatSphereDb db, IQueryable<Prompt> prompts, CurrentUser user, CancellationToken cancellationToken)
    {
        var found = await prompts.AsNoTracking().Select(p => new
        {
            Prompt = p,
            Owner = db.Users.Where(a => a.Id == p.OwnerId).Select(a => a.DisplayName).FirstOrDefault() ?? "",
            IsEditor = p.OwnerId != user.AccountId && db.SharesReaching(user.AccountId).Any(s => s.ResourceId == p.Id && s.Right == ShareRight.Edit),
            IsShared = p.OwnerId == user.AccountId && db.Shares.Any(s => s.ResourceId == p.Id),
        }).ToListAsync(cancellationToken);
        return found.ConvertAll(f => new PromptResponse(f.Prompt.Id, f.Prompt.Name, f.Prompt.Text, PromptTemplate.VariablesOf(f.Prompt.Text), f.Prompt.CreatedAt, f.Prompt.UpdatedAt)
        {
            Owner = new(f.Prompt.OwnerId, f.Owner),
            Right = f.Prompt.OwnerId == user.AccountId ? SharedRight.Owner : f.IsEditor ? SharedRight.Edit : SharedRight.Use,
            IsShared = f.IsShared,
        });
    }

    [GeneratedRegex("^[a-z0-9][a-z0-9-]*$", RegexOptions.CultureInvariant)]
    private static partial Regex Name();
}
