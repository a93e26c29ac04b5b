using ChatSphere.Api.Http;
using ChatSphere.Contracts.Accounts;
using ChatSphere.Data;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace ChatSphere.Api.Modules.Accounts;

internal static class RenamePasskey
{
    public static async Task<Results<Ok<PasskeyResponse>, ProblemHttpResult>> HandleAsync(Guid passkeyId, RenamePasskeyRequest request, CurrentUser user, ChatSphereDb db, CancellationToken cancellationToken)
    {
        var use = await db.PasskeyUses.AsNoTracking().SingleOrDefaultAsync(p => p.Id == passkeyId && p.AccountId == user.AccountId, cancellationToken);
        if (use is null)
        {
            return Problems.NotFound();
        }

        if (TextRules.Problem(request.Name) is { } unfit)
        {
            return Problems.Invalid("name", unfit);
        }

        var passkey = await db.Passkeys.SingleAsync(p => p.CredentialId == use.CredentialId, cancellationToken);
        passkey.Data.Name = request.Name.Trim();
        await db.SaveChangesAsync(cancellationToken);
        return TypedResults.Ok(new PasskeyResponse(use.Id, passkey.Data.Name, passkey.Data.CreatedAt, use.LastUsedAt));
    }
}
