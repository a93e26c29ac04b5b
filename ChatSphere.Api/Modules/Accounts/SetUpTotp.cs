using ChatSphere.Api.Http;
using ChatSphere.Contracts;
using ChatSphere.Contracts.Accounts;
using ChatSphere.Data;
using ChatSphere.Data.Accounts;
using ChatSphere.Data.Audit;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace ChatSphere.Api.Modules.Accounts;

internal static class SetUpTotp
{
    public static async Task<Ok<TotpSetupResponse>> BeginAsync(CurrentUser user, ChatSphereDb db, AuthenticatorApps apps, CancellationToken cancellationToken)
    {
        var email = await db.Users.Where(a => a.Id == user.AccountId).Select(a => a.Email).SingleAsync(cancellationToken);
        var secret = await apps.BeginAsync(user.AccountId, cancellationToken);
        return TypedResults.Ok(new TotpSetupResponse(secret, TotpCodes.Uri(secret, "ChatSphere", email ?? user.AccountId.ToString())));
    }

    public static async Task<Results<Ok<RecoveryCodesResponse>, ProblemHttpResult>> ConfirmAsync(
        ConfirmTotpRequest request, CurrentUser user, ChatSphereDb db, AuthenticatorApps apps, RecoveryCodes codes, LiveAccess access, AuditTrail audit, SecurityNotices notices, CancellationToken cancellationToken)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        await db.LockAccountAsync(user.AccountId, cancellationToken);
        if (!await apps.ConfirmAsync(user.AccountId, request.Code, cancellationToken))
        {
            return Problems.Invalid("code", "That is not the code that the app shows now. Check that the phone’s clock is right, and try the next one.", ErrorCodes.TotpCodeInvalid);
        }

        var account = await db.Users.SingleAsync(a => a.Id == user.AccountId, cancellationToken);
        account.TwoFactorEnabled = true;
        var made = await codes.MakeAsync(account.Id, cancellationToken);
        audit.Record(AuditActions.TotpEnabled, "account", account.Id);
        notices.Tell(account, "An authenticator app was set up as a second step of signing in.");
        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        access.ForgetAccount(account.Id);
        return TypedResults.Ok(new RecoveryCodesResponse(made));
    }
}
