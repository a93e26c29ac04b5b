using ChatSphere.Api.Http;
using ChatSphere.Contracts;
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

/// <summary>Whether an e-mail must be confirmed, and the mails that confirm it.</summary>
internal sealed class EmailConfirmation(OneTimeTokens tokens, MailOutbox mails, IOptions<AccountsOptions> options, IOptions<SiteOptions> site, IConfiguration configuration)
{
    /// <summary>What a link confirms. With it comes the password that was chosen together with the request for it: somebody else may have registered the address before.</summary>
    public sealed record Pending(string Email, string? PasswordHash);

    public bool IsDemanded => options.Value.RequireConfirmedEmail ?? configuration["Mail:Host"] is { Length: > 0 };

    /// <summary>Queues the mail; the caller saves.</summary>
    public void Send(Account account)
    {
        var lifetime = options.Value.ConfirmationLifetime;
        var token = tokens.Issue(OneTimePurposes.ConfirmEmail, account.Id, lifetime, new Pending(account.Email!, account.PasswordHash));
        mails.Queue(account.Id, account.Email!, MailKinds.ConfirmEmail, new()
        {
            ["name"] = account.DisplayName,
            ["link"] = site.Value.At($"/confirm-email?token={token}").ToString(),
            ["hours"] = Math.Ceiling(lifetime.TotalHours).ToString(System.Globalization.CultureInfo.InvariantCulture),
        });
    }
}

internal static class ConfirmEmail
{
    public static async Task<Results<NoContent, ProblemHttpResult>> HandleAsync(EmailTokenRequest request, ChatSphereDb db, OneTimeTokens tokens, AuditTrail audit, CancellationToken cancellationToken)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        if (await tokens.FindAsync(OneTimePurposes.ConfirmEmail, request.Token, cancellationToken) is not { AccountId: { } accountId } token || !await tokens.UseAsync(token, cancellationToken))
        {
            return Invalid();
        }

        var pending = tokens.State<EmailConfirmation.Pending>(token);
        var account = await db.Users.SingleAsync(a => a.Id == accountId, cancellationToken);
        if (account.Email != pending.Email)
        {
            return Invalid();
        }

        if (!account.EmailConfirmed)
        {
            account.EmailConfirmed = true;
            account.PasswordHash = pending.PasswordHash ?? account.PasswordHash;
            audit.Record(AuditActions.EmailConfirmed, "account", accountId, actorId: accountId);
            await db.SaveChangesAsync(cancellationToken);
        }

        await tokens.RevokeAsync(OneTimePurposes.ConfirmEmail, accountId, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return TypedResults.NoContent();
    }

    public static ProblemHttpResult Invalid() => Problems.BadRequest(ErrorCodes.OneTimeTokenInvalid, "This link is not valid any more. Ask for another.");
}

internal static class RequestConfirmation
{
    public static async Task<Accepted> HandleAsync(EmailRequest request, UserManager<Account> accounts, ChatSphereDb db, EmailConfirmation confirmation, EvenAnswers even, MailLimits limits, CancellationToken cancellationToken) =>
        await even.AcceptAsync(async () =>
        {
            if (TextRules.HasUnstorable(request.Email) || await accounts.FindByEmailAsync(request.Email.Trim()) is not { EmailConfirmed: false, DisabledAt: null, Kind: AccountKind.Person } account)
            {
                return;
            }

            await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
            if (await limits.AllowAsync(account.Id, MailKinds.ConfirmEmail, cancellationToken))
            {
                confirmation.Send(account);
                await db.SaveChangesAsync(cancellationToken);
                await transaction.CommitAsync(cancellationToken);
            }
        }, cancellationToken);
}
