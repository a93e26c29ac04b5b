using ChatSphere.Api.Http;
using ChatSphere.Contracts;
using ChatSphere.Contracts.People;
using ChatSphere.Data;
using ChatSphere.Data.People;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace ChatSphere.Api.Modules.People;

internal static class UpdateProfile
{
    public static async Task<Results<Ok<ProfileResponse>, ProblemHttpResult>> HandleAsync(UpdateProfileRequest request, CurrentUser user, ChatSphereDb db, CancellationToken cancellationToken)
    {
        if (request.DisplayName is not null && TextRules.Problem(request.DisplayName) is { } unfit)
        {
            return Problems.Invalid("displayName", unfit);
        }

        foreach (var (field, text, lines) in new[] { ("bio", request.Bio, true), ("pronouns", request.Pronouns, false), ("status", request.Status, false) })
        {
            if (text is not null && (TextRules.HasUnstorable(text) || text.Any(c => char.IsControl(c) && !(lines && c is '\n' or '\r'))))
            {
                return Problems.Invalid(field, "It must not contain control characters.");
            }
        }

        string? handle = null;
        if (!string.IsNullOrWhiteSpace(request.Handle))
        {
            if (TextRules.HasUnstorable(request.Handle))
            {
                return Problems.Invalid("handle", "It must not contain NUL characters or broken surrogates.");
            }

            handle = Handles.Fold(request.Handle);
            if (Handles.Problem(handle) is { } wrong)
            {
                return Problems.Invalid("handle", wrong);
            }

            if (Handles.IsReserved(Handles.SkeletonOf(handle)))
            {
                return Taken();
            }
        }

        var profile = await db.ProfileOfAsync(user.AccountId, cancellationToken);
        if (request.Handle is not null)
        {
            (profile.Handle, profile.HandleSkeleton) = (handle, handle is null ? null : Handles.SkeletonOf(handle));
        }

        profile.Bio = request.Bio?.Trim() ?? profile.Bio;
        profile.Pronouns = request.Pronouns?.Trim() ?? profile.Pronouns;
        profile.Status = request.Status?.Trim() ?? profile.Status;
        if (request.DisplayName is not null)
        {
            (await db.Users.SingleAsync(a => a.Id == user.AccountId, cancellationToken)).DisplayName = request.DisplayName.Trim();
        }

        try
        {
            await db.SaveChangesAsync(cancellationToken);
        }
        catch (DbUpdateException e) when (e.InnerException is PostgresException { SqlState: PostgresErrorCodes.UniqueViolation })
        {
            return Taken();
        }

        return TypedResults.Ok(await GetProfile.OfAsync(db, user.AccountId, cancellationToken));
    }

    private static ProblemHttpResult Taken() => Problems.Conflict(ErrorCodes.HandleTaken, "This handle, or one that looks like it, is taken. Choose another.");
}
