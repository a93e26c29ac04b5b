using System.ComponentModel.DataAnnotations;
using ChatSphere.Api.Http;
using ChatSphere.Contracts.People;
using ChatSphere.Data;
using ChatSphere.Data.Accounts;
using ChatSphere.Data.People;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace ChatSphere.Api.Modules.People;

/// <summary>For choosing a person, not for walking through all of them: no pages, the first few only.</summary>
internal static class FindPeople
{
    private const int Most = 20;

    public static async Task<Results<Ok<IReadOnlyList<PersonResponse>>, ProblemHttpResult>> HandleAsync(
        [Required, StringLength(254, MinimumLength = 2)] string q, CurrentUser user, ChatSphereDb db, CancellationToken cancellationToken)
    {
        if (TextRules.HasUnstorable(q))
        {
            return Problems.Invalid("q", "It must not contain NUL characters or broken surrogates.");
        }

        q = q.Trim();
        var others = db.FindableBy(user.AccountId).AsNoTracking().Where(a => a.Id != user.AccountId);
        IQueryable<Account> found;
        if (q.IndexOf('@', StringComparison.Ordinal) > 0)
        {
            var email = q.ToUpperInvariant();
            found = others.Where(a => a.NormalizedEmail == email);
        }
        else
        {
            var handle = Handles.Fold(q);
            if (handle.Length < 2)
            {
                return TypedResults.Ok<IReadOnlyList<PersonResponse>>([]);
            }

            var name = q.ToLowerInvariant();

            // Two ranges of two indexes.
            var byHandle = db.Profiles.Where(p => p.Handle!.StartsWith(handle)).Select(p => p.AccountId);
            found = q.StartsWith('@') ? others.Where(a => byHandle.Contains(a.Id))
#pragma warning disable CA1304, CA1311, CA1862 // Becomes lower() in the database, which is what the index is made of.
                : others.Where(a => byHandle.Contains(a.Id) || a.DisplayName.ToLower().StartsWith(name));
#pragma warning restore CA1304, CA1311, CA1862
        }

        return TypedResults.Ok<IReadOnlyList<PersonResponse>>(
            await found.OrderBy(a => a.DisplayName).ThenBy(a => a.Id).Take(Most).Select(PersonResponses.Projection(db, user.AccountId)).ToListAsync(cancellationToken));
    }
}
