using ChatSphere.Api.Http;
using ChatSphere.Contracts.Accounts;
using ChatSphere.Data;
using ChatSphere.Data.Accounts;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace ChatSphere.Api.Modules.Accounts;

internal static class GetFactors
{
    public static async Task<Ok<FactorsResponse>> HandleAsync(CurrentUser user, ChatSphereDb db, RecoveryCodes codes, CancellationToken cancellationToken)
    {
        var account = await db.Users.Where(a => a.Id == user.AccountId).Select(a => new { HasPassword = a.PasswordHash != null, a.TwoFactorEnabled }).SingleAsync(cancellationToken);
        return TypedResults.Ok(new FactorsResponse(
            account.HasPassword, account.TwoFactorEnabled, await codes.LeftAsync(user.AccountId, cancellationToken), await PasskeysAsync(user, db, cancellationToken),
            await db.RequiresFactorAsync(user.AccountId, cancellationToken)));
    }

    public static async Task<Ok<IReadOnlyList<PasskeyResponse>>> ListPasskeysAsync(CurrentUser user, ChatSphereDb db, CancellationToken cancellationToken) =>
        TypedResults.Ok(await PasskeysAsync(user, db, cancellationToken));

    private static async Task<IReadOnlyList<PasskeyResponse>> PasskeysAsync(CurrentUser user, ChatSphereDb db, CancellationToken cancellationToken)
    {
        var found = await (from use in db.PasskeyUses where use.AccountId == user.AccountId
                           join passkey in db.Passkeys on use.CredentialId equals passkey.CredentialId
                           orderby use.Id
                           select new { use.Id, passkey.Data.Name, passkey.Data.CreatedAt, use.LastUsedAt }).AsNoTracking().ToListAsync(cancellationToken);
        return [.. found.Select(p => new PasskeyResponse(p.Id, p.Name ?? "Passkey", p.CreatedAt, p.LastUsedAt))];
    }
}
