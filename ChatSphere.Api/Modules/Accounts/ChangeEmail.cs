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

/// <summary>A change that waits for the new address to be confirmed.</summary>
internal sealed record PendingEmail(string From, string To);

internal static class RequestEmailChange
{
    /// <summary>The link goes to the new address, a notice to the old one. Whether the new one is taken, only its owner learns.</summary>
    public static async Task<Results<Accepted, ProblemHttpResult>> HandleAsync(
        ChangeEmailRequest request, CurrentUser user, UserManager<Account> accounts, ChatSphereDb db, OneTimeTokens tokens, MailOutbox mails, MailLimits limits, EvenAnswers even,
        SecurityNotices notices, IOptions<AccountsOptions> options, IOptions<SiteOptions> site, AuditTrail audit, CancellationToken cancellationToken)
    {
        var to = request.NewEmail.Trim();
        if (TextRules.Problem(to) is not null)
        {
            return Problems.Invalid("newEmail", "It is not an e-mail address.");
        }

        return await even.AcceptAsync(async () =>
        {
            var account = await db.Users.SingleAsync(a => a.Id == user.AccountId, cancellationToken);
            await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
            if (!await limits.AllowAsync(account.Id, MailKinds.ChangeEmail, cancellationToken))
            {
                return;
            }

            await tokens.RevokeAsync(OneTimePurposes.ChangeEmail, account.Id, cancellationToken);
            if (await accounts.FindByEmailAsync(to) is { } owner)
            {
                if (owner.Id != account.Id && owner is { DisabledAt: null, Kind: AccountKind.Person } && await limits.AllowAsync(owner.Id, MailKinds.AccountExists, cancellationToken))
                {
                    mails.Queue(owner.Id, owner.Email!, MailKinds.AccountExists, new() { ["name"] = owner.DisplayName, ["link"] = site.Value.At("/forgot-password").ToString() });
                }
            }
            else
            {
                var lifetime = options.Value.ConfirmationLifetime;
                mails.Queue(account.Id, to, MailKinds.ChangeEmail, new()
                {
                    ["name"] = account.DisplayName,
                    ["link"] = site.Value.At($"/change-email?token={tokens.Issue(OneTimePurposes.ChangeEmail, account.Id, lifetime, new PendingEmail(account.Email!, to))}").ToString(),
                    ["hours"] = Math.Ceiling(lifetime.TotalHours).ToString(CultureInfo.InvariantCulture),
                });
            }

            audit.Record(AuditActions.EmailChangeRequested, "account", account.Id);
            notices.Tell(account, "A change of your e-mail address was asked for. It happens when the link sent to the new address is opened.");
            await db.SaveChangesAsync(cancellationToken);
            await transaction.CommitAsync(cancellationToken);
        }, cancellationToken);
    }
}

internal static class ChangeEmail
{
    public static async Task<Results<NoContent, ProblemHttpResult>> HandleAsync(
        EmailTokenRequest request, UserManager<Account> accounts, ChatSphereDb db, OneTimeTokens tokens, MailOutbox mails, AuditTrail audit, CancellationToken cancellationToken)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        if (await tokens.FindAsync(OneTimePurposes.ChangeEmail, request.Token, cancellationToken) is not { AccountId: { } accountId } token || !await tokens.UseAsync(token, cancellationToken))
        {
            return ConfirmEmail.Invalid();
        }

        var pending = tokens.State<PendingEmail>(token);
        var account = await db.Users.SingleAsync(a => a.Id == accountId, cancellationToken);
        if (account.Email != pending.From || account.DisabledAt is not null)
        {
            return ConfirmEmail.Invalid();
        }

        (account.Email, account.UserName, account.EmailConfirmed) = (pending.To, pending.To, true);
        await accounts.UpdateNormalizedEmailAsync(account);
        await accounts.UpdateNormalizedUserNameAsync(account);
        account.ConcurrencyStamp = Guid.NewGuid().ToString();

        // Links that went to the old address open nothing any more.
        foreach (var purpose in (string[])[OneTimePurposes.ResetPassword, OneTimePurposes.ConfirmEmail, OneTimePurposes.ChangeEmail])
        {
            await tokens.RevokeAsync(purpose, accountId, cancellationToken);
        }

        audit.Record(AuditActions.EmailChanged, "account", accountId, actorId: accountId);
        mails.Queue(accountId, pending.From, MailKinds.EmailChanged, new() { ["name"] = account.DisplayName });
        try
        {
            await db.SaveChangesAsync(cancellationToken);
        }
        catch (DbUpdateException e) when (e.InnerException is Npgsql.PostgresException { SqlState: Npgsql.PostgresErrorCodes.UniqueViolation })
        {
            // Somebody else has taken the address meanwhile.
            return ConfirmEmail.Invalid();
        }

        await transaction.CommitAsync(cancellationToken);
        return TypedResults.NoContent();
    }
}
