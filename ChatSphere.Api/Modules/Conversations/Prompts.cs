using System.Text.RegularExpressions;
using ChatSphere.Api.Http;
using ChatSphere.Contracts;
using ChatSphere.Contracts.Conversations;
using ChatSphere.Data;
using ChatSphere.Data.Conversations;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace ChatSphere.Api.Modules.Conversations;

/// <summary>One's own prompts.</summary>
internal static partial class Prompts
{
    private const int Most = 500;

    public static async Task<Ok<List<PromptResponse>>> ListAsync(CurrentUser user, ChatSphereDb db, CancellationToken cancellationToken) =>
        TypedResults.Ok((await db.Prompts.AsNoTracking().Where(p => p.OwnerId == user.AccountId).OrderBy(p => p.Name).ToListAsync(cancellationToken)).ConvertAll(From));

    public static async Task<Results<Ok<PromptResponse>, ProblemHttpResult>> GetAsync(Guid promptId, CurrentUser user, ChatSphereDb db, CancellationToken cancellationToken) =>
        await db.Prompts.AsNoTracking().SingleOrDefaultAsync(p => p.Id == promptId && p.OwnerId == user.AccountId, cancellationToken) is { } prompt ? TypedResults.Ok(From(prompt)) : Problems.NotFound();

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
        return await SaveAsync(db, cancellationToken) is { } taken ? taken : TypedResults.Created($"/v1/prompts/{prompt.Id}", From(prompt));
    }

    public static async Task<Results<Ok<PromptResponse>, ProblemHttpResult>> UpdateAsync(Guid promptId, PromptRequest request, CurrentUser user, ChatSphereDb db, TimeProvider time, CancellationToken cancellationToken)
    {
        if (Refuse(request) is { } refusal)
        {
            return refusal;
        }

        if (await db.Prompts.SingleOrDefaultAsync(p => p.Id == promptId && p.OwnerId == user.AccountId, cancellationToken) is not { } prompt)
        {
            return Problems.NotFound();
        }

        (prompt.Name, prompt.Text, prompt.UpdatedAt) = (request.Name, request.Text, time.GetUtcNow());
        return await SaveAsync(db, cancellationToken) is { } taken ? taken : TypedResults.Ok(From(prompt));
    }

    public static async Task<Results<NoContent, ProblemHttpResult>> DeleteAsync(Guid promptId, CurrentUser user, ChatSphereDb db, CancellationToken cancellationToken) =>
        await db.Prompts.Where(p => p.Id == promptId && p.OwnerId == user.AccountId).ExecuteDeleteAsync(cancellationToken) == 0 ? Problems.NotFound() : TypedResults.NoContent();

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
            return Problems.Conflict(ErrorCodes.NameTaken, "You have a prompt of this name.");
        }
    }

    private static PromptResponse From(Prompt p) => new(p.Id, p.Name, p.Text, PromptTemplate.VariablesOf(p.Text), p.CreatedAt, p.UpdatedAt);

    [GeneratedRegex("^[a-z0-9][a-z0-9-]*$", RegexOptions.CultureInvariant)]
    private static partial Regex Name();
}
