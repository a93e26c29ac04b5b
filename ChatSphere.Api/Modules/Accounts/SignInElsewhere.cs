using ChatSphere.Api.Http;
using ChatSphere.Contracts;
using ChatSphere.Contracts.Accounts;
using ChatSphere.Data;
using ChatSphere.Data.Accounts;
using ChatSphere.Data.Audit;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace ChatSphere.Api.Modules.Accounts;

internal static class SignInElsewhere
{
    public static Ok<IReadOnlyList<ExternalProviderResponse>> List(ExternalProviders providers) =>
        TypedResults.Ok<IReadOnlyList<ExternalProviderResponse>>([.. providers.All.Select(p => new ExternalProviderResponse(p.Name, p.DisplayName))]);

    public static Task<Results<Ok<ExternalStartResponse>, ProblemHttpResult>> StartAsync(string provider, ExternalSignIns external, CancellationToken cancellationToken) =>
        external.StartAsync(provider, ExternalIntent.SignIn, null, cancellationToken);

    public static async Task<Results<Ok<TokenResponse>, ProblemHttpResult>> FinishAsync(
        ExternalCallbackRequest request, HttpContext http, ChatSphereDb db, ExternalSignIns external, UserManager<Account> accounts, EmailConfirmation confirmation, SignInSteps steps, AuditTrail audit,
        TimeProvider time, CancellationToken cancellationToken)
    {
        var (identity, refusal) = await external.FinishAsync(request, null, [ExternalIntent.SignIn], cancellationToken);
        if (identity is null)
        {
            return refusal!;
        }

        var account = await FindAsync(db, identity, cancellationToken);
        if (account is null)
        {
            (account, refusal) = await RegisterAsync(identity, db, accounts, confirmation, audit, time, cancellationToken);
            if (account is null)
            {
                return refusal!;
            }
        }

        if (account.DisabledAt is not null || account.Kind != AccountKind.Person)
        {
            return Problems.Unauthorized(ErrorCodes.ExternalSignInFailed, "This account cannot sign in. Ask whoever runs this site.");
        }

        if (confirmation.IsDemanded && !account.EmailConfirmed)
        {
            return Problems.Unauthorized(ErrorCodes.EmailNotConfirmed, "Confirm your e-mail first: open the link that was mailed to you, or ask for another.");
        }

        return await steps.AfterFirstFactorAsync(http, account, "fed", cancellationToken);
    }

    private static Task<Account?> FindAsync(ChatSphereDb db, ExternalIdentity identity, CancellationToken cancellationToken) =>
        db.Users.SingleOrDefaultAsync(a => db.UserLogins.Any(l => l.LoginProvider == identity.Issuer && l.ProviderKey == identity.Subject && l.UserId == a.Id), cancellationToken);

    private static async Task<(Account? Account, ProblemHttpResult? Refusal)> RegisterAsync(
        ExternalIdentity identity, ChatSphereDb db, UserManager<Account> accounts, EmailConfirmation confirmation, AuditTrail audit, TimeProvider time, CancellationToken cancellationToken)
    {
        var email = identity.Email?.Trim();
        if (email is not { Length: > 2 and <= 254 } || TextRules.HasUnstorable(email))
        {
            return (null, Problems.Conflict(ErrorCodes.EmailMissing, $"{identity.Provider.DisplayName} tells no e-mail address of yours, and an account here needs one. Register with a password, then link it in your settings."));
        }

        var account = Account.Create(email, DisplayNameOf(identity.Name, email), time.GetUtcNow());
        account.EmailConfirmed = identity.EmailVerified;
        db.UserRoles.Add(new IdentityUserRole<Guid> { UserId = account.Id, RoleId = Role.MemberId });
        db.UserLogins.Add(new IdentityUserLogin<Guid> { LoginProvider = identity.Issuer, ProviderKey = identity.Subject, ProviderDisplayName = identity.Provider.Name, UserId = account.Id });
        audit.Record(AuditActions.AccountRegistered, "account", account.Id, new { roleId = Role.MemberId, role = BuiltInRoles.Member, provider = identity.Provider.Name }, actorId: account.Id);
        if (!account.EmailConfirmed)
        {
            confirmation.Send(account);
        }

        try
        {
            var result = await accounts.CreateAsync(account);
            if (result.Succeeded)
            {
                return (account, null);
            }

            // Never joined by the e-mail: whoever controls an address elsewhere need not be its owner here.
            return (null, result.Errors.Any(e => e.Code is "DuplicateEmail" or "DuplicateUserName") ? EmailTaken() : Problems.Conflict(ErrorCodes.EmailMissing, $"The e-mail address that {identity.Provider.DisplayName} tells cannot be used here."));
        }
        catch (DbUpdateException e) when (e.InnerException is PostgresException { SqlState: PostgresErrorCodes.UniqueViolation })
        {
            // Two at the same moment: the other one may have been this very person.
            db.ChangeTracker.Clear();
            return await FindAsync(db, identity, cancellationToken) is { } made ? (made, null) : (null, EmailTaken());
        }
    }

    private static ProblemHttpResult EmailTaken() => Problems.Conflict(ErrorCodes.EmailTaken, "An account with this e-mail exists. Sign in to it as you did before, and link this one in your settings.");

    private static string DisplayNameOf(string? name, string email)
    {
        var chosen = (name is { Length: > 0 } && TextRules.Problem(name) is null ? name : email.Split('@')[0]).Trim();
        return chosen.Length <= 64 ? chosen : chosen[..(char.IsHighSurrogate(chosen[63]) ? 63 : 64)];
    }
}
