using System.Globalization;
using ChatSphere.Api.Http;
using ChatSphere.Contracts.Accounts;
using ChatSphere.Data;
using ChatSphere.Data.Accounts;
using ChatSphere.Data.Audit;
using ChatSphere.Data.Notifications;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace ChatSphere.Api.Modules.Accounts;

internal static class ForgotPassword
{
    public static async Task<Accepted> HandleAsync(
        EmailRequest request, UserManager<Account> accounts, ChatSphereDb db, OneTimeTokens tokens, MailOutbox mails, MailLimits limits, EvenAnswers even, IOptions<AccountsOptions> options,
        IOptions<SiteOptions> site, AuditTrail audit, CancellationToken cancellationToken) => await even.AcceptAsync(async () =>
    {
        if (TextRules.HasUnstorable(request.Email) || await accounts.FindByEmailAsync(request.Email.Trim()) is not { DisabledAt: null, Kind: AccountKind.Person } account)
        {
            return;
        }

        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        if (!await limits.AllowAsync(account.Id, MailKinds.ResetPassword, cancellationToken))
        {
            return;
        }

        var lifetime = options.Value.PasswordResetLifetime;
        mails.Queue(account.Id, account.Email!, MailKinds.ResetPassword, new()
        {
            ["name"] = account.DisplayName,
            ["link"] = site.Value.At($"/reset-password?token={tokens.Issue(OneTimePurposes.ResetPassword, account.Id, lifetime)}").ToString(),
            ["minutes"] = Math.Ceiling(lifetime.TotalMinutes).ToString(CultureInfo.InvariantCulture),
        });
        audit.Record(AuditActions.PasswordResetRequested, "account", account.Id);
        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }, cancellationToken);
}

internal static class ResetPassword
{
    /// <summary>Signs nobody in, so a second factor is still asked for.</summary>
    public static async Task<Results<NoContent, ProblemHttpResult>> HandleAsync(
        ResetPasswordRequest request, ChatSphereDb db, OneTimeTokens tokens, PasswordChange change, SecurityNotices notices, SignInProtection protection, AuditTrail audit, CancellationToken cancellationToken)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        if (await tokens.FindAsync(OneTimePurposes.ResetPassword, request.Token, cancellationToken) is not { AccountId: { } accountId } token)
        {
            return ConfirmEmail.Invalid();
        }

        var account = await db.Users.SingleAsync(a => a.Id == accountId, cancellationToken);
        if (account.DisabledAt is not null)
        {
            return ConfirmEmail.Invalid();
        }

        // A password that breaks a rule does not cost the link.
        if (await change.RefuseAsync(account, request.NewPassword) is { } refusal)
        {
            return refusal;
        }

        if (!await tokens.UseAsync(token, cancellationToken))
        {
            return ConfirmEmail.Invalid();
        }

        await change.ApplyAsync(account, request.NewPassword, keep: null, cancellationToken);

        // Who opened the mail has the address.
        account.EmailConfirmed = true;
        await protection.ForgiveStrangersAsync(account.Email!, cancellationToken);
        audit.Record(AuditActions.PasswordReset, "account", accountId, actorId: accountId);
        notices.Tell(account, "Your password was reset with a link from a mail, and all devices were signed out.");
        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return TypedResults.NoContent();
    }
}
