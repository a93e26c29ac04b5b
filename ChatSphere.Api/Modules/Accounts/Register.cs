using ChatSphere.Api.Http;
using ChatSphere.Contracts;
using ChatSphere.Contracts.Accounts;
using ChatSphere.Data;
using ChatSphere.Data.Accounts;
using ChatSphere.Data.Audit;
using ChatSphere.Data.Notifications;
using ChatSphere.Data.Privacy;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace ChatSphere.Api.Modules.Accounts;

internal static class Register
{
    public static async Task<Results<Created<AccountResponse>, Accepted, ProblemHttpResult>> HandleAsync(
        RegisterRequest request, UserManager<Account> accounts, ChatSphereDb db, EmailConfirmation confirmation, EvenAnswers even, MailLimits limits, MailOutbox mails, IOptions<SiteOptions> site,
        AuditTrail audit, TimeProvider time, CancellationToken cancellationToken)
    {
        if (TextRules.Problem(request.DisplayName) is { } unfit)
        {
            return Problems.Invalid("displayName", unfit);
        }

        if (TextRules.Problem(request.Email) is not null)
        {
            return Problems.Invalid("email", "It is not an e-mail address.");
        }

        if (!confirmation.IsDemanded)
        {
            var (account, refusal) = await AddAsync(request, confirm: false);
            return account is not null ? TypedResults.Created("/v1/accounts/me", new AccountResponse(account.Id, account.Email!, account.DisplayName, account.CreatedAt, []))
                : refusal ?? EmailTaken();
        }

        // The answer is the same for an address that is taken: its owner learns of it by mail, and nobody else does.
        ProblemHttpResult? broken = null;
        await even.WaitAsync(async () =>
        {
            var (account, refusal) = await AddAsync(request, confirm: true);
            broken = refusal;
            if (account is null && refusal is null)
            {
                db.ChangeTracker.Clear();
                await TellOwnerAsync();
            }
        }, cancellationToken);
        return broken is not null ? broken : TypedResults.Accepted((string?)null);

        // The account; or what is wrong; or neither: the address is taken.
        async Task<(Account? Account, ProblemHttpResult? Refusal)> AddAsync(RegisterRequest request, bool confirm)
        {
            var account = Account.Create(request.Email.Trim(), request.DisplayName.Trim(), time.GetUtcNow());

            if (request.AcceptedPolicies is { Count: > 0 } accepted && !await db.AcceptAsync(account.Id, accepted, time.GetUtcNow(), cancellationToken))
            {
                return (null, Problems.Invalid("acceptedPolicies", "One of these texts does not exist or has a newer version."));
            }

            // Saved together with the account.
            db.UserRoles.Add(new IdentityUserRole<Guid> { UserId = account.Id, RoleId = Role.MemberId });
            audit.Record(AuditActions.AccountRegistered, "account", account.Id, new { roleId = Role.MemberId, role = BuiltInRoles.Member }, actorId: account.Id);
            IdentityResult result;
            await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
            try
            {
                result = await accounts.CreateAsync(account, request.Password);
                if (result.Succeeded && confirm)
                {
                    confirmation.Send(account);
                    await db.SaveChangesAsync(cancellationToken);
                }
            }
            catch (DbUpdateException e) when (e.InnerException is Npgsql.PostgresException { SqlState: Npgsql.PostgresErrorCodes.UniqueViolation })
            {
                // Two at the same moment: the unique index decides.
                return (null, null);
            }

            if (result.Succeeded)
            {
                await transaction.CommitAsync(cancellationToken);
                return (account, null);
            }

            if (result.Errors.Any(e => e.Code is "DuplicateEmail" or "DuplicateUserName"))
            {
                return (null, null);
            }

            var error = result.Errors.First();
            return (null, Problems.Invalid(error.Code.StartsWith("Password", StringComparison.Ordinal) ? "password" : "email", error.Description));
        }

        async Task TellOwnerAsync()
        {
            if (await accounts.FindByEmailAsync(request.Email.Trim()) is not { DisabledAt: null, Kind: AccountKind.Person } owner)
            {
                return;
            }

            var kind = owner.EmailConfirmed ? MailKinds.AccountExists : MailKinds.ConfirmEmail;
            await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
            if (!await limits.AllowAsync(owner.Id, kind, cancellationToken))
            {
                return;
            }

            if (owner.EmailConfirmed)
            {
                mails.Queue(owner.Id, owner.Email!, kind, new() { ["name"] = owner.DisplayName, ["link"] = site.Value.At("/forgot-password").ToString() });
            }
            else
            {
                // Whoever can open the mail decides whose password it will be: the link carries the one chosen with it.
                owner.PasswordHash = accounts.PasswordHasher.HashPassword(owner, request.Password);
                confirmation.Send(owner);
            }

            await db.SaveChangesAsync(cancellationToken);
            await transaction.CommitAsync(cancellationToken);
        }
    }

    private static ProblemHttpResult EmailTaken() => Problems.Conflict(ErrorCodes.EmailTaken, "An account with this e-mail exists. Sign in instead.");
}
